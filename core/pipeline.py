"""The main job: dataset → model → predictions on the test split → observers.

Data goes one way. Where the dataset and the model come from, and who looks at the predictions,
is the plugins' part.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from . import artifact, classifier, preprocess, runs
from .artifact import Card
from .problems import DataProblem, ModelProblem
from .session import Session
from .types import Dataset, Predictions


def run(session: Session, dataset_name: str, model_name: str | None = None) -> None:
    """Load a dataset, train a model or open one, classify the test split and tell the plugins.

    Parameters
    ----------
    session : Session
        Entered, and with a run folder.
    dataset_name : str
        Which dataset to ask the plugins for.
    model_name : str, optional
        The path or the run's name of a model to use where no plugin trains one; without it the
        newest complete run's.

    Raises
    ------
    Problem
        When there is no such dataset or model, or the results can't be written.
    KeyboardInterrupt
        After Ctrl-C; what was learnt has then been saved.
    """
    trains = session.has("train_model")
    if trains and model_name:
        raise ModelProblem("A plugin trains a model already; leave it out, or leave out --model.")
    dataset = _load_dataset(session, dataset_name)
    session.tell("on_dataset_loaded", dataset=dataset)
    if trains:
        predictions = _train(session, dataset)
    else:
        with session.stage("load_model"):
            path = find_model(model_name)
            model, _ = artifact.load(path)
        session.note(f"Model: {path}")
        predictions = _predict(session, model, dataset)
    session.tell("on_prediction", predictions=predictions)


def _load_dataset(session: Session, name: str) -> Dataset:
    with session.stage("load_dataset"):
        dataset = session.ask("load_dataset", name=name)
        if not isinstance(dataset, Dataset):
            raise DataProblem(f"No plugin in use knows a dataset '{name}'; see --dataset.")
    return dataset


def _train(session: Session, dataset: Dataset) -> Predictions:
    """Train and save; the model is on the disk before anything else can fail."""
    if session.run is None:
        raise TypeError("training needs a session with a run folder")
    path = session.run.model_path
    with session.stage("train_model"), session.finishing():
        model = session.ask("train_model", dataset=dataset)
        if model is None and session.stop_requested:
            raise session.stop_error or ModelProblem(
                f"Stopped before anything was learnt: {session.stop_reason.rstrip('.')}."
            )
        if model is None:
            raise ModelProblem("No plugin in use trained a model.")
        card = Card(
            dataset=dataset.name,
            dataset_sha256=dataset.sha256,
            architecture=artifact.architecture(model),
            parameters=model.count_params(),
            training=session.training | {"seed": session.seed},
            status="stopped" if session.stop_requested else "complete",
            class_names=dataset.class_names,
        )
        artifact.save(model, path, card)
        if session.stop_requested:
            session.note(f"Stopped: {session.stop_reason.rstrip('.')}. The model is in {path}")
    predictions = _predict(session, model, dataset)
    card = replace(card, metrics=dict(session.metrics))
    artifact.save(model, path, card)
    session.tell("on_model_saved", path=path, card=card)
    return predictions


def _predict(session: Session, model: Any, dataset: Dataset) -> Predictions:
    """Classify the test split, and print and keep its loss and accuracy."""
    with session.stage("predict"):
        images = preprocess.to_model_input(dataset.test.images)
        predictions = Predictions(
            source="dataset",
            ids=tuple(map(str, range(len(images)))),
            images=images,
            probabilities=classifier.probabilities(model, images),
            truth=dataset.test.labels,
        )
    labels = dataset.test.labels
    likelihood = predictions.probabilities[np.arange(len(labels)), labels]
    # 1e-7 is where Keras clips probabilities, so that the loss is the one it reports
    session.metrics["test_loss"] = float(-np.log(likelihood.clip(1e-7)).mean())
    session.metrics["test_accuracy"] = float((predictions.digits == labels).mean())
    session.say(
        f"Test loss: {session.metrics['test_loss']:.4f}\n"
        f"Test accuracy: {session.metrics['test_accuracy'] * 100:.2f} %"
    )
    return predictions


def find_model(name: str | None) -> Path:
    """Return the path of a model: a path, a run's name or folder, or the newest complete run's.

    Raises
    ------
    ModelProblem
        When there is none.
    """
    if name is None:
        newest = runs.newest_model()
        if newest is None:
            raise ModelProblem(
                "There is no trained model yet; train one with 'inkhook run --plugins train', "
                "or name one with --model."
            )
        return newest
    for path in (Path(name), Path(name) / runs.MODEL, runs.ROOT / name / runs.MODEL):
        if path.is_file():
            return path
    raise ModelProblem(f"There is no model file and no run '{name}'.")
