"""How well numbers are read as people photograph them: on notes on tables, askew, in bad light.

Puts stills of numbers on notes (`videos`), lays these on tables, photographs them (`compose`) in
two sizes, and reads the JPEG as `read` does. Stills that aren't read right by themselves are left
out, so that what is lost is lost by the photo. Sets are as for `read_numbers`: only digits are
compared.

Usage: python benchmarks/notes.py --strings DIR [--sets NAME,…] [--count N] [--from N]
           [--sizes X …] [--wrong DIR]
"""

import argparse
import csv
import itertools
import zlib
from collections import defaultdict
from pathlib import Path

import compose
import cv2
import numpy as np
import videos
from surfaces import TABLES, Rng

from inkhook.core.base.threads import use_one_opencv_thread
from inkhook.core.base.types import UInt8Array
from inkhook.core.images.imagefile import decode_image
from inkhook.core.jobs.find_model import read_chosen
from inkhook.core.judging.score import sure_from
from inkhook.core.numbers.number import digits_of
from inkhook.core.reading.page_numbers import PageNumbers

KINDS = {f"on {table}": (table, 4) for table in TABLES}
KINDS |= {"cut by the frame": ("wood", 2), "fills the frame": ("", 0), "fills it, dim": ("", 0)}
"""By their names, the table that a note lies on, and how many of its sides are in the picture."""

MOST_TURNED = 5.0
"""In degrees: how far a note lies askew, at most, that fills the frame; on a table it is 30."""


def photo_of(still: UInt8Array, kind: str, size: float, rng: Rng) -> bytes:
    """Return a JPEG of a note with what is written on a still, uint8 (H, W, 3)."""
    table, sides = KINDS[kind]
    note = videos.note_of(still, rng)
    note = np.asarray(cv2.resize(note, None, fx=size, fy=size, interpolation=cv2.INTER_CUBIC))
    height, width = note.shape[:2]
    if table:
        inner = int(width * 0.2), int(height * 0.2), int(width * 0.6), int(height * 0.6)
        scene, _ = compose.photographed(note, inner, table, sides, rng)
    else:
        askew = float(rng.uniform(-MOST_TURNED, MOST_TURNED))
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), askew, 1)
        turned = cv2.warpAffine(note, turn, (width, height), borderMode=cv2.BORDER_REFLECT)
        scene = np.asarray(turned, np.float32)
    dim = kind.endswith("dim")
    scene = compose.lit(scene, 0.6 if dim else 0.35, rng) * (0.5 if dim else 1)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(70, 95))]
    return cv2.imencode(".jpg", compose.finished(scene, rng), quality)[1].tobytes()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--strings", type=Path, metavar="DIR", required=True)
    parser.add_argument("--sets", default="canvas,canvas_pages,photo_mixed,car_a,boxes")
    parser.add_argument("--count", type=int, default=10, help="stills of each set")
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--sizes", type=float, nargs="*", default=[1.0, 2.0])
    parser.add_argument("--wrong", type=Path, metavar="DIR", help="write what was read wrong")
    options = parser.parse_args()
    use_one_opencv_thread()
    model = read_chosen(None, print, numbers=True)
    read = PageNumbers(model.network, model.temperature, sure_from(model))
    names = options.sets.split(",")
    counts: dict[tuple[str, str], np.ndarray] = defaultdict(lambda: np.zeros(3, int))
    for name in names:
        rows = list(csv.DictReader((options.strings / f"{name}.csv").open(encoding="utf-8")))
        for row in rows[options.first :: max(1, len(rows) // options.count)][: options.count]:
            data = (options.strings / name / row["file"]).read_bytes()
            wanted = digits_of(row["label"])
            if read(decode_image(data, fine=True).pixels).digits != wanted:
                continue
            still = np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR))
            for kind, size in itertools.product(KINDS, options.sizes):
                what = f"{kind} {size:g} {name} {Path(row['file']).stem} {wanted}"
                photo = photo_of(
                    still, kind, size, np.random.default_rng(zlib.crc32(what.encode()))
                )
                found = read(decode_image(photo, fine=True).pixels)
                wrong = found.digits != wanted
                counts[kind, name] += (not wrong, 1, wrong and found.status == "ok")
                if options.wrong and wrong:
                    options.wrong.mkdir(parents=True, exist_ok=True)
                    (options.wrong / f"{what}.jpg").write_bytes(photo)
    print(f"{'':<18}" + "".join(f"{name:>14}" for name in [*names, "all", "sure, wrong"]))
    for kind in [*KINDS, "all"]:
        shown = list(KINDS) if kind == "all" else [kind]
        of = [sum((counts[one, name] for one in shown), np.zeros(3, int)) for name in names]
        total = sum(of, np.zeros(3, int))
        cells = "".join(f"{f'{right}/{count}':>14}" for right, count, _ in [*of, total])
        print(f"{kind:<18}{cells}{total[2]:>14}")


if __name__ == "__main__":
    main()
