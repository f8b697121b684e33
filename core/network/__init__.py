"""A network as plain data, and what runs it: NumPy if it can, else Keras.

Not for files: `kerasfile` reads what Keras wrote, and `modelfile` reads artifacts.
"""
