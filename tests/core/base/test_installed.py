"""What is installed is what `importlib.metadata` says, without importing it."""

import importlib.metadata
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from inkhook.core.base import installed
from inkhook.core.base.installed import EntryPoint, entry_points, version

GROUPS = ("inkhook.plugins", "inkhook.commands", "console_scripts", "no.such.group")


def by_importlib(group: str) -> list[tuple[str, str]]:
    points = importlib.metadata.entry_points(group=group)
    return sorted((point.name, point.value) for point in points)


def as_pairs(points: list[EntryPoint]) -> list[tuple[str, str]]:
    return [(point.name, point.value) for point in points]


def add(folder: Path, name: str, entries: str, metadata: str = "") -> None:
    info = folder / name
    info.mkdir(parents=True)
    (info / "entry_points.txt").write_text(entries)
    if metadata:
        (info / "METADATA").write_text(metadata)


@pytest.mark.parametrize("group", GROUPS)
def test_the_entry_points_of_this_environment(group: str) -> None:
    assert as_pairs(entry_points(group)) == by_importlib(group)


def test_the_versions_of_this_environment() -> None:
    for name in ("numpy", "pillow", "Pillow", "opencv_python", "opencv-python", "keras", "inkhook"):
        assert version(name) == importlib.metadata.version(name)
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        version("no-such-package")


def test_entry_points_in_all_their_spellings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
# a comment = 1
[other]
no = json
[a.group]
plain = json
class=json:JSONDecoder
nested = json.decoder : JSONDecoder.decode
# off = json
extra = json:dumps [quick]
"""
    facts = "Metadata-Version: 2.1\nName: some-thing\nVersion: 1.2\n\nVersion: 3\n"
    add(tmp_path / "a", "some_thing-1.2.dist-info", text, facts)
    add(tmp_path / "b", "Some.Thing-9.dist-info", "[a.group]\nhidden = json\n")
    add(tmp_path / "b", "old.egg-info", "[a.group]\nold = json\n")
    for folder in "ba":
        monkeypatch.syspath_prepend(str(tmp_path / folder))
    found = {point.name: point for point in entry_points("a.group")}
    assert as_pairs(list(found.values())) == by_importlib("a.group")
    assert set(found) == {"plain", "class", "nested", "extra", "old"}
    assert found["plain"].origin == "some-thing 1.2"
    import json

    assert found["plain"].load() is json
    assert found["class"].load() is json.JSONDecoder
    assert found["nested"].load() is json.JSONDecoder.decode
    assert found["extra"].load() is json.dumps
    assert version("some.thing") == "1.2"


def test_what_cannot_be_imported_raises() -> None:
    for value in ("no_such_module_here", "json:nothing", "not a module"):
        with pytest.raises((ImportError, AttributeError, ValueError)):
            EntryPoint("x", value, "").load()


def test_archives_on_the_path_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        archive.writestr("packed-2.dist-info/METADATA", "Name: packed\nVersion: 2\n")
        archive.writestr("packed-2.dist-info/entry_points.txt", "[a.group]\npacked = json\n")
    monkeypatch.syspath_prepend(str(tmp_path / "packed.zip"))
    (point,) = entry_points("a.group")
    assert (point.name, point.origin) == ("packed", "packed 2")
    assert version("packed") == "2"


def test_other_finders_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Finder(importlib.metadata.DistributionFinder):
        def find_distributions(
            self, context: object = None
        ) -> list[importlib.metadata.Distribution]:
            return []

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])
    monkeypatch.setattr(installed, "_folders", lambda: pytest.fail("only importlib knows all"))
    assert as_pairs(entry_points("inkhook.commands")) == by_importlib("inkhook.commands")


def test_a_finder_may_know_packages_without_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bare(importlib.metadata.Distribution):
        def read_text(self, filename: str) -> str | None:
            return "[a.group]\nbare = json\n" if filename == "entry_points.txt" else None

        def locate_file(self, path: object) -> Path:
            return Path(str(path))

        @property
        def metadata(self) -> Any:
            raise FileNotFoundError("No package metadata was found.")

        @property
        def _normalized_name(self) -> str:
            return "bare"

    class Finder(importlib.metadata.DistributionFinder):
        def find_distributions(
            self, context: object = None
        ) -> list[importlib.metadata.Distribution]:
            return [Bare()]

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])
    (point,) = entry_points("a.group")
    assert (point.name, point.origin) == ("bare", "json")


def test_the_help_imports_no_mail_parser() -> None:
    code = (
        "import sys\nfrom inkhook.cli import cli\ncli(['--help'], standalone_mode=False)\n"
        "slow = {'importlib.metadata', 'email', 'logging', 'tempfile', 'socket', 'numpy', 'cv2'}\n"
        "print(sorted(slow & set(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stderr.splitlines()[-1] == "[]"
