"""Image files: the same digit out of every kind of file, and a reason for those that have none."""

import io
import os
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from inkhook.core.base.problems import ImageRefused
from inkhook.core.images import imagefile
from inkhook.core.images.imagefile import Limits, decode_image, read_image

Pixels = npt.NDArray[np.uint8]
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # pytest undoes Pillow's silence

STATUSES = {"empty", "corrupt", "truncated", "not_image", "too_large", "unreadable"}


def seven(height: int = 60, width: int = 40) -> Pixels:
    """A dark 7 on white paper: no turn and no mirror makes it look the same."""
    paper = np.full((height, width), 255, np.uint8)
    scale = height / 60
    points = np.array([[10, 14], [30, 14], [18, 48]]) * scale
    thickness = max(1, round(4 * scale))
    cv2.polylines(paper, [points.astype(np.int32)], False, 0, thickness, cv2.LINE_AA)
    return paper


SEVEN = seven()
GREY = Image.fromarray(SEVEN)
INK = Image.fromarray(255 - SEVEN)
BLACK, WHITE = Image.new("L", GREY.size, 0), Image.new("L", GREY.size, 255)


def save(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def encode(suffix: str, array: npt.NDArray[Any]) -> bytes:
    done, data = cv2.imencode(suffix, array)
    assert done
    return data.tobytes()


def colours(grey: npt.NDArray[Any], *, alpha: npt.NDArray[Any] | None = None) -> npt.NDArray[Any]:
    return np.dstack([grey] * 3 + ([] if alpha is None else [alpha]))


def adobe(data: bytes, *, mark: bool) -> bytes:
    """Return a CMYK JPEG with Adobe's mark (its values are then inverted) or without."""
    place = data.index(b"\xff\xee")
    size = int.from_bytes(data[place + 2 : place + 4], "big") + 2
    return data if mark else data[:place] + data[place + size :]


def cmyk() -> Image.Image:
    return GREY.convert("RGB").convert("CMYK")


def refusal(data: bytes, limits: Limits = imagefile.DEFAULT_LIMITS) -> str:
    """Return the status with which a file is refused."""
    with pytest.raises(ImageRefused) as caught:
        decode_image(data, limits)
    assert caught.value.status in STATUSES
    assert str(caught.value).startswith("It ")
    assert str(caught.value).endswith(".")
    return caught.value.status


SHARP = GREY.point(lambda value: 255 * (value == 255))
SIXTEEN = SEVEN.astype(np.uint16) * 257
REAL = SEVEN.astype(np.float32) / 255

VARIANTS: dict[str, Callable[[], bytes]] = {
    "grey": lambda: save(GREY, "PNG"),
    "colour": lambda: save(GREY.convert("RGB"), "PNG"),
    "black on nothing": lambda: save(Image.merge("RGBA", [BLACK] * 3 + [INK]), "PNG"),
    "black on nothing, LA": lambda: save(Image.merge("LA", [BLACK, INK]), "PNG"),
    "black on hidden white": lambda: save(Image.merge("RGBA", [SHARP] * 3 + [INK]), "PNG"),
    "alpha that is full": lambda: save(Image.merge("LA", [GREY, WHITE]), "PNG"),
    "alpha that was left at 0": lambda: save(Image.merge("RGBA", [GREY] * 3 + [BLACK]), "PNG"),
    "16 bits": lambda: save(Image.fromarray(SIXTEEN), "PNG"),
    "16 bits, colour": lambda: encode(".png", colours(SIXTEEN)),
    "16 bits, alpha": lambda: encode(".png", colours(SIXTEEN * 0, alpha=65_535 - SIXTEEN)),
    "palette": lambda: save(GREY.convert("P"), "PNG"),
    "adaptive palette": lambda: save(GREY.convert("RGB").quantize(32), "PNG"),
    "palette with transparent paper": lambda: save(GREY.convert("P"), "PNG", transparency=255),
    "grey with transparent paper": lambda: save(GREY, "PNG", transparency=255),
    "colour with transparent paper": lambda: save(
        GREY.convert("RGB"), "PNG", transparency=(255, 255, 255)
    ),
    "jpeg": lambda: save(GREY, "JPEG", quality=95),
    "jpeg, colour": lambda: save(GREY.convert("RGB"), "JPEG", quality=95),
    "jpeg, progressive": lambda: save(GREY.convert("RGB"), "JPEG", quality=95, progressive=True),
    "jpeg, cmyk of Adobe": lambda: adobe(save(cmyk(), "JPEG", quality=95), mark=True),
    "jpeg, cmyk": lambda: adobe(save(ImageChops.invert(cmyk()), "JPEG", quality=95), mark=False),
    "gif": lambda: save(GREY, "GIF"),
    "gif with transparent paper": lambda: save(GREY.convert("P"), "GIF", transparency=255),
    "bmp": lambda: save(GREY, "BMP"),
    "bmp, colour": lambda: save(GREY.convert("RGB"), "BMP"),
    "webp": lambda: save(GREY, "WEBP", lossless=True),
    "webp, lossy": lambda: save(GREY, "WEBP", quality=95),
    "webp, alpha": lambda: save(Image.merge("RGBA", [BLACK] * 3 + [INK]), "WEBP", lossless=True),
    "tiff": lambda: save(GREY, "TIFF"),
    "tiff, packed": lambda: save(GREY.convert("RGB"), "TIFF", compression="tiff_lzw"),
    "tiff, big-endian": lambda: save(Image.fromarray(SIXTEEN.astype(">u2")), "TIFF"),
    "tiff, 16 bits": lambda: save(Image.fromarray(SIXTEEN), "TIFF"),
    "tiff, 16 bits, colour": lambda: encode(".tiff", colours(SIXTEEN)),
    "tiff, floats to 1": lambda: save(Image.fromarray(REAL), "TIFF"),
    "tiff, floats from -3 to 7": lambda: save(Image.fromarray(REAL * 10 - 3), "TIFF"),
    "tiff, 32 bits": lambda: save(Image.fromarray(SEVEN.astype(np.int32) * 10_000), "TIFF"),
    "tiff, cmyk": lambda: save(cmyk(), "TIFF"),
    "tiff, alpha": lambda: save(Image.merge("LA", [BLACK, INK]), "TIFF"),
    "pgm": lambda: encode(".pgm", SEVEN),
    "ppm": lambda: encode(".ppm", colours(SEVEN)),
    "pgm, 16 bits": lambda: b"P5 40 60 65535\n" + SIXTEEN.astype(">u2").tobytes(),
    "pgm, plain": lambda: b"P2 # by hand\n40 60 255\n" + b" ".join(b"%d" % v for v in SEVEN.flat),
    "trailing bytes": lambda: save(GREY, "PNG") + b"\0" * 99,
    "jpeg, trailing bytes": lambda: save(GREY, "JPEG", quality=95) + b"\0" * 99,
}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_kind_of_file_gives_the_same_digit(name: str) -> None:
    image = decode_image(VARIANTS[name]())
    assert image.pixels.dtype == np.uint8
    assert image.pixels.shape == SEVEN.shape
    assert not image.pixels.flags.writeable
    assert image.notice == ""
    off = np.abs(image.pixels.astype(int) - SEVEN)
    assert off.mean() < 2.5
    assert off.max() < 50, "lossy kinds ring at edges, and none has lost a stroke"


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "GIF", "PPM"])
def test_one_bit_a_pixel(kind: str) -> None:
    image = GREY.point(lambda value: 255 * (value > 127)).convert("1")
    assert np.array_equal(decode_image(save(image, kind)).pixels, np.where(SEVEN > 127, 255, 0))


