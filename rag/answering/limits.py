"""How long a question may be: more is a document that was pasted, and a model would read it for minutes."""

LONGEST_QUESTION = 2_000  # characters
