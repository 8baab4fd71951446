"""The embedder, the reader and the local LLM: files that are given, made ready once, and run in this process.

In: text. Out: unit vectors, scores of sentences, likelihoods, text. Knows nothing of the library and of answers. A
model of llama.cpp is tried in a child process before it is trusted (`trial`); what is made ready is kept in the
cache (`bundled`).
"""
