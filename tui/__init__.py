"""The terminal chat, built with Textual. It uses `rag`; `rag` never uses it. Not built yet."""
