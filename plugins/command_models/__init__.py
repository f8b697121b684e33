"""The command `inkhook models`: list models, show a model's card, and check it.

`importing` adopts foreign models, and `export` writes models for other tools.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...core.base.problems import ModelProblem
from ...core.base.text import printable
from ...core.events.command import PluginCommand, json_option
from ...core.events.manager import Plugins
from ...core.jobs.defaults import ALWAYS
from .export import export
from .importing import import_model

if TYPE_CHECKING:
    from ...core.base.types import Dataset
    from ...core.modelfile.card import Card

COLUMNS = ("name", "when", "dataset", "reads", "layers", "parameters", "accuracy", "status")
"""What `list` says of each model; `accuracy` is of the test images, or of composed numbers."""

ACCURACY_TOLERANCE = 0.00005
"""Half an image in 10,000: the accuracy must be exactly the same."""


@click.group(short_help="List, show, check, import and export models.")
def models() -> None:
    """List, show and check models; import other people's; export models for other tools.

    A model M is a .h5 or .keras file, a run's folder or a run's name; 'pretrained' is the included
    model for single digits, 'numbers' the one for numbers.

    \b
    Examples:
      inkhook models list
      inkhook models show pretrained
      inkhook models verify artifacts/first/model.h5
      inkhook models import their.keras
      inkhook models export pretrained --format onnx
    """  # noqa: D301


models.add_command(import_model)
models.add_command(export)


@models.command(
    "list",
    short_help="List the models here.",
    epilog="Example: inkhook models list --json",
)
@json_option("Write a JSON list.")
def list_models(as_json: bool) -> None:
    """List the models in the folders of ./artifacts, and the included models."""
    from ...core.events import records
    from ...core.jobs.find_model import INCLUDED

    paths: dict[str, Path] = {}
    for name in reversed(records.MODELS):
        paths |= {path.parent.name: path for path in records.ROOT.glob(f"*/{name}")}
    rows = [_row(name, paths[name]) for name in sorted(paths)]
    rows += [_row(path.stem, path) for path in INCLUDED if path.exists()]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    titles = COLUMNS
    cells = [titles, *(tuple(_cell(row[title]) for title in titles) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(titles))]
    for line in cells:
        padded = (
            text.rjust(width) if title in ("parameters", "accuracy") else text.ljust(width)
            for title, text, width in zip(titles, line, widths, strict=True)
        )
        click.echo("  ".join(padded).rstrip())


def _row(name: str, path: Path) -> dict[str, str | int | float | None]:
    """Return a model's row for `list`; for an unusable model it gives the reason."""
    from ...core.events import records
    from ...core.jobs.find_model import accuracy_of
    from ...core.modelfile import artifact

    row: dict[str, str | int | float | None] = dict.fromkeys(COLUMNS)
    row["name"] = name
    try:
        found = artifact.read_artifact(path)
    except ModelProblem as problem:
        return row | {"status": f"unusable: {problem.__cause__ or problem}"}
    row |= {
        "reads": "numbers" if found.network.reads_strips else "digits",
        "layers": found.network.architecture,
        "parameters": found.network.parameters,
    }
    if found.card is None:
        return row | {"status": "foreign"}
    status = records.status_of(path.parent)
    return row | {
        "when": found.card.created,
        "dataset": found.card.dataset,
        "accuracy": accuracy_of(found),
        "status": found.card.status if status == "unknown" else status,
    }


def _cell(value: str | float | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value * 100:.2f} %"
    return f"{value:,}" if isinstance(value, int) else printable(value.removesuffix("+00:00"))


@models.command(
    short_help="Show a model's card.",
    epilog="Example: inkhook models show pretrained --json",
)
@click.argument("model", metavar="M")
@json_option()
def show(model: str, as_json: bool) -> None:
    """Show a model's whole card: what it was trained on, how, and how good it is."""
    from ...core.jobs.find_model import read_named

    found = read_named(model, _note)
    content = {"path": str(found.path), "sha256": found.sha256} | _content(found.card)
    content |= {
        "architecture": found.network.architecture,
        "parameters": found.network.parameters,
    }
    if as_json:
        click.echo(json.dumps(content, indent=2))
        return
    width = max(map(len, content))
    for key, value in content.items():
        if isinstance(value, dict):
            value = ", ".join(f"{name} {_plain(part)}" for name, part in value.items()) or "–"  # noqa: PLW2901
        click.echo(f"{key:<{width}}  {printable(_plain(value))}")


def _note(text: str) -> None:
    click.echo(printable(text), err=True)


def _content(card: "Card | None") -> dict[str, object]:
    if card is None:
        return {"card": None}
    return asdict(card) | {"class_names": " ".join(card.class_names)}


def _plain(value: object) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@models.command(
    cls=PluginCommand,
    always=ALWAYS,
    short_help="Check that a model is safe, complete, and as good as it says.",
    epilog="Example: inkhook models verify pretrained",
)
@click.argument("model", metavar="M")
@click.pass_context
def verify(context: click.Context, plugins: Plugins, model: str, strict: bool, debug: bool) -> None:
    """Check that a model is safe to open and as accurate as its card says.

    The accuracy is measured on the test images of the included MNIST, or of --data. The exit code
    is 1 if the card is wrong.
    """
    from ...core.events import records
    from ...core.events.session import CommandSession
    from ...core.jobs.find_model import for_digits, read_named
    from ...core.jobs.pipeline import load_dataset
    from ...core.judging import evaluation

    found = for_digits(read_named(model, _note))
    click.echo(f"guard     passed: {found.network.architecture}")
    record = records.read_record(found.path.parent) if found.path.name == records.MODEL else {}
    same = record.get("model_sha256", found.sha256) == found.sha256
    click.echo(f"sha256    {found.sha256}{'' if same else '  but the run recorded another'}")
    with CommandSession(plugins, strict=strict, debug=debug) as session:
        dataset = load_dataset(session, "mnist")
        accuracy = evaluation.on_test_split(found, dataset)[1]["test_accuracy"]
    verdict, fits = _compare(found.card, dataset, accuracy)
    click.echo(f"accuracy  {accuracy * 100:.2f} %  {verdict}")
    context.exit(session.exit_code if same and fits else 1)


def _compare(card: "Card | None", dataset: "Dataset", accuracy: float) -> tuple[str, bool]:
    """Return how a measured accuracy compares with the card's, and whether that is all right."""
    if card is None or "test_accuracy" not in card.metrics:
        return "(its card doesn't say)", True
    if card.dataset_sha256 != dataset.sha256:
        name = printable(card.dataset)
        return f"(its card is about another dataset, {name}; give that with --data)", True
    claimed = card.metrics["test_accuracy"]
    if abs(claimed - accuracy) < ACCURACY_TOLERANCE:
        return "as its card says", True
    return f"but its card says {claimed * 100:.2f} %", False
