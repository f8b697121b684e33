"""Model files that try to do harm, made on the spot; each knows what code it must be refused with.

Most are a small good model in Keras 3's layout with one thing changed. Those that would run code
try to create a sentinel file; those that would read elsewhere point at a secret.
"""

from . import archives, arrays, descriptions, other_files, programs, sizes, structures, texts  # noqa: F401
from .lab import ATTACKS, CONFIDENTIAL, ESCAPE, Lab, card, description, functional, model, weights

__all__ = [
    "ATTACKS",
    "CONFIDENTIAL",
    "ESCAPE",
    "Lab",
    "card",
    "description",
    "functional",
    "model",
    "weights",
]
