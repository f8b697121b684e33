"""How much better a model reads one person's digits after thirty samples, and what it forgets.

For each writer with at least 60 digits, thirty of them are learnt, and the others are read before
and after. Prints the mean error over all writers and over the worst third, and what is lost on
MNIST's test images. With `--hands N`, each writer also writes in N hands that are slanted, turned,
stretched and bent, for there are few mistakes in neat writing. What is tuned is tuned on every
second writer (`--part developed`).

Usage: python benchmarks/learn.py --devset STROKES.npz [--part held|developed|all] [--hands N]
           [--draws N] [--samples N] [--model MODEL]
"""

import argparse
import time
import zlib
from pathlib import Path

import drawings
import numpy as np
from figures import Figure, hand_over

from inkhook.core.base.types import Split, UInt8Array
from inkhook.core.events.from_python import make_plugins
from inkhook.core.events.session import CommandSession
from inkhook.core.images.preprocess import prepare, scale
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.jobs.learning import Teacher
from inkhook.core.modelfile.artifact import read_artifact
from inkhook.core.network.classifier import Classifier
from inkhook.core.network.network import Network
from inkhook.plugins.mnist import load_embedded

LEAST = 60
Lines = list[np.ndarray]


def by_writer(path: Path, part: str) -> dict[str, tuple[list[Lines], UInt8Array]]:
    """Return the strokes and labels of each writer who has enough digits."""
    with np.load(path, allow_pickle=False) as file:
        data = {name: file[name] for name in file.files}
    names, counts = np.unique(data["writer"], return_counts=True)
    names = names[counts >= LEAST]
    chosen = {"developed": names[::2], "held": names[1::2], "all": names}[part]
    points = np.split(data["points"], data["point_offset"][1:-1])
    starts = data["stroke_offset"]
    found = {}
    for name in chosen.tolist():
        places = np.flatnonzero(data["writer"] == name)
        lines = [points[starts[place] : starts[place + 1]] for place in places]
        found[name] = lines, data["label"][places].astype(np.uint8)
    return found


def in_hand(digits: list[Lines], rng: np.random.Generator) -> list[Lines]:
    """Return digits as one odd hand writes them: all slanted, turned and bent in the same way."""
    slant, turn = rng.uniform(-0.75, 0.75), np.radians(rng.uniform(-22, 22))
    stretch, bow = np.exp(rng.uniform(-0.5, 0.5)), rng.uniform(-0.35, 0.35, 4)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = turned @ np.array([[stretch, -slant], [0, 1]])
    changed = []
    for lines in digits:
        every = np.concatenate(lines).astype(float)
        middle = (every.min(axis=0) + every.max(axis=0)) / 2
        half = max(float(np.ptp(every, axis=0).max()), 1.0) / 2
        new = []
        for line in lines:
            x, y = ((line - middle) / half).T
            bent = [x + bow[0] * y * y + bow[1] * x * y, y + bow[2] * x * x + bow[3] * x * y]
            new.append(np.stack(bent, axis=1) @ matrix.T * 1000)
        changed.append(new)
    return changed


def prepared(digits: list[Lines], labels: UInt8Array, rng: np.random.Generator) -> Split:
    """Draw digits on a canvas and prepare them; those without ink are left out."""
    images = [prepare(drawings.draw(lines, rng)) for lines in digits]
    there = [place for place, image in enumerate(images) if image is not None]
    pixels = np.stack([np.rint(image * 255) for image in images if image is not None])
    return Split(pixels.astype(np.uint8), labels[there])


def errors(network: Network, split: Split) -> float:
    """Return the share of images that a network misreads."""
    return float((Classifier(network)(scale(split.images)).argmax(axis=1) != split.labels).mean())


def main() -> None:
    """Read the arguments, learn each hand, and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--devset", type=Path, required=True)
    parser.add_argument("--part", choices=["held", "developed", "all"], default="held")
    parser.add_argument("--hands", type=int, default=0)
    parser.add_argument("--draws", type=int, default=1)
    parser.add_argument("--samples", type=int, default=30)
    parser.add_argument("--model", type=Path, default=SHIPPED)
    options = parser.parse_args()
    network, mnist = read_artifact(options.model).network, load_embedded()
    plugins, rows, seconds = make_plugins("augment"), [], time.process_time()
    at_first = errors(network, mnist.test)
    for name, (digits, labels) in by_writer(options.devset, options.part).items():
        for hand in range(options.hands + 1):
            rng = np.random.default_rng([zlib.crc32(name.encode()), hand])
            own = prepared(in_hand(digits, rng) if hand else digits, labels, rng)
            for draw in range(options.draws):
                order = np.random.default_rng([draw, hand]).permutation(len(own))
                learnt, rest = (
                    Split(own.images[places], own.labels[places])
                    for places in (order[: options.samples], order[options.samples :])
                )
                teacher = Teacher(CommandSession(plugins, seed=draw), network, learnt, mnist.train)
                new = teacher.teach(np.ones(len(learnt), bool))
                row = errors(network, rest), errors(new, rest), errors(new, mnist.test) - at_first
                rows.append(row)
                print(f"{name} {hand} {draw}  " + "  ".join(f"{x:7.2%}" for x in row), flush=True)
    seconds = (time.process_time() - seconds) / len(rows)
    found = np.array(rows)
    worst = found[np.argsort(-found[:, 0], kind="stable")[: max(len(found) // 3, 1)]]
    figures = []
    for what, some, bar in ((f"all {len(found)}", found, 35), (f"worst {len(worst)}", worst, 45)):
        before, after, lost = some.mean(axis=0)
        less = 1 - after / before if before else 0.0
        print(f"{what:<10} error {before:.2%} → {after:.2%} ({less:.0%} less)  MNIST +{lost:.3%}")
        name = f"errors on a person's other digits, {what} hands: less by"
        peer = f"before: {before:.2%}, after: {after:.2%}"
        figures.append(Figure(name, less * 100, "%", peer, least=bar, digits=0))
    forgotten = float(found[:, 2].mean()) * 100
    figures += [
        Figure("MNIST's test images that are forgotten", forgotten, "points", most=0.05, digits=3),
        Figure("learning, without the proof: processor time", seconds, "s", digits=1),
    ]
    hand_over(figures)
    print(f"{seconds:.1f} s of processor time each, without the proof")


if __name__ == "__main__":
    main()
