"""The key that learns: it starts learning, takes over a better model, and goes back.

`jobs.learn_process` does the learning, in a process of its own.
"""

from collections.abc import Callable

from ...core.base.problems import Problem
from ...core.drawing.painter import Painter
from ...core.jobs.find_model import model_name
from ...core.jobs.learn_process import LearnProcess
from ...core.jobs.samples import DRAWINGS
from ...core.modelfile.artifact import Artifact


class Learner:
    """Learning in one drawing session."""

    def __init__(self, painter: Painter, model: Artifact, use: Callable[[Artifact], None]) -> None:
        """Take what draws, the model in use, and what puts another in its place."""
        self._painter = painter
        self._model = model
        self._before: Artifact | None = None
        self._use = use
        self._process: LearnProcess | None = None

    def start(self) -> None:
        """Begin to learn from the samples, unless that is being done already."""
        if self._process is not None:
            self._painter.say("Still learning; draw on.")
            return
        count = len(list(DRAWINGS.glob("[0-9]/*.png")))
        if not count:
            self._painter.say("There is no sample yet: answer, then press the right digit.")
            return
        try:
            self._process = LearnProcess(self._model, (DRAWINGS,))
        except (Problem, OSError) as problem:
            self._painter.say(str(problem))
            return
        self._painter.say(f"Learning from {count:,} sample{'s' if count > 1 else ''}; draw on.")

    def back(self) -> None:
        """Take the model before; pressed again, the newer one."""
        if self._before is None:
            self._painter.say("There is no other model to go back to.")
            return
        self._take(self._before)
        self._painter.say(f"{model_name(self._model)} reads again.")

    def collect(self) -> bool:
        """Look whether learning has ended; return whether it has."""
        outcome = self._process.poll() if self._process else None
        if outcome is None:
            return False
        self._process = None
        if outcome.model:
            self._take(outcome.model)
        self._painter.say(outcome.sentence + ("; B goes back." if outcome.model else ""))
        return True

    def finish(self) -> None:
        """End learning that hasn't ended."""
        if self._process is not None:
            self._process.stop()

    def _take(self, model: Artifact) -> None:
        self._before, self._model = self._model, model
        self._use(model)
