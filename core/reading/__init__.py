"""From files to rows, in processes that may die, and from rows to tables.

The one road for every command that reads image files; see
docs/decisions/032-one-road-for-reading.md. Not for how good the answers are (`judging`).
"""
