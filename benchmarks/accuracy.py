"""How well models read MNIST, redrawn and small, pen strokes, scans, and what is no digit.

Prints a table with 95 % intervals for the tutorial's model with a plain resize, for 784-512-10
trained with augmentation, and for the shipped model. Of strokes and images only the part is
measured that nothing was developed on (`--part held`). Small ones fill 16×16 pixels, as in old
collections: grey ones of MNIST, and black and white ones of the strokes. Pages are looked at again
where the network isn't sure, as every command does; MNIST's own images aren't. The first two models
are trained here (minutes) unless files of them are given.

Usage: python benchmarks/accuracy.py [--strokes FILE] [--images FILE] [--part held|developed|all]
           [--tutorial MODEL] [--small MODEL] [--model MODEL]
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import drawings
import numpy as np
from figures import Figure, hand_over

from inkhook.core.base.types import SIDE, FloatArray, UInt8Array
from inkhook.core.images.preprocess import prepare
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.judging import calibration
from inkhook.core.judging.score import sure_from
from inkhook.core.modelfile import artifact
from inkhook.core.modelfile.artifact import Artifact
from inkhook.core.network.classifier import Classifier
from inkhook.core.network.second_look import look_again
from inkhook.plugins.mnist import load_embedded

HERE = Path(__file__).parent
BARS = {"MNIST": 99.5, "redrawn": 99.4, "strokes": 98.5, "images": 98.8}
SETS = {
    "MNIST": "MNIST's test images",
    "redrawn": "MNIST redrawn",
    "strokes": "pen strokes",
    "images": "scanned digits",
    "small": "MNIST in 16×16 pixels, stretched",
    "black": "pen strokes in 16×16 pixels, stretched, black and white",
}
Prepare = Callable[[UInt8Array], FloatArray | None]


def resize(page: UInt8Array) -> FloatArray:
    """Prepare a page as the tutorial does: resized, whatever is on it."""
    small = cv2.resize(page, (28, 28), interpolation=cv2.INTER_LINEAR)
    return np.asarray(small, np.float32) / np.float32(255)


def train(folder: Path, name: str) -> Path:
    """Train the tutorial's model or the small one, and say how long that took."""
    if name == "tutorial":
        path = folder / "tutorial.h5"
        mnist = HERE.parent / "plugins" / "mnist"
        words = [str(HERE / "tutorial.py"), str(mnist), str(folder / "figure.png"), "0", str(path)]
    else:
        path = folder / "small" / "model.h5"
        words = ["-m", "inkhook", "run", "--seed", "0", "-o", str(path.parent)]
    start = time.perf_counter()
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True)
    found = re.search(r"Test accuracy: ([\d.]+)", done.stdout)
    print(f"{name}: {time.perf_counter() - start:.0f} s, {found and found[1]} %", flush=True)
    return path


def answers(
    model: Artifact, prepared: list[FloatArray | None], again: bool
) -> tuple[FloatArray, np.ndarray]:
    """Return probabilities, (N, 10), and which images are blank; a blank one has confidence 0."""
    blank = np.array([image is None for image in prepared])
    probabilities = np.zeros((len(prepared), 10), np.float32)
    inked = [image for image in prepared if image is not None]
    if inked:
        classify = Classifier(model.network, model.temperature)
        found = classify(np.stack(inked))
        if again:
            look_again(classify, np.stack(inked), found)
        probabilities[~blank] = found
    return probabilities, blank


def report(
    models: dict[str, tuple[Artifact, Prepare]],
    sets: dict[str, tuple[list[UInt8Array], UInt8Array]],
) -> list[Figure]:
    """Print the accuracy of each model on each set; return those of the shipped one."""
    figures = []
    for set_name, (pages, truth) in sets.items():
        shares = {}
        for name, (model, way) in models.items():
            again = way is prepare and pages[0].shape != (SIDE, SIDE)
            probabilities, blank = answers(model, [way(page) for page in pages], again)
            right = (probabilities.argmax(axis=1) == truth) & ~blank
            low, high = calibration.wilson(int(right.sum()), len(right))
            shares[name] = float(right.mean()) * 100
            line = f"{set_name:<9} {len(right):>6,}  {name:<9} {right.mean():7.2%}"
            line += f"  ({low:.2%} to {high:.2%})"
            if model.card:
                confidence = probabilities.max(axis=1)
                error = calibration.calibration_error(confidence, right)
                sure = confidence >= sure_from(model)
                line += f"  ECE {error:5.2%}  unsure {1 - sure.mean():6.2%}"
                line += f"  right of the rest {right[sure].mean():.2%}"
            print(line, flush=True)
        print()
        others = f"784-512-10: {shares['512']:.2f} %, the tutorial's: {shares['tutorial']:.2f} %"
        what = f"the shipped model, {SETS[set_name]}, {len(pages):,} images"
        figures.append(Figure(what, shares["shipped"], "%", others, least=BARS.get(set_name)))
    return figures


def report_no_digits(model: Artifact) -> None:
    """Print how many of what isn't a digit come out blank or unsure."""
    rng = np.random.default_rng(0)
    letters, names = drawings.letters()
    sets = {
        "scribbles": drawings.scribbles(300, rng),
        "letters": letters,
        "blanks": [np.full((280, 280), level, np.uint8) for level in (0, 128, 255)],
    }
    print(f"Not sure below a confidence of {sure_from(model):.2f}:")
    for name, pages in sets.items():
        probabilities, _ = answers(model, [prepare(page) for page in pages], again=True)
        unsure = probabilities.max(axis=1) < sure_from(model)
        print(f"{name:<9} {len(pages):>6,}  not sure {unsure.mean():7.2%}")
        if name == "letters":
            said = [
                f"{letter} as {row.argmax()}"
                for letter, row, doubt in zip(names, probabilities, unsure, strict=True)
                if not doubt
            ]
            print("          sure of", ", ".join(said))


def main() -> None:
    """Read the arguments, train what is missing, and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--strokes", type=Path)
    parser.add_argument("--images", type=Path)
    parser.add_argument("--part", choices=["held", "developed", "all"], default="held")
    parser.add_argument("--tutorial", type=Path)
    parser.add_argument("--small", type=Path)
    parser.add_argument("--model", type=Path, default=SHIPPED)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tutorial = options.tutorial or train(Path(folder), "tutorial")
        small = options.small or train(Path(folder), "small")
        models: dict[str, tuple[Artifact, Prepare]] = {
            "tutorial": (artifact.read_artifact(tutorial), resize),
            "512": (artifact.read_artifact(small), prepare),
            "shipped": (artifact.read_artifact(options.model), prepare),
        }
    test = load_embedded().test
    rng = np.random.default_rng(0)
    sets: dict[str, tuple[list[UInt8Array], UInt8Array]] = {
        "MNIST": (list(test.images), test.labels),
        "redrawn": (drawings.redrawn(test.images, rng), test.labels),
        "small": ([drawings.small(image, black=False) for image in test.images], test.labels),
    }
    if options.strokes:
        pages, truth = sets["strokes"] = drawings.strokes(options.strokes, options.part, rng)
        sets["black"] = [drawings.small(page, black=True) for page in pages], truth
    if options.images:
        sets["images"] = drawings.images(options.images, options.part)
    hand_over(report(models, sets))
    report_no_digits(models["shipped"][0])


if __name__ == "__main__":
    main()
