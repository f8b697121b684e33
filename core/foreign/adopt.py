"""A stranger's file becomes one of ours: opened, tried, measured, and written with a card.

`in_passing` does it for a file that is only to be used, and keeps what came of it in the user's
state folder under the file's digest.
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

ENOUGH = 0.5
"""A network that reads fewer of the digits isn't used unless it is asked for."""

CHANCE = 0.2
"""Below this, it may as well be guessing."""

MOST_KEPT = 50
"""Files that were imported in passing; the oldest make room."""

IMPORT_VERSION = 1
"""Grows whenever the same file would be understood in another way."""


@dataclass(frozen=True, eq=False)
class Imported:
    """What came of a file.

    Attributes
    ----------
    network : Network
        Takes 28×28 images from 0 to 1.
    card : Card
    tried : list of Tried
        The ways to feed it, the best first.
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
        """What is to be said of it in a sentence."""
        best = self.tried[0]
        return (
            f"Its inputs are {best}: so it reads {best.accuracy * 100:.1f} % of {best.count:,} "
            f"training digits, and {self.accuracy * 100:.2f} % of the test images."
        )


def convert(
    path: Path, dataset: Dataset, *, architecture: str | None = None, force: bool = False
) -> Imported:
    """Find out how a stranger's network is to be fed, and how good it then is.

    Parameters
    ----------
    path : pathlib.Path
    dataset : Dataset
        Its training images decide on the way, its test images give the accuracy.
    architecture : str, optional
        The layers of a file of bare weights, such as "dense:512,10".
    force : bool
        Whether a network that reads fewer than half of the digits will do.

    Raises
    ------
    ModelRejected
        When the guard refuses the file.
    ModelProblem
        When it reads too few digits, or is one of ours.
    """
    opened = h5guard.open_guarded(path, architecture)
    if artifact.ATTRIBUTE in opened.texts:
        raise ModelProblem(f"'{path}' is inkhook's own already; use it as it is.")
    tried = try_all(opened.networks, dataset.train)
    best = tried[0]
    if best.accuracy < ENOUGH and not force:
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
        guess = ", hardly more than by guessing, so its ten outputs may not be digits"
    return (
        f"'{path}' reads {best.accuracy * 100:.1f} % of the digits{guess}; to use it all the same, "
        f"import it with 'inkhook models import --force', or with --data for the images it knows."
    )


def in_passing(
    found: Artifact, digits: Callable[[], Dataset], note: Callable[[str], None]
) -> Artifact:
    """Return what a stranger's file becomes; imports it where that hasn't been done before.

    Parameters
    ----------
    found : Artifact
        A file without a card.
    digits : callable
        Gives the digits to try it on.
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
        except (OSError, OutputProblem):  # it is imported anew each time; nothing else is lost
            pass
    card = kept.card
    if card:
        assumed = f" ({card.origin['assumed']})" if card.origin.get("assumed") else ""
        note(f"'{found.path}' isn't inkhook's; its inputs are {card.origin['inputs']}{assumed}.")
    return kept


def _kept(place: Path, found: Artifact) -> Artifact | None:
    """Return what was kept of a file; None where there is nothing, or something else."""
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
