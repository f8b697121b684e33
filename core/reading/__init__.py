"""Files become rows in processes that may die, and rows become tables.

The one road for every command that reads image files. Not for how good the answers are (`judging`).
"""
