"""How well pictures as people take them are read: on tables, in colours, small, several digits.

Composes scenes of MNIST's training digits and, with `--strokes`, of pen strokes (the format is in
`drawings`), writes them to files, and reads those as `predict-dir` does. For every kind it prints
how many answers are right, how many sure and wrong, unsure, blank and `several`, and the 95 %
interval of what the kind is about. Two parts have their own digits, writers and seeds: develop on
one, report the other.

Usage: python benchmarks/scenes.py [--strokes FILE] [--part held|developed] [--count N]
           [--kinds WORD …] [--montage PNG] [--wrong PNG] [--model MODEL]
"""

import argparse
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import kinds
import numpy as np
from compose import Digits, Scene
from figures import Figure, hand_over

from inkhook.core.base.types import UInt8Array
from inkhook.core.images.imagefile import Limits
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.judging.calibration import wilson
from inkhook.core.judging.score import sure_from
from inkhook.core.modelfile import artifact
from inkhook.core.reading.predictor import Job, Predictor
from inkhook.core.reading.rows import Status

Kind = Callable[[Digits, np.random.Generator], Scene]
SEVERAL = -1
TILE = 150


def encoded(scene: Scene, rng: np.random.Generator) -> tuple[bytes, str]:
    """Return a file's bytes and its ending: a photo as JPEG, a drawing as PNG."""
    image = scene.image[..., ::-1] if scene.image.ndim == 3 else scene.image
    if scene.photo:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 96))]
        return cv2.imencode(".jpg", image, quality)[1].tobytes(), ".jpg"
    return cv2.imencode(".png", image)[1].tobytes(), ".png"


def tile(data: bytes, line: str) -> UInt8Array:
    """Return a small picture of a file with a line of text below."""
    image = np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR))
    factor = TILE / max(image.shape)
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    square = np.full((TILE + 16, TILE, 3), 90, np.uint8)
    square[: small.shape[0], : small.shape[1]] = small[:TILE, :TILE]
    cv2.putText(square, line, (2, TILE + 12), cv2.FONT_HERSHEY_PLAIN, 0.8, (255,) * 3)
    return square


def save(tiles: list[UInt8Array], path: Path, across: int = 10) -> None:
    """Write a montage of tiles."""
    while len(tiles) % across:
        tiles.append(np.zeros_like(tiles[0]))
    rows = [np.hstack(tiles[i : i + across]) for i in range(0, len(tiles), across)]
    path.write_bytes(cv2.imencode(".png", np.vstack(rows))[1].tobytes())


class Report:
    """Reads kinds of scenes, and prints a line for each."""

    def __init__(self, predictor: Predictor, digits: Digits, seed: int, count: int) -> None:
        self.seen: list[UInt8Array] = []
        self.wrong: list[UInt8Array] = []
        self.figures: list[Figure] = []
        self._predictor, self._digits, self._seed, self._count = predictor, digits, seed, count

    def __call__(self, name: str, kind: Kind) -> None:
        """Compose, read and count one kind."""
        rng = np.random.default_rng([self._seed, zlib.crc32(name.encode())])
        status: list[str] = []
        answer: list[int] = []
        truth: list[int] = []
        with tempfile.TemporaryDirectory() as folder:
            for place in range(self._count):
                scene = kind(self._digits, rng)
                data, ending = encoded(scene, rng)
                path = Path(folder) / f"{place}{ending}"
                path.write_bytes(data)
                row = self._predictor([str(path)], [place % 32])
                status.append(Status(int(row.status[0])).word)
                answer.append(int(row.digits[0]) if row.answered[0] else SEVERAL)
                truth.append(SEVERAL if scene.label is None else scene.label)
                if place < 10:
                    self.seen.append(tile(data, f"{name} {scene.label}"))
                good = status[-1] == "several" if scene.label is None else answer[-1] == truth[-1]
                if not good:
                    self.wrong.append(tile(data, f"{status[-1]} {answer[-1]} {scene.note}"))
                path.unlink()
        self._print(name, np.array(status), np.array(answer), np.array(truth))

    def _print(self, name: str, status: np.ndarray, answer: np.ndarray, truth: np.ndarray) -> None:
        many, sure = truth == SEVERAL, status == "ok"
        right = np.where(many, status == "several", answer == truth)
        sure_wrong = sure & ~right
        about = sure_wrong if many.any() else right
        low, high = wilson(int(about.sum()), len(about))
        cells = f"{right.mean():8.1%}{(sure & right).mean():8.1%}{sure_wrong.mean():8.1%}"
        for word in ("unsure", "blank", "several"):
            cells += f"{(status == word).mean():8.1%}"
        what = "one digit" if many.any() else "right"
        beside = f"sure and wrong: {sure_wrong.mean():.1%}"
        self.figures.append(Figure(name, float(right.mean()) * 100, "%", beside, digits=1))
        print(f"{name:<14}{len(right):>5}{cells}   {what} {low:.1%} to {high:.1%}", flush=True)


def main() -> None:
    """Read the arguments and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--strokes", type=Path)
    parser.add_argument("--part", choices=["held", "developed"], default="held")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--kinds", nargs="*", default=[""], help="words in the kinds' names")
    parser.add_argument("--montage", type=Path, help="write ten scenes of each kind to a PNG")
    parser.add_argument("--wrong", type=Path, help="write the scenes that were misread to a PNG")
    parser.add_argument("--model", type=Path, default=SHIPPED)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    model = artifact.read_artifact(options.model)
    job = Job(model.network, model.temperature, sure_from(model), Limits())
    digits = Digits(options.part, options.strokes)
    report = Report(Predictor(job), digits, 1 + (options.part == "held"), options.count)
    heads = ("right", "and sure", "sure ✗", "unsure", "blank", "several")
    print(f"{'':<14}{'n':>5}" + "".join(f"{head:>8}" for head in heads))
    for name, kind in kinds.KINDS.items():
        if any(word in name for word in options.kinds):
            report(name, kind)
    hand_over(report.figures)
    if options.montage:
        save(report.seen, options.montage)
    if options.wrong and report.wrong:
        save(report.wrong, options.wrong)


if __name__ == "__main__":
    main()
