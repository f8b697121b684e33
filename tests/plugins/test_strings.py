"""The plugin that trains a network for numbers: strips, a training, and the file it gives."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers import Run, card_of

from inkhook.core.base.types import Dataset, Split
from inkhook.core.jobs.find_model import SECOND_NUMBERS, SHIPPED, SHIPPED_NUMBERS, read_chosen
from inkhook.core.modelfile.artifact import read_artifact
from inkhook.core.numbers.looks import read_strips
from inkhook.core.numbers.recogniser import Recogniser
from inkhook.core.numbers.strip import CLASSES, JUNK, SYMBOLS
from inkhook.plugins.strings import hand as writer
from inkhook.plugins.strings.believable import believable
from inkhook.plugins.strings.choice import Choice, Glyphs
from inkhook.plugins.strings.compose import compose
from inkhook.plugins.strings.marks import SHAPES, strokes_of
from inkhook.plugins.strings.measure import PRECISION, measure
from inkhook.plugins.strings.pen import FINE, line_with, redrawn
from inkhook.plugins.strings.signs import Place
from inkhook.plugins.strings.texts import choose_text
from inkhook.plugins.strings.traits import LEANS, breadth_of, lean_of, looks_of

QUICK = ("--strings-epochs", "1", "--strings-count", "32")


@pytest.mark.parametrize("drawn", [2, 4, 7, 10])
@pytest.mark.parametrize("pen", [2.0, 4.5, 7.0])
def test_a_glyph_is_redrawn_with_a_pen(drawn: int, pen: float) -> None:
    glyph = np.zeros((64, 64), np.uint8)
    cv2.ellipse(glyph, (32, 32), (16, 20), 20, 0, 300, 255, drawn, cv2.LINE_AA)
    ink = redrawn(glyph, pen)
    # the innermost pixel's middle is half a pen, and half a pixel, from that of the next outside
    inside = cv2.distanceTransform((ink > 127).astype(np.uint8), cv2.DIST_L2, 5)
    assert 2 * inside.max() - 1 == pytest.approx(pen, abs=1.5)
    line = np.zeros_like(glyph)
    cv2.ellipse(line, (32, 32), (16, 20), 20, 5, 295, 255, 1)
    assert ink[line > 0].min() > 60, "every part of the stroke is there"
    assert not redrawn(np.zeros_like(glyph), pen).any()


@pytest.mark.parametrize("pen", [1.2, 2.4, 3.6])
def test_a_sign_has_the_pen_of_the_digits(pen: float) -> None:
    line = np.array([(20.0, 4.0), (20.0, 28.0)])
    glyph = np.zeros((64, 80), np.uint8)
    cv2.line(glyph, (40, 8), (40, 56), 255, 5)
    digit = cv2.resize(redrawn(glyph, pen * FINE), (40, 32), interpolation=cv2.INTER_AREA)
    strips = line_with(pen, line, (32, 40)), digit
    widths = [strip[12:20].sum(axis=1).mean() / 255 for strip in strips]
    assert widths[0] == pytest.approx(widths[1], abs=0.3)
    assert widths[0] == pytest.approx(pen, abs=0.6)


def test_0s_are_smaller_and_hang_and_4s_are_higher(
    digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "choose_text", lambda _: "3043")
    train = digits.train
    strips = compose(train.images[:1000], train.labels[:1000], np.random.default_rng(1), 400)
    high, below = [], []
    for image in strips.images:
        count, _, stats, _ = cv2.connectedComponentsWithStats((image > 110).astype(np.uint8))
        if count == 5:  # else they touch, are in pieces or crossed by a line
            top, tall = stats[1:, [1, 3]][np.argsort(stats[1:, 0])].T
            usual = (tall[0] + tall[3]) / 2
            high.append(tall[1:3] / usual)
            below.append((top + tall)[1] / usual - (top + tall)[[0, 3]].mean() / usual)
    assert len(high) > 60
    zero, four = np.median(high, axis=0)
    assert zero < 0.92
    assert four > 1.02
    assert np.median(below) < -0.05, "above the line on which the 3s stand"
    assert np.std(high, axis=0).min() > 0.05, "not all hands are alike"


def test_composed_rows_stand_on_their_strips_as_those_on_a_page(
    digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "choose_text", lambda _: "36825")
    train = digits.train
    strips = compose(train.images[:1000], train.labels[:1000], np.random.default_rng(1), 300)
    heights, middles, leans = [], [], []
    for image in strips.images:
        count, _, stats, _ = cv2.connectedComponentsWithStats((image > 110).astype(np.uint8))
        if count == 6:  # else they touch, are in pieces or crossed by a line
            stats = stats[1:][np.argsort(stats[1:, 0])]
            heights.append(np.median(stats[:, 3]))
            middles.append(np.median(stats[:, 1] + stats[:, 3] / 2))
            six, eight = (lean_of(image[:, x : x + wide]) for x, wide in stats[1:3][:, [0, 2]])
            leans.append(six - eight)
    assert len(heights) > 60
    # people's: 20 and 16, and 80 of 100 are within 7 % and 0.5 pixels
    assert np.mean(np.abs(np.array(heights) - 20) <= 2) > 0.75
    assert np.mean(np.abs(np.array(middles) - 16) <= 1) > 0.75
    # MNIST's lean 0.15 apart
    assert np.median(leans) == pytest.approx(LEANS[6] - LEANS[8], abs=0.05)


def test_no_digit_stands_on_the_side_of_a_box(
    digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "choose_text", lambda _: "36825")
    train, rng = digits.train, np.random.default_rng(2)
    glyphs = Glyphs(train.images[:1000], train.labels[:1000])
    all_drawn = [writer.Hand(rng, glyphs).write() for _ in range(500)]
    boxed = [drawn for drawn in all_drawn if len(drawn.sides) == 5]
    assert len(boxed) >= 15, "one number in twenty"
    on_a_side = [drawn.ink[:, np.array(drawn.sides[:-1], int)].max() > 200 for drawn in boxed]
    assert np.mean(on_a_side) < 0.1


def test_what_is_labelled_wrong_is_not_measured_with(digits: Dataset) -> None:
    images, labels = digits.test.images[:300], digits.test.labels[:300].copy()
    wrong = np.flatnonzero(labels == 9)[:3]
    labels[wrong] = 3
    kept = believable(Split(images, labels))
    assert 290 <= len(kept.labels) <= 297
    left = {image.tobytes() for image in kept.images}
    assert not any(images[place].tobytes() in left for place in wrong)


def test_strips_say_what_their_texts_say(digits: Dataset) -> None:
    train = digits.train
    first, again, other = (
        compose(train.images[:500], train.labels[:500], np.random.default_rng(seed), 120)
        for seed in (1, 1, 2)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first.images, again.images, strict=True))
    assert first.texts == again.texts != other.texts
    used = {symbol for text in first.texts for symbol in text}
    assert used == set(range(len(SYMBOLS)))
    for image, text in zip(first.images, first.texts, strict=True):
        assert image.dtype == np.uint8
        assert image.shape[0] == 32
        assert 12 < image.shape[1] < 100 * len(text) + 60
        assert image.max() > 100, "there is ink"
        assert 1 <= sum(symbol < 10 or symbol == JUNK for symbol in text) <= 13


@pytest.mark.parametrize(
    ("network", "architecture"),
    [
        pytest.param("dense", "32-96-192-256-320-320-320-16", marks=pytest.mark.soak),
        ("convolutional", "32-24-48-96-256-256-256-16"),
    ],
)
def test_a_training_gives_a_model_that_reads_strips(
    run: Run, tiny_data: Path, digits: Dataset, network: str, architecture: str
) -> None:
    words = ("--data", tiny_data, "--seed", "1", "-o", "out", "--strings-network", network, *QUICK)
    done = run("run", "--plugins", "augment,strings", *words)
    assert done.exit_code == 0, done.output
    assert "Composed numbers read wholly right: " in done.stdout
    assert "Test accuracy" not in done.output, "the test images are single digits"

    card = card_of(Path("out/model.h5"))
    assert card.class_names[:10] == tuple("0123456789")
    assert card.training["epochs_done"] == 1
    assert 0 <= card.metrics["test_exact"] <= 1
    assert card.architecture == architecture

    strip = np.zeros((32, 100), np.uint8)
    found = Recogniser(read_artifact(Path("out/model.h5")).network)(strip)
    assert found.shape == (34, CLASSES)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)

    refused = run("run", "--plugins", "errors", "--model", "out", "--data", tiny_data)
    assert refused.exit_code == 2
    assert "reads rows of numbers, not single digits" in refused.stderr
    page = Path("page.npy.png")
    page.write_bytes(cv2.imencode(".png", np.pad(255 - digits.test.images[0], 30))[1].tobytes())
    assert run("read", page, "--model", "out").exit_code == 0


def test_the_included_networks_vote() -> None:
    first, second = read_artifact(SHIPPED_NUMBERS), read_artifact(SECOND_NUMBERS)
    near = pytest.approx(second.temperature, abs=0.11)
    assert first.temperature == near, "the second is read with the first one's"
    for name in ("pretrained", "numbers"):
        chosen = read_chosen(name, print, numbers=True)
        assert chosen.network.second is not None
        assert chosen.network.second.architecture == second.network.architecture
    alone = read_chosen("numbers-second", print, numbers=True)
    assert alone.network.second is None


def test_a_model_is_trained_on(run: Run, tiny_data: Path) -> None:
    words = ("--data", tiny_data, "--seed", "1", *QUICK, "--strings-rate", "1e-9")
    done = run("run", "--plugins", "strings", *words, "--strings-from", SECOND_NUMBERS, "-o", "on")
    assert done.exit_code == 0, done.output
    given = read_artifact(SECOND_NUMBERS)
    card = card_of(Path("on/model.h5"))
    assert card.training["from_sha256"] == given.sha256
    assert card.metrics["test_exact"] > 0.3, "it knows what it knew"
    other = run("run", "--plugins", "strings", *words, "--strings-from", SHIPPED, "-o", "no")
    assert other.exit_code == 2
    assert (
        "--strings-from takes a dense model that 'strings' has trained; this one is 784-"
        in other.stderr
    )


@pytest.mark.soak
def test_the_share_that_is_kept_is_that_of_the_old_weights(run: Run, tiny_data: Path) -> None:
    words = ("--data", tiny_data, "--seed", "1", *QUICK, "--strings-rate", "0.01")
    given_and_share = ("--strings-from", SECOND_NUMBERS, "--strings-keep", "1")
    done = run("run", "--plugins", "strings", *words, *given_and_share, "-o", "kept")
    assert done.exit_code == 0, done.output
    strip = np.random.default_rng(0).integers(0, 256, (32, 90)).astype(np.uint8)
    kept, given = (
        Recogniser(read_artifact(path).network)(strip)
        for path in (Path("kept/model.h5"), SECOND_NUMBERS)
    )
    np.testing.assert_allclose(kept, given, atol=1e-4)
    assert card_of(Path("kept/model.h5")).training["kept"] == 1


def test_a_digit_is_as_broad_as_it_is_upright() -> None:
    image = np.zeros((28, 28), np.uint8)
    for row in range(4, 24):
        left = 14 - (row - 14) // 2  # leans to the right by half a column a row
        image[row, left - 2 : left + 3] = 255
    assert cv2.boundingRect(image)[2] / 20 > 0.6
    assert breadth_of(image) == pytest.approx(5 / 20, abs=0.12)
    assert breadth_of(np.zeros_like(image)) == 0


def test_dates_times_and_amounts_are_such_as_there_are() -> None:
    rng = np.random.default_rng(3)
    texts = [choose_text(rng) for _ in range(6000)]
    dates = [text.split("/") for text in texts if text.count("/") == 2 and "#" not in text]
    real = [min(map(int, date)) <= 12 and sorted(map(int, date))[1] <= 31 for date in dates]
    assert len(dates) > 200
    assert np.mean(real) > 0.8, "others are fractions and slips"
    times = [text.split(":") for text in texts if text.count(":") == 1 and len(text) in (4, 5)]
    assert np.mean([int(time[0] or 0) < 24 for time in times if "#" not in time[0]]) > 0.5
    amounts = [text.strip("-./") for text in texts if text.endswith("-")]
    first = [text[0] for text in amounts if text]
    assert first.count("1") > first.count("9"), "Benford's law"
    assert sum(text.endswith("0") for text in amounts) > 0.3 * len(amounts)


def test_currencies_units_and_brackets_are_around_numbers_and_no_part_of_them(
    digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(3)
    texts = [choose_text(rng) for _ in range(3000)]
    assert {sign for text in texts for sign in text} >= {*SHAPES, *"kgcmR "}
    train = digits.train
    for text, symbols in (("$ 45.0", "#45.0"), ("(555) 123", "#555#123"), ("7'000 kg", "7#000##")):
        monkeypatch.setattr(writer, "choose_text", lambda _, text=text: text)
        strips = compose(train.images[:500], train.labels[:500], np.random.default_rng(1), 5)
        assert strips.texts == [tuple(SYMBOLS.index(sign) for sign in symbols)] * 5
        assert all(list(places) == sorted(places) for places in strips.places)


def test_a_space_is_as_wide_as_it_says(digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    train, apart = digits.train, []
    for text in ("388", "3 88"):
        monkeypatch.setattr(writer, "choose_text", lambda _, text=text: text)
        monkeypatch.setattr(writer, "SPACE", (6, 6))
        rng = np.random.default_rng(5)
        glyphs = Glyphs(train.images[:500], train.labels[:500])
        drawn = [writer.Hand(rng, glyphs).write().middles for _ in range(1000)]
        apart.append(np.median(np.diff(drawn), axis=0))
    assert apart[1] - apart[0] == pytest.approx([6, 0], abs=1.5), "and the next digit is as near"


@pytest.mark.parametrize("sign", sorted(SHAPES))
def test_a_mark_is_as_high_as_digits_are_and_follows_what_is_there(sign: str) -> None:
    for seed in range(20):
        at = Place(40.0, 38.0, base=28.0, size=20.0, lean=0.2)
        points = np.vstack(strokes_of(sign, at, np.random.default_rng(seed)))
        assert points[:, 0].min() == pytest.approx(40)
        assert points[:, 0].max() < 40 + 2 * 20
        assert points[:, 1].min() > 28 - 1.5 * 20
        assert points[:, 1].max() < 28 + 0.5 * 20


def test_a_slash_is_higher_than_the_digits(
    digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "choose_text", lambda rng: f"8/{rng.integers(2, 7)}")
    train = digits.train
    strips = compose(train.images[:1000], train.labels[:1000], np.random.default_rng(1), 300)
    higher = []
    for image in strips.images:
        count, _, stats, _ = cv2.connectedComponentsWithStats((image > 110).astype(np.uint8))
        if count == 4:  # else they touch, are in pieces or crossed by a line
            first, middle, last = stats[1:, 3][np.argsort(stats[1:, 0])]
            higher.append(middle / np.mean([first, last]))
    assert len(higher) > 40
    assert 1.25 < np.median(higher) < 1.65, "1.43 among people's"


def test_most_hands_write_a_digit_alike() -> None:
    images = np.zeros((400, 28, 28), np.uint8)
    images[::2, 4:24, 6:12] = 255  # of each digit, there are two looks
    images[1::2, 4:10, 4:24] = 255
    labels = np.repeat(np.arange(10), 40).astype(np.uint8)
    glyphs, rng = Glyphs(images, labels), np.random.default_rng(0)
    alike = []
    for _ in range(300):
        hand = Choice(glyphs, rng, 2.3, redrawn=True)
        written = {hand.image_of(3).tobytes() for _ in range(5)}
        alike.append(len(written) == 1)
    assert 0.35 < np.mean(alike) < 0.6, "by chance it would be one in sixteen"


def test_images_of_a_look_are_near_each_other(digits: Dataset) -> None:
    image = digits.train.images[0]
    other = digits.train.images[np.flatnonzero(digits.train.labels != digits.train.labels[0])[0]]
    looks = looks_of(np.stack([image, np.roll(image, 1, axis=1), other]))
    assert looks.shape == (3, 49)
    near, far = (np.linalg.norm(looks[0] - each) for each in looks[1:])
    assert near < 0.6 * far


def test_without_digits_there_is_nothing_to_compose(run: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (200, 28, 28)).astype(np.uint8)
    labels = (np.arange(200) % 10).astype(np.uint8)
    place = tmp_path / "noise.npz"
    np.savez(place, x_train=images, y_train=labels, x_test=images, y_test=labels)
    done = run("run", "--plugins", "strings", "--data", place, "-o", "out")
    assert done.exit_code == 2
    assert "doesn't hold digits" in done.stderr


@pytest.mark.parametrize("option", ["--strings-epochs", "--strings-count", "--strings-rate"])
def test_options_are_checked(option: str, run: Run) -> None:
    assert run("run", "--plugins", "strings", option, "0").exit_code == 2


def test_a_strip_is_sure_by_the_confidence_with_which_rows_are_read(digits: Dataset) -> None:
    network, test = read_artifact(SHIPPED_NUMBERS).network, digits.test
    strips = compose(test.images[:2000], test.labels[:2000], np.random.default_rng(2), 120)
    measured = measure(network, strips)
    recogniser = Recogniser(network, measured.temperature)
    said = read_strips(recogniser, strips.images)
    sure = [one.chance >= measured.reject_below for one in said]
    right = [
        [symbol for symbol in one.look.symbols if symbol < 10] == [s for s in text if s < 10]
        for one, text in zip(said, strips.texts, strict=True)
    ]
    assert sum(sure) > 20
    assert np.mean(np.array(right)[sure]) >= PRECISION
    chances = np.array([one.chance for one in said])
    assert np.isclose(chances, measured.reject_below).any(), "it is the chance of one of them"
