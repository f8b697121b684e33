"""The command `inkhook paint`: draw with the mouse, see the answer while you draw.

`core.drawing` turns strokes into an image and an image into an answer, `panel` draws a frame and
`window` shows it.
"""

import re
from functools import partial
from pathlib import Path

import click

from ...core.events.command import (
    PluginCommand,
    headless_option,
    json_option,
    model_option,
    numbers_option,
    record_option,
)
from ...core.events.manager import Plugins

CANVAS_SIDE = 560
WIDE = (820, 300)
PATIENCE = 5.0
"""Seconds that plugins get at the end to finish their work."""


SIDES = (140, 2000)


def _canvas_size(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[int, int] | None:
    """Return width and height from "560" or "560x200"."""
    if value is None:
        return None
    size = re.fullmatch(r"(\d{1,5})(?:x(\d{1,5}))?", value.lower(), re.ASCII)
    sides = [int(side) for side in (size[1], size[2] or size[1])] if size else [0]
    if not SIDES[0] <= min(sides) <= max(sides) <= SIDES[1]:
        raise click.BadParameter(
            f"'{value}' isn't a size from {SIDES[0]} to {SIDES[1]}, such as 560 or 560x200.",
            context,
            parameter,
        )
    return sides[0], sides[1]


@click.command(
    cls=PluginCommand,
    one_thread=True,
    short_help="Draw digits or numbers and see them read.",
    epilog="Example: inkhook paint --scale 2 --record drawing.jsonl",
)
@model_option("The model to read with: a file or a run's name.")
@click.option(
    "--size",
    callback=_canvas_size,
    metavar="N or WxH",
    help=f"Size of the canvas in pixels at --scale 1, such as 560x200.  [default: {CANVAS_SIDE}]",
)
@numbers_option(f"Take a wide canvas for numbers: --size {WIDE[0]}x{WIDE[1]}.")
@click.option(
    "--scale",
    type=click.FloatRange(0.5, 4),
    default=1.0,
    show_default=True,
    metavar="X",
    help="Make everything larger; use 2 on a high-resolution screen.",
)
@json_option("Print each answer as a line of JSON.")
@record_option("Record strokes, keys and their times in a new .jsonl file.")
@click.option(
    "--replay",
    "replayed",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Play a recording, then go on drawing. It saves no samples.",
)
@headless_option("With --replay: print the answers at once, without a window.")
@click.pass_context
def paint(
    context: click.Context,
    plugins: Plugins,
    model: str | None,
    size: tuple[int, int] | None,
    numbers: bool,
    scale: float,
    as_json: bool,
    record: Path | None,
    replayed: Path | None,
    headless: bool,
    strict: bool,
    debug: bool,
) -> None:
    """Draw digits or numbers with the mouse and watch the model read them.

    The left button draws. The right button or Enter prints the answer on stdout and clears the
    canvas; a digit key then saves the drawing as a sample in artifacts/drawings/<digit>, of a
    number digit by digit. Esc ends; h shows all keys.
    """
    from ...core.base import screen
    from ...core.base.threads import use_one_opencv_thread
    from ...core.drawing import display, recording
    from ...core.drawing.answer import DrawingAnswer
    from ...core.drawing.background import Background, Inline
    from ...core.drawing.canvas import Canvas
    from ...core.drawing.painter import Painter
    from ...core.drawing.replay import Replay
    from ...core.events.session import CommandSession
    from ...core.jobs import find_model
    from ...core.jobs.learner import Learner
    from ...core.jobs.read_drawings import DrawingModels, drawing_reader, replace_digits
    from .panel import Panel
    from .window import Window

    if headless and replayed is None:
        raise click.UsageError("--headless needs --replay FILE.", context)
    width, height = size or (WIDE if numbers else (CANVAS_SIDE, CANVAS_SIDE))
    given = round(width * scale), round(height * scale)
    canvas_size, events = recording.read_recording(replayed) if replayed else (given, [])
    if max(canvas_size) > recording.CANVAS_SIDES[1]:
        raise click.UsageError(
            f"The canvas can't have more than {recording.CANVAS_SIDES[1]} pixels."
        )
    if not headless:
        display.check("--replay FILE --headless")
    use_one_opencv_thread()
    with CommandSession(plugins, strict=strict, debug=debug, stdout_is_json=as_json) as session:
        with session.stage("load_model"):
            models = DrawingModels(model, session.note)
            reader = drawing_reader(models, session, strict=strict)
        worker = Inline() if headless else Background()
        recorder = recording.RecordingWriter(record, *canvas_size) if record else None

        def emit(answer: DrawingAnswer) -> None:
            session.emit(answer.as_json(models.facts(answer)) if as_json else str(answer))

        painter = Painter(
            session,
            reader,
            Canvas(*canvas_size),
            worker,
            emit,
            recorder=recorder,
            keep=replayed is None,
        )
        learner = Learner(models.digits, partial(replace_digits, models, reader))
        replay = Replay(painter, events) if replayed else None
        with session.stage("paint"):
            try:
                if isinstance(worker, Background):
                    panel, title = Panel(*canvas_size, scale), find_model.title_of(models.digits)
                    factor = screen.fitting(*panel.shape)
                    if factor < 1:
                        session.note(f"The window is shown at {factor:.0%} to fit the screen.")
                    Window(
                        painter,
                        panel,
                        worker,
                        replay,
                        learner=learner,
                        model=title,
                        factor=factor,
                        prepare=models.load_numbers,
                    ).show()
                elif replay is not None:
                    replay.play()
            finally:
                painter.finish(PATIENCE)
    context.exit(max(session.exit_code, int(painter.needs_look)))
