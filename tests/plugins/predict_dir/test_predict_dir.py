"""`inkhook predict-dir`: what goes in, what comes out, and where it is put."""

import csv
import io
import json
import os
import pty
import re
import subprocess
from collections import Counter
from pathlib import Path

import hostile
import numpy as np
import pytest
from click.testing import CliRunner, Result
from files_of_several import write_pdf, write_table
from helpers import Run, RunProcess, WritePlugin, command
from PIL import Image

from inkhook.cli import cli
from inkhook.core.base.text import unescape
from inkhook.core.base.types import Dataset
from inkhook.core.images.preprocess import prepare
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.judging import evaluation
from inkhook.core.modelfile import artifact
from inkhook.core.reading.rows import Status
from inkhook.plugins.predict_dir.journal import Journal
from inkhook.plugins.predict_dir.lettering import Lettering
from inkhook.testing import Recorder, run_cli

COUNT = 80
MODEL = ("--model", "pretrained")


@pytest.fixture
def folder(in_tmp: Path, digits: Dataset) -> Path:
    """Eighty test digits as PNG, each in its label's folder."""
    for place in range(COUNT):
        path = in_tmp / f"d/{digits.test.labels[place]}/{place:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(hostile.encode(Image.fromarray(digits.test.images[place]), "PNG"))
    return in_tmp / "d"


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_for_each_file_in_order(run: Run, folder: Path, digits: Dataset) -> None:
    result = run("predict-dir", "d", "-r", *MODEL)
    assert result.exit_code == 0
    rows = table(result.stdout)
    assert result.stdout.startswith("path,status,digit,confidence\n")
    expected = sorted(str(path.relative_to(folder)) for path in folder.glob("*/*.png"))
    assert [row["path"] for row in rows] == expected
    predictions, _ = evaluation.on_test_split(artifact.read_artifact(SHIPPED), digits)
    for row in rows:
        place = int(row["path"][2:5])
        assert int(row["digit"]) == predictions.digits[place]
        assert float(row["confidence"]) == pytest.approx(predictions.confidence[place], abs=1e-5)
    counts = Counter(row["status"] for row in rows)
    words = ", ".join(f"{counts[s.word]} {s.word}" for s in Status if counts[s.word])
    assert re.search(rf"^80 files: {words} · \d+\.\d s, [\d,]+ a second$", result.stderr, re.M)


def test_folders_are_left_out_unless_asked_for(run: Run, folder: Path) -> None:
    (folder / "a.png").write_bytes((folder / "7/000.png").read_bytes())
    result = run("predict-dir", "d", *MODEL)
    assert result.exit_code == 0
    assert [row["path"] for row in table(result.stdout)] == ["a.png"]
    assert "Skipped: folders (see --recursive) (10)\n" in result.stderr
    result = run("predict-dir", "d/7", "d/1/*", "d/a.png", *MODEL)
    paths = [row["path"] for row in table(result.stdout)]
    assert paths[0] == "d/7/000.png"
    assert paths[-1] == "d/a.png"
    assert all((folder.parent / path).is_file() for path in paths)


def test_paths_from_stdin(in_tmp: Path, folder: Path) -> None:
    for arguments, end in (((), "\n"), (("-0",), "\0")):
        paths = ["d/7/000.png", "d/none.png", "d/7", "d/7/000.png", "d/2/001.png"]
        words = ["predict-dir", "-", *arguments, *MODEL]
        result: Result = CliRunner().invoke(cli, words, input=end.join(paths))
        assert result.exit_code == 1
        rows = table(result.stdout)
        assert [row["path"] for row in rows] == paths
        statuses = [row["status"] for row in rows]
        assert statuses == ["ok", "unreadable", "unreadable", "ok", "ok"]
        assert "  d/none.png: It can't be read: No such file or directory.\n" in result.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nowhere",), "Error: There is no file or folder 'nowhere'.\n"),
        (("x*",), "Error: Nothing matches 'x*'.\n"),
        (("d",), "Error: There are no files to read; skipped: folders (see --recursive) (10).\n"),
        ((), "Error: Missing argument"),
        (("d", "--resume"), "Error: --resume and --restart need -o FILE"),
        (("d", "-o", "a.csv", "--resume", "--restart"), "exclude each other"),
        (("d", "--format", "parquet"), "Error: --format parquet needs -o FILE.\n"),
        (("d", "-r", "-o", "no/a.csv"), "Error: Can't write 'no/a.csv': there is no folder 'no'; "),
        (("d", "-r", "--sheet", "no/s.png"), "Error: Can't write 'no/s.png': there is no folder"),
        (("d", "-r", "--truth", "no.csv"), "Error: 'no.csv' can't be read: No such file"),
        (("d", "-r", "--model", "no"), "Error: There is no model file and no run 'no'.\n"),
    ],
)
def test_what_can_be_mended_is_a_sentence(
    run: Run, folder: Path, in_tmp: Path, words: tuple[str, ...], sentence: str
) -> None:
    result = run("predict-dir", *words)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stdout == ""
    assert os.listdir(in_tmp) == ["d"], "nothing is left behind"


