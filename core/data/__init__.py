"""Labelled sets: IDX files, NumPy archives, folders of images by class; and training on one.

Not for decoding image files (`images`), nor for measuring a model on a set (`judging`).
"""
