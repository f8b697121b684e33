"""What is installed: the entry points and versions of distributions, read from their own files.

`importlib.metadata` does the same, but imports Python's mail parser to do so: that takes as long as
click itself, before every `inkhook --help`. It is asked where something other than folders on the
path may hold distributions. See docs/decisions/025-help-reads-no-metadata.md.
"""

import contextlib
import functools
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.machinery import PathFinder
from typing import Any

_VALUE = re.compile(r"([\w.]+)\s*(?::\s*([\w.]+)\s*)?(?:\[.*\]\s*)?")


@dataclass(frozen=True, order=True)
class EntryPoint:
    """One line of a distribution's entry points.

    Attributes
    ----------
    name, value : str
        What stands before and after the equals sign.
    origin : str
        The name and version of the distribution.
    """

    name: str
    value: str
    origin: str

    def load(self) -> Any:
        """Import what it stands for: a module, or something in one; may raise anything."""
        match = _VALUE.fullmatch(self.value)
        if match is None:
            raise ValueError(f"'{self.value}' names no module")
        module = import_module(match[1])
        return (
            functools.reduce(getattr, (match[2] or "").split("."), module) if match[2] else module
        )


def entry_points(group: str) -> list[EntryPoint]:
    """Return the entry points of a group, sorted by name."""
    if not _all_in_folders():
        return _by_importlib(group)
    found = []
    for _, folder in _folders():
        text = _read(folder, "entry_points.txt")
        lines = _section(text, group) if group in text else {}
        if lines:
            facts = _name_and_version(_read(folder, "METADATA") or _read(folder, "PKG-INFO"))
            origin = " ".join(facts) or os.path.basename(folder)
            found += [EntryPoint(name, value, origin) for name, value in lines.items()]
    return sorted(found)


def version(name: str) -> str:
    """Return a distribution's version; raises importlib.metadata.PackageNotFoundError."""
    if _all_in_folders():
        wanted = _normalized(name)
        for key, folder in _folders():
            facts = _name_and_version(_read(folder, "METADATA")) if key == wanted else ()
            if facts:
                return facts[1]
    import importlib.metadata

    return importlib.metadata.version(name)


def _all_in_folders() -> bool:
    """Tell whether all distributions are in folders on the path: no archives, no other finders."""
    others = [finder for finder in sys.meta_path if finder is not PathFinder]
    if any(hasattr(finder, "find_distributions") for finder in others):
        return False
    return not any(place.endswith(".egg") or os.path.isfile(place) for place in sys.path)


def _folders() -> Iterator[tuple[str, str]]:
    """Yield each distribution's name and folder; of two with one name, the first on the path."""
    known = set()
    for place in sys.path:
        with contextlib.suppress(OSError):
            for key, folder in _in_folder(place or ".", os.stat(place or ".").st_mtime_ns):
                if key not in known:
                    known.add(key)
                    yield key, folder


@functools.lru_cache(maxsize=64)
def _in_folder(place: str, _changed: int) -> list[tuple[str, str]]:
    found = []
    for name in os.listdir(place):
        stem, suffix = os.path.splitext(name)
        if suffix.lower() in (".dist-info", ".egg-info"):
            found.append((_normalized(stem.partition("-")[0]), os.path.join(place, name)))
    return found


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()


def _read(folder: str, name: str) -> str:
    """Return a file's text; empty if there is none."""
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as text:
            return text.read()
    except (OSError, UnicodeDecodeError):
        return ""


def _section(text: str, group: str) -> dict[str, str]:
    """Return the names and values of one section of an entry_points.txt."""
    section, found = "", {}
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif section == group and "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found[name.strip()] = value.strip()
    return found


def _name_and_version(metadata: str) -> tuple[str, str] | tuple[()]:
    """Return what the first lines of a METADATA say; empty if they don't."""
    head = metadata.partition("\n\n")[0]
    fields = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    if "Name" in fields and "Version" in fields:
        return fields["Name"], fields["Version"]
    return ()


def _by_importlib(group: str) -> list[EntryPoint]:
    import importlib.metadata

    found = []
    for point in importlib.metadata.entry_points(group=group):
        origin = point.value
        # a package without METADATA has no name; some finders say so with an error
        with contextlib.suppress(FileNotFoundError, KeyError):
            origin = f"{point.dist.name} {point.dist.version}" if point.dist else origin
        found.append(EntryPoint(point.name, point.value, origin))
    return sorted(found)
