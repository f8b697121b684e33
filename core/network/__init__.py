"""A network as plain data, and what runs it: NumPy where that can, else Keras.

Not for files: what Keras wrote is read by `kerasfile`, and an artifact by `modelfile`.
"""
