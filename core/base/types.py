"""The values that travel through inkhook: datasets, trained models, predictions, strokes.

Frozen dataclasses around NumPy arrays. Every array is made read-only, because all plugins get the
same one. Nothing here reads files or computes more than a property.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import numpy.typing as npt

UInt8Array = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float32]
Source = Literal["dataset", "canvas", "folder", "number", "camera", "upload"]

SIDE = 28
"""Height and width in pixels of every image that a model sees."""

NO_DIGIT = "none"
"""What a person calls a picture that shows no digit, where a truth is asked for."""

DIGITS = tuple("0123456789")
"""The class names of every digit dataset, in the order of a model's outputs."""


def read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a view of `array` that raises ValueError on any write."""
    view = array.view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True, eq=False)
class Split:
    """Images with their labels.

    Attributes
    ----------
    images : uint8 (N, 28, 28)
        0 is paper, 255 is ink.
    labels : uint8 (N,)
        0 to 9.

    Raises
    ------
    ValueError
        When a shape or a dtype is wrong, or the two lengths differ.
    """

    images: UInt8Array
    labels: UInt8Array

    def __post_init__(self) -> None:
        count = len(self.labels)
        _expect("images", self.images, np.uint8, (count, SIDE, SIDE))
        _expect("labels", self.labels, np.uint8, (count,))
        object.__setattr__(self, "images", read_only(self.images))
        object.__setattr__(self, "labels", read_only(self.labels))

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return f"<inkhook.Split: {len(self):,} images>"


@dataclass(frozen=True, eq=False)
class Dataset:
    """A named dataset with its training and test splits.

    Attributes
    ----------
    name : str
        What `--dataset` calls it, or the name of the folder it came from.
    sha256 : str
        64 hexadecimal digits over the four arrays. The same data has the same digest, whatever
        file format it came in.
    class_names : tuple of str
        One for each label, in order.
    train, test : Split
    holds_digits : bool
        Whether the included model reads at least half of the test images, and no
        class is absent from the training images; found when the dataset has been loaded.
    """

    name: str
    sha256: str
    class_names: tuple[str, ...]
    train: Split
    test: Split
    holds_digits: bool = False

    def __repr__(self) -> str:
        images = f"{len(self.train):,} training and {len(self.test):,} test images"
        return f"<inkhook.Dataset {self.name}: {images}>"


@dataclass(frozen=True, eq=False)
class Trained:
    """What a trainer returns: a model, and what others need to know of how it was made.

    Attributes
    ----------
    model : keras.Model or Network
        See the hook `train_model`; a Network is the same as plain data, without TensorFlow.
    arguments : mapping of str to object
        Those of the training, for the model's card and the run's record; JSON values.
    held_out : Split or None
        Images that the model wasn't trained on, of any preparation: its confidence is calibrated
        on them. None, or without images, where there are none.
    metrics : mapping of str to float
        What the trainer measured itself, for a model that reads numbers: this isn't measured on the
        test images.
    temperature, reject_below : float
        Of such a model: as in its card.

    Raises
    ------
    TypeError
        When `arguments` isn't a mapping, or `held_out` isn't a Split.
    """

    model: Any
    arguments: Mapping[str, Any] = field(default_factory=dict)
    held_out: Split | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    temperature: float = 1.0
    reject_below: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.arguments, Mapping):
            raise TypeError(f"arguments must be a mapping, not {type(self.arguments).__name__}")
        if not isinstance(self.held_out, Split | None):
            raise TypeError(f"held_out must be a Split, not {type(self.held_out).__name__}")


@dataclass(frozen=True, eq=False)
class Predictions:
    """A batch of one or more answers, in input order.

    Attributes
    ----------
    source : {"dataset", "canvas", "folder", "number", "camera", "upload"}
        Where the images came from.
    ids : tuple of str
        A name for each image: its index in the test split, or its path.
    images : float32 (N, 28, 28)
        What the model saw, 0 (paper) to 1 (ink).
    probabilities : float32 (N, 10)
        Each row sums to 1.
    truth : uint8 (N,) or None
        The correct digits, if known.
    """

    source: Source
    ids: tuple[str, ...]
    images: FloatArray
    probabilities: FloatArray
    truth: UInt8Array | None = None

    def __post_init__(self) -> None:
        count = len(self.ids)
        if callable(self.images):
            object.__setattr__(self, "_make_images", self.images)
            object.__delattr__(self, "images")
        else:
            self._keep(self.images)
        _expect("probabilities", self.probabilities, np.float32, (count, len(DIGITS)))
        object.__setattr__(self, "probabilities", read_only(self.probabilities))
        if self.truth is not None:
            _expect("truth", self.truth, np.uint8, (count,))
            object.__setattr__(self, "truth", read_only(self.truth))

    @classmethod
    def with_images_later(
        cls,
        source: Source,
        ids: tuple[str, ...],
        make_images: Callable[[], FloatArray],
        probabilities: FloatArray,
        truth: UInt8Array | None = None,
    ) -> "Predictions":
        """Return predictions whose images are made when they are first asked for.

        Most plugins never ask, and for small pictures, making them is what plugins cost most.
        """
        return cls(source, ids, cast("FloatArray", make_images), probabilities, truth)

    def _keep(self, images: FloatArray) -> None:
        _expect("images", images, np.float32, (len(self.ids), SIDE, SIDE))
        object.__setattr__(self, "images", read_only(images))

    if not TYPE_CHECKING:  # or any attribute would be right

        def __getattr__(self, name: str) -> Any:
            # called only for what isn't there: the images, until someone asks for them
            make = self.__dict__.get("_make_images")
            if name != "images" or make is None:
                raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
            self._keep(make())
            return self.__dict__["images"]

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        known = "without" if self.truth is None else "with"
        return f"<inkhook.Predictions: {len(self):,} answers, {known} truth>"

    @property
    def digits(self) -> UInt8Array:
        """uint8 (N,): the most likely digit of each image."""
        best: UInt8Array = self.probabilities.argmax(axis=1).astype(np.uint8)
        return best

    @property
    def confidence(self) -> FloatArray:
        """float32 (N,): the probability of that digit, 0 to 1."""
        best: FloatArray = self.probabilities.max(axis=1)
        return best


@dataclass(frozen=True)
class Correction:
    """What a person says is right.

    Attributes
    ----------
    source : {"canvas", "upload", "review"}
        Where it was said: of a drawing, of a picture on a page, or of a row of a table.
    path : str
        The drawing's id or the picture's name.
    read : str
        What was read: digits, or empty if nothing was.
    truth : str
        What is right: digits, or `none` for no digit.

    Raises
    ------
    ValueError
        When the truth is neither.
    """

    source: Literal["canvas", "upload", "review"]
    path: str
    read: str
    truth: str

    def __post_init__(self) -> None:
        digits = self.truth.replace(" ", "")
        if self.truth != NO_DIGIT and not (digits.isascii() and digits.isdecimal()):
            raise ValueError(f"'truth' must be digits or '{NO_DIGIT}'")


@dataclass(frozen=True, eq=False)
class Stroke:
    """One line drawn from button down to button up.

    Attributes
    ----------
    points : float32 (N, 2)
        x and y in canvas pixels, y downwards.
    times : float32 (N,)
        Seconds since the button went down.
    widths : float32 (N,) or None
        How thick the line is at each point, in canvas pixels, where a pen was pressed harder and
        softer; None for a stroke that is as thick as the brush all along.
    """

    points: FloatArray
    times: FloatArray
    widths: FloatArray | None = None

    def __post_init__(self) -> None:
        count = len(self.times)
        _expect("points", self.points, np.float32, (count, 2))
        _expect("times", self.times, np.float32, (count,))
        object.__setattr__(self, "points", read_only(self.points))
        object.__setattr__(self, "times", read_only(self.times))
        if self.widths is not None:
            _expect("widths", self.widths, np.float32, (count,))
            object.__setattr__(self, "widths", read_only(self.widths))


def _expect(
    name: str, array: npt.NDArray[Any], dtype: type[np.generic], shape: tuple[int, ...]
) -> None:
    if array.dtype != dtype or array.shape != shape:
        raise ValueError(
            f"{name} must be {np.dtype(dtype)} of shape {shape}, "
            f"not {array.dtype} of shape {array.shape}"
        )