def test_a_white_digit_on_nothing_is_seen_too() -> None:
    for image in (
        Image.merge("RGBA", [WHITE] * 3 + [INK]),
        Image.merge("LA", [WHITE, INK]),
        Image.merge("LA", [INK, INK]),
    ):
        pixels = decode_image(save(image, "PNG")).pixels
        assert pixels.max() - pixels.min() > 250
        assert np.abs(pixels.astype(int) - (255 - SEVEN)).mean() < 5


def test_coloured_ink_on_nothing_stands_out() -> None:
    for ink in ((200, 30, 30), (128, 128, 128), (255, 230, 0), (0, 0, 90)):
        solid = [Image.new("L", GREY.size, value) for value in ink]
        pixels = decode_image(save(Image.merge("RGBA", [*solid, INK]), "PNG")).pixels
        assert int(pixels.max()) - int(pixels.min()) > 100


def test_a_card_with_transparent_corners_gets_paper_of_its_own() -> None:
    alpha = np.full(SEVEN.shape, 255, np.uint8)
    alpha[:6, :6] = alpha[-6:, -6:] = 0
    card = np.maximum(SEVEN, 20) - 10
    for shade in (card, 255 - card):
        data = save(Image.merge("LA", [Image.fromarray(shade), Image.fromarray(alpha)]), "PNG")
        assert np.abs(decode_image(data).pixels.astype(int) - shade).max() <= 1


