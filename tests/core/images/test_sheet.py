"""Paper on a table: the sheet is found, laid flat and read; a picture without a table stays."""

from collections.abc import Callable

import cv2
import numpy as np
import pictures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inkhook.core.base.types import Dataset, FloatArray, UInt8Array
from inkhook.core.images.imagefile import decode_image
from inkhook.core.images.page import find_page, to_page
from inkhook.core.images.preprocess import prepare
from inkhook.core.images.sheet import find_sheet
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.modelfile import artifact
from inkhook.core.network.classifier import Classifier

Table = Callable[[int, int, np.random.Generator], FloatArray]
WHITE, YELLOW = (240, 238, 230), (250, 230, 90)


def boards(height: int, width: int, rng: np.random.Generator) -> FloatArray:
    streaks = cv2.resize(rng.normal(0, 12, (height // 4, 3)).astype(np.float32), (width, height))
    return np.asarray(np.array([120, 78, 45], np.float32) + streaks[..., np.newaxis])


def gravel(height: int, width: int, rng: np.random.Generator) -> FloatArray:
    grain = cv2.resize(rng.normal(120, 25, (height // 3, width // 3)), (width, height))
    return np.dstack([grain] * 3).astype(np.float32)


def plain(level: int) -> Table:
    return lambda height, width, _: np.full((height, width, 3), level, np.float32)


TABLES: dict[str, Table] = {
    "boards": boards,
    "gravel": gravel,
    "black": plain(20),
    "grey": plain(130),
    "light": plain(205),
}


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(artifact.read_artifact(SHIPPED).network)


def photo(
    digit: UInt8Array,
    table: str,
    tilt: float = 0,
    *,
    colour: tuple[int, int, int] = WHITE,
    lean: float = 0,
    cut: tuple[int, int, int, int] = (0, 0, 0, 0),
) -> tuple[UInt8Array, FloatArray]:
    """Photograph a sheet of 300×240 on a table; return RGB, and the corners (x, y).

    `tilt` is in degrees, `lean` shortens the upper side by that share, and `cut` takes so many
    pixels away on the left, above, on the right and below.
    """
    rng = np.random.default_rng([int(tilt) + 90, len(table)])
    sheet = np.full((300, 240, 3), colour, np.float32)
    ink = pictures.glyph(digit, 130)[..., np.newaxis]
    sheet[80:210, 50:180] += (np.array([30, 40, 110], np.float32) - sheet[80:210, 50:180]) * ink
    flat = np.array([(0, 0), (240, 0), (240, 300), (0, 300)], np.float32)
    seen = flat + np.array([[lean * 120, 0], [-lean * 120, 0], [0, 0], [0, 0]], np.float32)
    spin = cv2.getRotationMatrix2D((120, 150), -tilt, 1)
    corners = (cv2.transform(seen[np.newaxis], spin)[0] + (80, 65)).astype(np.float32)
    whole = np.dstack([sheet, np.full(sheet.shape[:2], 1, np.float32)])
    laid = cv2.warpPerspective(whole, cv2.getPerspectiveTransform(flat, corners), (400, 430))
    scene = TABLES[table](430, 400, rng) * (1 - laid[..., 3:]) + laid[..., :3]
    scene += rng.normal(0, 2, scene.shape)
    left, top, right, bottom = cut
    scene = scene[top : 430 - bottom, left : 400 - right]
    return np.clip(scene, 0, 255).astype(np.uint8), corners - np.array([left, top], np.float32)


def read(classifier: Classifier, picture: UInt8Array) -> int:
    """Read a picture as a JPEG file of it is read; -1 for blank."""
    bgr = picture if picture.ndim == 2 else picture[..., ::-1]
    prepared = prepare(decode_image(cv2.imencode(".jpg", bgr)[1].tobytes()).pixels)
    return -1 if prepared is None else int(classifier(prepared[np.newaxis]).argmax())


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("tilt", [-28, 0, 17])
def test_a_sheet_on_a_table_is_found_and_read(
    table: str, tilt: float, digits: Dataset, classifier: Classifier
) -> None:
    right = 0
    for place in range(5):
        picture, corners = photo(digits.test.images[place], table, tilt, lean=0.1)
        sheet = find_sheet(picture)
        assert sheet is not None
        assert np.abs(sheet.corners - corners).max() < 12
        right += read(classifier, picture) == digits.test.labels[place]
    assert right >= 4


def test_a_note_is_told_from_a_table_of_its_brightness(digits: Dataset) -> None:
    brightness = int(np.dot(YELLOW, (0.299, 0.587, 0.114)))
    picture, corners = photo(digits.test.images[0], "grey", 8, colour=YELLOW)
    picture[np.abs(picture.astype(int) - 130).max(axis=2) < 12] = brightness
    sheet = find_sheet(picture)
    assert sheet is not None
    assert np.abs(sheet.corners - corners).max() < 12


@pytest.mark.parametrize("table", ["boards", "black", "light"])
@pytest.mark.parametrize(
    "cut", [(110, 0, 0, 0), (0, 0, 0, 130), (110, 110, 0, 0), (110, 0, 120, 0), (110, 110, 120, 0)]
)
def test_the_frame_may_cut_the_sheet(
    table: str, cut: tuple[int, int, int, int], digits: Dataset, classifier: Classifier
) -> None:
    right = 0
    for place in range(5):
        picture, _ = photo(digits.test.images[place], table, 5, cut=cut)
        right += read(classifier, picture) == digits.test.labels[place]
    assert right >= 4


def test_a_thumb_on_the_sheet_is_no_ink(digits: Dataset, classifier: Classifier) -> None:
    right = 0
    for place in range(10):
        picture, _ = photo(digits.test.images[place], "boards", -6)
        cv2.line(picture, (60, 470), (115, 330), (190, 130, 100), 44, cv2.LINE_AA)
        right += read(classifier, picture) == digits.test.labels[place]
    assert right >= 9


def test_the_table_is_gone_from_the_page(digits: Dataset) -> None:
    picture, _ = photo(digits.test.images[1], "black", 12, lean=0.15)
    page = to_page(picture)
    assert page.ndim == 2
    assert (page[[0, -1]] > 180).all()
    assert (page[:, [0, -1]] > 180).all()
    assert abs(page.shape[0] / page.shape[1] - 300 / 240) < 0.15


@pytest.mark.parametrize(
    "picture",
    [kind for kind in pictures.KINDS if kind not in (pictures.boxed, pictures.half_in_the_shade)],
    ids=lambda picture: picture.__name__,
)
def test_a_picture_without_a_table_stays_as_it_is(
    picture: pictures.Picture, digits: Dataset
) -> None:
    rng = np.random.default_rng(5)
    pages = [picture(digit, rng) for digit in digits.test.images[:15]]
    assert all(to_page(page) is page for page in pages)


@pytest.mark.parametrize("picture", [pictures.boxed, pictures.half_in_the_shade])
def test_an_edge_that_is_no_sheet_s_does_no_harm(
    picture: pictures.Picture, digits: Dataset, classifier: Classifier
) -> None:
    rng = np.random.default_rng(5)
    pages = [picture(digit, rng) for digit in digits.test.images[:25]]
    answers = [read(classifier, page) for page in pages]
    assert np.equal(answers, digits.test.labels[:25]).sum() >= 23


def test_paper_that_fills_the_photo_stays_as_it_is(digits: Dataset) -> None:
    for place in range(10):
        picture, _ = photo(digits.test.images[place], "boards", 0, cut=(110, 90, 100, 90))
        assert find_sheet(picture) is None


def test_a_thick_stroke_is_no_sheet() -> None:
    canvas = np.zeros((280, 280), np.uint8)
    cv2.line(canvas, (100, 40), (160, 240), 255, 60)
    assert find_sheet(canvas) is None
    cv2.ellipse(canvas, (140, 140), (90, 120), 0, 0, 360, 255, 40)
    assert find_sheet(canvas) is None


@given(
    st.tuples(st.integers(97, 240), st.integers(1, 240)).flatmap(
        lambda shape: st.sampled_from([shape, (*shape, 3)])
    ),
    st.data(),
)
@settings(max_examples=30, deadline=None)
def test_any_picture_gives_a_page(shape: tuple[int, ...], data: st.DataObject) -> None:
    levels = st.sampled_from([0, 40, 90, 200, 230, 255])
    page = to_page(data.draw(arrays(np.uint8, shape, elements=levels, fill=levels)))
    assert page.ndim == 2
    assert page.dtype == np.uint8
    assert max(page.shape) <= 3000


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_any_areas_give_a_page(seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture = np.full((150, 130, 3), rng.integers(0, 256, 3), np.uint8)
    for _ in range(int(rng.integers(1, 6))):
        corners = rng.integers(-40, 190, (int(rng.integers(3, 6)), 2)).astype(np.int32)
        cv2.fillPoly(picture, [corners], rng.integers(0, 256, 3).tolist())
    page = to_page(picture)
    assert page.ndim == 2
    assert min(page.shape) >= 2
    assert max(page.shape) <= 3000


@pytest.mark.parametrize("table", [boards, plain(60)])
def test_lines_across_a_sheet_dont_cut_it(table: Table) -> None:
    scene = table(720, 1280, np.random.default_rng(3))
    picture = np.asarray(np.clip(scene, 0, 255), np.uint8)
    left, top, width, height = 200, 260, 880, 200
    sheet = picture[top : top + height, left : left + width]
    sheet[:] = 215
    for line in (60, 140):
        sheet[line : line + 12] = 60
    for digit in range(5):
        at = 80 + 150 * digit, 145
        cv2.putText(sheet, str(digit + 2), at, 0, 3.6, (30, 30, 30), 9, cv2.LINE_AA)
    page = find_page(picture, many=True)
    corners = np.array([[(0, 0), page.pixels.shape[::-1]]], np.float64)
    found = cv2.perspectiveTransform(corners, page.matrix)[0]
    whole = np.array([(left, top), (left + width, top + height)])
    assert found == pytest.approx(whole, abs=14), "the whole of it"


def number_on_a_note(table: Table, small: float) -> UInt8Array:
    """Return a small photo of a note with a number, and of the table that it lies on."""
    scene = table(600, 800, np.random.default_rng(7))
    flat = np.array([(0, 0), (500, 0), (500, 260), (0, 260)], np.float32)
    note = np.full((260, 500, 4), (*WHITE, 1), np.float32)
    for place, digit in enumerate("4810"):
        ink = np.zeros(note.shape[:2], np.uint8)
        cv2.putText(ink, digit, (90 + 80 * place, 160), 0, 3, 255, 7, cv2.LINE_AA)
        note[ink > 127, :3] = (30, 40, 110)
    corners = np.array([(120, 190), (600, 110), (660, 370), (170, 450)], np.float32)
    laid = cv2.warpPerspective(note, cv2.getPerspectiveTransform(flat, corners), (800, 600))
    scene = scene * (1 - laid[..., 3:]) + laid[..., :3]
    soft = np.clip(scene, 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(soft, None, fx=small, fy=small, interpolation=cv2.INTER_AREA))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("small", [0.4, 1.0])
def test_a_number_s_note_is_found_in_a_small_photo(table: str, small: float) -> None:
    picture = number_on_a_note(TABLES[table], small)
    page = find_page(picture, many=True)
    high, wide = page.pixels.shape
    assert (wide, high) == pytest.approx((487 * small, 270 * small), rel=0.1)


def test_no_box_of_a_small_picture_is_lost() -> None:
    form = np.full((90, 260), 250, np.uint8)
    for left in range(30, 230, 50):
        cv2.rectangle(form, (left, 15), (left + 50, 75), 60, 3)
        form[20:72, left + 5 : left + 47] = 225
        cv2.putText(form, "3", (left + 12, 62), 0, 1.4, 20, 3, cv2.LINE_AA)
    assert find_page(form, many=True).pixels.shape[1] >= 4 * 50


def test_a_tinted_field_of_a_form_is_no_sheet() -> None:
    form = np.full((320, 150), 250, np.uint8)
    form[90:200, 40:130] = 220
    cv2.putText(form, "47", (50, 160), 0, 1.6, 30, 4, cv2.LINE_AA)
    cv2.putText(form, "12", (40, 280), 0, 1.6, 30, 4, cv2.LINE_AA)
    assert find_page(form, many=True).pixels.shape == form.shape


def test_numbers_on_both_sides_of_a_shadow_s_edge_stay() -> None:
    photo = np.full((500, 900), 225, np.uint8)
    photo[:, :300] = 140
    for place in range(8):
        cv2.putText(photo, str(place), (60 + 100 * place, 290), 0, 3, 30, 8, cv2.LINE_AA)
    assert (find_page(photo, many=True).pixels == photo).all()


def test_a_narrow_bar_from_a_note_to_the_frame_cuts_nothing() -> None:
    photo = np.full((300, 390), 60, np.uint8)
    photo[50:250, 60:330] = 225
    photo[:50, 180:190] = 225  # a glare, or a strip of tape
    cv2.putText(photo, "4810", (110, 180), 0, 2, 40, 4, cv2.LINE_AA)
    assert find_page(photo, many=True).pixels.shape == pytest.approx((200, 270), abs=12)


def test_a_light_field_that_is_a_small_part_of_a_form_is_no_sheet() -> None:
    form = np.full((300, 390), 190, np.uint8)
    form[60:150, 40:200] = 250  # an eighth of the form
    cv2.putText(form, "47", (70, 125), 0, 1.8, 30, 4, cv2.LINE_AA)
    cv2.putText(form, "12", (60, 260), 0, 1.8, 30, 4, cv2.LINE_AA)
    assert find_page(form, many=True).pixels.shape == form.shape


def test_a_large_sheet_that_the_frame_cuts_hides_no_note_on_it() -> None:
    photo = np.full((300, 390), 60, np.uint8)
    photo[:, 90:] = 205
    cv2.putText(photo, "memo", (110, 40), 0, 1, 40, 3, cv2.LINE_AA)
    photo[60:260, 130:360] = 235
    cv2.putText(photo, "4810", (170, 180), 0, 2, 40, 4, cv2.LINE_AA)
    assert find_page(photo, many=True).pixels.shape == pytest.approx((200, 230), abs=8)
