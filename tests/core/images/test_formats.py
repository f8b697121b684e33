"""Formats beyond the usual ones: read where a library can, else named with what to do."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from files_of_several import write_pdf
from PIL import Image

from inkhook.core.base.problems import ImageRefused
from inkhook.core.base.types import Dataset
from inkhook.core.images import imagefile
from inkhook.core.images.imagefile import Limits, decode_image
from inkhook.core.images.preprocess import prepare

KINDS = ("AVIF", "JPEG2000", "HEIF")


def encode(image: Image.Image, kind: str) -> bytes:
    if kind == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    buffer = io.BytesIO()
    image.save(buffer, kind, quality=95)
    return buffer.getvalue()


@pytest.fixture
def page(digits: Dataset) -> Image.Image:
    seven = Image.fromarray(255 - digits.test.images[0]).resize((120, 120))
    paper = Image.new("RGB", (200, 160), "white")
    paper.paste(seven, (40, 20))
    return paper


def close(one: np.ndarray, other: np.ndarray) -> bool:
    prepared = prepare(one), prepare(other)
    assert prepared[0] is not None
    assert prepared[1] is not None
    return float(np.abs(prepared[0] - prepared[1]).mean()) < 0.02


@pytest.mark.parametrize("kind", KINDS)
def test_a_digit_is_the_same_in_each(page: Image.Image, kind: str) -> None:
    data = encode(page, kind)
    assert close(decode_image(data).pixels, np.asarray(page.convert("L")))
    with pytest.raises(ImageRefused) as caught:
        decode_image(data, Limits(most_pixels=200 * 160 - 1))
    assert caught.value.status == "too_large"
    for length in range(20, len(data), max(len(data) // 40, 1)):
        try:
            decode_image(data[:length])
        except ImageRefused as refused:
            assert refused.status in ("not_image", "truncated", "corrupt", "too_large")  # noqa: PT017


def test_a_pdf_is_read_at_a_size_that_fits(digits: Dataset, tmp_path: Path) -> None:
    data = write_pdf(tmp_path / "a.pdf", digits.test.images[:1]).read_bytes()
    found = decode_image(data)
    assert found.notice == ""
    assert close(found.pixels, 255 - np.kron(digits.test.images[0], np.ones((9, 9), np.uint8)))
    assert decode_image(data, Limits(most_pixels=100_000)).pixels.size <= 100_000
    for length in (60, len(data) // 2):
        with pytest.raises(ImageRefused) as caught:
            decode_image(data[:length])
        assert caught.value.status == "corrupt"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"<?xml version='1.0'?>\n<!-- a -->\n<svg xmlns='x'/>", "is an SVG drawing, which isn't"),
        (b"\xef\xbb\xbf  <svg/>", "is an SVG drawing"),
        (b"\xff\x0a" + bytes(40), "is a JPEG XL image; convert it to PNG"),
        (b"\0\0\0\x18ftypisom" + bytes(40), "isn't a PNG, JPEG"),
        (b"<html><img src='a.svg'></html>", "isn't a PNG, JPEG"),
    ],
)
def test_what_isnt_read_is_named(data: bytes, sentence: str) -> None:
    with pytest.raises(ImageRefused, match=sentence) as caught:
        decode_image(data)
    assert caught.value.status == "not_image"


@pytest.mark.parametrize(
    ("kind", "module", "sentence"),
    [
        (
            "HEIF",
            "pillow_heif",
            r"is a HEIC photo; to read it, pip install 'inkhook\[heic\]'",
        ),
        ("PDF", "pypdfium2", r"is a PDF; to read its pages, pip install 'inkhook\[pdf\]'"),
        (
            "AVIF",
            "PIL.AvifImagePlugin",
            "is AVIF, which this build of Pillow can't read; convert it to PNG",
        ),
    ],
)
def test_without_its_library_a_file_is_named(
    page: Image.Image, monkeypatch: pytest.MonkeyPatch, kind: str, module: str, sentence: str
) -> None:
    data = encode(page, kind)
    imagefile._load_reader.cache_clear()
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImageRefused, match=sentence) as caught:
        decode_image(data)
    assert caught.value.status == "not_image"
    imagefile._load_reader.cache_clear()
