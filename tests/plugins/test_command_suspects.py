"""`inkhook suspects`: flipped labels come first; the errors plugin marks them."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers import Run

from inkhook.core.base.types import Dataset

FLIPPED = [3, 50, 111, 222, 299]


@pytest.fixture
def flipped(in_tmp: Path, digits: Dataset) -> Path:
    """Write 300 digits, five of them with a wrong label."""
    labels = digits.test.labels[:300].copy()
    labels[FLIPPED] = (labels[FLIPPED] + 4) % 10
    np.savez("set.npz", images=digits.test.images[:300], labels=labels)
    return in_tmp / "set.npz"


def rows_of(path: str) -> list[dict[str, str]]:
    with Path(path).open(newline="") as file:
        return list(csv.DictReader(file))


def test_flipped_labels_come_first(run: Run, flipped: Path, digits: Dataset) -> None:
    done = run("suspects", flipped, "-o", "out")
    assert done.exit_code == 0, done.output
    rows = rows_of("out/suspects.csv")
    assert done.stdout == f"{len(rows)} of 300 labels don't fit their images\n"
    assert sorted(int(row["index"]) for row in rows[:5]) == FLIPPED
    first = rows[0]
    place = int(first["index"])
    assert int(first["digit"]) == digits.test.labels[place]
    assert int(first["label"]) == (digits.test.labels[place] + 4) % 10
    assert (first["status"], first["truth"]) == ("unsure", "")
    image = cv2.imdecode(np.fromfile(f"out/{first['path']}", np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    assert image.shape == (28, 28)
    assert Path("out/suspects.png").stat().st_size > 10_000

    evaluated = run("evaluate", flipped, "--suspects", "out/suspects.csv", "-o", "measured")
    assert "Mistakes whose label is itself doubtful: 5 of " in evaluated.stdout
    marked = [row["index"] for row in rows_of("measured/errors.csv") if row["suspect"] == "1"]
    assert sorted(map(int, marked)) == FLIPPED


def test_files_are_named_by_their_paths(run: Run, in_tmp: Path, digits: Dataset) -> None:
    for number, (image, label) in enumerate(
        zip(digits.test.images[:150], digits.test.labels[:150], strict=True)
    ):
        folder = in_tmp / "set" / str(8 if number == 5 else label)
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imencode(".png", image)[1].tofile(folder / f"{number}.png")
    assert run("suspects", "set", "-o", "out").exit_code == 0
    assert rows_of("out/suspects.csv")[0]["path"] == str(in_tmp / "set" / "8" / "5.png")
    done = run("evaluate", "set", "--suspects", "out/suspects.csv")
    assert "Mistakes whose label is itself doubtful: 1 of 1" in done.stdout
    done = run("evaluate", "set", "--suspects", "set/8/5.png")
    assert done.exit_code == 2
    assert "'set/8/5.png' can't be read as a CSV file in UTF-8." in done.stderr


def test_labels_that_can_not_be_compared(run: Run, in_tmp: Path, digits: Dataset) -> None:
    np.savez("set.npz", images=digits.test.images[:3], labels=digits.test.labels[:3])
    done = run("suspects", "set.npz")
    assert done.exit_code == 2
    assert "Labels can be compared only if two digits have two images each." in done.stderr
