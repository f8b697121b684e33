"""The `.h5` artifact: guard, read, write, its card, and export to others' formats.

Not for choosing a model (`jobs`), nor for how a stranger's wants its inputs (`foreign`).
"""
