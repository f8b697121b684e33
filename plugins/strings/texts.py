"""Choose what to write on a strip: numbers as people write them, and what is no number.

Dates, times and amounts are such as there are: their first digits are small, their last ones often
0. A network that sees a few signs at once learns that much, and where it isn't sure whether a
stroke is a 1 or a slash, it helps.
"""

import numpy as np

from ...core.numbers.strip import JUNK, SYMBOLS

MARK = SYMBOLS[JUNK]
"""Any writing that is no number: a letter, a cross, a scribble."""

LONGEST = 10
"""Digits on a strip that is no phone number."""

DATED = ("D/M", "M/D", "M/D", "D/M/y", "M/D/y", "M/D/y", "D/M/Y", "M/D/Y", "Y/M/D", "M-D-y",
         "D-M-y", "D.M.y", "D.M.Y", "n/n", "n/n", "n/n/dd")  # fmt: skip
"""Dates and fractions; what the letters stand for says `_part`."""

TIMED = ("h:m", "h:m", "h:m", "n:m", "n:m:m", "h.m", "n:dd")

CALLED = ("ddd-dddd", "ddd-ddd-dddd", "d-ddd-ddd-dddd", "ddddd-dddd", "dd-dd-dd", "dd-d-ddd-dddd",
          "ddddd", "(ddd) ddd-dddd", "(ddd)ddd-dddd", "(dd) dddd-dddd", "(dddd) dddddd",
          "+dd ddd ddd", "+d ddd ddd dddd", "ddd dddd", "ddddd ddd ddd")  # fmt: skip
"""Phone numbers and postcodes."""

POINTED = (1, 2, 2, 3, 3, 3, 5, 6)
"""How many digits follow a point in an amount; two of these in 1.000,50 and 1.000.000."""

CLOSED = ("-", "-", "-", ".-", ".", ".", "/-", "/-")
"""What follows an amount, so that nothing can be added. A dash stands for = as well."""

BEFORE = ("$", "$", "$", "€", "£", "₹", "R$", "№", "+", "(")
AFTER = ("€", "€", "$", "%", "%", "°", "°C", "kg", "g", "cm", "m", "km", "W", "kW", ")", ")")
"""What people write before and after a number: currencies and units, brackets of a list."""

FIRST = np.log10(1 + 1 / np.arange(1, 10))
"""How often an amount begins with each digit from 1 to 9 (Benford 1938)."""

Rng = np.random.Generator


def choose_text(rng: Rng) -> str:
    """Return what to write: mostly digits and the signs of `SYMBOLS`, sometimes a word.

    Of what isn't among these, a space is paper, and all else is no part of the number (`marks`).
    """
    length = int(rng.integers(1, LONGEST + 1))
    kind = rng.random()
    for share, forms in ((0.22, DATED), (0.1, TIMED), (0.14, CALLED)):
        if kind < share:
            return _filled(str(rng.choice(forms)), rng)
        kind -= share
    if kind < 0.16:
        return _marked(_amount(length, rng), rng, 0.3)
    if kind < 0.18:
        return _counted(length, rng)
    text = _digits(length, rng)
    if kind < 0.22:  # a sign somewhere
        place = int(rng.integers(0, length + 1))
        text = text[:place] + str(rng.choice(list(SYMBOLS[10:]))) + text[place:]
    elif kind < 0.26:  # a word
        text = "".join(MARK if rng.random() < 0.8 else digit for digit in text)
    elif kind < 0.31:  # a mark beside or instead of a number: a cross, a hook, a stain
        text = MARK if rng.random() < 0.5 else text[:5] + MARK
    else:
        text = _marked(text, rng, 0.2)
    return text


def _marked(text: str, rng: Rng, share: float) -> str:
    """Return a text, some with a currency, a unit or brackets; with a space between or without."""
    kind = rng.random() / share
    space = " " if rng.random() < 0.3 else ""
    if kind < 0.15:
        return f"({text})"
    if kind < 0.5:
        return str(rng.choice(BEFORE)) + space + text
    return text + space + str(rng.choice(AFTER)) if kind < 1 else text


def _amount(length: int, rng: Rng) -> str:
    """Return an amount: a point or a comma among its digits, or two; and what closes it.

    A dash may stand before it, too, where a column was filled up.
    """
    text = str(rng.choice(np.arange(1, 10), p=FIRST)) + _digits(length, rng)[1:]
    if rng.random() < 0.5:
        zeros = int(rng.integers(0, length))
        text = text[: length - zeros] + "0" * zeros
    after = rng.choice(POINTED, size=2, replace=False)  # digits after a point
    for place in sorted(after[rng.random(2) < 0.7].tolist()):
        if place < length:
            end = len(text) - place
            swiss = place == 3 or (place == 6 and "." in text)  # 1'000.50
            point = "'" if swiss and rng.random() < 0.08 else "."
            text = text[:end] + point + text[end:]
    if rng.random() < 0.4:
        text += str(rng.choice(CLOSED))
    return f"-{text}" if rng.random() < 0.15 else text


def _counted(length: int, rng: Rng) -> str:
    """Return digits in order, up or down."""
    step, first = int(rng.choice([1, -1])), int(rng.integers(10))
    return "".join(str((first + step * place) % 10) for place in range(length))


def _digits(count: int, rng: Rng) -> str:
    """Return digits; of three in ten texts the same few again and again, as in 1000 and 7711."""
    if rng.random() < 0.3:
        some = rng.integers(0, 10, 2)
        return "".join(str(some[place]) for place in (rng.random(count) < 0.6).astype(int))
    return "".join(str(digit) for digit in rng.integers(0, 10, count))


def _filled(form: str, rng: Rng) -> str:
    """Return a form with digits in it."""
    digits = iter(_digits(len(form), rng))
    return "".join(next(digits) if sign == "d" else _part(sign, rng) for sign in form)


def _part(sign: str, rng: Rng) -> str:
    """Return what a form's letter stands for: day, Month, year, hour, minute, or any number."""
    if not sign.isalpha():
        return sign
    if sign == "Y":
        return str(rng.integers(1950, 2040))
    if sign == "y":
        return f"{rng.integers(100):02}"
    if sign == "m":
        return f"{rng.integers(12) * 5 if rng.random() < 0.5 else rng.integers(60):02}"
    first, last = {"D": (1, 31), "M": (1, 12), "h": (0, 23), "n": (0, 99)}[sign]
    number = rng.integers(first, last + 1)
    return f"{number:02}" if rng.random() < 0.35 else str(number)
