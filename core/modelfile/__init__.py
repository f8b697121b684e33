"""The `.h5` artifact: guard, read, write, its card, and export to other formats.

Not for choosing a model (`jobs`), nor for how a foreign model wants its inputs (`foreign`).
"""
