"""How good and how confident a model is: scores, intervals, calibration, figures.

Not for where images and answers come from (`data`, `reading`).
"""
