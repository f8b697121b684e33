"""Rows: as bytes and back, and put together from parts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkhook.core.reading import rows
from inkhook.core.reading.rows import Rows, Status

RNG = np.random.default_rng(0)


def some(count: int, *, images: bool = False, thumbs: bool = False) -> Rows:
    return Rows(
        RNG.choice(list(Status), count).astype(np.uint8),
        RNG.random((count, 10)).astype(np.float32),
        {place: f"It is {place}." for place in range(0, count, 3)},
        RNG.integers(0, 256, (count, 28, 28)).astype(np.uint8) if images else None,
        RNG.integers(1, 256, count).astype(np.uint8) if images else None,
        RNG.integers(0, 256, (count, 64, 64)).astype(np.uint8) if thumbs else None,
    )


def assert_same(one: Rows, other: Rows) -> None:
    assert one.remarks == other.remarks
    for name in rows.ARRAYS:
        before, after = getattr(one, name), getattr(other, name)
        assert (before is None) == (after is None)
        if before is not None:
            assert before.dtype == after.dtype
            np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("count", [0, 1, 256])
@pytest.mark.parametrize("images", [False, True])
@pytest.mark.parametrize("thumbs", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_bytes_and_back(count: int, images: bool, thumbs: bool, packed: bool) -> None:
    before = some(count, images=images, thumbs=thumbs)
    after = Rows.from_bytes(before.to_bytes(packed=packed))
    assert_same(before, after)
    assert len(after) == count


@given(st.binary(max_size=60), st.integers(0, 300), st.integers(0, 300), st.booleans())
def test_other_bytes_are_refused_or_rows(noise: bytes, start: int, end: int, packed: bool) -> None:
    data = some(4).to_bytes(packed=packed)
    for broken in (noise, data[:start] + noise + data[end:]):
        try:
            assert len(Rows.from_bytes(broken)) >= 0
        except ValueError:
            continue


def test_an_image_whose_full_ink_is_nothing_is_refused() -> None:
    rows_ = some(3, images=True)
    assert rows_.peaks is not None
    rows_.peaks[1] = 0
    with pytest.raises(ValueError, match="full ink is 0"):
        Rows.from_bytes(rows_.to_bytes())


@given(st.sets(st.integers(0, 19)))
def test_parts_make_a_whole(chosen: set[int]) -> None:
    whole = some(20, images=True)
    places, others = sorted(chosen), sorted(set(range(20)) - chosen)

    def part(kept: list[int]) -> Rows:
        remarks = {i: whole.remarks[p] for i, p in enumerate(kept) if p in whole.remarks}
        assert whole.pixels is not None
        assert whole.peaks is not None
        at = np.array(kept, np.intp)
        arrays = (whole.status[at], whole.probabilities[at])
        return Rows(*arrays, remarks, whole.pixels[at], whole.peaks[at])

    before = rows.empty(20, images=True)
    assert_same(before.put(places, part(places)).put(others, part(others)), whole)
    assert not before.status.any(), "nothing is changed in place"


@given(st.lists(st.integers(0, 5), min_size=1, max_size=5), st.booleans())
def test_rows_that_follow_each_other_are_joined(counts: list[int], images: bool) -> None:
    whole = some(sum(counts), images=images, thumbs=images)
    ends = np.cumsum(counts).tolist()
    parts = [whole.take(range(end - count, end)) for count, end in zip(counts, ends, strict=True)]
    assert_same(rows.join(parts), whole)


def test_a_status_keeps_its_number() -> None:
    """Journals are full of them: add one with a new number, and change none."""
    assert {status.word: int(status) for status in Status} == {
        "ok": 0, "unsure": 1, "blank": 2, "empty": 3, "corrupt": 4, "truncated": 5,
        "not_image": 6, "too_large": 7, "unreadable": 8, "decoder_crash": 9, "several": 10,
        "no_number": 11,
    }  # fmt: skip


def test_what_counts_as_answered_and_as_failed() -> None:
    found = rows.empty(len(Status))
    found.status[:] = list(Status)
    assert [Status(s).word for s in found.status[found.answered]] == ["ok", "unsure"]
    read = [Status(s).word for s in found.status[~found.failed]]
    assert read == ["ok", "unsure", "blank", "several", "no_number"]


def test_a_status_that_isnt_known_is_refused() -> None:
    found = some(3)
    found.status[1] = 77
    with pytest.raises(ValueError, match="status isn't known"):
        Rows.from_bytes(found.to_bytes())
