"""Adopt a foreign model file: open it, try it, measure it, and give it a card.

`in_passing` does so for a file that is only to be used, and keeps the result in the user's state
folder under the file's digest.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ..base.problems import ModelProblem, OutputProblem
from ..base.types import Dataset
from ..images.preprocess import PreprocessSettings
from ..judging import evaluation
from ..modelfile import artifact, h5guard
from ..modelfile.artifact import Artifact
from ..modelfile.card import Card
from ..network.network import Network
from .input_search import Tried, try_all

LEAST_ACCURACY = 0.5
"""A network that reads a smaller share of the digits isn't used without `--force`."""

CHANCE = 0.2
"""Below this share, it may as well be guessing."""

MOST_KEPT = 50
"""How many files adopted in passing are kept; the oldest are deleted."""

IMPORT_VERSION = 1
"""Grows whenever the same file would be interpreted differently."""


@dataclass(frozen=True, eq=False)
class Imported:
    """An adopted model.

    Attributes
    ----------
    network : Network
        Takes 28×28 images from 0 to 1.
    card : Card
    tried : list of Tried
        The ways to make its inputs that were tried, the best first.
    """

    network: Network
    card: Card
    tried: list[Tried]

    @property
    def accuracy(self) -> float:
        """On the test images, 0 to 1."""
        return self.card.metrics["test_accuracy"]

    @property
    def sentence(self) -> str:
        """The result in one sentence, for the user."""
        best = self.tried[0]
        return (
            f"Its inputs are {best}: that way it reads {best.accuracy * 100:.1f} % of "
            f"{best.count:,} training digits, and {self.accuracy * 100:.2f} % of the test images."
        )


def convert(
    path: Path, dataset: Dataset, *, architecture: str | None = None, force: bool = False
) -> Imported:
    """Find out how a foreign network wants its inputs, and how good it is.

    Parameters
    ----------
    path : pathlib.Path
    dataset : Dataset
        Its training images decide on the inputs; its test images give the accuracy.
    architecture : str, optional
        The layers of a file of bare weights, such as "dense:512,10".
    force : bool
        Whether to accept a network that reads fewer than half of the digits.

    Raises
    ------
    ModelRejected
        When the guard refuses the file.
    ModelProblem
        When it reads too few digits, or inkhook wrote it.
    """
    opened = h5guard.open_guarded(path, architecture)
    if artifact.ATTRIBUTE in opened.texts:
        raise ModelProblem(f"'{path}' was written by inkhook; use it as it is.")
    tried = try_all(opened.networks, dataset.train)
    best = tried[0]
    if best.accuracy < LEAST_ACCURACY and not force:
        raise ModelProblem(_too_few(path, best))
    origin = {
        "file": path.name,
        "sha256": opened.sha256,
        "keras": opened.texts.get("keras_version", ""),
        "inputs": str(best.way),
        "assumed": best.reading,
    }
    card = Card(
        dataset.name,
        dataset.sha256,
        opened.networks[best.reading].architecture,
        opened.networks[best.reading].parameters,
        class_names=dataset.class_names,
        holds_digits=dataset.holds_digits,
        origin={name: text for name, text in origin.items() if text},
    )
    whole = Artifact(path, opened.sha256, best.network, card, PreprocessSettings())
    metrics = evaluation.on_test_split(whole, dataset)[1]
    return Imported(best.network, replace(card, metrics=metrics), tried)


def _too_few(path: Path, best: Tried) -> str:
    guess = ""
    if best.accuracy < CHANCE:
        guess = ", hardly more than chance, so its ten outputs may not be digits"
    return (
        f"'{path}' reads {best.accuracy * 100:.1f} % of the digits{guess}; to use it anyway, "
        "import it with 'inkhook models import --force', or with --data for the images it knows."
    )


def in_passing(
    found: Artifact, digits: Callable[[], Dataset], note: Callable[[str], None]
) -> Artifact:
    """Return the adopted form of a foreign file; adopt it if that hasn't been done before.

    Parameters
    ----------
    found : Artifact
        A file without a card.
    digits : callable
        Returns the digits to try it on.
    note : callable
        Takes lines for the user.

    Raises
    ------
    Problem
        When there are no digits, or it reads too few of them.
    """
    folder = h5guard.state_folder() / f"imported-{IMPORT_VERSION}"
    place = folder / f"{found.sha256}.h5"
    kept = _kept(place, found)
    if kept is None:
        imported = convert(found.path, digits())
        kept = replace(found, network=imported.network, card=imported.card)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            artifact.ModelFile(imported.network).write(place, imported.card)
            _make_room(folder)
        except (OSError, OutputProblem):  # it is adopted anew each time; nothing else is lost
            pass
    card = kept.card
    if card:
        assumed = f" ({card.origin['assumed']})" if card.origin.get("assumed") else ""
        note(f"'{found.path}' isn't from inkhook; its inputs are {card.origin['inputs']}{assumed}.")
    return kept


def _kept(place: Path, found: Artifact) -> Artifact | None:
    """Return the kept form of a file; None if there is none, or it is of another file."""
    if not place.exists():
        return None
    try:
        kept = artifact.read_artifact(place)
    except ModelProblem:
        return None
    if kept.card is None or kept.card.origin.get("sha256") != found.sha256:
        return None
    if not isinstance(kept.card.origin.get("inputs"), str):
        return None
    return replace(kept, path=found.path, sha256=found.sha256)


def _make_room(folder: Path) -> None:
    files = sorted(folder.glob("*.h5"), key=lambda path: path.stat().st_mtime)
    for path in files[:-MOST_KEPT]:
        path.unlink(missing_ok=True)
