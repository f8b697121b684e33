"""`inkhook predict-dir --resume`: killed at any moment, the work comes to the same end."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import hostile
import pytest
from click.testing import CliRunner
from helpers import Run, WritePlugin, command
from PIL import Image

from inkhook.cli import cli
from inkhook.core.base.types import Dataset
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.reading.rows import Rows
from inkhook.plugins.predict_dir import header, journal

WORDS = ("predict-dir", "d", "--model", "pretrained", "-o", "a.csv")
KILLS = 20


def fill(folder: Path, digits: Dataset, count: int, files: int = 500) -> None:
    """Make a folder of so many small PNGs, most of them links to others."""
    folder.mkdir(parents=True)
    for i in range(min(files, count)):
        data = hostile.encode(Image.fromarray(digits.test.images[i]), "PNG")
        (folder / f"{i:05}.png").write_bytes(data)
    for i in range(files, count):
        os.link(folder / f"{i % files:05}.png", folder / f"{i:05}.png")


def begin(*words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([*command(), *WORDS, *words], stderr=subprocess.PIPE, text=True)


def begin_and_stop(done: int, number: int = signal.SIGKILL) -> str:
    """Start the work, and send a signal when the journal has some bytes.

    Where the work is done before the signal arrives, it is started anew.
    """
    path = Path("a.csv.journal")
    for _ in range(10):
        process = begin()
        while process.poll() is None:
            if path.exists() and path.stat().st_size > done:
                process.send_signal(number)
                break
            time.sleep(0.001)
        text = process.communicate()[1]
        if process.returncode != 0:
            break
        Path("a.csv").unlink()
    assert process.returncode in (-number, 128 + number), text
    return text


@pytest.mark.soak
def test_twenty_kills_over_ten_thousand_images(in_tmp: Path, digits: Dataset) -> None:
    fill(in_tmp / "d", digits, 10_000)
    (in_tmp / "d/00700.png").unlink()
    (in_tmp / "d/00700.png").write_text("no image")
    assert begin().wait() == 1
    expected = (in_tmp / "a.csv").read_bytes()
    assert expected.count(b"\n") == 10_001
    (in_tmp / "a.csv").write_text("an old one")
    rng = random.Random(6)
    kills = 0
    while kills < KILLS:
        process = begin("--resume")
        try:
            process.wait(rng.uniform(0.05, 0.9))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
            assert (in_tmp / "a.csv").read_bytes() in (b"an old one", expected)
        else:
            assert process.returncode == 1
            assert (in_tmp / "a.csv").read_bytes() == expected
            (in_tmp / "a.csv").write_text("an old one")
    assert begin("--resume").wait() == 1
    assert (in_tmp / "a.csv").read_bytes() == expected
    assert sorted(os.listdir(in_tmp)) == ["a.csv", "d"], "what was left lying is cleared away"


def test_a_kill_in_the_middle_costs_only_the_rest(in_tmp: Path, digits: Dataset) -> None:
    fill(in_tmp / "d", digits, 4_000)
    begin_and_stop(60_000)
    process = begin()
    assert (
        "Earlier work on 'a.csv' was interrupted; finish it with --resume"
        in (process.communicate()[1])
    )
    assert process.returncode == 2
    process = begin("--resume")
    text = process.communicate()[1]
    assert process.returncode == 0
    done = int(text.split("Resumed: ")[1].split(" of")[0].replace(",", ""))
    assert 500 < done < 4_000
    whole = (in_tmp / "a.csv").read_bytes()
    begin_and_stop(60_000)
    assert begin("--restart").wait() == 0
    assert (in_tmp / "a.csv").read_bytes() == whole


@pytest.mark.parametrize(
    ("number", "last"),
    [
        (signal.SIGINT, "Interrupted."),
        pytest.param(signal.SIGTERM, "Ended by SIGTERM.", marks=pytest.mark.soak),
        pytest.param(signal.SIGHUP, "Ended by SIGHUP.", marks=pytest.mark.soak),
    ],
)
def test_a_signal_keeps_what_was_finished(
    in_tmp: Path, digits: Dataset, number: int, last: str
) -> None:
    fill(in_tmp / "d", digits, 4_000)
    text = begin_and_stop(60_000, number)
    assert "of 4,000 files are done; finish with the same command and --resume.\n" in text
    assert text.endswith(f"{last}\n")
    assert sorted(os.listdir(in_tmp)) == ["a.csv.journal", "d"]
    assert begin("--resume").wait() == 0
    assert (in_tmp / "a.csv").read_bytes().count(b"\n") == 4_001


@pytest.fixture
def cut_off(run: Run, in_tmp: Path, digits: Dataset) -> Path:
    """Work on 600 files of which one is broken, cut off after the second batch."""
    fill(in_tmp / "d", digits, 600)
    (in_tmp / "d/00007.png").write_bytes(b"")
    with pytest.MonkeyPatch.context() as patch:
        add = journal.Journal.add

        def add_and_end(self: journal.Journal, batch: int, rows: Rows) -> None:
            add(self, batch, rows)
            if batch == 1:
                raise KeyboardInterrupt

        patch.setattr(journal.Journal, "add", add_and_end)
        result = run(*WORDS, "--sheet", "s.png")
    assert result.exit_code == 130
    assert "512 of 600 files are done" in result.stderr
    return in_tmp / "a.csv"


OTHER_WORK = {
    "--recursive": ("-r",),
    "--reject-below": ("--reject-below", "0.7"),
    "--max-pixels": ("--max-pixels", "5"),
    "--plugins": ("--plugins", "mnist"),
    "model": ("--model", "model.h5"),
}


def test_other_work_is_refused(run: Run, cut_off: Path) -> None:
    (cut_off.parent / "model.h5").write_bytes(SHIPPED.read_bytes() + b"\0")
    for what, words in OTHER_WORK.items():
        result = run(*WORDS, "--sheet", "s.png", "--resume", *words)
        assert result.exit_code == 2
        assert f"Error: The unfinished work was begun with another {what} (" in result.stderr
        assert not cut_off.exists()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(header, "version", lambda _: "9.9")
        result = run(*WORDS, "--sheet", "s.png", "--resume")
        assert result.exit_code == 2
        assert "begun with another version of inkhook (0.1.0, now 9.9); " in result.stderr
    result = run(*WORDS, "--sheet", "s.png", "--resume", "--top-k", "2")
    assert result.exit_code == 1, "what only changes the table may be changed"


def test_failed_files_are_tried_again(run: Run, cut_off: Path) -> None:
    (cut_off.parent / "d/00007.png").write_bytes((cut_off.parent / "d/00008.png").read_bytes())
    (cut_off.parent / "d/00009.png").unlink()
    (cut_off.parent / "d/00550.png").unlink()
    result = run(*WORDS, "--sheet", "s.png", "--resume")
    assert result.exit_code == 1
    lines = cut_off.read_text().splitlines()
    assert len(lines) == 601
    assert lines[8].startswith("00007.png,ok,")
    assert lines[8].split(",")[2:] == lines[9].split(",")[2:]
    assert lines[10].startswith("00009.png,ok,"), "what was done stays done"
    assert lines[551] == "00550.png,unreadable,,"
    assert (cut_off.parent / "s-3.png").exists()


def test_plugins_are_told_of_everything(
    run: Run, in_tmp: Path, digits: Dataset, write_plugin: WritePlugin
) -> None:
    fill(in_tmp / "d", digits, 300)
    plugin = write_plugin(
        """
        import hashlib
        import click

        class Told:
            options = (click.Option(["--told-loudly"], is_flag=True),)
            def __init__(self, told_loudly):
                self.digest = hashlib.sha256()
                self.count = 0
            @hookimpl
            def on_prediction(self, session, predictions):
                self.digest.update(predictions.images.tobytes())
                self.digest.update(predictions.probabilities.tobytes())
                self.count += len(predictions)
            @hookimpl
            def on_run_end(self, session):
                session.say(f"told {self.count} {self.digest.hexdigest()}")
        """
    )
    words = (*WORDS, "--plugins", plugin, "--results", "out")
    whole = run(*words).stderr.split("told ")[1].split("\n")[0]
    assert whole.startswith("300 ")
    with pytest.MonkeyPatch.context() as patch:
        add = journal.Journal.add

        def add_and_end(self: journal.Journal, batch: int, rows: Rows) -> None:
            add(self, batch, rows)
            raise KeyboardInterrupt

        patch.setattr(journal.Journal, "add", add_and_end)
        assert run(*words).exit_code == 130
    result = run(*words, "--resume", "--told-loudly")
    assert result.exit_code == 2
    assert 'another choice of plugin options ({"told_loudly": "False"}, now' in result.stderr
    assert run(*words, "--resume").stderr.split("told ")[1].split("\n")[0] == whole


def test_stdin_isnt_needed_again(run: Run, in_tmp: Path, digits: Dataset) -> None:
    fill(in_tmp / "d", digits, 300)
    paths = "\n".join(f"d/{name}" for name in sorted(os.listdir(in_tmp / "d")))
    words = ["predict-dir", "-", *WORDS[2:]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal.Journal, "sync", lambda self: 1 / 0 if self.done else None)
        patch.setattr(journal, "SYNC_SECONDS", 0)
        assert CliRunner().invoke(cli, words, input=paths).exit_code == 2
    result = run(*words, "--resume")
    assert result.exit_code == 0
    assert "Resumed: 256 of 300 files are done.\n" in result.stderr
    assert len((in_tmp / "a.csv").read_text().splitlines()) == 301