def turned(orientation: int) -> Image.Image:
    """Return the picture that a camera held this way would store, by Pillow's own account."""
    undo = {
        1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4,
    }[orientation]  # fmt: skip
    return GREY if undo is None else GREY.transpose(Image.Transpose(undo))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_ends_upright(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    lossless: dict[str, dict[str, Any]] = {"JPEG": {"quality": 95}, "WEBP": {"lossless": True}}
    options = lossless.get(kind, {})
    pixels = decode_image(save(turned(orientation), kind, exif=exif, **options)).pixels
    assert pixels.shape == SEVEN.shape
    assert np.abs(pixels.astype(int) - SEVEN).mean() < 3


@pytest.mark.parametrize("value", [0, 9, 65_535])
def test_an_orientation_that_makes_no_sense_is_passed_over(value: int) -> None:
    exif = Image.Exif()
    exif[274] = value
    assert np.array_equal(decode_image(save(GREY, "PNG", exif=exif)).pixels, SEVEN)


def test_exif_that_is_broken_is_passed_over() -> None:
    data = save(GREY, "JPEG", quality=95, exif=b"Exif\0\0II*\0\xff\xff\xff\x7f" + b"\xff" * 40)
    assert decode_image(data).pixels.shape == SEVEN.shape


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize(("side", "expected"), [(2300, 2300), (2400, 600), (3001, 751)])
def test_a_large_jpeg_is_decoded_at_a_fraction(mode: str, side: int, expected: int) -> None:
    exif = Image.Exif()
    exif[274] = 6
    stored = Image.fromarray(seven(side, side // 2)).transpose(Image.Transpose.ROTATE_90)
    pixels = decode_image(save(stored.convert(mode), "JPEG", exif=exif)).pixels
    assert pixels.shape[0] == expected
    small = cv2.resize(pixels, SEVEN.shape[::-1], interpolation=cv2.INTER_AREA)
    large = cv2.resize(seven(side, side // 2), SEVEN.shape[::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - large).mean() < 5


def test_of_several_pictures_the_first_is_read() -> None:
    more = {"save_all": True, "append_images": [Image.new("L", GREY.size, 90)] * 4}
    for kind in ("GIF", "TIFF", "PNG", "WEBP"):
        image = decode_image(
            save(GREY, kind, **more, **({"lossless": True} if kind == "WEBP" else {}))
        )
        assert np.abs(image.pixels.astype(int) - SEVEN).mean() < 1
        assert image.notice == "It holds several pictures; only the first was read."


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb() -> bytes:
    """A PNG of 900 million pixels in a hundred kilobytes."""
    packer = zlib.compressobj(9)
    row = b"\0" * (30_000 // 8 + 1)
    body = b"".join(packer.compress(row) for _ in range(30_000)) + packer.flush()
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", body), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def resized(kind: str) -> bytes:
    """Return a small file whose header claims 30,000×30,000 pixels (WebP: 16,000×16,000)."""
    data = bytearray(save(GREY, kind, **({"lossless": True} if kind == "WEBP" else {})))
    if kind == "BMP":
        data[18:26] = struct.pack("<ii", 30_000, 30_000)
    elif kind == "GIF":
        data[6:10] = struct.pack("<HH", 30_000, 30_000)
    elif kind == "JPEG":
        place = data.index(b"\xff\xc0")
        data[place + 5 : place + 9] = struct.pack(">HH", 30_000, 30_000)
    elif kind == "PPM":
        return b"P5 30000 30000 255\n" + bytes(data[15:])
    elif kind == "WEBP":
        data[21:25] = struct.pack("<I", 15_999 | 15_999 << 14)
    else:
        for tag in (256, 257):
            place = data.index(struct.pack("<HHI", tag, 4, 1)) + 8
            data[place : place + 4] = struct.pack("<I", 30_000)
    return bytes(data)


def test_a_bomb_is_refused_without_being_decoded() -> None:
    data = bomb()
    assert len(data) < 300_000
    start = time.perf_counter()
    assert refusal(data) == "too_large"
    assert refusal(data, Limits(most_pixels=10**9)) == "too_large", "Pillow's own limit stays"
    assert time.perf_counter() - start < 0.1


@pytest.mark.parametrize("kind", ["BMP", "GIF", "JPEG", "PPM", "TIFF", "WEBP"])
def test_the_size_that_a_header_claims_counts(kind: str) -> None:
    assert refusal(resized(kind)) == "too_large"


def test_the_limits_are_what_they_say() -> None:
    data = save(GREY, "PNG")
    assert decode_image(data, Limits(len(data), 2400)).pixels.shape == (60, 40)
    assert refusal(data, Limits(len(data) - 1)) == "too_large"
    assert refusal(data, Limits(most_pixels=2399)) == "too_large"
    webp = save(GREY, "WEBP")
    assert refusal(webp, Limits(most_pixels=2399)) == "too_large"
    alpha = save(Image.merge("RGBA", [BLACK] * 3 + [INK]), "WEBP")
    assert refusal(alpha, Limits(most_pixels=2399)) == "too_large"


NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 70), np.uint8))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "TIFF", "WEBP", "PPM"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.98])
def test_a_file_that_was_cut_is_truncated(kind: str, part: float) -> None:
    data = save(NOISE, kind)
    assert refusal(data[: int(len(data) * part)]) == "truncated"


def test_cuts_that_are_hard_to_see() -> None:
    png, jpeg = save(NOISE, "PNG"), save(NOISE, "JPEG")
    assert refusal(png[:-12]) == "truncated", "only IEND is missing"
    assert refusal(png[:-1]) == "truncated"
    assert refusal(png[:10]) == "truncated"
    assert refusal(jpeg[:-2]) == "truncated", "only EOI is missing"
    preview = b"Exif\0\0" + save(GREY, "JPEG")
    assert refusal(save(NOISE, "JPEG", exif=preview)[:-900]) == "truncated", "EOI of a preview"
    assert refusal(save(NOISE, "JPEG", progressive=True)[:-900]) == "truncated"
    assert refusal(save(NOISE, "TIFF", compression="tiff_lzw")[:-900]) == "truncated"
    assert refusal(encode(".tiff", np.asarray(NOISE))[:-900]) == "truncated"
    assert refusal(save(NOISE, "GIF")[:-900]) == "truncated"
    assert refusal(b"P2 3 2 15 0 1 0 1") == "truncated"


def test_damage() -> None:
    data = bytearray(save(NOISE, "PNG"))
    data[len(data) // 2] ^= 1
    assert refusal(bytes(data)) == "corrupt", "a checksum"
    header = struct.pack(">IIBBBBB", 40, 60, 8, 0, 0, 0, 0)
    for body in (b"", b"nonsense", zlib.compress(b"\x09" * 60 * 41)):
        parts = chunk(b"IHDR", header), chunk(b"IDAT", body), chunk(b"IEND", b"")
        status = refusal(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
        assert status in ("corrupt", "truncated")
    for number in (np.nan, np.inf):
        real = REAL.copy()
        real[3, 3] = number
        assert refusal(save(Image.fromarray(real), "TIFF")) == "corrupt"
    assert refusal(b"\x89PNG\r\n\x1a\n" + chunk(b"teXt", b"") * 70_000) == "corrupt"
    jpeg = save(GREY, "JPEG")
    assert refusal(jpeg[:-2] + b"\xff\xda" * 300 + jpeg[-2:]) == "corrupt"


@pytest.mark.parametrize(
    "data",
    [b"hello", b"P", b"P7\nWIDTH 1\n", b"\x93NUMPY", b"<svg/>", b"%PDF-1.4", b"RIFF\0\0\0\0WAVE"],
)
def test_what_is_no_image(data: bytes) -> None:
    assert refusal(data) == "not_image"


def test_nothing_is_empty() -> None:
    assert refusal(b"") == "empty"


def refusal_of_path(path: str | Path) -> str:
    with pytest.raises(ImageRefused) as caught:
        read_image(path)
    return caught.value.status


def test_files_and_what_only_looks_like_one(tmp_path: Path) -> None:
    path = tmp_path / "a digit.txt"
    path.write_bytes(save(GREY, "PNG"))
    assert np.array_equal(read_image(path).pixels, SEVEN)
    assert np.array_equal(read_image(str(path)).pixels, SEVEN)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("nowhere.png", "pipe", "loop", ".", "a\0b", "x" * 300):
        assert refusal_of_path(tmp_path / name) == "unreadable"
    (tmp_path / "empty.png").touch()
    assert refusal_of_path(tmp_path / "empty.png") == "empty"
    with (tmp_path / "hole.png").open("wb") as file:
        file.truncate(33 * 2**20)
    assert refusal_of_path(tmp_path / "hole.png") == "too_large"


def test_several_threads_read_alike() -> None:
    files = [variant() for variant in VARIANTS.values()]
    expected = [decode_image(data).pixels for data in files]
    results: list[list[Pixels]] = []

    def work() -> None:
        results.append([decode_image(data).pixels for data in files])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    for result in results:
        assert all(map(np.array_equal, result, expected))


SOURCES = [
    save(image, kind, **options)
    for image, kind, options in (
        (GREY, "PNG", {}),
        (GREY.convert("P"), "PNG", {"transparency": 255}),
        (GREY, "JPEG", {}),
        (GREY.convert("RGB"), "JPEG", {"progressive": True}),
        (GREY, "GIF", {}),
        (GREY, "BMP", {}),
        (GREY.convert("1"), "TIFF", {"compression": "group4"}),
        (GREY, "TIFF", {"compression": "tiff_deflate"}),
        (Image.fromarray(REAL), "TIFF", {}),
        (GREY.convert("RGBA"), "WEBP", {}),
        (GREY, "PPM", {}),
    )
]


def decodes_or_is_refused(data: bytes) -> None:
    limits = Limits(most_pixels=1_000_000)
    try:
        image = decode_image(data, limits)
    except ImageRefused as refused:
        assert refused.status in STATUSES  # noqa: PT017 - either end is right
    else:
        assert image.pixels.dtype == np.uint8
        assert image.pixels.ndim == 2
        assert 0 < image.pixels.size <= limits.most_pixels


@given(
    source=st.sampled_from(SOURCES),
    changes=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), max_size=4),
    cut=st.one_of(st.just(1.0), st.floats(0, 1)),
    mended=st.booleans(),
)
@settings(deadline=None, max_examples=400)
def test_any_damage_ends_in_pixels_or_a_reason(
    source: bytes, changes: list[tuple[float, bytes]], cut: float, mended: bool
) -> None:
    data = bytearray(source)
    for place, new in changes:
        # more often at the beginning, where sizes and kinds are
        start = int(place**3 * len(data))
        data[start : start + len(new)] = new
    damaged = bytes(data[: int(cut * len(data))])
    decodes_or_is_refused(with_checksums(damaged) if mended else damaged)


@given(st.sampled_from([b"", *(source[:8] for source in SOURCES)]), st.binary(max_size=200))
@settings(deadline=None, max_examples=200)
def test_any_bytes_end_in_pixels_or_a_reason(start: bytes, rest: bytes) -> None:
    decodes_or_is_refused(start + rest)


def with_checksums(data: bytes) -> bytes:
    """Return a PNG with its checksums put right, so that damage gets past the first check."""
    mended, place = bytearray(data), 8
    while data.startswith(b"\x89PNG") and place + 12 <= len(data):
        end = place + 12 + int.from_bytes(data[place : place + 4], "big")
        if end > len(data):
            break
        mended[end - 4 : end] = struct.pack(">I", zlib.crc32(data[place + 4 : end - 4]))
        place = end
    return bytes(mended)


def test_nothing_is_written_about_damaged_files(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for number in range(200):
        data = bytearray(SOURCES[number % len(SOURCES)])
        for place in rng.integers(0, len(data), 3):
            data[place] = rng.integers(256)
        (tmp_path / f"{number}.bin").write_bytes(with_checksums(bytes(data)))
    many = bytearray(save(GREY.convert("RGB"), "TIFF"))
    many[many.index(struct.pack("<HHI", 277, 3, 1)) + 8] = 255  # samples per pixel
    (tmp_path / "many.bin").write_bytes(many)
    code = (
        "import pathlib, sys\n"
        "from inkhook.core.images.imagefile import read_image\n"
        "from inkhook.core.base.problems import ImageRefused\n"
        "for path in pathlib.Path(sys.argv[1]).iterdir():\n"
        "    try: read_image(path)\n"
        "    except ImageRefused: pass\n"
        "assert not {'tensorflow', 'matplotlib'} & set(sys.modules)\n"
    )
    words = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
