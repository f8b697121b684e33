"""Shards: every file once, the same rows however they are cut, and nothing of other work."""

import os
from collections.abc import Iterator
from pathlib import Path

import hostile
import numpy as np
import pytest
from PIL import Image

from inkhook.core.base.problems import DataProblem, Problem
from inkhook.core.base.types import Dataset
from inkhook.core.images.imagefile import DEFAULT_LIMITS
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.modelfile import artifact
from inkhook.core.reading.pool import WorkerPool
from inkhook.core.reading.rows import BATCH, Rows, empty
from inkhook.plugins.predict_dir.cluster import remote, shards
from inkhook.plugins.predict_dir.cluster.remote import ShardWork
from inkhook.plugins.predict_dir.cluster.shards import Piece, Shard
from inkhook.plugins.predict_dir.header import identity_of, versions
from inkhook.plugins.predict_dir.journal import Journal

COUNT = 600
IDENTITY = "ab" * 32


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """A journal of 600 files, in three batches."""
    found = Journal(tmp_path / "a.journal", {"model": "x"})
    found.list_files((f"{i:03}.png" for i in range(COUNT)), lambda: {"root": ""})
    return found


@pytest.fixture
def work(digits: Dataset, tmp_path: Path, journal: Journal) -> Iterator[ShardWork]:
    """Work on those files: digits, and some that are none."""
    for i in range(COUNT):
        data = hostile.encode(Image.fromarray(digits.test.images[i]), "PNG")
        (tmp_path / f"{i:03}.png").write_bytes(b"" if i % 97 == 5 else data)
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / remote.MODEL).write_bytes(SHIPPED.read_bytes())
    yield ShardWork(
        IDENTITY, str(journal.path), str(tmp_path / "w"), str(tmp_path),
        (str(tmp_path / "000.png"),), artifact.read_artifact(SHIPPED).sha256, versions(),
        1.3, 0.9, DEFAULT_LIMITS, images=True, thumbs=False, pages=0, cuts=False,
    )  # fmt: skip
    remote.release(IDENTITY)


def row(status: int) -> Rows:
    rows = empty(1)
    rows.status[0] = status
    return rows


def equal(one: Rows, other: Rows) -> bool:
    assert one.images is not None
    assert other.images is not None
    same = one.remarks == other.remarks and np.array_equal(one.status, other.status)
    same &= one.images.tobytes() == other.images.tobytes()
    return same and one.probabilities.tobytes() == other.probabilities.tobytes()


