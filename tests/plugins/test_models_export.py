"""`inkhook models export`: real Keras and ONNX open the files and give inkhook's probabilities."""

import functools
import json
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from helpers import Run, RunProcess, randomise

from inkhook.core.base.problems import ModelProblem
from inkhook.core.base.quiet_keras import import_keras
from inkhook.core.base.types import Dataset, FloatArray
from inkhook.core.images import preprocess
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.kerasfile.fields import ACTIVATION_NAMES
from inkhook.core.kerasfile.rules import RULES
from inkhook.core.modelfile import artifact, export
from inkhook.core.modelfile.card import Card
from inkhook.core.network.classifier import Classifier
from inkhook.plugins.command_models.export import EXPORT_FORMATS


def opened(path: Path, batch: FloatArray) -> FloatArray:
    """Run a file as its users would."""
    if path.suffix == ".onnx":
        from onnx.reference import ReferenceEvaluator

        return np.asarray(ReferenceEvaluator(str(path)).run(None, {"images": batch})[0])
    model = import_keras().models.load_model(path)
    return np.asarray(model.predict(batch, verbose=0))


def notes(path: Path) -> dict[str, str]:
    """Return what a file says of itself."""
    if path.suffix == ".onnx":
        import onnx

        return {prop.key: prop.value for prop in onnx.load(str(path)).metadata_props}
    if path.suffix == ".keras":
        found: dict[str, str] = json.loads(zipfile.ZipFile(path).read("inkhook.json"))
        return found
    with h5py.File(path) as file:
        return {name: str(file.attrs[name]) for name in file.attrs}


def save(model: Any, path: Path, temperature: float) -> artifact.Artifact:
    card = Card("x", "0" * 64, "x", 1, temperature=temperature)
    return artifact.ModelFile(model).write(path, card)


FACTORS = {"plain": (10, 200), "images": (6, 6), "rows": (1, 4)}
"""What kernels are multiplied by, the last one apart, so that the answers differ by the image."""


def models() -> dict[str, list[Any]]:
    """Return chains of layers that together have every layer and activation that is allowed."""
    layers = import_keras().layers
    return {
        "plain": [
            layers.Rescaling(2.0, -1.0),
            layers.Reshape((28, 28, 1)),
            layers.Conv2D(3, 3, activation="gelu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D((2, 1)),
            layers.Conv2D(4, (3, 2), dilation_rate=2, activation="elu", use_bias=False),
            layers.LeakyReLU(0.1),
            layers.AveragePooling2D(2, padding="same"),
            layers.Conv2D(9, 3, strides=2, padding="same", activation="linear"),
            layers.ELU(0.7),
            layers.GlobalAveragePooling2D(keepdims=True),
            layers.GlobalMaxPooling2D(),
            layers.Dense(8, activation="softmax"),
            layers.Dense(8, activation="tanh"),
            layers.Activation("leaky_relu"),
            layers.Dense(8, activation="relu"),
            layers.Softmax(),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(10, activation="sigmoid"),
        ],
        "images": [
            layers.Permute((2, 1)),
            layers.UnitNormalization(axis=1),
            layers.Reshape((28, 28, 1)),
            layers.ZeroPadding2D(((1, 0), (0, 2))),
            layers.Resizing(12, 15),
            layers.SeparableConv2D(3, 3, activation="silu"),
            layers.DepthwiseConv2D(3, depth_multiplier=2, activation="selu"),
            layers.Cropping2D(((1, 0), (0, 2))),
            layers.UpSampling2D((1, 2)),
            layers.LayerNormalization(),
            layers.PReLU(shared_axes=[1, 2]),
            layers.Flatten(),
            layers.Dense(9, activation="softplus"),
            layers.Dense(9, activation="softsign"),
            layers.Dense(9, activation="hard_sigmoid"),
            layers.Activation("log_sigmoid"),
            layers.Dense(10),
        ],
        "rows": [
            layers.Conv1D(9, 3, strides=2, padding="same", activation="tanh"),
            layers.Conv1D(12, 2, use_bias=False),
            layers.LSTM(6, return_sequences=True),
            layers.GRU(5, return_sequences=True),
            layers.SimpleRNN(7),
            layers.Dense(10, activation="softmax"),
        ],
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], artifact.Artifact]:
    """Return what makes one of these models, with a temperature, once."""
    folder = tmp_path_factory.mktemp("made")
    return functools.cache(lambda name: make(name, folder))


