"""The command `inkhook watch`: the numbers that a camera or a video shows, live.

`sources` has the frames, `frames` reads one, `steady` says which answer counts, `watcher` prints
and tells it, and `window` shows it.
"""

from pathlib import Path

import click

from ...core.events.command import (
    ONE_THAT_READS_NUMBERS,
    FolderToWrite,
    PluginCommand,
    headless_option,
    json_option,
    model_option,
)
from ...core.events.manager import Plugins

PATIENCE = 5.0
"""Seconds that plugins get at the end to finish their work."""


@click.command(
    cls=PluginCommand,
    default_plugins="",
    short_help="Read the numbers that a camera or a video shows.",
    epilog="Example: inkhook watch 0 --once",
)
@click.argument("source", default="0", metavar="[CAMERA|VIDEO]")
@model_option(default=ONE_THAT_READS_NUMBERS)
@json_option("Print each answer as a line of JSON.")
@click.option("--once", is_flag=True, help="End after the first answer.")
@click.option(
    "--save",
    type=FolderToWrite(),
    metavar="DIR",
    help="Keep the frame of each answer as a PNG in this folder.",
)
@headless_option("Open no window; of a video file, read every frame.")
@click.pass_context
def watch(
    context: click.Context,
    plugins: Plugins,
    source: str,
    model: str | None,
    as_json: bool,
    once: bool,
    save: Path | None,
    headless: bool,
    strict: bool,
    debug: bool,
) -> None:
    """Read the numbers that a camera or a video shows.

    The source is the number of a camera (0 if none is given), a device such as /dev/video2, a video
    file, or the address of a stream. Hold a paper with numbers into view: an answer is printed once
    it has been the same for half a second.
    """
    from ...core.base.threads import use_one_opencv_thread
    from ...core.drawing import display
    from ...core.drawing.background import Background
    from ...core.events.session import CommandSession
    from ...core.jobs import find_model
    from ...core.judging.score import sure_from
    from ...core.reading import answers
    from ...core.reading.page_numbers import PageNumbers
    from .sources import Feed, SourceProblem, source_of
    from .watcher import Patience, Watcher, watch_all
    from .window import Window

    chosen_source = source_of(source)
    if not headless:
        display.check("--headless")
    use_one_opencv_thread()
    closed = False
    with CommandSession(plugins, strict=strict, debug=debug, stdout_is_json=as_json) as session:
        with session.stage("load_model"):
            chosen = find_model.read_chosen(model, session.note, numbers=True)
            read = PageNumbers(
                chosen.network,
                chosen.temperature,
                sure_from(chosen),
                cuts=session.has("on_prediction"),
                find=answers.find_by(session),
            )
        change, facts = answers.change_by(session, "camera"), find_model.facts(chosen)
        watcher = Watcher(
            session, source, read, change, facts, as_json=as_json, once=once, folder=save
        )
        feed = Feed(chosen_source, every=headless)
        patience = Patience(chosen_source, session.note)
        worker = Background()
        with session.stage("watch"):
            try:
                if headless:
                    watch_all(watcher, feed, patience)
                else:
                    title = find_model.title_of(chosen)
                    try:
                        closed = Window(watcher, feed, patience, worker, title).show()
                    finally:
                        worker.finish(PATIENCE)
            except SourceProblem as problem:
                if not watcher.count:
                    raise
                session.note(str(problem))
                watcher.failed = True
            finally:
                feed.close()
    nothing = not watcher.count and not closed
    context.exit(max(session.exit_code, int(nothing or watcher.failed)))
