"""Other programs ask: one library and its models for many clients at once."""
