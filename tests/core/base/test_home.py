"""Users without a home folder, and with one that can't be written to."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import pytest

from inkhook.core.base import home
from inkhook.core.base.types import Dataset
from inkhook.core.modelfile import h5guard
from inkhook.testing import tiny

USER = 1234
VARIABLES = ("HOME", "XDG_STATE_HOME", "MPLCONFIGDIR", "KERAS_HOME")

Stranger = Callable[..., "subprocess.CompletedProcess[str]"]

COMMANDS = """
import sys
from inkhook.cli import cli
for line in sys.argv[1:]:
    code = cli(line.split(), standalone_mode=False)
    print("EXIT", code, line, file=sys.stderr)
"""

OPEN_PYTHON = """
held=$(mktemp -d) && mount --bind "$1" "$held" && mount -t tmpfs -o mode=755 none "$0" &&
mkdir -p "$1" && mount --move "$held" "$1" && rmdir "$held" && shift && exec "$@"
"""
"""Let everybody use a Python that lies in root's own folder, for one process."""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder of the stranger's; pytest's own can't be entered by others."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def stranger(place: Path) -> Stranger:
    """Run Python as a user whom the machine doesn't know, without HOME."""
    if os.name == "nt" or os.getuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("needs root, and Linux's setpriv")
    python = Path(sys.base_prefix)
    closed = [path for path in (python, *python.parents) if not path.stat().st_mode & 0o001]
    words = []
    if closed:
        words = ["unshare", "-m", "sh", "-c", OPEN_PYTHON, str(closed[-1]), str(python)]
    words += ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", sys.executable]
    environment = {"PATH": os.defpath, "TMPDIR": str(place)}
    os.chown(place, USER, USER)

    def run(*args: object, **variables: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*words, *map(str, args)],
            cwd=place,
            env=environment | variables,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    if run("-c", "import inkhook.core.base.types").returncode:
        pytest.skip("others can't read this Python, or the project")
    return run


def test_every_command_works_for_an_unknown_user(
    place: Path, digits: Dataset, stranger: Stranger
) -> None:
    (place / "digits" / "7").mkdir(parents=True)
    data = cv2.imencode(".png", digits.test.images[0])[1].tobytes()
    (place / "digits" / "7" / "a.png").write_bytes(data)
    tiny.write_dataset(place / "tiny.npz")
    tiny.write_model(place / "model.h5")
    lines = (
        "predict-dir digits/7 --sheet sheet.png",
        "evaluate digits --plugins mnist",
        "models show model.h5",
        "models list",
        "plugins",
        "run --plugins errors --model model.h5 --data tiny.npz -o out",
    )
    done = stranger("-c", COMMANDS, *lines)
    codes = [line for line in done.stderr.splitlines() if line.startswith("EXIT")]
    assert codes == [f"EXIT 0 {line}" for line in lines], done.stderr
    assert "a.png,ok,7," in done.stdout
    folder = place / f"inkhook-{USER}"
    assert done.stderr.count(f"goes to '{folder}'.") == 1
    assert done.stderr.startswith("There is no home folder; ")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert folder.stat().st_uid == USER
    assert list(folder.glob(".local/state/inkhook/examined-*.txt"))
    assert (place / "out" / "errors.png").exists()


SETTLE = "from inkhook.core.base import home; home.settle(); import os; print(dict(os.environ))"


def test_a_home_of_somebody_else_is_not_used(place: Path, stranger: Stranger) -> None:
    done = stranger("-c", SETTLE, HOME="/etc", KERAS_HOME="/my/own")
    assert done.stderr == (
        "Your home folder '/etc' can't be written to; what inkhook keeps between commands "
        f"goes to '{place}/inkhook-{USER}'.\n"
    )
    variables = eval(done.stdout)  # noqa: S307 - printed by the line above
    assert variables["HOME"] == "/etc"
    assert variables["KERAS_HOME"] == "/my/own"
    assert variables["XDG_STATE_HOME"] == f"{place}/inkhook-{USER}/.local/state"


def test_a_folder_that_somebody_else_has_prepared_is_refused(
    place: Path, stranger: Stranger
) -> None:
    theirs = place / f"inkhook-{USER}"
    for is_link in (False, True):
        if is_link:
            theirs.symlink_to("/etc")
        else:
            theirs.mkdir()
        done = stranger("-c", SETTLE)
        folder = eval(done.stdout)["HOME"]  # noqa: S307
        assert folder.startswith(f"{theirs}-")
        assert f"goes to '{folder[:-1]}" in done.stderr
        assert sorted(place.iterdir()) == [theirs], "it is removed at the end"
        if not is_link:
            theirs.rmdir()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such variable")
def test_a_home_that_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.touch()
    for variable in VARIABLES:
        monkeypatch.setenv(variable, "x")  # so that what is set is undone
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(file / "home"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    folder = tmp_path / f"inkhook-{os.getuid()}"
    for _ in range(2):
        h5guard.remember("0" * 64)
        assert h5guard.is_known("0" * 64)
    assert h5guard.state_folder() == folder / ".local" / "state" / "inkhook"
    assert capsys.readouterr().err.count("can't be written to") == 1


def test_a_home_that_can_be_used_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "new"))
    home.settle()
    assert [variable for variable in VARIABLES if variable in os.environ] == ["HOME"]
    assert capsys.readouterr().err == ""
