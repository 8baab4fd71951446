"""Files to documents: their text as one string, and what is known about them.

In: paths. Out: `Document`s and the chunks they are cut into, with offsets that hold for good. Binary
formats are read in a process of its own (`reader_process`), because files are not to be trusted.
"""
