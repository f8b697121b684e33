"""Time the tutorial's recipe against `inkhook run`, with augmentation and without.

Each is a whole process, from its start to the saved picture of wrong predictions; they take turns,
so that a machine that is busy for a while slows down all. The short one runs with five seeds at
least. Prints medians, their ratios, and the test accuracies.

Usage: python benchmarks/train.py [ROUNDS] [--keep DIR]; models and pictures are kept in that folder
"""

import argparse
import contextlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import Figure, hand_over

MNIST = Path(__file__).parents[1] / "plugins" / "mnist"
TUTORIAL = Path(__file__).with_name("tutorial.py")
PLAIN, WITH_AUGMENT = "train,errors", "train,augment,errors"
ASKED_FOR = {PLAIN: (0.15, 98.3), WITH_AUGMENT: (0.90, 99.2)}
"""At most this share of the tutorial's time, and at least this accuracy."""

SEEDS = 5
TUTORIAL_MODEL, AUGMENTED = "tutorial.h5", f"{WITH_AUGMENT}-0/model.h5"
"""What is kept of the first round."""


def measure(words: list[str]) -> tuple[float, float]:
    """Return the seconds that a process takes and the test accuracy that it prints."""
    start = time.perf_counter()
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - start
    found = re.search(r"Test accuracy: ([\d.]+)", done.stdout)
    if found is None:
        sys.exit(f"no accuracy in the output of {words}:\n{done.stdout}\n{done.stderr}")
    return seconds, float(found[1])


def main(rounds: int, keep: Path | None) -> None:
    """Measure all, in turn, with the seeds from 0 on."""
    results: dict[str, list[tuple[float, float]]] = {name: [] for name in ("tutorial", *ASKED_FOR)}
    with contextlib.ExitStack() as opened:
        folder = keep or Path(opened.enter_context(tempfile.TemporaryDirectory()))
        for seed in range(max(rounds, SEEDS)):
            words = [str(TUTORIAL), str(MNIST), str(folder / "tutorial.png"), str(seed)]
            commands = {"tutorial": words if seed else [*words, str(folder / TUTORIAL_MODEL)]}
            for plugins in ASKED_FOR:
                run = ["-m", "inkhook", "run", "--plugins", plugins, "--seed", str(seed)]
                commands[plugins] = [*run, "-o", str(folder / f"{plugins}-{seed}")]
            for name, words in commands.items():
                if seed >= rounds and name != PLAIN:
                    continue
                seconds, accuracy = measure([sys.executable, *words])
                results[name].append((seconds, accuracy))
                print(f"{name:<20} seed {seed}  {seconds:6.1f} s  {accuracy:.2f} %", flush=True)
    times = {name: statistics.median(s for s, _ in rows) for name, rows in results.items()}
    right = {name: statistics.median(a for _, a in rows) for name, rows in results.items()}
    print("\nmedians              runs     time    ratio  test accuracy")
    figures = []
    for name, rows in results.items():
        ratio = times[name] / times["tutorial"]
        line = f"{name:<20} {len(rows):4}  {times[name]:6.1f} s  {ratio:5.2f}x  {right[name]:.2f} %"
        if name in ASKED_FOR:
            most, least = ASKED_FOR[name]
            line += f"   (asked for: at most {most:.2f}x, at least {least:.1f} %)"
            command = f"`run --plugins {name}`"
            peer = f"the tutorial: {times['tutorial']:.1f} s"
            tutors = f"the tutorial: {right['tutorial']:.2f} %"
            what = f"{command}: test accuracy, seeds: {len(rows)}"
            figures += [
                Figure(f"{command}: {times[name]:.1f} s", ratio, "×", peer, most=most),
                Figure(what, right[name], "%", tutors, least=least),
            ]
        print(line)
    hand_over(figures)
    sys.exit(not all(figure.met for figure in figures))


if __name__ == "__main__":
    reader = argparse.ArgumentParser()
    reader.add_argument("rounds", nargs="?", type=int, default=3)
    reader.add_argument("--keep", type=Path)
    asked = reader.parse_args()
    main(asked.rounds, asked.keep)
