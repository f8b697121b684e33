"""The journal: what is in it survives a cut at any byte, and other work isn't mixed in."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkhook.core.base.problems import DataProblem, OutputProblem
from inkhook.core.reading import rows
from inkhook.core.reading.rows import BATCH, Rows
from inkhook.plugins.predict_dir.header import USER_NAMES
from inkhook.plugins.predict_dir.journal import MAGIC, Journal

HEADER = {"model": "abc", "input": ["/a"], "thumbs": False}
NAMES = [f"{i:04}\udce9\n.png" for i in range(2 * BATCH + 10)]


def batch(number: int) -> Rows:
    found = rows.empty(len(NAMES[number * BATCH : (number + 1) * BATCH]))
    found.probabilities[:] = np.float32(number)
    return found


def begun(path: Path | None, done: int) -> Journal:
    journal = Journal(path, HEADER)
    journal.list_files(iter(NAMES), lambda: {"widest": 7})
    for number in range(done):
        journal.add(number, batch(number))
    return journal


@pytest.mark.parametrize("is_file", [False, True])
def test_what_was_put_in_comes_out(tmp_path: Path, is_file: bool) -> None:
    path = tmp_path / "j" if is_file else None
    journal = begun(path, 2)
    assert (journal.batches, journal.count, journal.done) == (3, len(NAMES), 2)
    assert [name for i in range(3) for name in journal.names(i)] == NAMES
    found = journal.rows(1)
    assert found is not None
    assert (found.probabilities == 1).all()
    assert journal.rows(2) is None
    journal.add(1, batch(0))
    again = journal.rows(1)
    assert again is not None
    assert (again.probabilities == 0).all(), "the last one counts"
    journal.remove()
    assert not list(tmp_path.iterdir())


WHOLE = Path(tempfile.mkdtemp()) / "whole"
begun(WHOLE, 3).close()
BYTES = WHOLE.read_bytes()


@given(st.integers(0, len(BYTES)), st.binary(max_size=30))
@settings(max_examples=150, deadline=None)
def test_a_cut_at_any_byte_leaves_whole_batches(place: int, noise: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "j"
        path.write_bytes(BYTES[:place] + noise)
        if not MAGIC.startswith(start := path.read_bytes()[: len(MAGIC)]):
            with pytest.raises(DataProblem):
                Journal(path, HEADER, resume=True)
            assert path.read_bytes().startswith(start)
            return
        journal = Journal(path, HEADER, resume=True)
        assert journal.count in (0, len(NAMES))
        for number in range(journal.batches):
            assert journal.names(number) == NAMES[number * BATCH : (number + 1) * BATCH]
            found = journal.rows(number)
            if found is not None:
                assert (found.probabilities == number).all()
        assert not noise or journal.done < 3 or place == len(BYTES)
        if not journal.batches:
            journal.list_files(NAMES, dict)
        for number in range(3):
            journal.add(number, batch(number))
        journal.close()
        again = Journal(path, HEADER, resume=True)
        assert again.done == 3
        again.close()


@pytest.mark.parametrize("name", HEADER)
def test_other_work_is_refused_by_name(tmp_path: Path, name: str) -> None:
    begun(tmp_path / "j", 1).close()
    with pytest.raises(DataProblem, match=f"begun with another {USER_NAMES[name]} "):
        Journal(tmp_path / "j", HEADER | {name: "x" * 100}, resume=True)
    journal = Journal(tmp_path / "j", HEADER, resume=True)
    assert journal.done == 1, "the refusal did no harm"
    journal.close()


def test_two_processes_dont_share_a_journal(tmp_path: Path) -> None:
    journal = begun(tmp_path / "j", 1)
    code = (
        "import sys; from pathlib import Path\n"
        "from inkhook.plugins.predict_dir.journal import Journal\n"
        "Journal(Path(sys.argv[1]), {})"
    )
    words = [sys.executable, "-c", code, str(tmp_path / "j")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert "OutputProblem: Another process is writing " in done.stderr
    assert journal.done == 1
    journal.close()


def test_a_full_disk_is_a_sentence(small_disk: Path) -> None:
    journal = begun(small_disk / "j", 0)
    huge = rows.empty(BATCH, images=True)
    assert huge.pixels is not None
    huge.pixels[:] = np.random.default_rng(0).integers(0, 256, huge.pixels.shape)

    def fill() -> None:
        for _ in range(120):
            journal.add(0, huge)

    with pytest.raises(OutputProblem, match="No space left on device"):
        fill()
    journal.close()
    os.truncate(small_disk / "j", (small_disk / "j").stat().st_size // 4096 * 4096)
    again = Journal(small_disk / "j", HEADER, resume=True)
    assert again.count == len(NAMES)
    assert again.rows(0) is not None
    again.close()


def test_a_file_that_is_no_journal_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_text("my own notes\n")
    for resume in (False, True):
        with pytest.raises(DataProblem, match="isn't one of inkhook's journals"):
            Journal(path, HEADER, resume=resume)
    assert path.read_text() == "my own notes\n"
