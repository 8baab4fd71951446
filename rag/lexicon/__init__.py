"""The place of the bilingual lexicon: word translations that carry English models over to German.

Nothing is here yet. Until it is, German and English meet in word pieces that sound alike
(`rag.pieces`) and in what an English embedder happens to know.
"""
