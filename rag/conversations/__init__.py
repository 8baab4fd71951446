"""Saved conversations: every turn as it was, with the documents as they were.

In: answers. Out: answers, whole, on another day. `store` is the file, `serialization` an answer as JSON and back.
"""
