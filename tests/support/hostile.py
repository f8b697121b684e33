"""A folder with whatever may lie in one, and twenty good images among it."""

import contextlib
import io
import os
import socket
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from inkhook.core.base.types import Dataset

CRASH = b"this one crashes its decoder"

DECODER_THAT_CRASHES = f"""
import os, signal
from PIL import Image

whole = Image.open

def open_(file, *args, **kwargs):
    if {CRASH!r} in file.getvalue():
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(file, *args, **kwargs)

Image.open = open_
"""
"""For `sitecustomize.py`, which Python imports when it starts."""


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(side: int = 30_000) -> bytes:
    """A PNG of 900 megapixels in 110 KB."""
    packer = zlib.compressobj(9)
    line = bytes(1 + side // 8)
    data = b"".join(packer.compress(line) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", header), chunk(b"IDAT", data), chunk(b"IEND", b""))
    )


def make(folder: Path, digits: Dataset, good: int = 20) -> dict[bytes, str]:  # noqa: PLR0915
    """Make the folder; return the status that each file should have, by its name's bytes.

    The good ones are of different kinds and sizes, and named after what they show.
    """
    folder.mkdir(parents=True)
    expected: dict[bytes, str] = {}

    def put(name: str | bytes, data: bytes, status: str) -> None:
        raw = os.fsencode(name)
        with open(os.path.join(os.fsencode(folder), raw), "wb") as file:
            file.write(data)
        expected[raw] = status

    kinds = [("PNG", "png"), ("JPEG", "jpg"), ("TIFF", "tif"), ("BMP", "bmp"), ("WEBP", "webp")]
    for i in range(good):
        image = Image.fromarray(digits.test.images[i])
        kind, suffix = kinds[i % len(kinds)]
        if i % 2:
            image = image.resize((140, 140), Image.Resampling.BICUBIC)
        if i % 3 == 0:
            image = Image.eval(image, lambda value: 255 - value)
        name = f"good {i:02} is {digits.test.labels[i]}"
        put(f"{name}.{suffix}" if i % 4 else name, encode(image, kind), "ok")
    digit = Image.fromarray(digits.test.images[0]).resize((120, 120), Image.Resampling.BICUBIC)
    png, jpeg, gif = encode(digit, "PNG"), encode(digit, "JPEG"), encode(digit, "GIF")
    put("bomb.png", bomb(), "too_large")
    put("cut.png", png[: len(png) // 2], "truncated")
    put("cut.jpg", jpeg[: len(jpeg) // 2], "truncated")
    put("crc.png", png[:60] + bytes([png[60] ^ 255]) + png[61:], "corrupt")
    put("zero.png", b"", "empty")
    put("text.png", b"I am a letter, not a digit.\n", "not_image")
    put("page.html", b"<html><img src='a.png'></html>", "not_image")
    put("white.png", encode(Image.new("L", (50, 70), 255), "PNG"), "blank")
    put("crash.gif", gif[:-1] + b"!\xfe" + bytes([len(CRASH)]) + CRASH + b"\0;", "decoder_crash")
    more = [Image.new("L", digit.size, 128)] * 2
    put("moving.gif", encode(digit, "GIF", save_all=True, append_images=more), "ok")
    put("pages.tif", encode(digit, "TIFF", save_all=True, append_images=more), "ok")
    real = Image.fromarray(np.asarray(digit, np.float32) / 255)
    put("real.tif", encode(real, "TIFF"), "ok")
    not_numbers = Image.fromarray(np.full((40, 40), np.nan, np.float32))
    put("nan.tif", encode(not_numbers, "TIFF"), "corrupt")
    put("two\nlines, \"quoted\" and 'so'.png", png, "ok")
    put("back\\slash.png", png, "ok")
    put("d\xe9j\xe0 vu.png".encode("latin-1"), png, "ok")
    put("日本語.png", png, "ok")
    put("=1+1.png", png, "ok")
    with open(folder / "sparse.png", "wb") as file:  # a gigabyte that takes no room
        file.write(png)
        file.truncate(2**30)
    expected[b"sparse.png"] = "too_large"
    os.mkfifo(folder / "pipe.png")
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(os.path.relpath(folder / "socket.png"))
    (folder / "round.png").symlink_to("round.png")
    (folder / "nowhere.png").symlink_to("gone.png")
    (folder / "zero").symlink_to("/dev/zero")
    (folder / "again").symlink_to(".")
    (folder / "link.png").symlink_to("real.tif")
    expected[b"link.png"] = "ok"
    (folder / ".hidden.png").write_bytes(png)
    return expected


SKIPPED = {
    "hidden": 1,
    "pipes, sockets and devices": 3,
    "broken links": 2,
    "links to folders": 1,
}
