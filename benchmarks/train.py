"""Time the tutorial's recipe against `inkhook run`, with augmentation and without.

Each is a whole process, from its start to the saved picture of wrong predictions; they take turns,
so that a machine that is busy for a while slows down all. Prints medians, their ratios, and the
test accuracies. Usage: python benchmarks/train.py [ROUNDS]
"""

import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MNIST = Path(__file__).parents[1] / "plugins" / "mnist"
TUTORIAL = Path(__file__).with_name("tutorial.py")
ASKED_FOR = {"train,errors": (0.30, 98.3), "train,augment,errors": (1.00, 99.2)}
"""At most this share of the tutorial's time, and at least this accuracy."""


def measure(words: list[str]) -> tuple[float, float]:
    """Return the seconds that a process takes and the test accuracy that it prints."""
    start = time.perf_counter()
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - start
    found = re.search(r"Test accuracy: ([\d.]+)", done.stdout)
    if found is None:
        sys.exit(f"no accuracy in the output of {words}:\n{done.stdout}\n{done.stderr}")
    return seconds, float(found[1])


def main(rounds: int) -> None:
    """Measure all, in turn, with the seeds from 0 on."""
    results: dict[str, list[tuple[float, float]]] = {name: [] for name in ("tutorial", *ASKED_FOR)}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(rounds):
            commands = {
                "tutorial": [str(TUTORIAL), str(MNIST), f"{folder}/tutorial.png", str(seed)]
            }
            for plugins in ASKED_FOR:
                run = ["-m", "inkhook", "run", "--plugins", plugins]
                commands[plugins] = [*run, "-o", f"{folder}/{plugins}-{seed}", "--seed", str(seed)]
            for name, words in commands.items():
                seconds, accuracy = measure([sys.executable, *words])
                results[name].append((seconds, accuracy))
                print(f"{name:<20} seed {seed}  {seconds:6.1f} s  {accuracy:.2f} %", flush=True)
    times = {name: statistics.median(s for s, _ in rows) for name, rows in results.items()}
    right = {name: statistics.median(a for _, a in rows) for name, rows in results.items()}
    print(f"\nmedian of {rounds}              time    ratio  test accuracy")
    failed = False
    for name in results:
        ratio = times[name] / times["tutorial"]
        line = f"{name:<20} {times[name]:6.1f} s  {ratio:5.2f}x  {right[name]:.2f} %"
        if name in ASKED_FOR:
            most, least = ASKED_FOR[name]
            line += f"   (asked for: at most {most:.2f}x, at least {least:.1f} %)"
            failed |= ratio > most or right[name] < least
        print(line)
    sys.exit(failed)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
