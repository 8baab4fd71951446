"""How good the answers are, on questions whose answers are known.

In: a question file with right answers, and the records of a run. Out: a verdict for each question,
figures over all of them, and how sure these are. May use what stands below it in `docs/architecture.md`,
as every package may; nothing but `cli` uses it.
"""
