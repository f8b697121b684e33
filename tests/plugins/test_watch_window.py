"""Watching in a real window, and being interrupted."""

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import small_videos as videos
from helpers import command
from screen import Screen, missing

from inkhook.core.base.types import Dataset
from inkhook.core.drawing.colours import GROUND, SURE
from inkhook.plugins.command_watch.view import BAR


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    if missing():
        pytest.skip(f"needs {' and '.join(missing())}")
    screen = Screen(tmp_path_factory.mktemp("screen"))
    yield screen
    screen.close()


@pytest.fixture
def watching(screen: Screen, digits: Dataset, in_tmp: Path) -> Iterator[subprocess.Popen[str]]:
    """A process with a window that shows a video of ten seconds."""
    videos.write(Path("note.avi"), videos.moving(list(digits.test.images[:4]), 40), rate=4)
    process = subprocess.Popen(
        [*command(), "watch", "note.avi"],
        env=screen.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    yield process
    process.kill()
    process.wait()


def test_the_number_is_boxed_and_printed(screen: Screen, watching: subprocess.Popen[str]) -> None:
    window = screen.find("inkhook watch · note.avi · pretrained, ")
    screen.wait(lambda: (screen.shot() == SURE).all(axis=2).sum() > 200)
    assert (screen.shot()[:4, :4] == GROUND).all()
    geometry = screen.do("getwindowgeometry", window)
    assert f"Geometry: {videos.WIDTH}x{videos.HEIGHT + BAR}" in geometry
    assert watching.stdout is not None
    assert watching.stdout.readline().startswith("7210 (")
    screen.do("key", "--clearmodifiers", "Escape")
    _, err = watching.communicate(timeout=60)
    assert watching.returncode == 0, err
    assert err.count("\n") == 1, "the model, and not a word of OpenCV's"


@pytest.mark.soak
def test_ctrl_c_ends_it_cleanly(screen: Screen, watching: subprocess.Popen[str]) -> None:
    screen.find("inkhook watch")
    time.sleep(0.5)
    watching.send_signal(signal.SIGINT)
    _, err = watching.communicate(timeout=60)
    assert watching.returncode == 130
    assert "Traceback" not in err
