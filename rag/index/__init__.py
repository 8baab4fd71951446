"""The library: documents as they can be found again.

In: documents. Out: passages for a question, each with its place in its document. `update` fills a library
with the rows that `preparation` makes of documents, `library` is the file on disk (SQLite: the one truth) and
knows no models, `vector_index` and `hybrid_search` find in it.
"""
