"""`inkhook predict-dir --shard` and `inkhook merge`: parts that make up the same table."""

import os
import shutil
from pathlib import Path

import hostile
import pytest
from helpers import Run, WritePlugin
from PIL import Image

from inkhook.core.base.types import Dataset
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.reading.rows import Rows
from inkhook.plugins.predict_dir import journal

COUNT = 900
MODEL = ("--model", "pretrained")
WORDS = ("predict-dir", "d", "-r", *MODEL)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory, digits: Dataset) -> Path:
    """Nine hundred digits in ten folders, of which three are broken."""
    folder = tmp_path_factory.mktemp("images")
    for i in range(COUNT):
        path = folder / f"{digits.test.labels[i]}/{i:04}.png"
        path.parent.mkdir(exist_ok=True)
        data = hostile.encode(Image.fromarray(digits.test.images[i]), "PNG")
        path.write_bytes(b"" if i % 400 == 7 else data)
    return folder


@pytest.fixture
def folder(in_tmp: Path, images: Path) -> Path:
    """Links to them, for a test of its own."""
    shutil.copytree(images, in_tmp / "d", copy_function=os.link)
    return in_tmp / "d"


def make_parts(run: Run, of: int, *words: str) -> list[str]:
    names = []
    for number in range(1, of + 1):
        names.append(f"p{number}")
        result = run(*WORDS, "--shard", f"{number}/{of}", "-o", names[-1], *words)
        assert result.exit_code in (0, 1), result.stderr
    return names


def test_the_same_tables_to_the_byte(run: Run, folder: Path, in_tmp: Path) -> None:
    shown = ("--top-k", "3", "--probabilities", "--truth", "parent")
    names = make_parts(run, 5)
    for form in ("csv", "jsonl", "table", "parquet"):
        whole = run(*WORDS, *shown, "-o", "whole", "--format", form)
        result = run("merge", *reversed(names), *shown, "-o", "merged", "--format", form)
        assert result.exit_code == whole.exit_code == 1, "some files couldn't be read"
        assert (in_tmp / "merged").read_bytes() == (in_tmp / "whole").read_bytes()
    assert result.stderr.split("Accuracy")[1] == whole.stderr.split("Accuracy")[1]
    assert result.stderr.count(": It is empty.\n") == 3
    assert "900 files: " in result.stderr
    (only,) = make_parts(run, 1)
    assert run("merge", only, "--format", "csv").stdout == run(*WORDS).stdout


def test_parts_are_alike_in_size(run: Run, folder: Path) -> None:
    counts = []
    for name in make_parts(run, 6):
        part = journal.Journal.open(Path(name))
        counts.append(part.count)
        part.close()
    assert counts == [256, 256, 256, 132, 0, 0]


def test_what_doesnt_belong_together_is_named(run: Run, folder: Path, in_tmp: Path) -> None:
    make_parts(run, 3)

    def refuses(*names: str) -> str:
        result = run("merge", *names, "-o", "m.csv")
        assert result.exit_code == 2
        assert not (in_tmp / "m.csv").exists()
        return result.stderr

    assert "Error: Part 2 of 3 is missing.\n" in refuses("p1", "p3")
    assert "Error: Parts 1, 3 of 3 are missing.\n" in refuses("p2")
    (in_tmp / "copy").write_bytes((in_tmp / "p2").read_bytes())
    twice = refuses("p1", "copy", "p3", "p2")
    assert "Error: Part 2 of 3 was given twice: 'copy' and 'p2'.\n" in twice
    (in_tmp / "model.h5").write_bytes(SHIPPED.read_bytes() + b"\0")
    others = {
        "model": ("--model", "model.h5"),
        "--reject-below": ("--reject-below", "0.5"),
        "number of parts": ("--shard", "2/4"),
    }
    for what, words in others.items():
        run(*WORDS, "--shard", "2/3", "-o", "other", *words)
        said = refuses("other", "p1", "p3")
        assert "Error: These parts aren't of the same work as 'p1': 'other'; " in said
        assert f"the first has another {what} (" in said
    (folder / "7/more.png").write_bytes((folder / "7/0000.png").read_bytes())
    run(*WORDS, "--shard", "2/3", "-o", "other")
    assert "another list of files (" in refuses("p1", "other", "p3")
    data = (in_tmp / "p2").read_bytes()
    for length in (0, 10, 300, len(data) - 1):
        (in_tmp / "cut").write_bytes(data[:length])
        said = refuses("p1", "cut", "p3")
        assert "'cut' is unfinished; " in said or "'cut' is cut short; make it again." in said
    (in_tmp / "x.csv").write_text("path,status\n")
    assert "'x.csv' isn't one of inkhook's journals or parts" in refuses("p1", "x.csv")


