"""What Beleg needs of the machine: signals, cancellation, child processes, locks, private files, SQLite files, the log.

Knows nothing of documents, questions or models.
"""
