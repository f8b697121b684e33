"""Time the NumPy classifier against Keras's ways to predict, and the start from nothing.

All take turns within one run on the same model and the same images; medians are quoted. What is
asked for is meant for 784-512-10; the shipped model is larger.
Usage: python benchmarks/classify.py [MODEL]
"""

import functools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from figures import Figure, hand_over

from inkhook.core.base.quiet_keras import import_keras
from inkhook.core.images import preprocess
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.modelfile import artifact
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


def main() -> None:
    """Measure everything and print it beside what is asked for."""
    with tempfile.TemporaryDirectory() as state:
        show = process([sys.executable, "-m", "inkhook", "models", "show", "pretrained"], 9, state)
        first = process([sys.executable, "-c", FIRST_PREDICTION], 9, state)
    print(f"inkhook models show           {show:.2f} s  (at most {SHOW} s is asked for)")
    print(f"first prediction from start   {first:.2f} s  (at most {FIRST} s is asked for)\n")

    keras = import_keras()
    import tensorflow as tf

    path = Path(sys.argv[1]) if len(sys.argv) > 1 else SHIPPED
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
        results = alternate(best, images[:count], 15 if count > 1000 else 60)
        medians = {name: statistics.median(times) for name, times in results.items()}
        for name, median in medians.items():
            print(f"{name:<14} {median:9.2f}")
        fastest = min(median for name, median in medians.items() if name.startswith("predict"))
        print(f"{fastest / medians['inkhook']:.1f}x as fast as the best of model.predict\n")
        peers = f"`model.predict`, best batch size: {fastest:.1f} ms"
        figures.append(Figure(f"{count:,} images", medians["inkhook"], "ms", peers, digits=1))
    hand_over(figures)


if __name__ == "__main__":
    main()
