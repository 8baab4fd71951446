"""Small widgets: each shows one thing and posts what the person does with it."""
