"""One run of `inkhook learn`: samples and a model in, a better model or the reason why not out.

`learning` does the work in between, `samples` reads what it learns from.
"""

import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..base import files
from ..base.problems import ModelProblem
from ..base.types import DIGITS, Dataset
from ..data.training import gaps
from ..events.manager import Plugins
from ..events.runs import RunFolder, new_folder
from ..events.session import CommandSession
from ..judging.comparison import format_comparisons, plot_changes
from ..modelfile.artifact import Artifact, ModelFile
from ..modelfile.card import Card
from ..network.training import BATCH
from ..reading.answers import change_by
from . import embedded_digits, find_model, pipeline
from .learning import EPOCHS, FOLDS, RATE, Learnt, learn
from .samples import Samples, read_samples

PICTURE = "changes.png"

TRAINER = "learn"
"""What the card of a model calls how it was made."""

DOUBTED = 0.05
"""A label that the network, which hasn't seen it, gives less than this probability is named."""

MOST_NAMED = 5


@dataclass(frozen=True, eq=False)
class LearnRun:
    """The results of a run.

    Attributes
    ----------
    learnt : Learnt
    model : Artifact or None
        What was written; None if it isn't better.
    path : pathlib.Path
        The run's folder.
    exit_code : int
        The command's exit code: 0, or 1 if something needs a look.
    """

    learnt: Learnt
    model: Artifact | None
    path: Path
    exit_code: int


def run(
    plugins: Plugins,
    sources: Sequence[Path],
    *,
    model: str | None = None,
    images: Path | None = None,
    output: Path | None = None,
    force: bool = False,
    seed: int | None = None,
    keep_anyway: bool = False,
    strict: bool = False,
    debug: bool = False,
    command: Sequence[str] = (),
) -> LearnRun:
    """Learn from samples, and write the model if it is better than before.

    Parameters
    ----------
    plugins : Plugins
        One of them has the hook `augment`, or the samples are shown as they are.
    sources, images
        See `read_samples`.
    model : str, optional
        See `find_model.read_chosen`.
    output, force, seed, strict, debug, command
        See `train.run`.
    keep_anyway : bool
        Whether the model is written even if it isn't better.

    Raises
    ------
    Problem
        When there are no samples, or no such model, or the results can't be written.
    """
    seed = secrets.randbelow(1_000_000_000) if seed is None else seed
    record = {"command": list(command), "plugins": plugins.names, "seed": seed}
    folder = RunFolder(output or new_folder(), record, force=force)
    written = None
    with CommandSession(plugins, folder, seed=seed, strict=strict, debug=debug) as session:
        with session.stage("load_model"):
            before = _begin_of(find_model.read_chosen(model, session.note), session)
        with session.stage("load_dataset"):
            change = change_by(session)
            samples = read_samples(sources, session.note, images=images, change=change)
            _note_labels(session, samples)
            dataset = _rehearsed(session, before)
        with session.stage("train_model"):
            learnt = learn(session, before, samples, dataset)
        session.tell("on_prediction", predictions=learnt.own.after)
        _report(session, folder, learnt)
        if learnt.objection:
            session.note(learnt.objection)
        if keep_anyway or not learnt.objection:
            written = _write(session, folder, before, samples, learnt)
    code = max(session.exit_code, int(written is None))
    if written is None:
        session.note("The model stays as it was; --keep-anyway writes the new one.")
    else:  # an earlier run's place may have been taken
        written = replace(written, path=folder.model_path)
    session.note(f"Results: {folder.path}")
    return LearnRun(learnt, written, folder.path, code)


def _begin_of(model: Artifact, session: CommandSession) -> Artifact:
    """Return what a model that was learnt began with: it knows the samples that are to judge it.

    Going on from it would also forget a little more every time.
    """
    arguments = model.card.training if model.card else {}
    if arguments.get("trainer") != TRAINER:
        return model
    name = str(arguments.get("from"))
    with contextlib.suppress(ModelProblem):
        found = find_model.read_named(name, session.note)
        if found.sha256 == arguments.get("from_sha256"):
            session.note(f"It was itself learnt from samples; learning begins with '{name}' again.")
            return found
    session.note(
        f"It was itself learnt from samples, but '{name}', with which it began, isn't there any "
        "more; samples that it knows prove little."
    )
    return model


