"""Looking after what is on the machine: backups, whether files are whole, what is wrong and what to do about it.

In: a library's folder, a cache, the machine itself. Out: a file with a backup, or findings, each with a
remedy. Changes nothing unless it was told to (`backup.restore`).
"""
