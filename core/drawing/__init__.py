"""Strokes become a canvas, answers, labelled samples and recordings; colours and lettering.

What `paint`, `watch` and `serve` share. Not for finding a model (`jobs`), nor for any one command's
window or page.
"""
