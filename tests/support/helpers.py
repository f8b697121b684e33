"""What tests share besides fixtures: runners' types, files in MNIST's form, the pages' code."""

import gzip
import math
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from click.testing import Result

from inkhook.core.base.types import Dataset, FloatArray, Predictions
from inkhook.core.modelfile import artifact
from inkhook.core.modelfile.card import Card
from inkhook.core.network.keras_model import build_model
from inkhook.core.network.network import Network

Run = Callable[..., Result]
RunProcess = Callable[..., "subprocess.CompletedProcess[str]"]
WritePlugin = Callable[..., str]

ROOT = Path(__file__).parents[2]
MODULES = [
    *ROOT.glob("*.py"),
    *(path for folder in ("core", "plugins", "testing") for path in ROOT.glob(f"{folder}/**/*.py")),
]
"""The package's modules, as the wheel holds them."""

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("**/*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
"""A block of code on a page: its language and its text."""


ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""The environment for a pytest of its own: without plugins it starts in half the time."""


def blocks(language: str) -> list[Any]:
    """Return the pages' blocks in a language, as parameters of a test."""
    found = []
    for page in PAGES:
        for number, (own, text) in enumerate(BLOCK.findall(page.read_text())):
            if own == language and (page.stem != "hooks" or number == 0):  # those come by hook
                found.append(pytest.param(text, id=f"{page.stem}-{number}"))
    return found


def card_of(path: Path) -> Card:
    """Return what a model file of ours says of itself."""
    card = artifact.read_artifact(path).card
    assert card is not None
    return card


def idx_bytes(array: npt.NDArray[np.uint8]) -> bytes:
    """Return an array as an IDX file."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def write_idx(
    folder: Path, dataset: Dataset, train: int, test: int, *, zipped: bool = True
) -> Path:
    """Write the first images of a dataset as four IDX files, gzipped or not."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in (
        ("train-images-idx3-ubyte", dataset.train.images[:train]),
        ("train-labels-idx1-ubyte", dataset.train.labels[:train]),
        ("t10k-images-idx3-ubyte", dataset.test.images[:test]),
        ("t10k-labels-idx1-ubyte", dataset.test.labels[:test]),
    ):
        data = idx_bytes(array)
        path = folder / (name + ".gz" if zipped else name)
        path.write_bytes(gzip.compress(data, 1) if zipped else data)
    return folder


def randomise(model: Any, seed: int) -> None:
    """Give a model weights of a sensible size; variances are positive."""
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        for variable in layer.weights:
            inputs = math.prod(variable.shape[:-1]) if len(variable.shape) > 1 else 10
            values = rng.normal(0, 1, variable.shape) / max(1, inputs) ** 0.5
            positive = variable.path.endswith("moving_variance")
            variable.assign(np.abs(values) + 0.1 if positive else values)


def run_in_keras(network: Network, batch: FloatArray) -> FloatArray:
    """Return what Keras says of a batch, with the layers and arrays of a network of ours."""
    return np.asarray(build_model(network)(batch, training=False))


def command() -> list[str]:
    """Return the installed command."""
    return [str(Path(sys.executable).with_name("inkhook"))]


def partly_wrong(digits: Dataset, wrong: int, count: int = 50) -> Predictions:
    """Return predictions of the first test digits, the first ones wrong, ever less sure."""
    labels = digits.test.labels[:count]
    said = labels.copy()
    said[:wrong] = (labels[:wrong] + 1) % 10
    sure = np.linspace(0.99, 0.5, count, dtype=np.float32)
    probabilities = np.zeros((count, 10), np.float32)
    probabilities[np.arange(count), labels] = 1 - sure
    probabilities[np.arange(count), said] = np.where(said == labels, 1, sure)
    return Predictions(
        "dataset",
        tuple(map(str, range(count))),
        (digits.test.images[:count] / 255).astype(np.float32),
        probabilities,
        labels,
    )
