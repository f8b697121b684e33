"""Foreign models: find out by trying how they want their inputs, and adopt them.

Not for opening their files (`kerasfile`, `modelfile`).
"""