def cut_off(run: Run, *words: str) -> None:
    """Begin some work that is cut off after its first batch."""
    with pytest.MonkeyPatch.context() as patch:
        add = journal.Journal.add

        def add_and_end(self: journal.Journal, batch: int, rows: Rows) -> None:
            add(self, batch, rows)
            raise KeyboardInterrupt

        patch.setattr(journal.Journal, "add", add_and_end)
        assert run(*words).exit_code == 130


def test_a_part_that_was_cut_off_is_resumed(run: Run, folder: Path, in_tmp: Path) -> None:
    make_parts(run, 2)
    whole = run("merge", "p1", "p2", "--format", "csv").stdout
    words = (*WORDS, "--shard", "1/2", "-o", "p1")
    (in_tmp / "p1").unlink()
    cut_off(run, *words)
    assert "'p1.journal' is unfinished; " in run("merge", "p1.journal", "p2").stderr
    assert "finish it with --resume" in run(*words).stderr
    other = run(*WORDS, "--shard", "2/2", "-o", "p1", "--resume")
    assert "The unfinished work was begun with another --shard (1/2, now 2/2)" in other.stderr
    result = run(*words, "--resume")
    assert "Resumed: 256 of 512 files are done.\n" in result.stderr
    assert sorted(os.listdir(in_tmp)) == ["d", "p1", "p2"]
    assert run("merge", "p1", "p2", "--format", "csv").stdout == whole


def test_a_finished_part_isnt_done_again(run: Run, folder: Path, in_tmp: Path) -> None:
    make_parts(run, 2)
    words = (*WORDS, "--shard", "1/2", "-o", "p1", "--resume")
    assert "Resumed: 512 of 512 files are done.\n" in run(*words).stderr
    assert sorted(os.listdir(in_tmp)) == ["d", "p1", "p2"]
    assert run("merge", "p1", "p2", "--format", "csv").stdout == run(*WORDS).stdout
    (in_tmp / "p1").write_text("another file")
    assert "Resumed" not in run(*words).stderr
    assert run("merge", "p1", "p2").exit_code == 1


def test_plugins_are_told_of_a_part(run: Run, folder: Path, write_plugin: WritePlugin) -> None:
    plugin = write_plugin(
        "@hookimpl\ndef on_prediction(session, predictions):\n"
        "    session.say(f'told {len(predictions)}')"
    )
    result = run(*WORDS, "--shard", "4/4", "-o", "p", "--plugins", plugin, "--results", "out")
    assert "told 131\n" in result.stderr


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "a/b", "1/0", "-1/2", "1/2/3", "1.0/2"])
def test_numbers_that_make_no_sense(run: Run, folder: Path, text: str) -> None:
    result = run(*WORDS, "--shard", text, "-o", "p")
    assert result.exit_code == 2
    assert f"'{text}' isn't I/N with I from 1 to N, such as 3/8." in result.stderr


@pytest.mark.parametrize(
    "words", [("--format", "csv"), ("--truth", "parent"), ("--sheet", "s.png"), ("--top-k", "2")]
)
def test_what_belongs_to_the_table_is_merges(
    run: Run, folder: Path, words: tuple[str, ...]
) -> None:
    assert "--shard needs -o FILE" in run(*WORDS, "--shard", "1/2").stderr
    result = run(*WORDS, "--shard", "1/2", "-o", "p", *words)
    assert result.exit_code == 2
    assert "--shard writes a part, not a table" in result.stderr
