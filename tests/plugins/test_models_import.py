"""`inkhook models import`, and strangers' files that are imported in passing."""

import json
from pathlib import Path
from typing import Any

import cv2
import h5py
import numpy as np
import pytest
from foreign import Array, drawn, layer, sequential, write
from helpers import ROOT, Run, card_of

import inkhook
from inkhook.core.base.types import Dataset
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.modelfile import artifact, h5guard
from inkhook.core.modelfile.interpretations import TURNED

FOREIGN = ROOT / "tests" / "support" / "keras_files"


@pytest.fixture(autouse=True)
def _fresh_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Remember nothing of other tests."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))


@pytest.fixture
def imported(run: Run, small_data: Path) -> Run:
    """Import a file, tried and measured on the small dataset."""
    return lambda *args: run("models", "import", *args, "--data", small_data)


@pytest.fixture(scope="module")
def arrays() -> list[Array]:
    """The arrays of the small dense network of Keras 2: two kernels and their biases."""
    network = h5guard.open_guarded(FOREIGN / "dense.h5").network
    return [array for one in network.layers for array in one.weights.values()]


def dense(path: Path, arrays: list[Array], shape: list[Any], *before: Any) -> Path:
    """Write the small dense network with inputs of a shape, flattened."""
    first, first_bias, last, last_bias = arrays
    description = sequential(
        layer("InputLayer", "i", batch_input_shape=shape),
        *before,
        layer("Flatten", "f"),
        layer("Dense", "a", units=len(first_bias), activation="relu"),
        layer("Dense", "b", units=len(last_bias), activation="softmax"),
    )
    groups = {
        "a": {"a/kernel:0": first, "a/bias:0": first_bias},
        "b": {"b/kernel:0": last, "b/bias:0": last_bias},
    }
    return write(path, description, groups)


WAYS = {
    "augmented": "0 to 255",
    "convolution": "-1 to 1",
    "functional": "normalize(x, axis=1)",
    "nested": "1 - x / 255",
    "old_gates": "x / 255",
}


@pytest.mark.parametrize("file", [*(f"{name}.h5" for name in WAYS), "nested.keras"])
def test_the_scaling_is_found_out(imported: Run, file: str) -> None:
    name = Path(file).stem
    result = imported(FOREIGN / file)
    assert result.exit_code == 0, result.output
    path = Path("artifacts") / name / "model.h5"
    assert result.stdout == f"{path}\n"
    assert f"Its inputs are {WAYS[name]}: that way it reads " in result.stderr
    card = card_of(path)
    assert card.origin["inputs"] == WAYS[name]
    assert card.origin["file"] == file
    assert card.origin["sha256"] == artifact.read_artifact(FOREIGN / file).sha256
    assert card.metrics["test_accuracy"] > 0.8
    assert (card.temperature, card.reject_below) == (1.0, 0.0)


def test_an_imported_model_is_as_good_as_its_card_says(
    run: Run, imported: Run, small_data: Path
) -> None:
    imported(FOREIGN / "dense.h5", "-o", "mine.h5")
    result = run("models", "verify", "mine.h5", "--data", small_data)
    assert result.exit_code == 0, result.output
    assert "as its card says" in result.stdout
    shown = run("models", "show", "mine.h5").stdout
    assert "784-8-10" in shown
    assert "inputs x / 255" in shown


def test_a_keras_file_is_used_wherever_a_model_is_taken(
    run: Run, small_data: Path, digits: Dataset
) -> None:
    file = FOREIGN / "functional.keras"
    place = Path("artifacts/theirs/model.keras")
    place.parent.mkdir(parents=True)
    place.write_bytes(file.read_bytes())
    result = run("models", "verify", "theirs", "--data", small_data)
    assert result.exit_code == 0, result.output
    accuracy = float(result.stdout.split("accuracy")[1].split()[0])
    assert accuracy > 80
    row = json.loads(run("models", "list", "--json").stdout)[0]
    assert (row["name"], row["status"]) == ("theirs", "foreign")
    assert run("models", "show", "theirs").exit_code == 0
    Path("digits/7").mkdir(parents=True)
    Path("digits/7/a.png").write_bytes(cv2.imencode(".png", digits.test.images[0])[1].tobytes())
    rows = run("predict-dir", "digits/7", "--model", file, "--format", "csv").stdout
    assert rows.splitlines()[1].startswith("a.png,ok,7,")
    assert "100.00 %" in run("evaluate", "digits", "--model", file).stdout
    assert inkhook.load_model(file).predict(digits.test.images[:1]).tolist() == [7]
    export = run("models", "export", file, "-o", "again.keras", "--data", small_data)
    assert export.exit_code == 0, export.output
    assert "isn't from inkhook" in run("models", "show", "again.keras").stderr


def test_json(imported: Run) -> None:
    result = imported(FOREIGN / "dense.h5", "-o", "mine.h5", "--json")
    content = json.loads(result.stdout)
    assert content["path"] == "mine.h5"
    assert content["sha256"] == artifact.read_artifact(Path("mine.h5")).sha256
    assert 0.8 < content["accuracy"] < 1
    assert content["tried"][0]["inputs"] == "x / 255"
    assert {one["digits"] for one in content["tried"]} == {200, 1000}
    assert len(content["tried"]) == 24


