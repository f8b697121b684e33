"""Digits in pictures that were read for a page; corrected, they become samples."""

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ...core.base.problems import OutputProblem
from ...core.base.types import DIGITS, UInt8Array
from ...core.drawing import samples
from .engine import Engine
from .problems import Refused

MOST_KEPT = 5000
"""Digits that can be corrected; of more, the oldest are forgotten."""


@dataclass
class Upload:
    """A digit as the model for single ones sees it, uint8 (28, 28), and its sample's file."""

    image: UInt8Array
    path: Path | None = None


class Uploads:
    """The digits that were read, by names that only who sent them knows."""

    def __init__(self, engine: Engine, folder: Path | None = None) -> None:
        """Begin without any; samples go to `folder`, by default `artifacts/drawings`."""
        self._engine, self._folder = engine, folder
        self._kept: OrderedDict[str, Upload] = OrderedDict()
        self._turn = asyncio.Lock()

    def keep(self, image: UInt8Array) -> str:
        """Keep a digit, uint8 (28, 28), where 255 is ink; return its name."""
        if len(self._kept) >= MOST_KEPT:
            self._kept.popitem(last=False)
        name = secrets.token_hex(8)
        self._kept[name] = Upload(image)
        return name

    async def label(self, name: object, digit: str) -> bool:
        """Save a picture as a sample of a digit, and no longer as that of another.

        Returns whether it was saved: it isn't if the picture isn't known any more, or if what it
        shows isn't one digit. Raises Refused where it can't be written.
        """
        upload = self._kept.get(name) if isinstance(name, str) else None
        if upload is None or digit not in DIGITS:
            return False
        async with self._turn:
            move = partial(samples.move_sample, upload.path, upload.image, int(digit), self._folder)
            try:
                upload.path = await self._engine.run(move)
            except (OutputProblem, OSError) as problem:
                raise Refused(503, str(problem)) from problem
        return True
