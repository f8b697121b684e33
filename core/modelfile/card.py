"""What a model file says about itself: its card, JSON in the file's attribute `inkhook`.

Like the rest of the file, the card comes from outside, so every field is checked on reading.
"""

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from ..base.installed import version
from ..base.problems import ModelRejected
from ..base.text import now, parse_json, to_json
from ..base.types import DIGITS
from ..images.preprocess import PreprocessSettings
from ..network.network import MOST_SYMBOLS

FORMAT = 2
LONGEST_TEXT = 1000


def current_versions() -> dict[str, str]:
    """Return the versions of inkhook, its libraries and Python, which make a model."""
    packages = ("inkhook", "keras", "tensorflow", "numpy", "h5py")
    return {"python": platform.python_version()} | {name: version(name) for name in packages}


@dataclass(frozen=True)
class Card:
    """What a model file says about itself; JSON values only.

    Attributes
    ----------
    dataset, dataset_sha256 : str
        Name and digest of the training data.
    architecture : str
        The layers at a glance, such as "784-512-10".
    parameters : int
        The number of learnt parameters.
    training : dict
        The trainer's arguments, with the seed.
    metrics : dict of str to float
        Such as `test_accuracy`, 0 to 1.
    temperature : float
        What the logits are divided by before softmax, so that confidences are right as often as
        they say (Guo et al. 2017); fitted on images that were held back.
    reject_below : float
        Confidence, 0 to 1, below which an answer is "not sure": of those above it, 99.5 % were
        right on the images that were held back. 0 where none were; see `judging.score.sure_from`.
    status : str
        `complete`, or `stopped` where the training was ended early.
    preprocess : dict
        The settings of `preprocess` that the model was trained with.
    class_names : tuple of str
        One for each output.
    holds_digits : bool
        Whether the dataset has all ten digits, and the shipped model reads at least half of its
        test images.
    origin : dict
        For an imported model: the file's name and SHA-256, and how it wants its inputs; empty if
        the model was trained here.
    created : str
        ISO 8601, UTC.
    versions : dict of str to str
    format : int
        The version of this form.
    """

    dataset: str
    dataset_sha256: str
    architecture: str
    parameters: int
    training: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    temperature: float = 1.0
    reject_below: float = 0.0
    status: str = "complete"
    preprocess: Mapping[str, Any] = field(default_factory=PreprocessSettings().as_dict)
    class_names: tuple[str, ...] = DIGITS
    holds_digits: bool = False
    origin: Mapping[str, Any] = field(default_factory=dict)
    created: str = field(default_factory=now)
    versions: Mapping[str, str] = field(default_factory=current_versions)
    format: int = FORMAT

    def to_json(self) -> str:
        """Return the card as one line of JSON."""
        return to_json(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Card":
        """Read a card, which is text from outside; unknown fields are dropped.

        Raises
        ------
        ModelRejected
            When it isn't a card of this format.
        """
        content = parse_json(text, "Its card")
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise ModelRejected("card", f"Its card isn't of format {FORMAT}.")
        kinds: dict[str, type] = {"parameters": int, "format": int, "class_names": list}
        kinds["holds_digits"] = bool
        kinds |= dict.fromkeys(("training", "metrics", "preprocess", "origin", "versions"), dict)
        kinds |= dict.fromkeys(("temperature", "reject_below"), float)
        known: dict[str, Any] = {}
        content.setdefault("origin", {})  # cards of 2026 don't have these two
        content.setdefault("holds_digits", content.get("dataset") == "mnist")
        for place in fields(cls):
            value = content.get(place.name)
            if type(value) is not kinds.get(place.name, str):
                raise ModelRejected("card", f"Its card has no valid '{place.name}'.")
            if isinstance(value, str) and len(value) > LONGEST_TEXT:
                raise ModelRejected("card", f"Its card has a '{place.name}' that is too long.")
            known[place.name] = value
        if not all(type(number) in (int, float) for number in known["metrics"].values()):
            raise ModelRejected("card", "Its card has a metric that isn't a number.")
        if not (0 < known["temperature"] <= 100 and 0 <= known["reject_below"] <= 1):
            raise ModelRejected("card", "Its card has a temperature or a threshold out of range.")
        names = known["class_names"]
        if not 2 <= len(names) <= MOST_SYMBOLS or not all(isinstance(name, str) for name in names):
            raise ModelRejected("card", "Its card doesn't have the names of its classes.")
        return cls(**known | {"class_names": tuple(names)})
