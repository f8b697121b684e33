"""The main job: dataset → model → predictions on the test split → observers.

Data flows one way. Plugins provide the dataset and the model, and look at the predictions. A
dataset is checked first: `data.upright` tells which way its images lie, the shipped model whether
they are digits.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from ..base.problems import DataProblem, ModelProblem, ModelRejected, PluginProblem
from ..base.types import DIGITS, SIDE, Dataset, Predictions, Trained
from ..data import upright
from ..data.labelled import LabelledArrays, arrays_of
from ..data.training import class_warnings
from ..events.session import CommandSession
from ..events.sources import error_summary
from ..judging import evaluation
from ..modelfile.artifact import Artifact, ModelFile, read_artifact
from ..modelfile.card import Card
from ..network.classifier import Classifier
from ..numbers.strip import CLASS_NAMES
from ..reading.labelled_files import LabelledFiles, open_set
from . import find_model
from .find_model import SHIPPED


def run_pipeline(
    session: CommandSession,
    dataset: str | Dataset,
    model_name: str | None = None,
) -> tuple[Artifact, Predictions]:
    """Load a dataset, train a model or open one, classify the test split and tell the plugins.

    Parameters
    ----------
    session : CommandSession
        Entered, and with a run folder.
    dataset : str or Dataset
        The dataset, or its name, by which the plugins are asked for it.
    model_name : str, optional
        The path or the run's name of a model to use where no plugin trains one; without it the
        newest complete run's, however good, or the shipped one.

    Returns
    -------
    Artifact
        The model that was trained or opened.
    Predictions
        Its answers to the test split; none for a model that reads numbers.

    Raises
    ------
    Problem
        When there is no such dataset or model, or the results can't be written.
    KeyboardInterrupt
        After Ctrl-C; what was learnt has then been saved.
    """
    trains = session.has("train_model")
    if trains and model_name:
        raise ModelProblem(
            "--model is for examining a model, as in '--plugins errors --model M'; "
            "the chosen plugins train one."
        )
    dataset = load_dataset(session, dataset)
    session.tell("on_dataset_loaded", dataset=dataset)
    if trains:
        used, predictions = _train(session, dataset)
    else:
        with session.stage("load_model"):
            used = find_model.read_chosen(model_name, session.note, any_run=True)
        predictions = _predict(session, used, dataset)
    session.network = None if used.network.reads_strips else used.network
    if len(predictions):
        session.tell("on_prediction", predictions=predictions)
    return used, predictions


def _train(session: CommandSession, dataset: Dataset) -> tuple[Artifact, Predictions]:
    """Train and save; the model is on disk before anything else can fail.

    See docs/decisions/003-model-saved-twice.md.
    """
    if session.run is None:
        raise TypeError("training needs a session with a run folder")
    path = session.run.model_path
    with session.stage("train_model"), session.finishing():
        trained = session.ask("train_model", dataset=dataset)
        if trained is None and session.stop_requested:
            raise session.stop_error or ModelProblem(
                f"Stopped before anything was learnt: {session.stop_reason.rstrip('.')}."
            )
        if trained is None:
            raise ModelProblem("No plugin in use trained a model.")
        if not isinstance(trained, Trained):  # a plain model, as in version 1.0 of the contract
            trained = Trained(trained, held_out=session.held_out)
        file = _model_file(trained.model, session.hooks.answered["train_model"])
        session.training.update(trained.arguments)
        card = Card(
            dataset=dataset.name,
            dataset_sha256=dataset.sha256,
            holds_digits=dataset.holds_digits,
            architecture=file.network.architecture,
            parameters=file.network.parameters,
            training=session.training | {"seed": session.seed},
            status="stopped" if session.stop_requested else "complete",
            class_names=CLASS_NAMES if file.network.reads_strips else dataset.class_names,
        )
        stored = file.write(path, card)
        if session.stop_requested:
            session.note(f"Stopped: {session.stop_reason.rstrip('.')}.")
    sure = trained.temperature, trained.reject_below
    if trained.held_out:
        sure = evaluation.calibrate(stored.network, trained.held_out)
    card = replace(card, temperature=sure[0], reject_below=sure[1])
    if file.network.reads_strips:  # the test images are single digits
        session.metrics.update(trained.metrics)
        predictions = _no_predictions()
    else:
        predictions = _predict(session, replace(stored, card=card), dataset)
    stored = file.write(path, replace(card, metrics=dict(session.metrics)))
    session.run.add_to_record(model_sha256=stored.sha256)
    session.tell("on_model_saved", path=path, card=stored.card)
    return stored, predictions


def _model_file(model: object, plugin: str) -> ModelFile:
    try:
        return ModelFile(model, f"The model that plugin '{plugin}' trained")
    except ModelRejected:
        raise
    except Exception as error:  # whatever was returned in place of a model
        raise PluginProblem(
            f"Plugin '{plugin}' returned no Keras model from train_model: {error_summary(error)}."
        ) from error


def _no_predictions() -> Predictions:
    images, probabilities = np.zeros((0, SIDE, SIDE)), np.zeros((0, len(DIGITS)))
    return Predictions("dataset", (), images.astype(np.float32), probabilities.astype(np.float32))


def _predict(session: CommandSession, model: Artifact, dataset: Dataset) -> Predictions:
    """Classify the test split, and print and keep its loss and accuracy."""
    with session.stage("predict"):
        predictions, metrics = evaluation.on_test_split(model, dataset)
    session.metrics.update(metrics)
    session.say(f"Test loss: {metrics['test_loss']:.4f}")
    session.say(f"Test accuracy: {metrics['test_accuracy'] * 100:.2f} %")
    return predictions


LabelledSet = LabelledArrays | LabelledFiles


def load_dataset(session: CommandSession, wanted: str | Dataset) -> Dataset:
    """Return a dataset, its images upright and light on dark.

    Classes that it has too few images of are named to the user.

    Parameters
    ----------
    session : CommandSession
    wanted : str or Dataset
        The dataset, or its name, by which the plugins are asked for it.

    Raises
    ------
    DataProblem
        When no plugin has it, or it holds digits and it isn't clear how they lie.
    PluginProblem
        When a plugin fails.
    """
    with session.stage("load_dataset"):
        dataset = wanted
        if isinstance(wanted, str):
            dataset = session.ask("load_dataset", name=wanted)
        if not isinstance(dataset, Dataset):
            raise DataProblem(f"No plugin in use knows a dataset '{wanted}'; see --dataset.")
        judge = shipped_judge()
        if judge:
            dataset = upright.set_upright(dataset, judge, session.note)
    for sentence in class_warnings(dataset):
        session.warn(sentence)
    return dataset


def open_labelled(
    data: Path | Dataset, labels: Path | None, note: Callable[[str], None]
) -> LabelledSet:
    """Open a labelled set to measure a model on; arrays of digits are set upright.

    Parameters
    ----------
    data : pathlib.Path or Dataset
        What `open_set` takes, or a dataset, of which the test images are taken.
    labels : pathlib.Path, optional
        As for `open_set`.
    note : callable
        Takes lines for the user.

    Raises
    ------
    DataProblem
        When it is no such set, or it isn't clear how its digits lie.
    """
    name = data.name if isinstance(data, Dataset) else str(data)
    found = arrays_of(data) if isinstance(data, Dataset) else open_set(data, labels)
    judge = shipped_judge() if isinstance(found, LabelledArrays) else None
    if judge and isinstance(found, LabelledArrays):
        found = upright.set_labelled_upright(found, name, judge, note)
    return found


@cache
def shipped_judge() -> upright.Judge | None:
    """Return the shipped model as a reader of digits; None where it can't be used."""
    try:
        model = read_artifact(SHIPPED)
    except ModelProblem:  # while another one is made, for preprocessing that has changed
        return None
    classify = Classifier(model.network)

    return lambda images: classify(images).argmax(axis=1).astype(np.uint8)
