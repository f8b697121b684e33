"""Which digits of a number deserve a look. Not for whether a number is sure (`numbers`)."""

from ..numbers.number import Number

DOUBTFUL = 0.9
"""Confidence below which a digit of a number that isn't sure is marked."""


def doubtful(number: Number) -> tuple[bool, ...]:
    """Tell which digits to mark: none if the number is sure, else at least the least sure."""
    if number.sure:
        return (False,) * len(number.digits)
    least = min((digit.confidence for digit in number.digits), default=0.0)
    return tuple(digit.confidence <= max(least, DOUBTFUL) for digit in number.digits)