def _note_labels(session: CommandSession, samples: Samples) -> None:
    missing = gaps(samples.split.labels, DIGITS)
    also = f"; they have {missing}" if missing and len(samples) > 1 else ""
    session.note(f"{len(samples):,} samples to learn from{also}.")


def _rehearsed(session: CommandSession, model: Artifact) -> Dataset:
    """Return the dataset that the model was trained on, or MNIST where it isn't at hand."""
    card, mnist = model.card, embedded_digits.NAME
    name = card.dataset if card else mnist
    found = session.ask("load_dataset", name=name) if name != mnist else None
    dataset = pipeline.load_dataset(session, found or mnist)
    if card and card.dataset_sha256 != dataset.sha256:
        session.note(
            f"The digits that the model was trained on ('{name}') aren't at hand, so it rehearses "
            f"those of {dataset.name}; --data names others."
        )
    return dataset


def _report(session: CommandSession, folder: RunFolder, learnt: Learnt) -> None:
    """Print the table, draw the picture, and name labels that look wrong."""
    both = (learnt.own, learnt.test)
    session.say(format_comparisons(both))
    files.write_file(folder.path / PICTURE, plot_changes(both).to_png())
    folder.add_to_record(
        learnt={
            "objection": learnt.objection,
            "samples": learnt.own.as_dict(),
            "test": learnt.test.as_dict(),
        }
    )
    for metric, value in learnt.metrics.items():
        session.metrics[metric] = value
    for name, predictions in (("before", learnt.own.before), ("after", learnt.own.after)):
        session.metrics[f"own_accuracy_{name}"] = learnt.own.score(predictions).accuracy
    answers, truth = learnt.own.after, learnt.own.after.truth
    if truth is None:
        return
    likely = answers.probabilities[range(len(truth)), truth]
    doubted = [int(place) for place in likely.argsort() if likely[place] < DOUBTED]
    if doubted:
        named = ", ".join(
            f"'{answers.ids[place]}' (a {truth[place]}, read as {answers.digits[place]})"
            for place in doubted[:MOST_NAMED]
        )
        more = " …" if len(doubted) > MOST_NAMED else ""
        session.note(f"Check these labels, which may be wrong: {named}{more}.")


def _write(
    session: CommandSession,
    folder: RunFolder,
    before: Artifact,
    samples: Samples,
    learnt: Learnt,
) -> Artifact:
    """Write the model; its card says what it comes from."""
    old = before.card
    session.training.update(
        {
            "trainer": TRAINER,
            "from": find_model.model_name(before),
            "from_sha256": before.sha256,
            "samples": len(samples),
            "samples_sha256": samples.sha256,
            "epochs": EPOCHS,
            "batch_size": BATCH,
            "learning_rate": RATE,
            "folds": FOLDS,
            "seed": session.seed,
        }
    )
    file = ModelFile(learnt.network)
    card = Card(
        dataset=old.dataset if old else "",
        dataset_sha256=old.dataset_sha256 if old else "",
        architecture=file.network.architecture,
        parameters=file.network.parameters,
        holds_digits=old.holds_digits if old else True,
        class_names=old.class_names if old else DIGITS,
        origin=old.origin if old else {},
        temperature=before.temperature,
        reject_below=old.reject_below if old else 0.0,
        preprocess=before.settings.as_dict(),
        training=session.training,
        metrics=dict(session.metrics),
    )
    stored = file.write(folder.model_path, card)
    folder.add_to_record(model_sha256=stored.sha256)
    session.tell("on_model_saved", path=folder.model_path, card=stored.card)
    return stored
