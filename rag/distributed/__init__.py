"""The heavy part of indexing and of batches on other processes and machines, by Ray; the library stays here.

Only what a person asks for by `--workers` gets here, and nothing of Ray is imported before.
"""
