"""The terminal chat: what a person sees of Beleg. All that it knows, it asks `rag`."""
