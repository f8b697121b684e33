"""Samples of one's own: from folders, corrected tables and arrays, each once."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from inkhook.core.base.problems import DataProblem
from inkhook.core.base.types import Dataset
from inkhook.core.images.preprocess import scale
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.jobs.samples import Samples, read_samples
from inkhook.core.modelfile.artifact import read_artifact
from inkhook.core.network.classifier import Classifier

pytestmark = pytest.mark.usefixtures("forked_workers")


@pytest.fixture
def folder(in_tmp: Path, digits: Dataset) -> Path:
    """MNIST's first five test digits: 7, 2, 1, 0, 4."""
    for number, (image, label) in enumerate(
        zip(digits.test.images[:5], digits.test.labels[:5], strict=True)
    ):
        path = in_tmp / "scans" / str(label) / f"{number}.png"
        path.parent.mkdir(parents=True)
        cv2.imencode(".png", image)[1].tofile(path)
    return in_tmp / "scans"


def read(*sources: Path | str, images: Path | None = None) -> tuple[Samples, str]:
    said: list[str] = []
    samples = read_samples([Path(source) for source in sources], said.append, images=images)
    return samples, "\n".join(said)


def test_each_sample_is_taken_once(folder: Path) -> None:
    alone, _ = read(folder)
    samples, said = read(folder, folder)
    assert sorted(samples.split.labels.tolist()) == [0, 1, 2, 4, 7]
    assert samples.sha256 == alone.sha256
    assert "Left out, since they are there twice: 5." in said


def test_an_image_with_two_labels_is_left_out(folder: Path) -> None:
    (folder / "9").mkdir()
    (folder / "9" / "copy.png").write_bytes((folder / "7" / "0.png").read_bytes())
    samples, said = read(folder)
    assert sorted(samples.split.labels.tolist()) == [0, 1, 2, 4]
    assert "Left out, since the same image has two labels: '" in said
    assert "copy.png'" in said


def test_a_corrected_table(folder: Path, in_tmp: Path) -> None:
    table = in_tmp / "answers.reviewed.csv"
    table.write_text(
        "path,status,digit,confidence,truth\n"
        "7/0.png,ok,1,0.9,7\n2/1.png,ok,2,0.9,\n1/2.png,blank,,,none\n"
        "0/3.png,unsure,6,0.4,0\ngone.png,ok,1,0.9,1\n4/4.png,unsure,6,0.4,1234\n"
    )
    samples, said = read(table, images=folder)
    assert samples.split.labels.tolist() == [7, 0]
    assert f"Images with a truth in '{table}': 3." in said
    assert "Left out, as numbers in which other digits are seen than should be: 1." in said
    assert "Left out, since they aren't in" in said
    table.write_text("path,status,digit,confidence,truth\n7/0.png,ok,1,0.9,seven\n")
    with pytest.raises(
        DataProblem, match=r"Line 2 of .* has the label 'seven'; a number has digits\."
    ):
        read(table, images=folder)


def test_the_digits_of_a_number(in_tmp: Path, digits: Dataset) -> None:
    row = np.concatenate([np.pad(image, ((6, 6), (0, 4))) for image in digits.test.images[:3]], 1)
    cv2.imencode(".png", 255 - np.repeat(np.repeat(row, 3, 0), 3, 1))[1].tofile("amount.png")
    table = in_tmp / "answers.reviewed.csv"
    table.write_text("path,status,number,confidence,count,truth\namount.png,ok,721,0.9,1,7-21\n")
    samples, _ = read(table)
    assert samples.split.labels.tolist() == [7, 2, 1]
    assert [name.partition("#")[2] for name in samples.names] == ["1", "2", "3"]
    model = Classifier(read_artifact(SHIPPED).network)
    assert model(scale(samples.split.images)).argmax(axis=1).tolist() == [7, 2, 1]


def test_arrays_and_their_training_part(in_tmp: Path, digits: Dataset) -> None:
    train, test = digits.train, digits.test
    np.savez(
        "set.npz", x_train=train.images[:20], y_train=train.labels[:20],
        x_test=test.images[:5], y_test=test.labels[:5],
    )  # fmt: skip
    samples, _ = read("set.npz")
    assert samples.split.labels.tolist() == train.labels[:20].tolist()
    assert samples.names[0] == "set.npz#1"


def test_nothing_to_learn_from(in_tmp: Path) -> None:
    with pytest.raises(DataProblem, match=r"There is no file or folder 'nowhere'\."):
        read("nowhere")
    table = in_tmp / "answers.csv"
    table.write_text("path,status,digit,confidence,truth\na.png,ok,1,0.9,\n")
    with pytest.raises(DataProblem, match="There is no sample to learn from"):
        read(table)
