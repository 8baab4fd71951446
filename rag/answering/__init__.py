"""From a question to an answer with its evidence: the ask road.

In: a question, and the answers before it where it is a follow-up. Out: events on the way, and an
answer whose every sentence is cited to the character. `assistant` is the road; what stands on it has
a file each, in the order of the road: `request`, `query_rewriting`, (retrieval, in `rag.index`), `query`: all
that is known of the question, `sentence_selection` with its `features` and `feature_weights` (a data file),
`answer_spans`, `grounded_generation`, `attribution`.
"""
