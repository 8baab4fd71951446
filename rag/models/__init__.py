"""The embedder and the local LLM: files that are given, made ready once, and run in this process.

In: text. Out: unit vectors, likelihoods, text. Knows nothing of questions and documents. A model is
tried in a child process before it is trusted (`trial`), and kept prepared in the cache (`bundled`).
"""
