"""Many questions in one run, that can end at any moment and lose nothing.

In: a file of questions. Out: a record an answer, in the order of the file. The journal is what makes
a run go on where it was stopped; the files that people read are made by `output`.
"""