def test_shapes_and_turns(imported: Run, in_tmp: Path, arrays: list[Array]) -> None:
    """One network, remade for images that are transposed, padded, of three colours, all white."""
    kernel, *rest = arrays
    square = kernel.reshape(28, 28, -1)
    mirrored = square.transpose(1, 0, 2).reshape(784, -1)
    padded = np.pad(square, ((2, 2), (2, 2), (0, 0))).reshape(1024, -1)
    coloured = (np.repeat(kernel, 3, axis=0) / 3).astype(np.float32)
    files = {
        "x / 255, transposed": dense(in_tmp / "a.h5", [mirrored, *rest], [None, 28, 28]),
        "x / 255, padded to 32×32": dense(in_tmp / "b.h5", [padded, *rest], [None, 32, 32, 1]),
        "x / 255": dense(in_tmp / "c.h5", [coloured, *rest], [None, 28, 28, 3]),
        "1 - x / 255": dense(
            in_tmp / "d.h5",
            arrays,
            [32, 1, 28, 28],
            layer("Rescaling", "r", scale=-1.0, offset=1.0),
        ),
    }
    for inputs, path in files.items():
        result = imported(path, "-o", f"{path.stem}-ours.h5")
        assert result.exit_code == 0, result.output
        card = card_of(Path(f"{path.stem}-ours.h5"))
        assert card.origin["inputs"] == inputs
        assert card.metrics["test_accuracy"] == pytest.approx(0.86, abs=0.03)


def test_kernels_of_theano_are_found_out(imported: Run, in_tmp: Path) -> None:
    """The nested network of Keras 2, as Keras 1 and Theano would have kept it."""
    network = h5guard.open_guarded(FOREIGN / "nested.h5").network
    arrays = [array for one in network.layers for array in one.weights.values()]
    kernel, bias, dense, dense_bias, last, last_bias = arrays
    rows = dense.reshape(8, 8, 4, -1).transpose(2, 0, 1, 3).reshape(len(dense), -1)
    description = sequential(
        layer(
            "Convolution2D",
            "c",
            nb_filter=4,
            nb_row=5,
            nb_col=5,
            subsample=[3, 3],
            activation="relu",
            dim_ordering="th",
            batch_input_shape=[None, 1, 28, 28],
        ),
        layer("Flatten", "f"),
        layer("Dense", "d", output_dim=12, activation="relu"),
        layer("Dropout", "o", p=0.5),
        layer("Dense", "e", output_dim=10, activation="softmax"),
        bare=True,
    )
    groups = {
        "c": {"c_W": kernel.transpose(3, 2, 0, 1)[:, :, ::-1, ::-1], "c_b": bias},
        "d": {"d_W": rows, "d_b": dense_bias},
        "e": {"e_W": last, "e_b": last_bias},
    }
    path = write(in_tmp / "th.h5", description, groups, version="1.1.1", backend=None)
    result = imported(path, "-o", "ours.h5")
    assert result.exit_code == 0, result.output
    card = card_of(Path("ours.h5"))
    assert card.origin["assumed"] == TURNED
    assert card.origin["inputs"] == "1 - x / 255"
    assert card.metrics["test_accuracy"] > 0.85


def test_what_reads_no_digits_is_named_and_needs_force(
    run: Run, imported: Run, in_tmp: Path, arrays: list[Array]
) -> None:
    first, first_bias, last, last_bias = arrays
    shuffled = [first, first_bias, np.roll(last, 3, axis=1), np.roll(last_bias, 3)]
    path = dense(in_tmp / "other.h5", shuffled, [None, 28, 28])
    result = imported(path)
    assert result.exit_code == 2
    assert "hardly more than chance, so its ten outputs may not be digits" in result.stderr
    assert not Path("artifacts").exists()
    result = run("run", "--plugins", "errors", "--model", path, "-o", "out")
    assert result.exit_code == 2
    assert "'inkhook models import --force'" in result.stderr
    result = imported(path, "--force")
    assert result.exit_code == 0
    assert card_of(Path("artifacts/other/model.h5")).metrics["test_accuracy"] < 0.2


def test_weights_only(imported: Run, in_tmp: Path, arrays: list[Array]) -> None:
    first, first_bias, last, last_bias = arrays
    middle = {"d/kernel:0": np.eye(8, dtype=np.float32), "d/bias:0": np.zeros(8, np.float32)}
    groups = {
        "in": {"a/kernel:0": first, "a/bias:0": first_bias},
        "out": {"b/kernel:0": last, "b/bias:0": last_bias},
    }
    path = write(in_tmp / "w.h5", None, groups, root="")
    result = imported(path, "-o", "a.h5")
    assert result.exit_code == 0, result.output
    assert "relu between its dense layers: that way it reads" in result.stderr
    assert card_of(Path("a.h5")).origin["assumed"] == "relu between its dense layers"
    result = imported(path, "-o", "b.h5", "--architecture", "dense:8,10")
    assert result.exit_code == 0, result.output
    result = imported(path, "-o", "c.h5", "--architecture", "dense:9,10")
    assert result.exit_code == 2
    assert "Its weights belong to dense layers 784→8 and 8→10" in result.stderr
    alike = {"z": groups["in"], "out": groups["out"], "m": middle, "n": middle}
    deep = write(in_tmp / "deep.h5", None, alike, root="")
    result = imported(deep, "-o", "d.h5")
    assert result.exit_code == 2
    assert "--architecture dense:512,10" in result.stderr
    result = imported(deep, "-o", "d.h5", "--architecture", "dense:8,8,8,10")
    assert result.exit_code == 2
    assert "nothing says in which order those of equal size come" in result.stderr


