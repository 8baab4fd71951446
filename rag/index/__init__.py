"""The library: documents as they can be found again.

In: documents. Out: passages for a question, each with its place in its document. `update` fills a library,
`library` is the file on disk (SQLite: the one truth), `vector_index` and `hybrid_search` find in it.
"""
