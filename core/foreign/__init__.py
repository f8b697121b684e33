"""Strangers' models: how their inputs are made of an image is tried out, and they become ours.

Not for opening their files (`kerasfile`, `modelfile`).
"""