def make(name: str, folder: Path) -> artifact.Artifact:
    keras = import_keras()
    layers = keras.layers
    model = keras.Sequential([keras.Input((28, 28)), *models()[name]])
    randomise(model, 4)
    for layer in model.layers:
        if isinstance(layer, layers.Dense):  # against what pooling and softmax flatten
            layer.kernel.assign(layer.kernel * FACTORS[name][layer.units == 10])
    return save(model, folder / f"{name}.h5", 1.7)


def test_these_models_have_all_that_is_allowed(made: Callable[[str], artifact.Artifact]) -> None:
    networks = [made(name).network for name in models()]
    assert {layer.kind for network in networks for layer in network.layers} == set(RULES)
    used = {layer.options.get("activation") for net in networks for layer in net.layers}
    assert used - {None} == set(ACTIVATION_NAMES)


@pytest.mark.parametrize("form", EXPORT_FORMATS)
def test_the_file_gives_the_probabilities_that_inkhook_gives(
    run: Run, digits: Dataset, form: str
) -> None:
    result = run("models", "export", "pretrained", "--format", form)
    assert result.exit_code == 0, result.output
    path = Path(f"pretrained.{form}")
    assert result.stdout == f"{path}\n"
    assert [entry.name for entry in Path().iterdir()] == [path.name]
    model = artifact.read_artifact(SHIPPED)
    assert model.temperature != 1
    images = preprocess.to_model_input(digits.test.images[100:130])
    expected = Classifier(model.network, model.temperature)(images)
    assert np.abs(opened(path, images.reshape(30, 784)) - expected).max() <= 1e-5
    found = notes(path)
    assert found["inkhook_source_sha256"] == model.sha256
    assert Card.from_json(found["inkhook"]).temperature == 1
    assert found["inkhook_input"].startswith("float32 (N, 784)")
    assert f"Input: {found['inkhook_input']}\n" in result.stderr
    if form != "onnx":  # inkhook reads it, too, and says the same
        again = artifact.read_artifact(path)
        assert model.card is not None
        assert again.card == replace(model.card, temperature=1.0)
        assert np.abs(Classifier(again.network)(images) - expected).max() <= 1e-5


@pytest.mark.parametrize(
    ("name", "form"),
    [
        (name, form)
        for name in FACTORS
        for form in EXPORT_FORMATS
        if (name, form) != ("rows", "onnx")
    ],
)
def test_every_layer_and_activation_can_be_exported(
    in_tmp: Path, made: Callable[[str], artifact.Artifact], name: str, form: str
) -> None:
    model = made(name)
    coarse = np.random.default_rng(1).random((20, 4, 4), np.float32)
    images = coarse.repeat(7, axis=1).repeat(7, axis=2)
    path = Path(f"out.{form}")
    assert export.export_model(model, path, images) <= 1e-5
    expected = Classifier(model.network, 1.7)(images[::7])
    assert np.ptp(expected, axis=0).max() > 0.01, "it looks at the images"
    assert np.abs(opened(path, images[::7]) - expected).max() <= 1e-5
    if form != "onnx":
        again = Classifier(artifact.read_artifact(path).network)
        assert np.abs(again(images[::7]) - expected).max() <= 1e-5


def test_an_exported_model_is_as_good_as_its_card_says(run: Run) -> None:
    assert run("models", "export", "pretrained", "--format", "keras").exit_code == 0
    result = run("models", "verify", "pretrained.keras")
    assert result.exit_code == 0, result.output
    assert "as its card says" in result.stdout
    result = run("models", "import", "pretrained.keras")
    assert "was written by inkhook; use it as it is." in result.stderr


@pytest.mark.soak
def test_recurrent_layers_are_no_onnx(
    in_tmp: Path, made: Callable[[str], artifact.Artifact]
) -> None:
    images = np.zeros((2, 28, 28), np.float32)
    with pytest.raises(
        ModelProblem, match=r"ONNX can't write and read back the model as 'out\.onnx'"
    ):
        export.export_model(made("rows"), Path("out.onnx"), images)
    assert not Path("out.onnx").exists()


def test_a_strangers_file_that_gives_logits(run: Run) -> None:
    keras = import_keras()
    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(10))
    model.save("theirs.h5", include_optimizer=False)
    result = run("models", "export", "theirs.h5", "-o", "today.keras")
    assert result.exit_code == 0, result.output
    images = np.random.default_rng(1).random((5, 28, 28, 1), np.float32)
    expected = Classifier(artifact.read_artifact(Path("theirs.h5")).network)(images[..., 0])
    assert np.abs(opened(Path("today.keras"), images) - expected).max() <= 1e-5
    assert "inkhook" not in notes(Path("today.keras")), "there is no card to hand on"
    assert "float32 (N, 28, 28, 1)" in result.stderr


