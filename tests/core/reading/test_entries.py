"""Files of several images: an entry for each, from the listing on."""

import os
from pathlib import Path

import hostile
import numpy as np
import pytest
from files_of_several import write_pdf, write_table
from PIL import Image

from inkhook.core.base.problems import ImageRefused
from inkhook.core.base.types import Dataset
from inkhook.core.reading.entries import read_entry, split_entry
from inkhook.core.reading.listing import Listing
from inkhook.core.reading.truth import Truth


def names(*inputs: str, recursive: bool = False) -> list[str]:
    return list(Listing(inputs, recursive=recursive).names())


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("scan.pdf#2", ("scan.pdf", 2)),
        ("a/b#1/T.CSV#28000", ("a/b#1/T.CSV", 28000)),
        ("line\nend.pdf#1", ("line\nend.pdf", 1)),
        ("scan.pdf", None),
        ("scan.pdf#0", None),
        ("scan.pdf#02", None),
        ("a.png#2", None),
        ("scan.pdf#2x", None),
    ],
)
def test_a_name_says_file_and_number(path: str, entry: tuple[str, int] | None) -> None:
    assert split_entry(path) == entry


def test_pages_are_entries_wherever_the_file_lies(in_tmp: Path, digits: Dataset) -> None:
    (in_tmp / "d/in").mkdir(parents=True)
    write_pdf(in_tmp / "d/in/b.PDF", digits.test.images[:3])
    write_pdf(in_tmp / "d/a.pdf", digits.test.images[:1])
    (in_tmp / "d/broken.pdf").write_bytes(b"%PDF-1.4 and no more")
    (in_tmp / "d/c.png").touch()
    top = ["a.pdf#1", "broken.pdf", "c.png"]
    assert names("d", recursive=True) == [*top, "in/b.PDF#1", "in/b.PDF#2", "in/b.PDF#3"]
    assert names("d/in/b.PDF", "d/c.png")[2:] == ["d/in/b.PDF#3", "d/c.png"]
    assert names("d/in/b.PDF#2") == ["d/in/b.PDF#2"]
    (in_tmp / "d/a.pdf#1").touch()
    (in_tmp / "d/other.pdf#1").touch()
    found = Listing(["d"])
    assert list(found.names()) == [*top, "other.pdf#1"]
    assert found.skipped["files named like a page of another"] == 1


def test_lines_are_entries_of_a_table_that_is_named(in_tmp: Path, digits: Dataset) -> None:
    (in_tmp / "d").mkdir()
    write_table(in_tmp / "d/test.csv", digits.test.images[:3], None)
    (in_tmp / "d/other.csv").write_text("file,label\n")
    assert names("d") == ["other.csv", "test.csv"]
    assert names("d/test.csv") == [f"d/test.csv#{i}" for i in (1, 2, 3)]
    assert names("d/*.csv") == ["d/other.csv", *(f"d/test.csv#{i}" for i in (1, 2, 3))]


def test_entries_are_read_one_by_one(in_tmp: Path, digits: Dataset) -> None:
    write_table(Path("t.csv"), digits.test.images[:3], digits.test.labels[:3])
    assert np.array_equal(read_entry("t.csv#2").pixels, digits.test.images[1])
    write_pdf(Path("s.pdf"), digits.test.images[:2])
    pages = [read_entry(f"s.pdf#{number}").pixels for number in (1, 2)]
    assert pages[0].shape == pages[1].shape
    assert not np.array_equal(pages[0], pages[1])
    whole = read_entry("s.pdf")
    assert np.array_equal(whole.pixels, pages[0])
    assert whole.notice == "It holds several pictures; only the first was read."
    Path("t.csv").write_text(Path("t.csv").read_text()[:-900])
    for path, status in (
        ("t.csv#3", "corrupt"), ("t.csv#4", "corrupt"), ("s.pdf#3", "corrupt"),
        ("no.csv#1", "unreadable"), ("no.pdf#1", "unreadable"),
    ):  # fmt: skip
        with pytest.raises(ImageRefused) as caught:
            read_entry(path)
        assert caught.value.status == status


def test_a_pdf_that_crashes_its_reader_is_one_row(
    in_tmp: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    (in_tmp / "site").mkdir()
    (in_tmp / "site/pypdfium2.py").write_text(
        "import os, signal\nclass PdfiumError(Exception): pass\n"
        "def PdfDocument(data):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    write_pdf(in_tmp / "a.pdf", digits.test.images[:2])
    (in_tmp / "b.png").write_bytes(hostile.encode(Image.new("L", (9, 9)), "PNG"))
    monkeypatch.setenv("PYTHONPATH", os.fspath(in_tmp / "site"))
    assert names("a.pdf", "b.png") == ["a.pdf", "b.png"]


def test_a_table_may_label_pages_and_lines(in_tmp: Path) -> None:
    batches = [["a.pdf#1", "b.pdf#1", "b.pdf#2", "t.csv#1", "t.csv#2"]]

    def labels(text: str) -> tuple[list[int | None], str]:
        Path("l.csv").write_text(text)
        truth = Truth("l.csv", "", batches)
        return truth.of(batches[0]), truth.unmatched

    assert labels("file,label\na.pdf,1\nb.pdf#2,2\nt.csv#1,3\n") == ([1, None, 2, 3, None], "")
    assert labels("ImageId,Label\n1,4\n2,5\n") == ([None, None, None, 4, 5], "")
    assert labels("file,label\na,1\nt.csv#2,3\n")[0] == [1, None, None, None, 3]
    found, unmatched = labels("file,label\na.pdf,1\nb.pdf,2\n")
    assert found == [1, None, None, None, None]
    assert "1 matches several files: 'b.pdf'" in unmatched
