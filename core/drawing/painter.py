"""What each movement of the pen and each key does, for windows, pages and replays alike.

Here a drawing becomes strokes, answers and labelled samples, and plugins are told about them. There
is no window here and no clock: every call says when it happens.
"""

from collections.abc import Callable
from pathlib import Path

from ..base.problems import OutputProblem
from ..base.types import Correction, UInt8Array, read_only
from ..events.session import CommandSession
from ..numbers.number import Numbers
from ..reading.rows import Status
from . import samples
from .answer import DrawingAnswer
from .background import Runner
from .canvas import Canvas
from .listeners import Listeners
from .reading import DrawingReader, Found, Reading
from .recording import MOST_POINTS, Event, RecordingWriter


class Painter:
    """A drawing session.

    Attributes
    ----------
    canvas : Canvas
    reader : DrawingReader
    reading : Reading, Numbers, Status or None
        What is read on the canvas; None while there is nothing.
    last : DrawingAnswer or None
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
        folder: Path | None = None,
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
        folder : pathlib.Path, optional
            Where, in place of `artifacts/drawings`.
        """
        self.canvas = canvas
        self.reading: Found | None = None
        self.last: DrawingAnswer | None = None
        self.status = ""
        self.trouble = False
        self.needs_look = False
        self._session = session
        self.reader = reader
        self._worker = worker
        self._recorder = recorder
        self._emit = emit
        self._keep = keep
        self._folder = folder
        self._count = 0
        self._stroke_at, self._points = 0.0, 0
        # grows with every change; a reading may come late, but not of ink that is gone
        self._sheet = self._oldest = 0
        self._named: set[str] = set()
        self._listeners = Listeners(session, worker, self._complain, self._show_fault)

    # The pen

    def press(self, x: float, y: float, now: float, width: float | None = None) -> None:
        """Put the pen down.

        Coordinates are in canvas pixels, `now` is in seconds; a `width` in pixels is that of a pen
        at this point, in place of the brush's.
        """
        if not self.trouble:
            self.status = ""
        self._stroke_at = now
        self._points = 1
        self.canvas.begin(x, y, now, width)

    def move(self, x: float, y: float, now: float, width: float | None = None) -> None:
        """Draw on, if the pen is down."""
        if not self.canvas.drawing:
            return
        self.canvas.extend(x, y, now, width)
        self._points += 1
        if self._points >= MOST_POINTS:  # the next stroke begins where this one ends
            self.release()
            self.press(x, y, now, width)

    def release(self) -> None:
        """Lift the pen, and tell the plugins about the stroke."""
        stroke = self.canvas.end()
        if stroke is not None:
            self._record(Event(self._stroke_at, "stroke", stroke, self.canvas.brush))
            if self._session.has("on_stroke"):
                canvas = read_only(self.canvas.image.copy())
                self._listeners.tell("on_stroke", stroke=stroke, canvas=canvas)

    # The keys

    def answer(self, now: float) -> None:
        """Read the drawing, print the answer, and clear the canvas."""
        self.release()
        if self.canvas.empty:
            self.say("There is nothing to read yet: draw a digit first.")
            return
        self._record(Event(now, "answer"))
        canvas = self.canvas.image.copy()
        self._count += 1
        name = f"drawing-{self._count}"
        self.last = None  # until the answer is there, a digit key has nothing to label
        self._oldest = self._sheet
        self.canvas.clear()
        self._read(canvas, lambda reading: self._answered(name, canvas, reading))

    def clear(self, now: float) -> None:
        """Clear the canvas."""
        self.release()
        self._oldest = self._sheet
        if self.canvas.clear():
            self._record(Event(now, "clear"))
            self.say("Cleared. Press U to bring it back.")

    def undo(self, now: float) -> None:
        """Undo the last stroke, or restore a cleared drawing."""
        self.release()
        self._oldest = self._sheet
        if self.canvas.undo():
            self._record(Event(now, "undo"))
            self.say("")
        else:
            self.say("There is nothing to undo.")

    def choose(self, steps: int) -> None:
        """Choose the digit of the last answer that the next label is for."""
        digit = self.last.choose(steps) if self.last else None
        if digit is None:
            self.say("There is no number whose digits could be chosen.")
        else:
            self.say(f"This was read as a {digit.digit}. Press the digit that it was.")

    def label(self, digit: int, now: float, place: int | None = None) -> None:
        """Set what a digit of the last answer was, save its drawing as a sample, and go on.

        It is for the digit at `place`, from 0, or else for the chosen one; the next is chosen then.
        """
        answer = self.last
        if answer is None:
            self.say("Press Enter for an answer first, then the digit that it was.")
            return
        place = answer.chosen if place is None else place
        if place >= len(answer.digits):
            self.say("All its digits have a label; ← goes back to one.")
            return
        drawn = answer.digits[place]
        if len(answer.digits) > 1:
            answer.chosen = place + 1
        if drawn.label == digit:
            return
        self._record(Event(now, "label", digit=digit, place=place))
        if self._keep:
            try:
                drawn.path = samples.move_sample(drawn.path, drawn.drawing, digit, self._folder)
            except (OutputProblem, OSError) as problem:
                self._complain(str(problem))
                return
            self.say(f"Saved as a {digit} in {drawn.path.parent}")
            self._session.note(f"{drawn.name} was a {digit}: {drawn.path}")
        drawn.label = digit
        said = Correction("canvas", drawn.name, str(drawn.digit), str(digit))
        self._listeners.tell("on_correction", correction=said)
        self._listeners.tell("on_prediction", predictions=answer.predictions([drawn]))

    def save(self) -> None:
        """Save the drawing as a PNG without a label."""
        if self.canvas.empty:
            self.say("There is nothing to save yet.")
            return
        try:
            path = samples.save_sample(self.canvas.image, root=self._folder)
        except OutputProblem as problem:
            self._complain(str(problem))
            return
        self.say(f"Saved: {path}")
        self._session.note(f"Saved: {path}")

    # What the clock does

    def look(self) -> None:
        """Read the canvas; call this once after any number of changes."""
        self._sheet += 1
        if self.canvas.empty:
            self.reading = None
            self._oldest = self._sheet
            return
        # what has become a number is rarely one digit again
        number = isinstance(self.reading, Numbers)
        found = None if number else self.reader.quickly(self.canvas.image, begun=self.canvas.begun)
        if found is not None:
            self._show(found, self._sheet)
            return
        canvas, sheet = self.canvas.image.copy(), self._sheet
        self._worker.do_newest(lambda: self.reader(canvas), lambda found: self._show(found, sheet))

    def collect(self, busy_seconds: float = 0.0) -> bool:
        """Collect what the background has done; return whether anything changed."""
        before = self.status
        changed = self._worker.collect()
        self._listeners.notice_slow(busy_seconds)
        return changed or self.status != before

    def say(self, text: str) -> None:
        """Tell the user something in the status line."""
        self.status, self.trouble = text, False

    def finish(self, seconds: float) -> None:
        """Finish the stroke and wait up to `seconds` for the plugins."""
        self.release()
        self._listeners.finish(seconds)
        if self._recorder is not None:
            self._recorder.close()

    def _read(self, canvas: UInt8Array, then: Callable[[Found], None]) -> None:
        if not self.reader.has_plugins:
            then(self.reader(canvas))
        elif not self._worker.do(lambda: self.reader(canvas), then):
            self._complain("Too much is waiting for slow plugins; this drawing isn't read.")

    def _show(self, found: Found, sheet: int) -> None:
        self._check_reader()
        if sheet > self._oldest:
            self.reading, self._oldest = found, sheet

    def _answered(self, name: str, canvas: UInt8Array, found: Found) -> None:
        self._check_reader()
        if found is Status.SEVERAL:
            self.say("These are several digits, but no number. U brings them back.")
            self._session.note(f"{name} shows several digits, but no number.")
            return
        if isinstance(found, Status):
            self.say("That can't be read as a digit. U brings it back.")
            self._session.note(f"{name} can't be read as a digit.")
            return
        self.last = answer = DrawingAnswer(name, canvas, found)
        self._emit(answer)
        if isinstance(answer.reading, Reading):
            self.say(f"Read as a {answer.text}. Press 0–9 to save it as the digit it was.")
        else:
            self.say(f"Read as {answer.text}. Type what it was to save its digits; arrows choose.")
            self._listeners.tell("on_number", numbers=answer.reading)
        self._listeners.tell("on_prediction", predictions=answer.predictions(answer.digits))

    def _check_reader(self) -> None:
        for problem in self.reader.problems:
            if problem not in self._named:
                self._named.add(problem)
                self._complain(problem)

    def _record(self, event: Event) -> None:
        if self._recorder is None:
            return
        try:
            self._recorder.add(event)
        except OutputProblem as problem:
            self._recorder.close()
            self._recorder = None
            self._complain(f"{problem} The recording ends here.")

    def _show_fault(self, text: str) -> None:
        self.status, self.trouble = text, True

    def _complain(self, text: str) -> None:
        """Say that something went wrong, in the status line and on stderr."""
        self._show_fault(text)
        self.needs_look = True
        self._session.note(text)