def test_what_is_not_written(imported: Run, in_tmp: Path) -> None:
    ours = imported(SHIPPED, "-o", "a.h5")
    assert ours.exit_code == 2
    assert "was written by inkhook; use it as it is" in ours.stderr
    copy = in_tmp / "copy.h5"
    copy.write_bytes((FOREIGN / "dense.h5").read_bytes())
    itself = imported(copy, "-o", copy)
    assert itself.exit_code == 2
    assert "is FILE itself" in itself.stderr
    assert imported(copy).exit_code == 0
    again = imported(copy)
    assert again.exit_code == 2
    assert "'artifacts/copy/model.h5' exists" in again.stderr
    missing = imported("nothing.h5")
    assert missing.exit_code == 2
    assert "can't be opened (No such file or directory)" in missing.stderr


# ------------------------------------------------------------------ in passing


def test_a_foreign_model_is_imported_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    path = FOREIGN / "augmented.h5"
    notice = f"'{path}' isn't from inkhook; its inputs are 0 to 255."
    first = run("models", "show", path, "--json")
    assert first.exit_code == 0, first.output
    assert first.stderr == f"{notice}\n"
    content = json.loads(first.stdout)
    assert content["origin"]["inputs"] == "0 to 255"
    assert content["path"] == str(path)
    kept = list(h5guard.state_folder().glob("imported-*/*.h5"))
    assert [one.stem for one in kept] == [content["sha256"]]

    def never(*args: Any) -> Any:
        raise AssertionError("tried again")

    with monkeypatch.context() as patch:
        patch.setattr("inkhook.core.foreign.adopt.convert", never)
        again = run("models", "show", path, "--json")
        assert json.loads(again.stdout) == content
        assert again.stderr == first.stderr
    for rubbish in (b"", SHIPPED.read_bytes()):
        kept[0].write_bytes(rubbish)
        again = run("models", "show", path, "--json")
        assert json.loads(again.stdout)["metrics"] == content["metrics"]


def test_every_command_takes_a_foreign_model(run: Run, in_tmp: Path, digits: Dataset) -> None:
    path = FOREIGN / "augmented.h5"
    for label in (3, 7):
        folder = in_tmp / "digits" / str(label)
        folder.mkdir(parents=True)
        for number in np.flatnonzero(digits.test.labels == label)[:10]:
            image = cv2.imencode(".png", digits.test.images[number])[1]
            (folder / f"{number}.png").write_bytes(image.tobytes())
    notice = "its inputs are 0 to 255."
    evaluated = run("evaluate", "digits", "--model", path, "-o", "out", "--json")
    assert evaluated.exit_code == 0, evaluated.output
    assert notice in evaluated.stderr
    assert json.loads(evaluated.stdout)["accuracy"] > 0.7
    table = run("predict-dir", "digits", "-r", "--model", path, "--format", "csv")
    assert table.exit_code == 0, table.output
    assert notice in table.stderr
    rows = [line.split(",") for line in table.stdout.splitlines()[1:]]
    assert np.mean([row[0].split("/")[0] == row[2] for row in rows]) > 0.7
    verified = run("models", "verify", path)
    assert verified.exit_code == 0, verified.output
    assert "as its card says" in verified.stdout


def test_where_nothing_can_be_kept_it_works_all_the_same(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "a-file"
    state.write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    result = run("models", "show", FOREIGN / "augmented.h5")
    assert result.exit_code == 0, result.output


def test_a_refusal_is_one_sentence(imported: Run, in_tmp: Path) -> None:
    good = (FOREIGN / "dense.h5").read_bytes()
    with h5py.File(in_tmp / "letters.h5", "w") as file:
        file["conv2d/conv2d/kernel:0"] = drawn(3, 3, 1, 4)
    files = {
        "cut.h5": good[: len(good) // 2],
        "pointer.h5": b"version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 1\n",
        "mangled.h5": good.decode(errors="replace").encode(),
        "page.h5": b"<!DOCTYPE html><title>404</title>",
        "letters.h5": (in_tmp / "letters.h5").read_bytes(),
    }
    for name, data in files.items():
        (in_tmp / name).write_bytes(data)
        result = imported(name)
        assert result.exit_code == 2
        assert result.stdout == ""
        lines = [line for line in result.stderr.splitlines() if not line.startswith("Dataset")]
        assert len(lines) == 1
        assert lines[0].startswith(f"Error: Can't use the model '{name}': It ")
