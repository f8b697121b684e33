"""From what ten years of Keras wrote to a network: descriptions, dialects, arrays.

Not for HDF5 and its dangers (`modelfile`), nor for running a network (`network`).
"""
