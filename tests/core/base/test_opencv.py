"""A container without the libraries that OpenCV needs: every command says so, and what to do."""

import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from PIL import Image

from inkhook.core.base import opencv
from inkhook.core.base.problems import PluginProblem
from inkhook.core.reading import worker
from inkhook.core.reading.worker_process import Worker

NO_LIBRARY = "libGL.so.1: cannot open shared object file: No such file or directory"
SENTENCE = "Error: OpenCV can't be loaded, because the system has no 'libGL.so.1': install it"

COMMANDS = """
import sys
from inkhook.cli import cli
for line in sys.argv[1:]:
    try:
        cli(line.split())
    except SystemExit as ending:
        print("EXIT", ending.code or 0, line, file=sys.stderr)
"""


@pytest.fixture
def without_library(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a package in OpenCV's place that says what the real one would, for new processes."""
    package = in_tmp / "site" / "cv2"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(f"raise ImportError({NO_LIBRARY!r})")
    monkeypatch.setenv("PYTHONPATH", str(package.parent))


@pytest.mark.usefixtures("without_library")
def test_every_command_says_what_is_missing(in_tmp: Path) -> None:
    (in_tmp / "digits" / "7").mkdir(parents=True)
    Image.new("L", (28, 28), 255).save(in_tmp / "digits" / "7" / "a.png")
    lines = (
        "run --plugins errors --model pretrained -o out",
        "predict-dir digits/7",
        "evaluate digits",
        "models verify pretrained",
        "paint",
    )
    words = [sys.executable, "-c", COMMANDS, *lines, "models list", "plugins"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    codes = [line for line in done.stderr.splitlines() if line.startswith("EXIT")]
    expected = [f"EXIT 2 {line}" for line in lines]
    assert codes == [*expected, "EXIT 0 models list", "EXIT 0 plugins"], done.stderr
    assert done.stderr.count(SENTENCE) == len(lines)
    assert "bug" not in done.stderr
    assert "Plugin" not in done.stderr
    assert "pretrained" in done.stdout


@pytest.mark.usefixtures("without_library")
def test_a_reader_that_cannot_start_says_why() -> None:
    reader = Worker(worker.start())
    try:
        with pytest.raises(opencv.OpenCVMissing, match=r"no 'libGL\.so\.1'"):
            reader.predict(["a.png"], [0])
    finally:
        reader.close()


def traceback_of(error: Exception) -> str:
    return "".join(traceback.format_exception(error))


def test_only_what_is_about_opencv_is_explained() -> None:
    other = ImportError(NO_LIBRARY.replace("GL", "python3"))
    assert opencv.explain(traceback_of(other)) is None
    assert opencv.explain("ImportError: cv2 has no such name") is None
    assert "isn't installed" in str(opencv.explain("No module named 'cv2'"))


def test_a_plugin_that_needs_it_first_is_not_to_blame() -> None:
    failed = PluginProblem("Plugin 'x' failed")
    failed.__cause__ = error = ImportError(NO_LIBRARY, name="cv2")
    error.add_note('File "site-packages/cv2/__init__.py"')  # as in the real one's traceback
    assert isinstance(opencv.problem_of(failed), opencv.OpenCVMissing)
