"""Learning while drawing goes on: it starts, a better model takes over, one step back is kept.

For windows and pages alike, which say what is returned here in their own places. `learn_process`
does the learning, in a process of its own.
"""

from collections.abc import Callable
from pathlib import Path

from ..base.problems import Problem
from ..modelfile.artifact import Artifact
from .find_model import model_name
from .learn_process import LearnProcess, Outcome
from .samples import DRAWINGS


class Learner:
    """Learning in one drawing session; its calls must not overlap.

    Attributes
    ----------
    model : Artifact
        In use.
    """

    def __init__(
        self, model: Artifact, use: Callable[[Artifact], None], folder: Path | None = None
    ) -> None:
        """Begin without learning anything.

        Parameters
        ----------
        model : Artifact
            In use so far.
        use : callable
            Puts another model in its place.
        folder : pathlib.Path, optional
            Where the samples are, in place of `artifacts/drawings`.
        """
        self.model = model
        self._use = use
        self._folder = folder or DRAWINGS
        self._process: LearnProcess | None = None
        self._known = self._older_than(model)
        self._taken: set[Path] = set()
        self._other: tuple[Artifact, set[Path]] | None = None

    @property
    def busy(self) -> bool:
        """Whether it is learning."""
        return self._process is not None

    @property
    def other(self) -> Artifact | None:
        """The model to which `back` goes."""
        return self._other[0] if self._other else None

    @property
    def new(self) -> int:
        """How many samples there are that the model in use hasn't learnt from."""
        return len(self._samples() - self._known)

    def start(self) -> str:
        """Begin to learn from all samples, unless that is being done; return a sentence."""
        if self._process is not None:
            return "Still learning; draw on."
        self._taken = self._samples()
        count = len(self._taken)
        if not count:
            return "There is no sample yet: answer, then press the right digit."
        try:
            self._process = LearnProcess(self.model, (self._folder,))
        except (Problem, OSError) as problem:
            return str(problem)
        return f"Learning from {count:,} sample{'s' if count > 1 else ''}; draw on."

    def back(self) -> str:
        """Take the model before, or, called again, the newer one; return a sentence."""
        if self._other is None:
            return "There is no other model to go back to."
        self._take(*self._other)
        return f"{model_name(self.model)} reads again."

    def collect(self) -> Outcome | None:
        """Return how learning has ended, once; a better model is in use then."""
        try:
            outcome = self._process.poll() if self._process else None
            if outcome is not None and outcome.model:
                self._take(outcome.model, self._taken)
        except (Problem, OSError) as problem:
            outcome = Outcome(None, str(problem))
        if outcome is not None:
            self._process = None
        return outcome

    def finish(self) -> None:
        """End learning that hasn't ended."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def _take(self, model: Artifact, known: set[Path]) -> None:
        self._use(model)
        self._other = self.model, self._known
        self.model, self._known = model, known

    def _samples(self) -> set[Path]:
        return set(self._folder.glob("[0-9]/*.png"))

    def _older_than(self, model: Artifact) -> set[Path]:
        """Return the samples that a model probably knows: it was learnt when they were there."""
        if not (model.card and "samples" in model.card.training):
            return set()
        since = model.path.stat().st_mtime
        return {path for path in self._samples() if path.stat().st_mtime < since}
