"""Add up the numbers of a folder of pictures: a plugin in one file, used by its path.

Usage: inkhook predict-dir amounts --numbers --plugins ./examples/total.py -o amounts.csv

A dot before the last two digits is a decimal point; other dots part thousands, and a closing dash
means nothing, as in "1.250-". Dates, times and the like have other signs and aren't added.
"""

import re
from decimal import Decimal

from inkhook import hookimpl

AMOUNT = re.compile(r"([0-9.]*?)(?:\.([0-9]{2}))?[.-]*")


def amount_of(text):
    """Return a number's value as it is written, or None if it is no amount."""
    match = AMOUNT.fullmatch(text)
    if not match or not re.search("[0-9]", text):
        return None
    whole, cents = re.sub(r"\D", "", match[1]) or "0", match[2] or "00"
    return Decimal(f"{whole}.{cents}")


class Total:
    """Adds up what is read, and says how much of it wants a look."""

    def __init__(self):
        self.total, self.count, self.unsure, self.others = Decimal(0), 0, 0, []

    @hookimpl
    def on_number(self, numbers):
        """Add a picture's numbers."""
        for number in numbers.numbers:
            amount = amount_of(number.text)
            if amount is None:
                self.others.append(f"{number.text} in {numbers.path}")
                continue
            self.total += amount
            self.count += 1
            self.unsure += not number.sure

    @hookimpl
    def on_run_end(self, session):
        """Say the total."""
        session.say(f"Total: {self.total:,.2f} ({self.count} numbers, {self.unsure} not sure)")
        for other in self.others:
            session.say(f"Not added: {other}")