@pytest.mark.parametrize("count", [1, 255, 256, 257, 10_000, 1_000_000, 10_000_001])
def test_every_file_is_in_one_shard(count: int) -> None:
    size = shards.shard_size(-(-count // BATCH))
    assert size % BATCH == 0
    found = list(shards.cut(count, size))
    assert [shard.start for shard in found] == [0, *(shard.stop for shard in found[:-1])]
    assert found[-1].stop == count
    assert {shard.stop - shard.start for shard in found[:-1]} <= {size}
    assert size <= 4096


def test_halves_end_with_single_files() -> None:
    waiting, alone = [Shard(250, 523)], []
    while waiting:
        shard = waiting.pop()
        if shard.stop - shard.start > 1:
            waiting += shard.halves()
        else:
            alone.append(shard.start)
    assert sorted(alone) == list(range(250, 523))


def test_shards_cut_anywhere_give_the_same_rows(work: ShardWork, journal: Journal) -> None:
    whole = []
    with WorkerPool() as pool:
        pool.start(work.job(artifact.read_artifact(SHIPPED).network), COUNT, most=1)
        for batch in range(journal.batches):
            paths = [os.path.join(work.base, name) for name in journal.names(batch)]
            whole.append(pool.submit(paths, range(len(paths))).result()[0])
    for shard in (Shard(0, 600), Shard(17, 18), Shard(250, 523), Shard(256, 512)):
        remote.do_shard(work, shard, journal.places(shard.batches))
        pieces = shards.read_shard(Path(work.folder), IDENTITY, shard) or []
        assert sum(len(piece.rows) for piece in pieces) == shard.stop - shard.start
        for batch, first, rows in pieces:
            assert equal(rows, whole[batch].take(range(first, first + len(rows))))
    assert len(os.listdir(work.folder)) == 5


def test_who_cant_do_the_work_says_why(work: ShardWork, tmp_path: Path) -> None:
    def refuses(**changed: object) -> str:
        with pytest.raises(Problem) as caught:
            remote.look(ShardWork(**vars(work) | changed))
        return str(caught.value)

    other = versions() | {"inkhook": "0.0.9", "pillow": "1.0"}
    said = refuses(versions=other)
    here = versions()
    assert said.startswith(
        f"It has inkhook {here['inkhook']} and pillow {here['pillow']}, but the "
    )
    assert "command has inkhook 0.0.9 and pillow 1.0" in said
    assert "doesn't see the folder '/no where'" in refuses(base="/no where")
    assert "but not the images in it" in refuses(samples=("/no/a.png", "/no/b.png"))
    assert "doesn't see the work folder '/no'" in refuses(folder="/no")
    assert "It has another model (" in refuses(model="0" * 64)
    (tmp_path / "w" / remote.MODEL).write_bytes(b"x")
    assert "Can't use the model" in refuses()


def test_a_disk_that_goes_away_is_told(work: ShardWork, journal: Journal, tmp_path: Path) -> None:
    remote.look(work)
    for path in tmp_path.glob("*.png"):
        path.unlink()
    with pytest.raises(DataProblem, match="but not the images in it"):
        remote.do_shard(work, Shard(0, 256), journal.places(range(1)))


def test_a_file_of_other_work_or_a_cut_one_is_refused(tmp_path: Path) -> None:
    shard = Shard(255, 257)
    pieces = [Piece(0, 255, row(3)), Piece(1, 0, row(4))]
    shards.write_shard(tmp_path, IDENTITY, shard, pieces)
    (path,) = tmp_path.iterdir()
    found = shards.read_shard(tmp_path, IDENTITY, shard) or []
    assert [(p.batch, p.first, int(p.rows.status[0])) for p in found] == [(0, 255, 3), (1, 0, 4)]
    assert shards.read_shard(tmp_path, IDENTITY, Shard(0, 1)) is None
    with pytest.raises(DataProblem, match="belongs to other work"):
        shards.read_shard(tmp_path, "cd" * 32, shard)
    data = path.read_bytes()
    for length in range(0, len(data), 7):
        path.write_bytes(data[:length])
        with pytest.raises(DataProblem, match=r"belongs to other work|is incomplete"):
            shards.read_shard(tmp_path, IDENTITY, shard)
    shards.remove(tmp_path, shard)
    shards.remove(tmp_path, shard)
    assert not list(tmp_path.iterdir())


def test_what_shards_have_left_is_gathered(journal: Journal, tmp_path: Path) -> None:
    folder = tmp_path / "w"
    shards.gather(journal, folder, IDENTITY)
    folder.mkdir()
    whole = empty(BATCH)
    journal.add(1, whole)
    changed = empty(BATCH)
    changed.status[:] = 2
    shards.write_shard(folder, IDENTITY, Shard(0, 520), [
        Piece(0, 0, changed), Piece(1, 0, changed), Piece(2, 0, empty(8)),
    ])  # fmt: skip
    shards.write_shard(folder, "cd" * 32, Shard(512, 600), [Piece(2, 0, empty(88))])
    (folder / "mine.rows").write_text("kept")
    shards.gather(journal, folder, IDENTITY)
    (rows, before, part) = (journal.rows(batch) for batch in range(3))
    assert rows is not None
    assert before is not None
    assert (rows.status == 2).all()
    assert (before.status == 0).all(), "what was done stays done"
    assert part is None, "a part of a batch, and other work"
    assert os.listdir(folder) == ["mine.rows"]


def test_other_settings_or_files_are_other_work() -> None:
    one = identity_of({"model": "a", "x": 1}, "b")
    assert one == identity_of({"x": 1, "model": "a"}, "b")
    others = {
        identity_of({"model": "a", "x": 2}, "b"),
        identity_of({"model": "a"}, "b"),
    }
    assert len({one, *others, identity_of({"model": "a", "x": 1}, "c")}) == 4
