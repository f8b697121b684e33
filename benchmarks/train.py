"""Time the tutorial's recipe against `inkhook run --plugins train,errors`.

Each is a whole process, from its start to the saved picture of wrong predictions; they take turns,
so that a machine that is busy for a while slows down both. Prints medians, their ratio, and the
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
INKHOOK = ("-m", "inkhook", "run", "--plugins", "train,errors")
MOST_TIME, LEAST_ACCURACY = 0.30, 98.3


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
    """Measure both, in turn, with the seeds from 0 on."""
    results: dict[str, list[tuple[float, float]]] = {"tutorial": [], "inkhook": []}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(rounds):
            picture, out = f"{folder}/tutorial.png", f"{folder}/{seed}"
            commands = {
                "tutorial": [str(TUTORIAL), str(MNIST), picture, str(seed)],
                "inkhook": [*INKHOOK, "-o", out, "--seed", str(seed)],
            }
            for name, words in commands.items():
                seconds, accuracy = measure([sys.executable, *words])
                results[name].append((seconds, accuracy))
                print(f"{name:<9} seed {seed}  {seconds:6.1f} s  {accuracy:.2f} %", flush=True)
    times = {name: statistics.median(s for s, _ in rows) for name, rows in results.items()}
    right = {name: statistics.median(a for _, a in rows) for name, rows in results.items()}
    ratio = times["inkhook"] / times["tutorial"]
    print(f"\nmedian of {rounds}     time      test accuracy")
    for name in results:
        print(f"{name:<14} {times[name]:6.1f} s   {right[name]:.2f} %")
    print(f"\ntime: {ratio:.2f}x of the tutorial's (at most {MOST_TIME:.2f}x is asked for)")
    print(f"accuracy: {right['inkhook']:.2f} % (at least {LEAST_ACCURACY:.2f} % is asked for)")
    sys.exit(0 if ratio <= MOST_TIME and right["inkhook"] >= LEAST_ACCURACY else 1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