@pytest.mark.soak
def test_only_the_path_is_on_stdout_and_no_library_chatters(run_process: RunProcess) -> None:
    result = run_process("models", "export", "pretrained", "-o", "a.onnx")
    assert (result.returncode, result.stdout) == (0, "a.onnx\n")
    first = [line.split()[0] for line in result.stderr.splitlines()]
    assert first == ["Model:", "Dataset", "Checked", "Input:", "Output:"]


def test_an_existing_file_is_kept_unless_forced(run: Run) -> None:
    out = Path("pretrained.keras")
    out.write_bytes(b"old")
    result = run("models", "export", "pretrained", "--format", "keras")
    assert result.exit_code == 2
    assert "Error: 'pretrained.keras' exists; overwrite it with --force." in result.stderr
    assert out.read_bytes() == b"old"
    assert run("models", "export", "pretrained", "-o", out, "--force").exit_code == 0
    assert zipfile.is_zipfile(out)


@pytest.mark.parametrize("link", [False, True])
def test_the_model_itself_is_never_written_over(run: Run, link: bool) -> None:
    data = SHIPPED.read_bytes()
    Path("mine.h5").write_bytes(data)
    out = Path("link.h5" if link else "mine.h5")
    if link:
        out.symlink_to("mine.h5")
    words = ("-o", out) if link else ("--format", "h5")
    result = run("models", "export", "mine.h5", *words, "--force")
    assert result.exit_code == 2
    assert f"'{out}' is the model itself" in result.stderr
    assert Path("mine.h5").read_bytes() == data
    assert out.is_symlink() == link


def test_what_cannot_be_done_is_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("file").touch()
    Path("folder.onnx").mkdir()
    for words, sentence in (
        ((), "Choose a format: --format h5, keras, onnx."),
        (("-o", "a.tflite"), "'a.tflite' must end in .h5, .keras, .onnx."),
        (("-o", "a.h5", "--format", "onnx"), "'a.h5' must end in .onnx, as --format says."),
        (("-o", "folder.onnx"), "'folder.onnx' is a directory"),
        (
            ("-o", "no/such/a.h5"),
            "'no/such/a.h5': there is no folder 'no/such'; make it first.",
        ),
        (("-o", "file/a.h5"), "Can't write 'file/a.h5': 'file' isn't a folder."),
        (("-o", "a" * 300 + ".h5"), "File name too long."),
    ):
        result = run("models", "export", "pretrained", *words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert sentence in result.stderr.replace("\n", " ")
    assert "There is no model file" in run("models", "export", "x", "--format", "h5").stderr
    monkeypatch.setitem(sys.modules, "tf2onnx", None)  # as where it isn't installed
    result = run("models", "export", "pretrained", "--format", "onnx")
    assert result.exit_code == 2
    assert "ONNX needs extra libraries: pip install 'inkhook[onnx]'." in result.stderr
    assert sorted(path.name for path in Path().iterdir()) == ["file", "folder.onnx"]


@pytest.mark.parametrize("form", EXPORT_FORMATS)
def test_a_full_disk_leaves_the_old_file(run: Run, small_disk: Path, form: str) -> None:
    out = small_disk / f"a.{form}"
    out.write_bytes(b"old")
    (small_disk / "filler").write_bytes(b"x" * 8_000_000)
    result = run("models", "export", "pretrained", "-o", out, "--force")
    assert result.exit_code == 2
    assert f"Error: Can't write '{out}': No space left on device." in result.stderr
    assert out.read_bytes() == b"old"
    assert {path.name for path in small_disk.iterdir()} == {out.name, "filler"}


@pytest.mark.parametrize("form", EXPORT_FORMATS)
def test_nothing_is_written_where_the_probabilities_differ(run: Run, form: str) -> None:
    keras = import_keras()
    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, activation="softmax")])
    # inkhook takes no probability for less than 1e-30, and such a temperature makes much of that
    model.set_weights([array * 1000 for array in model.get_weights()])
    save(model, Path("odd.h5"), 100.0)
    out = Path(f"a.{form}")
    out.write_bytes(b"old")
    result = run("models", "export", "odd.h5", "-o", out, "--force")
    assert result.exit_code == 2
    assert f"'{out}' wasn't written: in " in result.stderr
    assert out.read_bytes() == b"old"
    assert {path.name for path in Path().iterdir()} == {"odd.h5", out.name}
