"""Readers: models that look at a question and a passage together, and say which sentence answers and in which words."""
