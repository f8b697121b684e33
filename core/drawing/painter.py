"""What each movement of the pen and each key does, for windows, pages and replays alike.

Here a drawing becomes strokes, answers and labelled samples, and plugins are told about them. There
is no window here and no clock: every call says when it happens.
"""

from collections.abc import Callable
from typing import Any

from ..base.problems import OutputProblem
from ..base.types import UInt8Array, read_only
from ..events.session import CommandSession
from ..reading.rows import Status
from . import samples
from .answer import DrawingAnswer
from .background import Runner
from .canvas import Canvas
from .reading import DrawingReader, Reading
from .recording import MOST_POINTS, Action, Event, RecordingWriter

SLOW = 1.0
"""Seconds after which a busy plugin is named."""


class Painter:
    """A drawing session.

    Attributes
    ----------
    canvas : Canvas
    reading : Reading or None
        The reading of the canvas.
    last : Answer or None
        The last answer.
    status : str
        A line for the user; empty if there is nothing to say.
    trouble : bool
        Whether the status reports a fault.
    needs_look : bool
        Whether anything went wrong that the exit code should show.
    """

    def __init__(
        self,
        session: CommandSession,
        reader: DrawingReader,
        canvas: Canvas,
        worker: Runner,
        emit: Callable[[DrawingAnswer], None],
        *,
        recorder: RecordingWriter | None = None,
        keep: bool = True,
    ) -> None:
        """Begin a session.

        Parameters
        ----------
        session : CommandSession
            Entered.
        reader, canvas, worker
            What to read with, draw on, and run plugins in.
        emit : callable
            Takes each answer, to print it, say.
        recorder : RecordingWriter, optional
        keep : bool
            Whether labelled drawings are saved.
        """
        self.canvas = canvas
        self.reading: Reading | Status | None = None
        self.last: DrawingAnswer | None = None
        self.status = ""
        self.trouble = False
        self.needs_look = False
        self._session = session
        self._reader = reader
        self._worker = worker
        self._recorder = recorder
        self._emit = emit
        self._keep = keep
        self._count = 0
        self._stroke_at = 0.0
        self._points = 0
        self._sheet = 0  # grows with every change, so that a reading that comes late is known
        self._named: set[str] = set()

    # The pen

    def press(self, x: float, y: float, now: float) -> None:
        """Put the pen down; coordinates are in canvas pixels, `now` is in seconds."""
        if not self.trouble:
            self.status = ""
        self._stroke_at = now
        self._points = 1
        self.canvas.begin(x, y, now)

    def move(self, x: float, y: float, now: float) -> None:
        """Draw on, if the pen is down."""
        if not self.canvas.drawing:
            return
        self.canvas.extend(x, y, now)
        self._points += 1
        if self._points >= MOST_POINTS:  # the next stroke begins where this one ends
            self.release()
            self.press(x, y, now)

    def release(self) -> None:
        """Lift the pen, and tell the plugins about the stroke."""
        stroke = self.canvas.end()
        if stroke is not None:
            self._record(Event(self._stroke_at, "stroke", stroke, self.canvas.brush))
            if self._session.has("on_stroke"):
                canvas = read_only(self.canvas.image.copy())
                self._tell("on_stroke", stroke=stroke, canvas=canvas)

    # The keys

    def answer(self, now: float) -> None:
        """Read the drawing, print the answer, and clear the canvas."""
        self.release()
        if self.canvas.empty:
            self._say("There is nothing to read yet: draw a digit first.")
            return
        self._record_key("answer", now)
        canvas = self.canvas.image.copy()
        self._count += 1
        name = f"drawing-{self._count}"
        self.canvas.clear()
        self._read(canvas, lambda reading: self._answered(name, canvas, reading))

    def clear(self, now: float) -> None:
        """Clear the canvas."""
        self.release()
        if self.canvas.clear():
            self._record_key("clear", now)
            self._say("Cleared. Press U to bring it back.")

    def undo(self, now: float) -> None:
        """Undo the last stroke, or restore a cleared drawing."""
        self.release()
        if self.canvas.undo():
            self._record_key("undo", now)
            self._say("")
        else:
            self._say("There is nothing to undo.")

    def resize_brush(self, steps: int) -> None:
        """Make the brush thicker or, for negative steps, thinner."""
        self.canvas.resize_brush(steps)

    def label(self, digit: int, now: float) -> None:
        """Set the right digit for the last answer, and save the drawing as a sample."""
        answer = self.last
        if answer is None:
            self._say("Press Enter for an answer first, then the digit that it was.")
            return
        if answer.label == digit:
            return
        self._record_key("label", now, digit)
        if self._keep:
            try:
                path = samples.save_sample(answer.canvas, digit)
                if answer.path is not None:  # the label before was a slip
                    answer.path.unlink(missing_ok=True)
            except (OutputProblem, OSError) as problem:
                self._complain(str(problem))
                return
            answer.path = path
            self._say(f"Saved as a {digit} in {path.parent}")
            self._session.note(f"{answer.name} was a {digit}: {path}")
        answer.label = digit
        self._predicted(answer)

    def save(self) -> None:
        """Save the drawing as a PNG without a label."""
        if self.canvas.empty:
            self._say("There is nothing to save yet.")
            return
        try:
            path = samples.save_sample(self.canvas.image)
        except OutputProblem as problem:
            self._complain(str(problem))
            return
        self._say(f"Saved: {path}")
        self._session.note(f"Saved: {path}")

    # What the clock does

    def look(self) -> None:
        """Read the canvas; call this once after any number of changes."""
        self._sheet += 1
        if self.canvas.empty:
            self.reading = None
            return
        if not self._reader.has_plugins:
            self._show(self._reader(self.canvas.image), self._sheet)
            return
        canvas, sheet = self.canvas.image.copy(), self._sheet
        self._worker.do_newest(lambda: self._reader(canvas), lambda found: self._show(found, sheet))

    def collect(self, busy_seconds: float = 0.0) -> bool:
        """Collect what the background has done; return whether anything changed."""
        before = self.status
        changed = self._worker.collect()
        name = self._session.hooks.calling
        if busy_seconds > SLOW and name and name not in self._named:
            self._named.add(name)
            self._complain(f"Plugin '{name}' is slow; drawing goes on without waiting for it.")
        return changed or self.status != before

    def finish(self, seconds: float) -> None:
        """Finish the stroke and wait up to `seconds` for the plugins."""
        self.release()
        left = self._worker.finish(seconds)
        if left:
            name = self._session.hooks.calling
            plugin = f"Plugin '{name}'" if name else "A plugin"
            self._complain(f"{plugin} is still at work; {left} of its events are given up.")
        if self._recorder is not None:
            self._recorder.close()

    # Inside

    def _read(self, canvas: UInt8Array, then: Callable[[Reading | Status], None]) -> None:
        if not self._reader.has_plugins:
            then(self._reader(canvas))
        elif not self._worker.do(lambda: self._reader(canvas), then):
            self._complain("Too much is waiting for slow plugins; this drawing isn't read.")

    def _show(self, reading: Reading | Status, sheet: int) -> None:
        self._check_reader()
        if sheet == self._sheet:
            self.reading = reading

    def _answered(self, name: str, canvas: UInt8Array, reading: Reading | Status) -> None:
        self._check_reader()
        if reading is Status.SEVERAL:
            self._say("These are several digits; draw one at a time. U brings them back.")
            self._session.note(f"{name} shows several digits.")
            return
        if not isinstance(reading, Reading):
            self._say("That can't be read as a digit. U brings it back.")
            self._session.note(f"{name} can't be read as a digit.")
            return
        self.last = DrawingAnswer(name, canvas, reading)
        self._emit(self.last)
        self._say(f"Read as a {reading.digit}. Press 0–9 to save it as the digit it was.")
        self._predicted(self.last)

    def _predicted(self, answer: DrawingAnswer) -> None:
        self._tell("on_prediction", predictions=answer.predictions())

    def _tell(self, hook: str, **arguments: Any) -> None:
        """Tell the plugins in the background, and name those that fail in the status line."""
        session = self._session
        if not session.has(hook):
            return

        def work() -> list[str]:
            before = len(session.hooks.faults)
            session.tell(hook, **arguments)
            return [str(fault) for fault in session.hooks.faults[before:]]

        def then(faults: list[str]) -> None:
            for fault in faults:  # the session has said it on stderr
                self.status, self.trouble = fault, True

        if not self._worker.do(work, then):
            slow = session.hooks.calling
            self._complain(f"Plugin '{slow}' is too slow and misses events.")

    def _check_reader(self) -> None:
        problem = self._reader.problem
        if problem and problem not in self._named:
            self._named.add(problem)
            self._complain(f"{problem} It is no longer used to prepare drawings.")

    def _record_key(self, action: Action, now: float, digit: int = 0) -> None:
        self._record(Event(now, action, digit=digit))

    def _record(self, event: Event) -> None:
        if self._recorder is None:
            return
        try:
            self._recorder.add(event)
        except OutputProblem as problem:
            self._recorder.close()
            self._recorder = None
            self._complain(f"{problem} The recording ends here.")

    def _say(self, text: str) -> None:
        self.status, self.trouble = text, False

    def _complain(self, text: str) -> None:
        """Say that something went wrong, in the status line and on stderr."""
        self.status, self.trouble = text, True
        self.needs_look = True
        self._session.note(text)
