"""From a folder of images to rows for Python programs: `inkhook.read_folder`.

`reading` lists and reads the files, as for `inkhook predict-dir`. Not for journals, tables on disk
and clusters, which only that command has.
"""

import contextlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, overload

from ..base.text import escape, note
from ..events.from_python import Chosen, make_plugins
from ..events.session import CommandSession
from ..images.imagefile import DEFAULT_LIMITS
from ..judging.score import sure_from
from ..reading import answers, rows
from ..reading.columns import DigitLayout
from ..reading.listing import Listing
from ..reading.predictor import Job
from .answer import Answer, answer_at
from .model import Model, artifact_of

SECONDS = 10
"""How often progress is reported."""


class Rows(Sequence[Answer]):
    """The answers for the files of a folder, one for each, in the order of their names.

    A sequence of Answer. It holds arrays and names, about 120 bytes per file, and no images.

    Attributes
    ----------
    root : str
        The folder that each answer's `path` is relative to; empty if they are the paths as given.
    skipped : mapping of str to int
        How many entries of each kind were skipped.
    unlisted : sequence of str
        Folders that couldn't be listed, each with its reason.
    """

    def __init__(
        self,
        names: Sequence[str],
        found: rows.Rows,
        root: str = "",
        skipped: Mapping[str, int] | None = None,
        unlisted: Sequence[str] = (),
    ) -> None:
        self._names, self._found = names, found
        self.root, self.skipped, self.unlisted = root, dict(skipped or {}), list(unlisted)

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, place: int) -> Answer: ...

    @overload
    def __getitem__(self, place: slice) -> "Rows": ...

    def __getitem__(self, place: int | slice) -> "Answer | Rows":
        if isinstance(place, slice):
            places = range(len(self))[place]
            return Rows(self._names[place], self._found.take(places), self.root)
        return answer_at(self._found, range(len(self))[place], self._names[place])

    def __iter__(self) -> Iterator[Answer]:
        return (self[place] for place in range(len(self)))

    def to_pandas(self, *, probabilities: bool = False) -> Any:
        """Return the rows as a pandas.DataFrame with the columns of `predict-dir`'s table.

        Parameters
        ----------
        probabilities : bool
            Whether to add the columns `p0` to `p9`.

        Returns
        -------
        pandas.DataFrame
            `path`, `status`, `digit` (Int64) and `confidence`; the last two are NA if there is no
            answer. A path that isn't UTF-8 is written as in CSV; `unescape` reverses that.

        Raises
        ------
        ImportError
            When pandas isn't installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("to_pandas needs an extra library: pip install pandas.") from error
        layout = DigitLayout(probabilities=probabilities)
        cells = layout.cells([escape(name) for name in self._names], self._found)
        frame = pd.DataFrame(list(cells), columns=list(layout.kinds))
        return frame.astype({"digit": "Int64", "confidence": "float64"})

    def __repr__(self) -> str:
        count = int(self._found.answered.sum())
        where = f" of '{self.root}'" if self.root else ""
        return f"<inkhook.Rows: {len(self):,} files{where}, {count:,} with a digit>"


def read_folder(
    folder: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    model: Model | str | os.PathLike[str] | None = None,
    *,
    recursive: bool = False,
    plugins: Chosen = (),
    strict: bool = False,
    **options: Any,
) -> Rows:
    """Read the digit on every image in a folder, in processes that a damaged file may kill.

    Parameters
    ----------
    folder : str, path-like, or list of these
        A folder, a file, or a pattern such as "scans/*.png".
    model : Model, str or path-like, optional
        A model, or what `load_model` takes.
    recursive : bool
        Whether to include subfolders.
    plugins : str, plugin, or list of these
        As for `train`; none by default. Those with `prepare_image` change each image before it is
        read, and those with `on_prediction` get the answers, batch by batch.
    strict : bool
        Whether a plugin's first failure ends the work.
    **options
        The plugins' options.

    Returns
    -------
    Rows
        One for each file, whatever it is; a file that can't be read has a status that says why.

    Raises
    ------
    DataProblem
        When there is no such folder, or there are no files in it.
    Problem
        When the model can't be used, or a plugin fails in `prepare_image`.

    Examples
    --------
    >>> for answer in inkhook.read_folder("scans"):
    ...     print(answer.path, answer.digit, answer.confidence)
    """
    inputs = [folder] if isinstance(folder, str | os.PathLike) else folder
    listing = Listing([_path(place) for place in inputs], recursive=recursive)
    with CommandSession(make_plugins(plugins, options=options), strict=strict) as session:
        with session.stage("load_model"):
            chosen = artifact_of(model)
        job = Job(
            chosen.network,
            chosen.temperature,
            sure_from(chosen),
            DEFAULT_LIMITS,
            images=session.has("on_prediction"),
        )
        with session.stage("predict"):
            names, found = _read(session, job, listing)
    return Rows(names, found, listing.root, listing.skipped, listing.unlisted)


def _path(place: str | os.PathLike[str]) -> str:
    """Return a path for the listing, to which "-" alone means stdin."""
    path = os.fspath(place)
    return os.path.join(os.curdir, path) if path == "-" else path


def _read(session: CommandSession, job: Job, listing: Listing) -> tuple[list[str], rows.Rows]:
    names: list[str] = []
    parts: list[rows.Rows] = []
    said = time.monotonic()
    batches = answers.read_all(
        job,
        listing.names(),
        lambda name: os.path.join(listing.root, name),
        change=answers.change_by(session),
    )
    with contextlib.closing(batches):
        for batch in batches:
            names += batch.names
            parts.append(replace(batch.rows, pixels=None, peaks=None))
            if job.images:
                for predictions in batch.predictions(()):
                    session.tell("on_prediction", predictions=predictions)
            if time.monotonic() - said > SECONDS:
                note(f"{len(names):,} files have been read.")
                said = time.monotonic()
    if not parts:
        raise listing.nothing
    return names, rows.join(parts)
