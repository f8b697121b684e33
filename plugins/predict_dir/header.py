"""A journal's header: what must be the same for the work to be resumed or merged.

The keys belong to the file format. USER_NAMES says what users call them, so that an option can be
renamed without making journals unreadable.
"""

import contextlib
import hashlib
import importlib.util
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...core.base.installed import version

USER_NAMES = {
    "inkhook": "version of inkhook",
    "libraries": "version of the libraries",
    "model": "model",
    "preprocessing": "preprocessing",
    "input": "input",
    "recursive": "--recursive",
    "reject_below": "--reject-below",
    "max_bytes": "--max-file",
    "max_pixels": "--max-pixels",
    "thumbs": "--sheet",
    "numbers": "--numbers",
    "pages": "--sheet",
    "plugins": "--plugins",
    "plugin_options": "choice of plugin options",
    "part": "--shard",
    "parts": "number of parts",
    "listing": "list of files",
}
"""The keys of a header, and of what parts have in common, by the names that users know."""

LONGEST_SHOWN = 60


def versions() -> dict[str, str]:
    """Return the installed versions of what the last bits of answers depend on."""
    return {name: version(name) for name in ("inkhook", "numpy", "pillow")} | {"opencv": _opencv()}


def _opencv() -> str:
    """Return OpenCV's version, whichever of its packages is installed.

    The file that says it is read, not the library, which takes a third of a second to load.
    """
    spec = importlib.util.find_spec("cv2")
    if spec and spec.origin:
        with contextlib.suppress(OSError):
            text = Path(spec.origin).with_name("version.py").read_text(encoding="utf-8")
            if match := re.search(r'^opencv_version = "([^"]+)"', text, re.MULTILINE):
                return match[1]
    import cv2  # a system's own, which has no such file

    return str(cv2.__version__)


def identity_of(header: Mapping[str, Any], listing: str) -> str:
    """Return 64 hexadecimal digits that identify a piece of work.

    Parameters
    ----------
    header : mapping
        The journal's.
    listing : str
        The digest of all names, in order.
    """
    text = json.dumps([header, listing], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Return the first difference between two headers, or None.

    Returns
    -------
    tuple of str, str and str
        Its name, its value before and its value now, each for use in a sentence.
    """
    for key in {**now, **before}:
        if before.get(key) != now.get(key):
            return USER_NAMES.get(key, key), _short(before.get(key)), _short(now.get(key))
    return None


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
