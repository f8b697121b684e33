"""One run of `inkhook suspects`: from a labelled set to a table and a picture of its doubts."""

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..base import files
from ..base.text import escape
from ..data.arrays import TRAIN
from ..events.manager import Plugins
from ..events.runs import RunFolder, new_folder
from ..events.session import CommandSession
from ..images import preprocess
from ..judging.suspects import Suspects, find_suspects, plot_suspects
from ..reading.answers import change_by
from . import find_model
from .samples import Samples, read_source

TABLE, PICTURE = "suspects.csv", "suspects.png"

IMAGES = "images"
"""The folder of the suspects of arrays, which have no files of their own."""

COLUMNS = ("path", "status", "digit", "confidence", "label", "index", "truth")
"""Those of predict-dir; the label that is doubted; the place in the array, counted from 0; and an
empty one, for who looks at them."""


@dataclass(frozen=True, eq=False)
class SuspectsRun:
    """The results of a run.

    Attributes
    ----------
    samples : Samples
    suspects : Suspects
    table : pathlib.Path
        The table that was written.
    exit_code : int
        The command's exit code: 0, or 1 if something needs a look.
    """

    samples: Samples
    suspects: Suspects
    table: Path
    exit_code: int


def run(
    plugins: Plugins,
    source: Path,
    *,
    images: Path | None = None,
    part: str = TRAIN,
    model: str | None = None,
    output: Path | None = None,
    force: bool = False,
    seed: int = 0,
    strict: bool = False,
    debug: bool = False,
    command: Sequence[str] = (),
) -> SuspectsRun:
    """Find labels that don't fit their images, and write them down.

    Parameters
    ----------
    source, images, part
        See `samples.read_source`.
    model : str, optional
        What describes the images; see `find_model.read_chosen`.
    plugins, output, force, seed, strict, debug, command
        See `train.run`.

    Raises
    ------
    Problem
        When there is no such set or model, or the results can't be written.
    """
    record = {"command": list(command), "plugins": plugins.names, "data": str(source)}
    folder = RunFolder(output or new_folder(), record, force=force)
    with CommandSession(plugins, folder, seed=seed, strict=strict, debug=debug) as session:
        with session.stage("load_dataset"):
            change = change_by(session)
            samples = read_source(source, session.note, images=images, part=part, change=change)
        with session.stage("load_model"):
            described_by = find_model.read_chosen(model, session.note)
        with session.stage("predict"):
            pixels, labels = preprocess.scale(samples.split.images), samples.split.labels
            suspects = find_suspects(described_by.network, pixels, labels, seed)
        _write_images(folder.path, samples, suspects)
        files.write_file(folder.path / TABLE, table_of(samples, suspects))
        picture = plot_suspects(suspects, pixels, labels)
        files.write_file(folder.path / PICTURE, picture.to_png())
        session.say(f"{len(suspects.places):,} of {len(samples):,} labels don't fit their images")
        folder.add_to_record(suspects=len(suspects.places), labels=len(samples))
    session.note(f"Results: {folder.path}")
    return SuspectsRun(samples, suspects, folder.path / TABLE, session.exit_code)


def _write_images(folder: Path, samples: Samples, suspects: Suspects) -> None:
    """Write the suspects of an array as files, for whoever looks at them."""
    if samples.places is None:
        return
    import cv2

    with files.reporting(folder / IMAGES):
        (folder / IMAGES).mkdir(exist_ok=True)
        for place in suspects.places.tolist():
            data = cv2.imencode(".png", samples.split.images[place])[1].tobytes()
            (folder / _image_of(samples.places[place])).write_bytes(data)


def _image_of(place: int) -> str:
    return f"{IMAGES}/{place}.png"


def table_of(samples: Samples, suspects: Suspects) -> str:
    """Return the suspects as a CSV table, the worst first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for place in suspects.places.tolist():
        if samples.places is None:  # absolute, since the table lies elsewhere
            index, path = "", os.path.abspath(samples.names[place])
        else:
            index, path = str(samples.places[place]), _image_of(samples.places[place])
        digit, sure = suspects.digits[place], suspects.confidence[place]
        label = samples.split.labels[place]
        writer.writerow((escape(path), "unsure", digit, f"{sure:.6f}", label, index, ""))
    return text.getvalue()
