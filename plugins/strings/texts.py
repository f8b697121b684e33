"""Choose what to write on a strip: numbers as people write them, and what is no number."""

import numpy as np

from ...core.numbers.strip import JUNK, SYMBOLS

LONGEST = 10
"""Digits on a strip that is no phone number."""

DATED = ("n/n", "n/n", "n/n/dd", "n/n/dd", "n/n/dddd", "dddd/n/n", "n-n-dd", "n.n.dd", "n.n.dddd")
"""Dates and fractions; d is a digit, n one or two."""

TIMED = ("n:dd", "n:dd", "n:dd:dd", "n.dd")

CALLED = ("ddd-dddd", "ddd-ddd-dddd", "d-ddd-ddd-dddd", "ddddd-dddd", "dd-dd-dd", "dd-d-ddd-dddd")
"""Phone numbers and postcodes."""

POINTED = (1, 2, 2, 3, 3, 3, 5, 6)
"""How many digits follow a point in an amount; two of these in 1.000,50 and 1.000.000."""

CLOSED = ("-", "-", "-", ".-", ".", ".")
"""What follows an amount, so that nothing can be added. A dash stands for = as well."""

Rng = np.random.Generator


def choose_text(rng: Rng) -> list[int]:
    """Return what to write, as indices into `SYMBOLS`: mostly digits, signs, sometimes a word."""
    length = int(rng.integers(1, LONGEST + 1))
    kind = rng.random()
    for share, forms in ((0.2, DATED), (0.08, TIMED), (0.13, CALLED)):
        if kind < share:
            return _filled(str(rng.choice(forms)), rng)
        kind -= share
    text = _digits(length, rng)
    if kind < 0.16:
        text = _amount(text, rng)
    elif kind < 0.22:  # a sign somewhere
        text.insert(int(rng.integers(0, length + 1)), int(rng.integers(10, len(SYMBOLS))))
    elif kind < 0.26:  # a word
        text = [JUNK if rng.random() < 0.8 else digit for digit in text]
    elif kind < 0.32:  # a mark beside or instead of a number: a cross, a hook, a stain
        text = [JUNK] if rng.random() < 0.5 else [*text[:5], JUNK]
    return text


def _amount(digits: list[int], rng: Rng) -> list[int]:
    """Return digits with a point or a comma among them, or with two; and what closes an amount.

    A dash may stand before it, too, where a column was filled up.
    """
    text = list(digits)
    after = rng.choice(POINTED, size=2, replace=False)  # digits after a point
    for end in sorted(after[rng.random(2) < 0.7].tolist()):
        if end < len(digits):
            text.insert(len(digits) - end, SYMBOLS.index("."))
    if rng.random() < 0.4:
        text += [SYMBOLS.index(sign) for sign in str(rng.choice(CLOSED))]
    return [SYMBOLS.index("-"), *text] if rng.random() < 0.15 else text


def _digits(count: int, rng: Rng) -> list[int]:
    """Return digits; of three in ten texts the same few again and again, as in 1000 and 7711."""
    if rng.random() < 0.3:
        some = rng.integers(0, 10, 2)
        return [int(some[place]) for place in (rng.random(count) < 0.6).astype(int)]
    return [int(digit) for digit in rng.integers(0, 10, count)]


def _filled(form: str, rng: Rng) -> list[int]:
    """Return a form with digits in it."""
    long = "".join(str(rng.choice(["d", "dd"])) if sign == "n" else sign for sign in form)
    digits = iter(_digits(long.count("d"), rng))
    return [next(digits) if sign == "d" else SYMBOLS.index(sign) for sign in long]