def test_limits_and_the_line_between_sure_and_unsure(run: Run, folder: Path) -> None:
    Image.new("L", (1200, 900), 255).save(folder / "7/large.png")
    (folder / "7/long.png").write_bytes((folder / "7/000.png").read_bytes() + bytes(600_000))
    words = ("predict-dir", "d/7", *MODEL)
    rows = {row["path"]: row["status"] for row in table(run(*words).stdout)}
    assert (rows["large.png"], rows["long.png"]) == ("blank", "ok")
    result = run(*words, "--max-file", "0.5", "--max-pixels", "1", "--reject-below", "1")
    rows = {row["path"]: row["status"] for row in table(result.stdout)}
    assert result.exit_code == 1
    assert (rows["large.png"], rows["long.png"]) == ("too_large", "too_large")
    others = {status for path, status in rows.items() if path not in ("large.png", "long.png")}
    assert others <= {"ok", "unsure"}
    assert "unsure" in others


def test_formats_by_name_and_by_option(run: Run, folder: Path, in_tmp: Path) -> None:
    words = ("predict-dir", "d", "-r", *MODEL, "--top-k", "3", "--probabilities")
    assert run(*words, "-o", "a.csv").stdout == ""
    rows = table((in_tmp / "a.csv").read_text())
    assert list(rows[0])[4:8] == ["digit2", "confidence2", "digit3", "confidence3"]
    for row in rows:
        probabilities = [float(row[f"p{digit}"]) for digit in range(10)]
        assert sum(probabilities) == pytest.approx(1, abs=1e-5)
        ranked = sorted(probabilities, reverse=True)[:3]
        given = [float(row[f"confidence{place}"]) for place in ("", 2, 3)]
        assert given == pytest.approx(ranked)
    assert run(*words, "-o", "a.jsonl").exit_code == 0
    lines = [json.loads(line) for line in (in_tmp / "a.jsonl").read_text().splitlines()]
    assert [line["path"] for line in lines] == [row["path"] for row in rows]
    assert run(*words, "-o", "b", "--format", "jsonl").exit_code == 0
    assert (in_tmp / "b").read_bytes() == (in_tmp / "a.jsonl").read_bytes()
    shown = run(*words[:5], "--format", "table").stdout.splitlines()
    assert shown[0].split() == ["path", "status", "digit", "confidence"]
    assert re.fullmatch(r"0/003.png +ok +0 +\d+\.\d\d %", shown[1])
    assert sorted(os.listdir(in_tmp)) == ["a.csv", "a.jsonl", "b", "d"]


