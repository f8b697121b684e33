"""From bytes to one digit at 28×28: decode, tell ink from paper, normalise; strokes become images.

Not for what the digit is (`network`), nor for finding files (`reading`).
"""
