"""A network as plain data, and what runs it: NumPy.

Not for files: `kerasfile` reads what Keras wrote, and `modelfile` reads artifacts.
"""
