"""Numbers are read from pages of any size, light and layout, and none is invented."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
import pages
import pytest

from inkhook.core.base.types import Dataset, FloatArray, UInt8Array
from inkhook.core.jobs.find_model import SHIPPED_NUMBERS, read_chosen
from inkhook.core.judging.score import sure_from
from inkhook.core.modelfile.artifact import read_artifact
from inkhook.core.numbers.number import Numbers
from inkhook.core.numbers.pieces import MOST_PIECES
from inkhook.core.numbers.reader import NumbersReader
from inkhook.core.numbers.recogniser import MOST_AT_ONCE, Recogniser
from inkhook.core.numbers.rows import find_rows
from inkhook.core.numbers.strip import BLANK, SYMBOLS
from inkhook.core.numbers.writing import find_writing

COUNT = 20
"""Pages of each kind."""


@pytest.fixture(scope="module")
def reader() -> NumbersReader:
    model = read_artifact(SHIPPED_NUMBERS)
    return NumbersReader(Recogniser(model.network, model.temperature), sure_from(model))


def text_of(numbers: Numbers) -> str:
    return "/".join(number.number for number in numbers.numbers)


def plain(digits: list[UInt8Array], rng: np.random.Generator) -> UInt8Array:
    return pages.page_of([pages.row_of(digits, int(rng.integers(24, 70)))])


def light_on_dark(digits: list[UInt8Array], rng: np.random.Generator) -> UInt8Array:
    return np.asarray(255 - plain(digits, rng))


def on_lines(digits: list[UInt8Array], rng: np.random.Generator) -> UInt8Array:
    return pages.ruled(pages.page_of([pages.row_of(digits, 40)]), 50)


def in_boxes(digits: list[UInt8Array], rng: np.random.Generator) -> UInt8Array:
    return pages.boxed(digits, int(rng.integers(40, 80)))


def in_boxes_cut_off(digits: list[UInt8Array], rng: np.random.Generator) -> UInt8Array:
    side = int(rng.integers(40, 80))
    return pages.boxed(digits, side)[5 : -20 - side // 12, 15:-15]


def beside_an_upright_line(digits: list[UInt8Array], rng: np.random.Generator) -> UInt8Array:
    page = np.pad(plain(digits, rng), ((80, 80), (0, 0)), constant_values=pages.PAPER)
    last = int(np.flatnonzero((page < pages.PAPER - 60).any(axis=0))[-1])
    page[:, last + 4 : last + 6] = 90
    return page


def in_bad_light(digits: list[UInt8Array], rng: np.random.Generator) -> UInt8Array:
    page = plain(digits, rng).astype(np.float32)
    light = np.linspace(1, 0.45, page.shape[1])[np.newaxis]
    return np.asarray((page * light + rng.normal(0, 3, page.shape)).clip(0, 255), np.uint8)


def aslant(digits: list[UInt8Array], rng: np.random.Generator) -> UInt8Array:
    page = np.pad(plain(digits, rng), 60, constant_values=pages.PAPER)
    height, width = page.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(-7, 7)), 1)
    return np.asarray(cv2.warpAffine(page, turn, (width, height), borderValue=pages.PAPER))


def beside_a_binding(digits: list[UInt8Array], rng: np.random.Generator) -> UInt8Array:
    return pages.with_margin(plain(digits, rng), int(rng.integers(20, 60)), rng)


def beside_a_dashed_line(digits: list[UInt8Array], rng: np.random.Generator) -> UInt8Array:
    rows = [pages.row_of(digits, 30), np.full((120, 20), pages.PAPER, np.uint8)]
    return pages.dashed(pages.page_of(rows), 6)


def beside_lines_that_lean(digits: list[UInt8Array], rng: np.random.Generator) -> UInt8Array:
    rows = [np.full((150, 20), pages.PAPER, np.uint8), pages.row_of(digits, 30)]
    page = np.pad(pages.page_of([*rows, rows[0]]), ((0, 0), (30, 30)), constant_values=pages.PAPER)
    page = pages.dashed(page, 14)
    page[:, -8:-6] = 90
    height, width = page.shape
    lean = float(rng.choice([-1, 1])) * float(rng.uniform(3, 5))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), lean, 1)
    return np.asarray(cv2.warpAffine(page, turn, (width, height), borderMode=cv2.BORDER_REPLICATE))


def filling_the_frame(digits: list[UInt8Array], rng: np.random.Generator) -> UInt8Array:
    page = pages.row_of(digits, 48)
    rows, columns = np.nonzero(page < pages.PAPER - 60)
    return page[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def of_20_pixels(digits: list[UInt8Array], rng: np.random.Generator) -> UInt8Array:
    return pages.row_of(digits, 15)


@pytest.mark.parametrize(
    "kind",
    [
        plain,
        light_on_dark,
        on_lines,
        in_boxes,
        in_boxes_cut_off,
        beside_an_upright_line,
        in_bad_light,
        aslant,
        beside_a_binding,
        beside_a_dashed_line,
        beside_lines_that_lean,
        filling_the_frame,
        of_20_pixels,
    ],
)
def test_a_row_is_read(
    kind: Callable[[list[UInt8Array], np.random.Generator], UInt8Array],
    reader: NumbersReader,
    digits: Dataset,
) -> None:
    rng = np.random.default_rng(1)
    test, right = digits.test, 0
    for _ in range(COUNT):
        chosen = rng.integers(0, len(test.labels), 5)
        found = reader(kind([test.images[i] for i in chosen], rng))
        right += text_of(found) == "".join(map(str, test.labels[chosen]))
    assert right >= (0.6 if kind is of_20_pixels else 0.8) * COUNT


def in_columns(
    reader: NumbersReader,
    digits: Dataset,
    *,
    last: int | None = None,
    room: int = 2,
    fall: float = 0,
) -> int:
    """Return how many numbers are read of COUNT columns of four, which may end in one digit.

    Every other page falls to the right by that share of its width, the others rise.
    """
    rng = np.random.default_rng(1)
    test, right = digits.test, 0
    for place in range(COUNT):
        chosen = rng.integers(0, len(test.labels), (4, 3))
        if last is not None:
            chosen[:, 2] = rng.choice(np.flatnonzero(test.labels == last), 4)
        page = pages.column([[test.images[i] for i in row] for row in chosen], room=room)
        if fall:
            askew = np.array([[1, 0.03, 0], [fall if place % 2 else -fall, 1, 0]])
            size = page.shape[::-1]
            page = np.asarray(cv2.warpAffine(page, askew, size, borderValue=pages.PAPER))
        found = text_of(reader(page)).split("/")
        right += sum("".join(map(str, test.labels[row])) in found for row in chosen)
    return right


def test_numbers_as_high_as_the_lines_that_they_stand_between_are_read(
    reader: NumbersReader, digits: Dataset
) -> None:
    assert in_columns(reader, digits) >= 0.6 * 4 * COUNT


def test_columns_between_lines_that_lie_askew_are_read(
    reader: NumbersReader, digits: Dataset
) -> None:
    assert in_columns(reader, digits, fall=0.04) >= 0.6 * 4 * COUNT


@pytest.mark.parametrize("room", [2, -8])
def test_1s_at_the_edge_of_a_column_are_read(
    room: int, reader: NumbersReader, digits: Dataset
) -> None:
    assert in_columns(reader, digits, last=1, room=room) >= 0.6 * 4 * COUNT


def test_digits_of_two_rows_that_touch_are_cut_apart(
    reader: NumbersReader, digits: Dataset
) -> None:
    rng = np.random.default_rng(1)
    test, right = digits.test, 0
    for _ in range(COUNT):
        chosen = rng.integers(0, len(test.labels), (2, 5))
        rows = [pages.row_of([test.images[i] for i in row], 40, gap=4) for row in chosen]
        page = pages.page_of(rows, apart=2)
        middle = page.shape[0] // 2
        ink = page < pages.PAPER - 100
        both = np.flatnonzero(ink[:middle].any(axis=0) & ink[middle:].any(axis=0))
        column = int(both[len(both) // 2])
        reach = np.flatnonzero(ink[:, column])
        above, below = reach[reach < middle][-1], reach[reach >= middle][0]
        cv2.line(page, (column, int(above)), (column, int(below)), pages.INK, 3)
        right += text_of(reader(page)) == "/".join(
            "".join(map(str, test.labels[row])) for row in chosen
        )
    assert right >= 0.6 * COUNT


class Counted(Recogniser):
    """Counts the strips that it is asked about."""

    asked = 0

    def each(self, strips: Sequence[UInt8Array]) -> list[FloatArray]:
        self.asked += len(strips)
        return super().each(strips)


def test_a_second_network_votes_where_the_first_is_not_sure(digits: Dataset) -> None:
    model = read_chosen("numbers", print, numbers=True)
    assert model.network.second is not None
    both = Recogniser(model.network, model.temperature)
    rng, votes, clear = np.random.default_rng(2), 0, 0
    alone = replace(model.network, second=None)
    own = NumbersReader(Recogniser(alone, model.temperature), 0.99)
    both.second = second = Counted(model.network.second, model.temperature)
    reader = NumbersReader(both, 0.99)
    for height in (40, 7):
        for _ in range(COUNT):
            chosen = rng.integers(0, len(digits.test.labels), 5)
            page = pages.page_of([pages.row_of([digits.test.images[i] for i in chosen], height)])
            before = second.asked
            found = reader(page)
            sure = own(page)
            if second.asked == before:
                clear += 1
                assert found == sure
            else:
                votes += found != sure
    assert 0 < clear < 2 * COUNT, "some rows are clear, and some aren't"
    assert votes


def test_a_slash_that_makes_no_sense_leaves_the_row_unsure(digits: Dataset) -> None:
    one, slash, asked = SYMBOLS.index("1"), SYMBOLS.index("/"), 0

    class Rather(Recogniser):
        def __call__(self, strip: UInt8Array) -> FloatArray:
            nonlocal asked
            asked += 1
            found = np.full((len(strip[0]) // 3 + 1, BLANK + 1), 1e-7, np.float32)
            found[:, BLANK] = 1
            # nobody writes 5//
            for place, symbol, doubt in ((2, 5, 0), (5, slash, 0), (8, slash, 0.1)):
                found[place, BLANK] = 1e-7
                found[place, symbol], found[place, one] = 1 - doubt, doubt
            return np.asarray(found / found.sum(axis=1, keepdims=True), np.float32)

    both = Rather(read_artifact(SHIPPED_NUMBERS).network)
    page = pages.page_of([pages.row_of(list(digits.test.images[:3]), 40)])
    NumbersReader(both, 0.9)(page)
    assert asked == 3, "two other sizes were looked at"


@pytest.mark.parametrize("name", ["numbers", "numbers-second"])
def test_strips_are_read_together_as_they_are_alone(name: str, digits: Dataset) -> None:
    model = read_chosen(name, print, numbers=True)
    recogniser = Recogniser(model.network, model.temperature)
    images = digits.test.images
    rows = [pages.page_of([pages.row_of(list(images[:n]), 40)]) for n in (1, 3, 4, 9, 2, 60, 5)]
    written = [find_writing(page) for page in rows]
    strips = [row.strip for writing in written if writing for row in find_rows(writing)]
    assert len({strip.shape[1] % 3 for strip in strips}) == 3, "whatever the width"
    assert sum(strip.shape[1] for strip in strips) > MOST_AT_ONCE / 2
    for together, strip in zip(recogniser.each(strips * 3), strips * 3, strict=True):
        np.testing.assert_allclose(together, recogniser(strip), atol=1e-5)
    assert recogniser.each([]) == []


def test_digits_above_small_print_are_read(reader: NumbersReader, digits: Dataset) -> None:
    rng = np.random.default_rng(1)
    test, right = digits.test, 0
    for _ in range(COUNT):
        chosen = rng.integers(0, len(test.labels), 2)
        rows = [pages.row_of([test.images[i] for i in chosen], int(rng.integers(24, 34)))]
        page = np.pad(pages.page_of(rows, 40), ((0, 0), (0, 140)), constant_values=pages.PAPER)
        at = 10, page.shape[0] - 12
        cv2.putText(page, "Printed by the office, Oslo", at, cv2.FONT_HERSHEY_COMPLEX, 0.36, 40)
        right += text_of(reader(page)) == "".join(map(str, test.labels[chosen]))
    assert right >= 0.8 * COUNT


def test_rows_come_in_reading_order_with_their_places(
    reader: NumbersReader, digits: Dataset
) -> None:
    images, labels = digits.test.images, digits.test.labels
    rows = [pages.row_of(list(images[i : i + 4]), 40) for i in (0, 4, 12)]
    page = pages.page_of(rows, 60)
    found = reader(page)
    wanted = ["".join(map(str, labels[i : i + 4])) for i in (0, 4, 12)]
    assert [number.number for number in found.numbers] == wanted
    assert [len(row) for row in found.rows] == [1, 1, 1]
    for number in found.numbers:
        assert 0 <= number.confidence <= 1
        assert len(number.digits) == 4
        middles = [digit.box[0] + digit.box[2] / 2 for digit in number.digits]
        assert middles == sorted(middles)
        for digit in number.digits:
            x, y, width, height = digit.box
            assert page[y : y + height, x : x + width].min() < 100, "there is ink in every box"
            np.testing.assert_allclose(digit.probabilities.sum(), 1, atol=1e-4)
    assert reader(page) == found, "the same page gives the same answer"


def test_where_there_is_no_number_none_is_invented(reader: NumbersReader) -> None:
    rng = np.random.default_rng(3)
    noise = rng.normal(200, 4, (300, 400)).clip(0, 255).astype(np.uint8)
    assert reader(np.full((200, 300), 240, np.uint8)).status == "blank"
    assert not reader(noise).numbers
    words = reader(pages.text_page())
    assert words.status != "ok"
    assert len(words.numbers) <= 1


def test_scribbles_beside_a_number_are_rarely_one(reader: NumbersReader, digits: Dataset) -> None:
    row = pages.row_of(
        [digits.test.images[digits.test.labels == one][0] for one in (7, 2, 0, 4)], 48
    )
    invented = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        page = np.full((240, 420), pages.PAPER, np.uint8)
        page[30 : 30 + row.shape[0], 60 : 60 + row.shape[1]] = row
        x = 50.0
        while x < 380:  # words of joined loops
            turn = np.linspace(0, np.pi * rng.integers(3, 7), 80)
            down = 185 + rng.uniform(8, 22) * np.cos(turn * rng.uniform(0.8, 1.3))
            loops = np.stack([x + 8 * turn + 6 * np.sin(turn), down], axis=1)
            line = np.rint(loops * 16).astype(np.int32)
            cv2.polylines(page, [line], False, 50, 2, cv2.LINE_AA, 4)
            x = loops[:, 0].max() + 14
        first, *others = reader(page).numbers
        assert first.number == "7204"
        invented += bool(others)
    assert invented <= 3, "without a rule for them, a quarter of these pages have another number"


@pytest.mark.parametrize("shape", [(1, 1), (7, 400), (20, 60), (9, 9), (3000, 8)])
def test_any_size_is_looked_at(shape: tuple[int, int], reader: NumbersReader) -> None:
    page = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    assert reader(page).status in ("ok", "unsure", "blank", "no_number")


def test_a_page_of_specks_is_bounded() -> None:
    model = read_chosen("numbers", print, numbers=True)
    both = Recogniser(model.network, model.temperature)
    assert model.network.second is not None
    both.second = second = Counted(model.network.second, model.temperature)
    rng = np.random.default_rng(5)
    page = np.full((1500, 1500), 235, np.uint8)
    for y, x in rng.integers(5, 1490, (10_000, 2)):
        page[y : y + 7, x : x + 4] = 40
    writing = find_writing(page)
    assert writing is not None
    assert sum(len(row.strip) > 0 for row in find_rows(writing)) <= MOST_PIECES
    assert NumbersReader(both, 0.99)(page).status in ("ok", "unsure", "no_number")
    assert second.asked < 250, "most of two hundred rows are no digits, and aren't looked at again"


def test_boxes_end_where_the_page_does(reader: NumbersReader) -> None:
    page = np.full((90, 100), 255, np.uint8)
    for x in (45, 85):  # leaning 1s: their boxes on a strip set upright would reach beyond the page
        cv2.line(page, (x - 40, 88), (x + 14, 2), 0, 5)
    numbers = reader(page)
    assert numbers.numbers
    for number in numbers.numbers:
        for x, y, wide, high in [number.box, *(digit.box for digit in number.digits)]:
            assert 0 <= x < x + wide <= 100
            assert 0 <= y < y + high <= 90


def test_0s_that_reach_from_line_to_line_stay_whole() -> None:
    page = np.full((420, 500), 255, np.uint8)
    for y in range(60, 420, 60):
        cv2.line(page, (0, y), (499, y), 120, 2)
    for y in (150, 210):  # rings in two rows, which touch on the line between them
        for x in (240, 310, 380):
            cv2.ellipse(page, (x, y), (22, 29), 0, 0, 360, 40, 3)
    writing = find_writing(page)
    assert writing is not None
    rows = find_rows(writing)
    assert len(rows) == 2
    for row in rows:
        paper = cv2.connectedComponentsWithStats((row.strip < 110).astype(np.uint8))[2][1:]
        inside = paper[(paper[:, 3] > 8) & (paper[:, 2] > 4) & (paper[:, 2] < 20)]
        inside = inside[inside[:, 4] > 0.7 * inside[:, 2] * inside[:, 3]]  # not between two rings
        assert len(inside) == 3, "each 0 is closed"


def test_pieces_of_very_different_heights_stand_in_a_row() -> None:
    page = np.full((260, 300), 255, np.uint8)

    def ring(x: int, y: int, wide: int, high: int) -> None:
        cv2.ellipse(page, (x, y), (wide // 2, high // 2), 0, 0, 360, 0, 2)

    for place in range(27):
        ring(17 + 30 * (place % 9), 20 + 30 * (place // 9), 14, 20)
    # neither broad piece is near the middle of both heights
    ring(45, 180, 10, 13)
    cv2.line(page, (72, 163), (78, 197), 0, 2)
    ring(122, 180, 44, 62)
    writing = find_writing(page)
    assert writing is not None
    rows = find_rows(writing)
    assert len(rows) == 4
    assert all(np.isfinite(row.matrix).all() for row in rows)
