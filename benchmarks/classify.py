"""Time the NumPy classifier against Keras's ways to predict, and the start from nothing.

All take turns within one run on the same model and the same images; medians are quoted. What is
asked for is meant for 784-512-10; the shipped model is larger. Then the same for networks with
convolutions, whose weights are random, against Keras's compiled function alone.
Usage: python benchmarks/classify.py [--convolutions] [MODEL]; the option leaves the dense part out.
"""

import argparse
import functools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from figures import Figure, hand_over

from inkhook.core.base.quiet_keras import import_keras
from inkhook.core.images import preprocess
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.modelfile import artifact
from inkhook.core.modelfile.card import Card
from inkhook.core.network.classifier import Classifier
from inkhook.plugins.mnist import load_embedded

Predict = Callable[[np.ndarray], object]
SHOW, FIRST, ONE = 0.5, 0.7, 0.1
FIRST_PREDICTION = """
import sys
import numpy as np
from inkhook.core.jobs.find_model import read_named
from inkhook.core.network.classifier import Classifier
classifier = Classifier(read_named("pretrained", lambda line: None).network)
classifier(np.zeros((1, 28, 28), np.float32))
assert "tensorflow" not in sys.modules
"""
CONVOLVED_ONE, CONVOLVED_FIRST = 2.0, 0.8
PREDICT_DIR = """
import sys
from inkhook.__main__ import main
try:
    main()
finally:
    assert "tensorflow" not in sys.modules
"""


