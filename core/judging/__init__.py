"""How good a model is, and how sure: scores, intervals, calibration, figures.

Not for where images and answers come from (`data`, `reading`).
"""
