"""The arrays that travel are checked once and can't be changed."""

import copy
import pickle

import numpy as np
import pytest

from inkhook.core.base.types import FloatArray, Predictions, Split, Stroke


def predictions(count: int = 2) -> Predictions:
    probabilities = np.full((count, 10), 0.05, np.float32)
    probabilities[:, 3] = 0.55
    return Predictions(
        "dataset",
        tuple(map(str, range(count))),
        np.zeros((count, 28, 28), np.float32),
        probabilities,
        np.zeros(count, np.uint8),
    )


def test_digits_and_confidence_follow_from_the_probabilities() -> None:
    assert predictions().digits.tolist() == [3, 3]
    assert predictions().confidence.tolist() == pytest.approx([0.55, 0.55])


def test_images_that_are_made_later_are_the_same_and_made_once() -> None:
    known, made = predictions(), []

    def make() -> np.ndarray:
        made.append(1)
        return np.full((2, 28, 28), 0.5, np.float32)

    later = Predictions.with_images_later("folder", known.ids, make, known.probabilities)
    assert len(later) == 2
    assert "2 answers" in repr(later)
    assert later.digits.tolist() == [3, 3]
    assert not made
    assert later.images is later.images
    assert made == [1]
    assert later.images.min() == 0.5
    with pytest.raises(ValueError, match="read-only"):
        later.images[0] = 1
    with pytest.raises(AttributeError, match="no attribute 'image'"):
        later.image  # type: ignore[attr-defined]  # noqa: B018


def ones() -> FloatArray:
    return np.ones((2, 28, 28), np.float32)


def test_images_that_are_made_later_survive_copies() -> None:
    known = predictions()
    later = Predictions.with_images_later("folder", known.ids, ones, known.probabilities)
    pickled = pickle.loads(pickle.dumps(later))  # noqa: S301 - made here
    for copied in (copy.copy(later), copy.deepcopy(later), pickled):
        np.testing.assert_array_equal(copied.images, ones())


def test_images_that_are_made_later_are_checked() -> None:
    known = predictions()
    later = Predictions.with_images_later(
        "folder", known.ids, lambda: ones()[:, :, 1:], known.probabilities
    )
    with pytest.raises(ValueError, match="images"):
        later.images  # noqa: B018


@pytest.mark.parametrize("name", ["images", "probabilities", "truth"])
def test_arrays_are_read_only(name: str) -> None:
    array = getattr(predictions(), name)
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (np.zeros((2, 28, 28), np.float32), np.zeros(2, np.uint8)),
        (np.zeros((2, 28, 27), np.uint8), np.zeros(2, np.uint8)),
        (np.zeros((3, 28, 28), np.uint8), np.zeros(2, np.uint8)),
        (np.zeros((2, 28, 28), np.uint8), np.zeros(2, np.int64)),
    ],
)
def test_a_split_refuses_other_shapes_and_dtypes(images: np.ndarray, labels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="must be uint8 of shape"):
        Split(images, labels)


def test_a_stroke_needs_a_time_for_each_point() -> None:
    with pytest.raises(ValueError, match="points must be float32 of shape"):
        Stroke(np.zeros((3, 2), np.float32), np.zeros(2, np.float32))


def test_a_stroke_has_widths_for_all_points_or_none() -> None:
    points, times, widths = (np.ones(shape, np.float32) for shape in ((3, 2), 3, 3))
    assert Stroke(points, times).widths is None
    stroke = Stroke(points, times, widths)
    assert stroke.widths is not None
    assert not stroke.widths.flags.writeable
    with pytest.raises(ValueError, match="widths must be float32 of shape"):
        Stroke(points, times, widths[:2])
