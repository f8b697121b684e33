"""The hooks: what a plugin can respond to, and how each hook is called.

A plugin implements any of the functions below under the same name, marked with `hookimpl`, and
takes as many of the arguments as it needs. Every argument is passed by keyword.

There are three kinds, and `session` does the calling:

- tell: an event. Every implementation is called on its own; one that raises is reported by name
  and the work goes on.
- ask: a question. The first answer that isn't None is taken; an error ends the command.
- chain: a conversion. Each implementation gets what the one before returned; an error ends the
  command.

Implementations are called in the order of `--plugins`, left to right; `hookimpl(tryfirst=True)`
and `hookimpl(trylast=True)` go before and after the others.

This module only declares; nothing here is ever executed. It is longer than others because it is the
manual: docs/hooks.md is made of it, and a test runs the examples, with `hookimpl`, `np` and the
public types imported.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import pluggy

if TYPE_CHECKING:
    import numpy as np

    from ..base.types import Correction, Dataset, Predictions, Stroke, Trained, UInt8Array
    from ..modelfile.card import Card
    from ..numbers.number import Number, Numbers
    from .protocol import Session

PROJECT = "inkhook"
hookimpl = pluggy.HookimplMarker(PROJECT)

Function = TypeVar("Function", bound=Callable[..., object])


@dataclass(frozen=True)
class Deprecated:
    """An argument that will be removed: in which release, and what replaces it, if anything."""

    removed: str
    instead: str = ""


@dataclass(frozen=True)
class Spec:
    """How one hook is called; for a chain, `value` is the argument that is passed on.

    A deprecated argument stays in the signature until it is removed. It gets the value of the one
    that replaces it, so that nobody has to pass both.
    """

    kind: Literal["tell", "ask", "chain"]
    function: Callable[..., object]
    value: str = ""
    deprecated: Mapping[str, Deprecated] = field(default_factory=dict)


SPECS: dict[str, Spec] = {}
"""Every hook by name, in the order of this module."""


def _spec(kind: Literal["tell", "ask", "chain"], value: str = "") -> Callable[[Function], Function]:
    def mark(function: Function) -> Function:
        SPECS[function.__name__] = Spec(kind, function, value)
        return pluggy.HookspecMarker(PROJECT)(function)

    return mark


@_spec("tell")
def on_run_start(session: "Session") -> None:
    """Report that a command has started; the first event of every command.

    Parameters
    ----------
    session : Session
        The command's context: its folder, seed and plugins.

    Notes
    -----
    Called on the main thread. Since 0.1.

    Examples
    --------
    @hookimpl
    def on_run_start(session):
        session.note(f"seed {session.seed}")
    """


@_spec("ask")
def load_dataset(session: "Session", name: str) -> "Dataset | None":
    """Ask for the dataset of this name.

    Parameters
    ----------
    session : Session
    name : str
        The value of `--dataset`.

    Returns
    -------
    Dataset or None
        None if another plugin has this dataset.

    Notes
    -----
    Called on the main thread, once per run. Since 0.1.

    Examples
    --------
    @hookimpl
    def load_dataset(session, name):
        if name != "noise":
            return None
        rng = np.random.default_rng(session.seed)
        images = rng.integers(0, 256, (100, 28, 28), np.uint8)
        split = Split(images, np.arange(100, dtype=np.uint8) % 10)
        return Dataset("noise", "0" * 64, tuple("0123456789"), split, split)
    """


@_spec("tell")
def on_dataset_loaded(session: "Session", dataset: "Dataset") -> None:
    """Report that a dataset has been loaded.

    Parameters
    ----------
    session : Session
    dataset : Dataset
        Its splits `train` and `test` hold `images`, uint8 (N, 28, 28) with 0 for paper and 255
        for ink, and `labels`, uint8 (N,) from 0 to 9. All arrays are read-only.

    Notes
    -----
    Called on the main thread. Since 0.1.

    Examples
    --------
    @hookimpl
    def on_dataset_loaded(session, dataset):
        counts = np.bincount(dataset.train.labels, minlength=10)
        session.note(f"images by digit: {counts.tolist()}")
    """


@_spec("ask")
def train_model(session: "Session", dataset: "Dataset") -> "Trained | Any":
    """Ask for a Keras model that has been trained on the dataset.

    Tell `on_epoch_end` after each epoch, and end early when `session.stop_requested` is true:
    the model is kept.

    Parameters
    ----------
    session : Session
    dataset : Dataset
        Its arrays are read-only.

    Returns
    -------
    Trained, keras.Model or None
        A `Trained(model, arguments, held_out)`: the model; the arguments of the training, a
        dictionary for the model's card; and the images that weren't trained on, where there are
        such, on which the model's confidence is calibrated. Or the model alone.

        The model takes float32 (N, 784), (N, 28, 28) or (N, 28, 28, 1) with 0 for paper and 1 for
        ink, and gives probabilities (N, 10). It is a plain chain of the layers that docs/models.md
        lists.

        None if this plugin doesn't train, or was stopped before it learnt anything. Where nobody
        trains, the pipeline uses the artifact that `--model` names.

    Notes
    -----
    Called on the main thread, once per run. The model is saved before any further event.
    Since 0.1; `Trained` since version 1.1 of the hooks. What a plugin for 1.0 that returns a model
    alone leaves on `session.training` and `session.held_out` still counts.

    Examples
    --------
    @hookimpl
    def train_model(session, dataset):
        import keras

        layers = [keras.Input((784,)), keras.layers.Dense(10, activation="softmax")]
        model = keras.Sequential(layers)
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        train = dataset.train
        images = train.images.reshape(-1, 784) / np.float32(255)
        history = model.fit(images[100:], train.labels[100:], verbose=0)
        logs = {name: float(values[-1]) for name, values in history.history.items()}
        session.tell("on_epoch_end", epoch=0, logs=logs, model=model)
        held_out = Split(train.images[:100], train.labels[:100])
        return Trained(model, {"trainer": "one layer"}, held_out)
    """


@_spec("chain", value="images")
def augment(
    session: "Session",
    images: "UInt8Array",
    labels: "UInt8Array",
    epoch: int,
    rng: "np.random.Generator",
    own: bool,
) -> "UInt8Array":
    """Change the training images of one epoch.

    Parameters
    ----------
    session : Session
    images : uint8 (N, 28, 28)
        What the previous plugin returned; for the first, the training images. In the last epochs
        of `train` a random quarter of them, for the others stay as they are. Read-only.
    labels : uint8 (N,)
        0 to 9, in the order of the images. Read-only.
    epoch : int
        Counted from 0.
    rng : numpy.random.Generator
        The only source of randomness to use, so that a seed repeats a run.
    own : bool
        Whether the images are samples of one person (`inkhook learn`): they may be bent, but not
        replaced by what others write. Since 1.3.

    Returns
    -------
    uint8 (N, 28, 28)
        As many images as came in, in the same order.

    Notes
    -----
    Called on a worker thread, once per epoch, while the previous epoch trains; by `inkhook learn`
    on the main thread, twice per epoch. Since 0.1.

    Examples
    --------
    @hookimpl
    def augment(images, rng):
        shifts = rng.integers(-1, 2, len(images))
        return np.stack([np.roll(image, by, axis=1) for image, by in zip(images, shifts)])
    """
    raise NotImplementedError


@_spec("tell")
def on_epoch_end(session: "Session", epoch: int, logs: Mapping[str, float], model: Any) -> None:
    """Report that an epoch of training has ended, after its validation.

    `session.request_stop("why")` ends training here; what was learnt is kept.

    Parameters
    ----------
    session : Session
    epoch : int
        Counted from 0.
    logs : dict of str to float
        `loss` and `accuracy` (0 to 1); with a validation split also `val_loss` and
        `val_accuracy`. Each plugin gets a copy.
    model : keras.Model
        The model in its current state. `train` trains without Keras: it makes a copy for the
        plugins that take this argument, which imports TensorFlow. Changes to the copy don't reach
        the training.

    Notes
    -----
    Called on the main thread. Since 0.1.

    Examples
    --------
    @hookimpl
    def on_epoch_end(session, epoch, logs):
        if logs["accuracy"] > 0.99:
            session.request_stop(f"99 % after {epoch + 1} epochs")
    """


@_spec("tell")
def on_model_saved(session: "Session", path: Path, card: "Card") -> None:
    """Report that a trained model is on disk.

    Parameters
    ----------
    session : Session
    path : pathlib.Path
        The `.h5` file; it is complete and synced.
    card : Card
        What the file says about itself: dataset, training, metrics, versions.

    Notes
    -----
    Called on the main thread. Since 0.1.

    Examples
    --------
    @hookimpl
    def on_model_saved(session, path, card):
        session.say(f"{path} has {card.parameters:,} parameters")
    """


@_spec("chain", value="image")
def prepare_image(session: "Session", image: "UInt8Array", source: str) -> "UInt8Array":
    """Change a grey image before it is normalised: straighten it, say, or remove ruled lines.

    Parameters
    ----------
    session : Session
    image : uint8 (H, W)
        What the previous plugin returned; for the first, the image as it was read. Read-only.
    source : {"canvas", "folder", "number", "camera", "upload"}
        Where the image came from; `number` for a page whose numbers are to be read.

    Returns
    -------
    uint8 (H, W)
        Of any height and width.

    Notes
    -----
    May be called on several threads at once. Since 0.1.

    Examples
    --------
    @hookimpl
    def prepare_image(image, source):
        return image[5:-5, 5:-5] if source == "folder" else image
    """
    raise NotImplementedError


@_spec("ask")
def find_numbers(session: "Session", image: "UInt8Array") -> "list[Number] | None":
    """Read the numbers of a picture in a way of your own.

    Parameters
    ----------
    session : Session
    image : uint8 (H, W)
        The page, grey and upright: the sheet alone where the picture shows what it lies on.
        Read-only.

    Returns
    -------
    list of Number or None
        In reading order; None to leave the picture to the next plugin, or to inkhook.

    Notes
    -----
    Called in the command's own process, and may be called on several threads at once. If one of the
    plugins has it, all pictures are read there. Since 0.1, version 1.2 of the hooks.

    Examples
    --------
    @hookimpl
    def find_numbers(image):
        if image.max() - image.min() < 40:  # nothing worth a look
            return []
    """
    raise NotImplementedError


@_spec("tell")
def on_number(session: "Session", numbers: "Numbers") -> None:
    """Report the numbers of one picture. Its digits follow as `on_prediction`.

    Parameters
    ----------
    session : Session
    numbers : Numbers
        `path`, `status` and `numbers`: of each its `text` with signs, its `number` (the digits
        alone), `confidence`, `sure`, `box`, and its `digits`, each with `box` and `probabilities`.
        Boxes are places on a page of `size`; `page` is that page, uint8 (H, W), smaller where it is
        large. `truth` is what is written there and `right` whether that was read, if it is known.

    Notes
    -----
    Called on the main thread, once for each picture that could be read, in order; in `paint` and
    `watch`, for each answer, and where there is a window, on one worker thread. For a drawing,
    `path` is its name, such as `drawing-1`; for `watch`, it is the camera or video. Since 0.1,
    version 1.2 of the hooks.

    Examples
    --------
    @hookimpl
    def on_number(session, numbers):
        for number in numbers.numbers:
            if len(number.number) != 8:
                session.say(f"{numbers.path}: {number.text} hasn't eight digits")
    """


@_spec("tell")
def on_prediction(session: "Session", predictions: "Predictions") -> None:
    """Report the answers for a batch of one or more images, in order.

    Parameters
    ----------
    session : Session
    predictions : Predictions
        `ids` (N strings), `images` float32 (N, 28, 28) as the model saw them, `probabilities`
        float32 (N, 10), `truth` uint8 (N,) or None, and `digits` and `confidence` derived from
        them. `source` is `dataset`, `canvas`, `folder`, `number`, `camera` or `upload`. All arrays
        are read-only.

    Notes
    -----
    Called on the main thread, once per batch. `paint`, where drawing never waits for a plugin,
    calls it on one worker thread, in order: when an answer is given, without truth, and again with
    the same id each time the user says what digit it was. Since 0.1.

    Examples
    --------
    @hookimpl
    def on_prediction(session, predictions):
        for name, digit, sure in zip(predictions.ids, predictions.digits, predictions.confidence):
            if sure < 0.5:
                session.say(f"{name}: {digit}, if at all")
    """


@_spec("tell")
def on_stroke(session: "Session", stroke: "Stroke", canvas: "UInt8Array") -> None:
    """Report that a stroke has been drawn, when the mouse button is released.

    Parameters
    ----------
    session : Session
    stroke : Stroke
        `points` float32 (N, 2) in canvas pixels, `times` float32 (N,) in seconds. `widths` float32
        (N,) in canvas pixels where a pen's pressure made it thicker and thinner, else None; since
        version 1.4. Read-only.
    canvas : uint8 (H, W)
        A copy of the whole drawing, 0 for paper and 255 for ink. Read-only.

    Notes
    -----
    Called on one worker thread, in order with `on_prediction`, because drawing never waits for a
    plugin; in a replay without a window, on the main thread. Since 0.1.

    Examples
    --------
    @hookimpl
    def on_stroke(session, stroke, canvas):
        share = (canvas > 0).mean()
        session.note(f"{len(stroke.points)} points, {share:.0%} of the canvas is ink")
    """


@_spec("tell")
def on_correction(session: "Session", correction: "Correction") -> None:
    """Report that a person said what is right: of a drawing, a picture, or a row of a table.

    Parameters
    ----------
    session : Session
    correction : Correction
        `path` is the drawing's id or the picture's name; `read` what was read, digits or empty;
        `truth` what is right, digits or `none` for no digit; `source` is `canvas`, `upload` or
        `review`. It is told of answers that were right, too.

    Notes
    -----
    Called on one worker thread, in order with `on_prediction`. Since 0.1, version 1.3 of the hooks.

    Examples
    --------
    @hookimpl
    def on_correction(session, correction):
        if correction.read != correction.truth:
            session.note(f"{correction.path}: {correction.truth}, not {correction.read}")
    """


@_spec("tell")
def on_error(session: "Session", stage: str, error: Exception) -> None:
    """Report an error that ends the command, before it is raised further.

    Parameters
    ----------
    session : Session
    stage : str
        What the command was doing, such as `train_model`.
    error : Exception

    Notes
    -----
    Called on the main thread. Since 0.1.

    Examples
    --------
    @hookimpl
    def on_error(session, stage, error):
        session.note(f"while in {stage}: {type(error).__name__}")
    """


@_spec("tell")
def on_run_end(session: "Session") -> None:
    """Report that the command is about to end; its last event, even after a failure.

    Parameters
    ----------
    session : Session
        `session.status` says how it ended.

    Notes
    -----
    Called on the main thread. Since 0.1.

    Examples
    --------
    @hookimpl
    def on_run_end(session):
        if session.run:
            (session.run.path / "done.txt").write_text(session.status)
    """