def test_parquet(run: Run, folder: Path, in_tmp: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow isn't installed")
    (folder / "empty").touch()
    assert run("predict-dir", "d", "-r", *MODEL, "-o", "a.parquet").exit_code == 1
    read = parquet.read_table(in_tmp / "a.parquet").to_pylist()
    assert len(read) == COUNT + 1
    assert read[0] == {"path": "empty", "status": "empty", "digit": None, "confidence": None}
    assert {row["digit"] for row in read[1:]} == set(range(10))


def test_truth_from_folders_and_from_a_table(run: Run, folder: Path, in_tmp: Path) -> None:
    Image.new("L", (20, 20), 255).save(folder / "7/blank.png")
    (folder / "7/broken.png").touch()
    (folder / "other.png").write_bytes((folder / "7/000.png").read_bytes())
    words = ("predict-dir", "d", "-r", *MODEL, "--truth")
    by_folder = run(*words, "parent")
    assert by_folder.exit_code == 1
    rows = table(by_folder.stdout)
    assert all(row["truth"] == (row["path"][0] if "/" in row["path"] else "") for row in rows)
    right = sum(row["digit"] == row["truth"] for row in rows)
    found = re.findall(
        r"^Accuracy: \S+ % \(95 % interval .*\), (\d+) of 81$", by_folder.stderr, re.M
    )
    assert found == [str(right)]
    assert "Blank: 1, counted as wrong\n" in by_folder.stderr
    labels = [(row["path"], row["truth"]) for row in rows if row["truth"]]
    lines = [f"./{path}, {label}" for path, label in reversed(labels)]
    (in_tmp / "labels.csv").write_text("\n".join(["file,label", *lines]))
    by_table = run(*words, "labels.csv")
    assert by_table.stdout == by_folder.stdout
    assert by_table.stderr.split("Accuracy")[1] == by_folder.stderr.split("Accuracy")[1]
    assert run("predict-dir", "d/7", *MODEL, "--truth", "parent").stdout.count(",7\n") >= 4
    (in_tmp / "labels.csv").write_text("file,label\nx,11\n")
    assert "Line 2 of 'labels.csv' has the label '11'" in run(*words, "labels.csv").stderr
    nothing = run("predict-dir", "d/other.png", *MODEL, "--truth", "parent")
    assert "No file has a label" in nothing.stderr


def test_plugins_see_all_answers_with_their_truth(
    run: Run, folder: Path, in_tmp: Path, write_plugin: WritePlugin
) -> None:
    (folder / "a.png").write_bytes((folder / "7/000.png").read_bytes())
    plugin = write_plugin(
        """
        @hookimpl
        def on_prediction(session, predictions):
            assert predictions.source == "folder" and predictions.images.max() == 1
            truth = predictions.truth
            session.say(f"{len(predictions)} {predictions.ids[0]} {truth is not None}")
        """
    )
    words = ("predict-dir", "d", "-r", *MODEL, "--truth", "parent", "--results", "out")
    result = run(*words, "--plugins", f"{plugin},errors")
    assert result.exit_code == 0
    assert "\n1 a.png False\n80 0/003.png True\n" in result.stderr
    assert "Errors: " in result.stderr
    rows = table(result.stdout)
    wrong = [row["path"] for row in rows if row["truth"] not in ("", row["digit"])]
    assert [row["index"] for row in table((in_tmp / "out/errors.csv").read_text())] == wrong
    assert (in_tmp / "out/errors.png").stat().st_size > 1000
    assert json.loads((in_tmp / "out/run.json").read_text())["status"] == "complete"


def test_plugins_get_what_the_model_saw(in_tmp: Path, digits: Dataset) -> None:
    some = digits.test.images[:40]
    images = [
        *some[:20],
        *(255 - some[20:30] // 3),
        *(np.kron(x, np.ones((4, 4))) for x in some[30:]),
    ]
    blank = np.zeros((28, 28), np.uint8)
    for place, image in enumerate([*images, blank]):
        data = hostile.encode(Image.fromarray(image.astype(np.uint8)), "PNG")
        (in_tmp / f"{place:02}.png").write_bytes(data)
    recorder = Recorder("on_prediction")
    result = run_cli(["predict-dir", ".", *MODEL], plugins=["mnist", recorder])
    assert result.exit_code == 0
    seen = np.concatenate([call["predictions"].images for call in recorder.of("on_prediction")])
    assert seen.dtype == np.float32
    for found, image in zip(seen, images, strict=True):
        np.testing.assert_array_equal(found, prepare(image.astype(np.uint8)))


def test_plugins_may_change_images(run: Run, folder: Path, write_plugin: WritePlugin) -> None:
    straight = run("predict-dir", "d", "-r", *MODEL)
    turn = "@hookimpl\ndef prepare_image(session, image, source):\n    assert source == 'folder'\n"
    same = run(
        "predict-dir", "d", "-r", *MODEL, "--plugins", write_plugin(turn + "    return image", "a")
    )
    assert [r["digit"] for r in table(same.stdout)] == [r["digit"] for r in table(straight.stdout)]
    back = write_plugin(turn + "    return image[::-1, ::-1].copy()", "b")
    turned = run("predict-dir", "d", "-r", *MODEL, "--plugins", back)
    assert turned.exit_code == 0
    digits = [int(row["digit"]) for row in table(turned.stdout)]
    nines = [digits[i] for i, row in enumerate(table(straight.stdout)) if row["digit"] == "9"]
    assert nines.count(6) > len(nines) / 2, "a nine upside down"
    bad = write_plugin("@hookimpl\ndef prepare_image(image):\n    return image / 2\n", "c")
    result = run("predict-dir", "d", "-r", *MODEL, "--plugins", bad, "-o", "a.csv")
    assert result.exit_code == 2
    assert "returned float64 (28, 28) from prepare_image" in result.stderr


def test_a_sheet_has_a_page_for_every_200(run: Run, folder: Path, in_tmp: Path) -> None:
    for copy in range(4):
        for path in list((folder / "7").glob("0*.png")) + list((folder / "1").glob("0*.png")):
            (path.parent / f"copy {copy} {path.name}").write_bytes(path.read_bytes())
    for i in range(150):
        Image.new("L", (30, 20), 255).save(folder / f"{i}.png")
    (folder / "broken").write_text("x")
    result = run("predict-dir", "d", "-r", *MODEL, "--sheet", "d/sheet.png", "--reject-below", "1")
    assert result.exit_code == 1
    count = len(table(result.stdout))
    assert 200 < count < 400
    pages = sorted(path.name for path in folder.glob("sheet*"))
    assert pages == ["sheet-2.png", "sheet.png"]
    for page in pages:
        with Image.open(folder / page) as picture:
            assert picture.mode == "RGB"
            assert len(set(np.asarray(picture).reshape(-1, 3)[:, 0].tolist())) > 20
    again = run("predict-dir", "d", "-r", *MODEL, "--sheet", "d/sheet.png", "--reject-below", "1")
    assert again.stdout == result.stdout, "pages aren't read as pictures"


@pytest.mark.parametrize("way", ["copy", "link", "symlink"])
def test_sorting_never_overwrites(run: Run, folder: Path, in_tmp: Path, way: str) -> None:
    (folder / "7_000.png").write_bytes((folder / "1/002.png").read_bytes())
    (folder / "broken").write_text("x")
    (in_tmp / "s/1").mkdir(parents=True)
    (in_tmp / "s/1/1_002.png").write_text("mine")
    words = ("predict-dir", "d", "-r", *MODEL, "--sort-into", "s", "--sort-how", way)
    for _ in range(2):  # the second time, all is there already
        rows = table(run(*words).stdout)
        placed = {p.relative_to(in_tmp / "s") for p in (in_tmp / "s").glob("*/*")}
        assert len(placed) == len(rows) + 1
        assert (in_tmp / "s/1/1_002.png").read_text() == "mine"
        assert (in_tmp / "s/not_image/broken").exists()
        for row in rows:
            label = row["digit"] if row["status"] == "ok" else row["status"]
            flat = row["path"].replace("/", "_")
            name = "1_002-2.png" if row["path"] == "1/002.png" else flat
            target = in_tmp / "s" / label / name
            assert target.read_bytes() == (folder / row["path"]).read_bytes()
            assert target.is_symlink() == (way == "symlink")
            assert target.samefile(folder / row["path"]) == (way != "copy")


def test_names_come_through(run: Run, folder: Path, in_tmp: Path) -> None:
    raw = [b"d\xe9j\xe0.png", b"a\nb.png", b'"q",.png', b"c\\xe9.png", b"\r.png", "日.png".encode()]
    data = (folder / "7/000.png").read_bytes()
    for name in raw:
        with open(b"d/" + name, "wb") as file:
            file.write(data)
    assert run("predict-dir", "d", *MODEL, "-o", "a.csv").exit_code == 0
    text = (in_tmp / "a.csv").read_bytes().decode("utf-8")
    assert {os.fsencode(unescape(row["path"])) for row in table(text)} == set(raw)
    run("predict-dir", "d", *MODEL, "-o", "a.jsonl")
    lines = (in_tmp / "a.jsonl").read_text("utf-8").split("\n")[:-1]
    assert {os.fsencode(json.loads(line)["path"]) for line in lines} == set(raw)


def test_the_installed_command_starts_fast(run_process: RunProcess, folder: Path) -> None:
    example = run_process("predict-dir", "--help").stdout.split("Example: inkhook ")[1].split()
    (folder.parent / "scans").symlink_to("d")
    done = run_process(*example, *MODEL, env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert done.returncode == 0
    assert (folder.parent / "sheet.png").exists()
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert not imported & {"tensorflow", "matplotlib", "keras", "rich", "pyarrow"}


def test_on_a_terminal_there_is_a_table_and_a_bar(folder: Path) -> None:
    def shown(*words: str, term: str = "xterm") -> str:
        parent, child = pty.openpty()
        environment = os.environ | {"TERM": term, "COLUMNS": "100"}
        all_words = [*command(), "predict-dir", "d", "-r", *MODEL, *words]
        process = subprocess.Popen(all_words, stdout=child, stderr=child, env=environment)
        os.close(child)
        text = b""
        while True:
            try:
                block = os.read(parent, 10_000)
            except OSError:
                break
            if not block:
                break
            text += block
        os.close(parent)
        assert process.wait() == 0
        return text.decode()

    assert re.search(r"path +status +digit +confidence", shown())
    assert "\x1b" not in shown(term="dumb")
    bar = shown("-o", "a.csv")
    assert "80/80" in bar
    assert "files" in bar
    assert "path" not in bar


def test_kaggles_tables(run: Run, in_tmp: Path, digits: Dataset) -> None:
    images = digits.test.images[:300].copy()
    images[7] = 0
    write_table(in_tmp / "test.csv", images, None)
    plain = run("predict-dir", "test.csv", *MODEL)
    assert plain.exit_code == 0
    rows = table(plain.stdout)
    assert [row["path"] for row in rows] == [f"test.csv#{i}" for i in range(1, 301)]
    result = run("predict-dir", "test.csv", *MODEL, "--format", "kaggle", "-o", "mine.csv")
    assert result.exit_code == 1
    assert "No digit, so the label is 0 (1): test.csv#8\n" in result.stderr
    found = table((in_tmp / "mine.csv").read_text())
    assert [row["ImageId"] for row in found] == [str(i) for i in range(1, 301)]
    assert [row["Label"] for row in found] == [row["digit"] or "0" for row in rows]
    truth = [f"test.csv#{i},{label}" for i, label in enumerate(digits.test.labels[:300], 1)]
    (in_tmp / "truth.csv").write_text("\n".join(["file,label", *truth]))
    ids = [line.partition("#")[2] for line in truth]
    (in_tmp / "ids.csv").write_text("\n".join(["ImageId,Label", *ids]))
    said = {run("predict-dir", "test.csv", *MODEL, "--truth", name).stderr.split("Accuracy")[1]
            for name in ("truth.csv", "ids.csv")}  # fmt: skip
    assert len(said) == 1
    assert " of 300\n" in said.pop()
    for part in (1, 2):
        assert run("predict-dir", "test.csv", *MODEL, "--shard", f"{part}/2", "-o", f"p{part}")
    assert run("merge", "p2", "p1", "--format", "csv").stdout == plain.stdout
    assert (
        run("merge", "p1", "p2", "--format", "kaggle").stdout == (in_tmp / "mine.csv").read_text()
    )
    result = run("predict-dir", "test.csv", *MODEL, "--format", "kaggle", "--top-k", "2")
    assert result.exit_code == 2
    assert "--format kaggle has only two columns; leave out --top-k" in result.stderr


def test_pages_of_a_pdf(run: Run, in_tmp: Path, digits: Dataset) -> None:
    (in_tmp / "d").mkdir()
    write_pdf(in_tmp / "d/scan.pdf", digits.test.images[:3])
    words = ("predict-dir", "d", *MODEL, "--sheet", "s.png", "--sort-into", "sorted")
    result = run(*words)
    assert result.exit_code == 0
    rows = table(result.stdout)
    assert [row["path"] for row in rows] == ["scan.pdf#1", "scan.pdf#2", "scan.pdf#3"]
    assert [int(row["digit"]) for row in rows] == digits.test.labels[:3].tolist()
    assert "Not sorted: 3 pages and table lines, which aren't files.\n" in result.stderr


def test_hints_say_what_can_be_done(run: Run, folder: Path) -> None:
    Image.new("L", (1200, 900), 255).save(folder / "7/large.png")
    result = run("predict-dir", "d/7", *MODEL, "--max-pixels", "1")
    assert result.exit_code == 1
    assert "too_large: Raise --max-file (MB) or --max-pixels (megapixels).\n" in result.stderr


def test_a_second_run_into_the_same_file_is_told_of_the_first(run: Run, folder: Path) -> None:
    journal = Journal(Path("a.csv.journal"), {})
    result = run("predict-dir", "d", "-r", *MODEL, "-o", "a.csv")
    journal.close()
    assert result.exit_code == 2
    assert "Error: Another process is writing 'a.csv'; wait until it is done.\n" in result.stderr


def test_names_on_a_sheet_are_drawn_or_spelled() -> None:
    lettering = Lettering(10)
    assert lettering.spell("Größe Ж.png") == "Größe Ж.png"
    assert lettering.spell("日本.png") == "\\u65e5\\u672c.png"
    assert lettering.spell("\U0001f9ff") == "\\U0001f9ff"
    for text in ("a.png", "a very long name of a file.png", "日本語日本語.png", "ع" * 40):
        shown = lettering.fit(text, 90)
        assert 0 < lettering.font.getlength(shown) <= 90
        assert shown.startswith(lettering.spell(text[0]))