def alternate(
    ways: dict[str, Predict], images: np.ndarray, rounds: int, block: int = 1
) -> dict[str, list[float]]:
    """Return the milliseconds of each call; all ways take turns, `block` calls at a time.

    The first block of each warms up and isn't counted.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    for round_ in range(rounds + 1):
        for name, predict in ways.items():
            for _ in range(block):
                start = time.perf_counter()
                predict(images)
                if round_:
                    times[name].append((time.perf_counter() - start) * 1e3)
    return times


def process(words: list[str], rounds: int, state: str) -> float:
    """Return the median seconds of a whole process."""
    seconds = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        subprocess.run(
            words, check=True, capture_output=True, env=os.environ | {"XDG_STATE_HOME": state}
        )
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])  # the first one examines the file


def convolutional(keras: Any) -> dict[str, Any]:
    """Return models with convolutions, of random weights, by their layers at a glance."""
    layers = keras.layers

    def chain(*sizes: tuple[int, int], dense: tuple[int, ...] = ()) -> Any:
        parts = [keras.Input((28, 28, 1))]
        for filters, side in sizes:
            parts += [layers.Conv2D(filters, side, activation="relu"), layers.MaxPooling2D(2)]
        parts += [layers.Flatten(), *(layers.Dense(units, "relu") for units in dense)]
        return keras.Sequential([*parts, layers.Dense(10, "softmax")])

    deep = [keras.Input((28, 28, 1))]
    for filters in (32, 32, 64, 64):
        deep += [layers.Conv2D(filters, 3, padding="same", activation="relu")]
        deep += [layers.BatchNormalization()]
        if len(deep) in (5, 10):
            deep += [layers.MaxPooling2D(2)]
    deep += [layers.Flatten(), layers.Dense(256, "relu"), layers.Dense(10, "softmax")]
    return {
        "LeNet: 6 and 16 of 5x5": chain((6, 5), (16, 5), dense=(120, 84)),
        "32 and 64 of 3x3": chain((32, 3), (64, 3)),
        "32, 32, 64, 64 of 3x3": keras.Sequential(deep),
    }


def measure_convolutions(folder: Path) -> list[Figure]:
    """Measure networks with convolutions, in this process and as a command."""
    keras = import_keras()
    import tensorflow as tf

    images = preprocess.to_model_input(load_embedded().test.images[:1000])
    picture = folder / "pictures" / "a.png"
    picture.parent.mkdir()
    picture.write_bytes(cv2.imencode(".png", load_embedded().test.images[0])[1].tobytes())
    figures = []
    for name, model in convolutional(keras).items():
        file = artifact.ModelFile(model)
        card = Card("mnist", "0" * 64, file.network.architecture, file.network.parameters)
        file.write(folder / "model.h5", card)
        # a reference to the model of this round
        function = tf.function(functools.partial(model, training=False))
        ways: dict[str, Predict] = {
            "inkhook": Classifier(file.network),
            "tf.function": functools.partial(in_keras, function),
        }
        one = alternate(ways, images[:1], 15, block=20)
        many = alternate(ways, images, 15)
        command = [sys.executable, "-c", PREDICT_DIR, "predict-dir", str(picture.parent)]
        first = process([*command, "--model", str(folder / "model.h5")], 5, str(folder))
        print(f"{name:<24} one image ms   1,000 images ms")
        for way in ways:
            medians = statistics.median(one[way]), statistics.median(many[way])
            print("{:<24} {:12.3f} {:15.1f}".format(way, *medians))
        ratio = statistics.median(
            ours / theirs for ours, theirs in zip(many["inkhook"], many["tf.function"], strict=True)
        )
        print(f"at most {CONVOLVED_ONE} ms is asked for, and 1x; 1,000 images take {ratio:.2f}x")
        print(f"predict-dir, one picture {first:10.2f} s  (at most {CONVOLVED_FIRST} s)\n")
        single = statistics.median(one["inkhook"])
        peer = f"tf.function: {statistics.median(one['tf.function']):.2f} ms"
        figures += [
            Figure(f"{name}: one image", single, "ms", peer, most=CONVOLVED_ONE),
            Figure(f"{name}: 1,000 images, the compiled function's time", ratio, "×", most=1),
            Figure(f"{name}: `predict-dir`, one picture", first, "s", most=CONVOLVED_FIRST),
        ]
    return figures


def in_keras(function: Any, images: np.ndarray) -> object:
    """Classify with a compiled function."""
    return function(images[..., np.newaxis]).numpy()


def main() -> None:
    """Measure everything and print it beside what is asked for."""
    options = argparse.ArgumentParser()
    options.add_argument("--convolutions", action="store_true")
    options.add_argument("model", nargs="?", type=Path, default=SHIPPED)
    chosen = options.parse_args()
    figures = [] if chosen.convolutions else measure_dense(chosen.model)
    with tempfile.TemporaryDirectory() as folder:
        figures += measure_convolutions(Path(folder))
    hand_over(figures)


def measure_dense(path: Path) -> list[Figure]:
    """Measure a dense network, in this process and from its start."""
    with tempfile.TemporaryDirectory() as state:
        show = process([sys.executable, "-m", "inkhook", "models", "show", "pretrained"], 9, state)
        first = process([sys.executable, "-c", FIRST_PREDICTION], 9, state)
    print(f"inkhook models show           {show:.2f} s  (at most {SHOW} s is asked for)")
    print(f"first prediction from start   {first:.2f} s  (at most {FIRST} s is asked for)\n")

    keras = import_keras()
    import tensorflow as tf

    model = keras.models.load_model(path, compile=False)
    function = tf.function(lambda x: model(x, training=False))
    classifier = Classifier(artifact.read_artifact(path).network)

    def in_batches(size: int, x: np.ndarray) -> object:
        return model.predict(x.reshape(-1, 784), batch_size=size, verbose=0)

    images = preprocess.to_model_input(load_embedded().test.images)
    ways: dict[str, Predict] = {
        "inkhook": classifier,
        "model.predict": lambda x: model.predict(x.reshape(-1, 784), verbose=0),
        "model(x)": lambda x: model(x.reshape(-1, 784), training=False).numpy(),
        "tf.function": lambda x: function(x.reshape(-1, 784)).numpy(),
    }
    print("one image       p50 ms   p99 ms")
    one = alternate(ways, images[:1], 15, block=20)
    for name, times in one.items():
        print(f"{name:<14} {np.percentile(times, 50):7.3f}  {np.percentile(times, 99):7.3f}")
    ratio = statistics.median(one["model.predict"]) / statistics.median(one["inkhook"])
    print(f"{ratio:.0f}x faster than model.predict (100x and {ONE} ms are asked for)\n")
    others = ", ".join(
        f"{name}: {statistics.median(one[name]):.2f} ms" for name in one if name != "inkhook"
    )
    figures = [
        Figure("`models show pretrained`, from start to end", show, "s", most=SHOW),
        Figure("a first prediction, from the start of Python", first, "s", most=FIRST),
        Figure("one image", statistics.median(one["inkhook"]), "ms", others, most=ONE),
    ]

    for count in (256, 10_000):
        best = dict(ways)
        del best["model.predict"]
        for size in (32, 256, 1024, 4096):
            if size <= count:
                best[f"predict {size}"] = functools.partial(in_batches, size)
        print(f"{count} images      median ms")
        results = alternate(best, images[:count], 7 if count > 1000 else 30)
        medians = {name: statistics.median(times) for name, times in results.items()}
        for name, median in medians.items():
            print(f"{name:<14} {median:9.2f}")
        fastest = min(median for name, median in medians.items() if name.startswith("predict"))
        print(f"{fastest / medians['inkhook']:.1f}x as fast as the best of model.predict\n")
        peers = f"`model.predict`, best batch size: {fastest:.1f} ms"
        figures.append(Figure(f"{count:,} images", medians["inkhook"], "ms", peers, digits=1))
    return figures


if __name__ == "__main__":
    main()
