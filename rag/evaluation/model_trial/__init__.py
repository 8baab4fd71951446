"""The trial that decides what an LLM is let do: write sentences, judge whether a sentence answers."""
