"""The short way for plain PNGs gives what Pillow gives, or nothing."""

import io
import struct
import zlib

import numpy as np
import pytest
from hostile import chunk, encode
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from inkhook.core.base.problems import ImageRefused
from inkhook.core.base.types import Dataset
from inkhook.core.images import imagefile, plain_png

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # pytest undoes Pillow's silence

MOST = 50_000_000

SIGN = b"\x89PNG\r\n\x1a\n"


def png(
    width: int, height: int, lines: bytes, *, kind: bytes = b"\x08\0\0\0\0", pieces: int = 1
) -> bytes:
    header = struct.pack(">II", width, height) + kind
    data = zlib.compress(lines)
    size = -(-len(data) // pieces)
    chunks = [chunk(b"IDAT", data[i : i + size]) for i in range(0, len(data), size)]
    return SIGN + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IEND", b"")


def long_way(data: bytes) -> np.ndarray | str:
    """Decode as if there were no short way; a refusal is its status."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain_png, "decode", lambda *_: None)
        return either(data)


def either(data: bytes) -> np.ndarray | str:
    try:
        pixels: np.ndarray = imagefile.decode_image(data).pixels
        return pixels
    except ImageRefused as refused:
        return refused.status


def assert_same(data: bytes) -> None:
    np.testing.assert_array_equal(either(data), long_way(data))


def test_digits_go_the_short_way(digits: Dataset) -> None:
    for image in digits.test.images[:300]:
        for level in (0, 1, 9):
            data = encode(Image.fromarray(image), "PNG", compress_level=level)
            found = plain_png.decode(data, MOST)
            assert found is not None
            np.testing.assert_array_equal(found, image)


@given(st.integers(1, 40), st.integers(1, 40), st.data())
@settings(max_examples=150, deadline=None)
def test_any_filters_and_sizes(width: int, height: int, data: st.DataObject) -> None:
    lines = bytearray(data.draw(st.binary(min_size=64, max_size=64)) * 26)[: (width + 1) * height]
    for row in range(height):
        lines[row * (width + 1)] %= 5
    whole = png(width, height, bytes(lines))
    assert plain_png.decode(whole, MOST) is not None
    assert_same(whole)


@given(st.integers(0, 2), st.integers(1, 400), st.integers(1, 300), st.data())
@settings(max_examples=60, deadline=None)
def test_pictures_with_one_filter(kind: int, width: int, height: int, data: st.DataObject) -> None:
    """Of any size, empty or with something in the middle, in one piece or in several."""
    lines = np.zeros((height, width + 1), np.uint8)
    left, top = data.draw(st.integers(0, width)), data.draw(st.integers(0, height - 1))
    patch = data.draw(arrays(np.uint8, (min(9, height - top), min(9, width - left))))
    lines[top : top + patch.shape[0], 1 + left : 1 + left + patch.shape[1]] = patch
    lines[:, 1] += data.draw(arrays(np.uint8, height, fill=st.just(255)))
    lines[:, 0] = kind
    whole = png(width, height, lines.tobytes(), pieces=data.draw(st.integers(1, 4)))
    assert plain_png.decode(whole, MOST) is not None
    assert plain_png.decode(whole, width * height - 1) is None
    assert_same(whole)


def test_a_large_picture_whose_filters_change_goes_the_long_way() -> None:
    lines = np.random.default_rng(0).integers(0, 256, (200, 201)).astype(np.uint8)
    for filters in ([1, 2], [1, 1, 4], [5, 5]):
        lines[:, 0] = filters[-1]
        lines[: len(filters), 0] = filters
        whole = png(200, 200, lines.tobytes())
        assert plain_png.decode(whole, MOST) is None
        assert_same(whole)


@given(st.integers(0, 400), st.binary(min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_damaged_files_get_the_same_status(place: int, noise: bytes) -> None:
    whole = png(28, 28, bytes(29 * 28))
    broken = bytearray(whole)
    broken[place : place + len(noise)] = noise
    assert_same(bytes(broken))


def mended(data: bytes) -> bytes:
    """Return a PNG whose compressed data are these, with right checksums."""
    header = struct.pack(">IIBBBBB", 28, 28, 8, 0, 0, 0, 0)
    return SIGN + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("change", range(12))
def test_damage_that_the_checksums_dont_show(change: int) -> None:
    lines = np.random.default_rng(change).integers(0, 256, (28, 29)).astype(np.uint8)
    lines[:, 0] %= 5
    data = zlib.compress(lines.tobytes())
    strange = lines.copy()
    strange[13, 0] = 5
    variants = (
        data[:-1], data[:-4], data[: len(data) // 2], data + b"x", data + data, b"", b"\0" * 40,
        zlib.compress(lines.tobytes()[:-1]), zlib.compress(lines.tobytes() + b"x"),
        zlib.compress(strange.tobytes()), data[:-2] + b"\0\0", data[:9] + b"\xff" + data[10:],
    )  # fmt: skip
    whole = mended(variants[change])
    assert plain_png.decode(whole, MOST) is None
    assert_same(whole)


def test_what_is_not_plain_goes_the_long_way() -> None:
    grey = Image.fromarray(np.arange(784, dtype=np.uint16).reshape(28, 28).astype(np.uint8))
    whole = encode(grey, "PNG")
    noise = np.random.default_rng(0).integers(0, 256, (200, 200)).astype(np.uint8)
    others = [
        encode(grey.convert("RGB"), "PNG"),
        encode(grey.convert("P"), "PNG"),
        encode(grey.convert("1"), "PNG"),
        encode(grey, "PNG", transparency=7),
        encode(grey, "PNG", dpi=(90, 90)),
        encode(Image.fromarray(noise), "PNG"),
        png(28, 28, bytes(29 * 28), kind=b"\x08\0\0\0\x01"),
        whole[:33]
        + chunk(b"eXIf", b"II*\0\x08\0\0\0\x01\0\x12\1\3\0\1\0\0\0\3\0\0\0")
        + whole[33:],
    ]
    for data in others:
        assert plain_png.decode(data, MOST) is None
        assert_same(data)
    turned = either(others[-1])
    assert not isinstance(turned, str)
    np.testing.assert_array_equal(turned, np.asarray(Image.open(io.BytesIO(whole)))[::-1, ::-1])
