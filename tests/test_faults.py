"""Bad days: plugins that fail everywhere, full disks, forbidden folders, Ctrl-C at any moment."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers import ROOT, Run, RunProcess, WritePlugin, card_of, command

from inkhook.core.events import runs

TELLS = ("on_run_start", "on_dataset_loaded", "on_epoch_end", "on_model_saved", "on_prediction",
         "on_run_end")  # fmt: skip
OUT = Path("out")


@pytest.mark.parametrize("error", ["RuntimeError('x')", "SystemExit(0)"])
def test_a_plugin_that_raises_everywhere_stops_nothing(
    run_small: Run, write_plugin: WritePlugin, error: str
) -> None:
    hooks = "\n".join(f"@hookimpl\ndef {hook}(session): raise {error}" for hook in TELLS)
    half = len(TELLS) // 2
    paths = [
        write_plugin("\n".join(hooks.split("\n")[: 2 * half]), "early"),
        write_plugin("\n".join(hooks.split("\n")[2 * half :]), "late"),
    ]
    words = ("--plugins", f"{','.join(paths)},train,errors", "--epochs", "1")
    result = run_small(*words)
    assert result.exit_code == 1
    for place, hook in enumerate(TELLS):
        name = "early" if place < half else "late"
        assert (
            f"Plugin '{name}' failed in {hook}: {error.split('(', maxsplit=1)[0]}" in result.stderr
        )
    assert "Errors: " in result.stdout
    assert (OUT / "errors.png").exists()
    assert card_of(OUT / "model.h5").status == "complete"
    assert len(json.loads((OUT / "run.json").read_text())["faults"]) == len(TELLS)


@pytest.mark.parametrize("hook", ["load_dataset", "train_model"])
def test_a_plugin_that_fails_where_its_answer_is_needed_is_named(
    run_small: Run, write_plugin: WritePlugin, hook: str
) -> None:
    path = write_plugin(f"@hookimpl\ndef {hook}(session): raise RuntimeError('x')")
    result = run_small("--plugins", f"{path},train", "--epochs", "1")
    assert result.exit_code == 2
    assert f"Error: Plugin 'mine' failed in {hook}: RuntimeError: x." in result.stderr
    assert not OUT.exists(), "nothing was done"


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("return 42", "Plugin 'mine' returned no Keras model from train_model: AttributeError"),
        (
            "import keras; return keras.Sequential([keras.Input((784,)), "
            "keras.layers.GroupNormalization(1), keras.layers.Dense(10)])",
            "The model that plugin 'mine' trained can't be saved: It names the class 'GroupNorm",
        ),
    ],
)
def test_a_trainer_that_returns_something_else(
    run_small: Run, write_plugin: WritePlugin, code: str, sentence: str
) -> None:
    path = write_plugin(f"@hookimpl\ndef train_model(session): {code}")
    result = run_small("--plugins", path)
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_a_trainer_of_ones_own(run_small: Run, write_plugin: WritePlugin) -> None:
    path = write_plugin(
        """
        @hookimpl
        def train_model(session):
            import keras, numpy as np
            session.training["rate"] = np.float32(0.5)
            flat = keras.layers.Flatten()
            return keras.Sequential([keras.Input((28, 28)), flat, keras.layers.Dense(10)])
        """
    )
    result = run_small("--plugins", f"{path},errors")
    assert result.exit_code == 0
    assert card_of(OUT / "model.h5").training["rate"] == 0.5


@pytest.mark.parametrize("hook", ["on_run_start", "on_run_end"])
def test_a_strict_failure_at_either_end_is_on_record(
    run_small: Run, write_plugin: WritePlugin, hook: str
) -> None:
    path = write_plugin(
        f"""
        @hookimpl
        def {hook}(session): raise RuntimeError("x")
        @hookimpl
        def on_dataset_loaded(session): session.run.add_metrics(0, {{}})
        """
    )
    result = run_small("--plugins", f"train,{path}", "--epochs", "1", "--strict")
    assert result.exit_code == 2
    if hook == "on_run_start":
        assert not OUT.exists(), "nothing was done"
    else:
        assert json.loads((OUT / "run.json").read_text())["status"] == "complete"


def test_two_runs_at_once_get_folders_of_their_own(in_tmp: Path) -> None:
    folders = {runs.new_folder() for _ in range(5)}
    assert len(folders) == 5


@pytest.mark.parametrize("name", [".inkhook-99999999999999999999-x", ".inkhook-1\n-x"])
def test_odd_names_among_the_runs_do_no_harm(run_small: Run, in_tmp: Path, name: str) -> None:
    odd = in_tmp / "artifacts" / "\x1b[31modd" / name
    odd.parent.mkdir(parents=True)
    odd.write_text("x")
    (odd.parent / "model.h5").write_text("x")
    (odd.parent / "run.json").write_text('{"status": "complete"}')
    result = run_small("--plugins", "errors")
    assert result.exit_code == 0
    assert "Skipped: Can't use the model 'artifacts/\\x1b[31modd/model.h5'" in result.stderr
    assert odd.exists()


@pytest.mark.parametrize(
    "options",
    ["--plugins errors", pytest.param("--plugins train --epochs 1", marks=pytest.mark.soak)],
)
def test_closed_streams_do_no_harm(in_tmp: Path, small_data: Path, options: str) -> None:
    words = f"{command()[0]} run {options} --data {small_data} -o out <&- 2>&-"
    done = subprocess.run(["sh", "-c", words], stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0
    assert json.loads((OUT / "run.json").read_text())["status"] == "complete"
    assert done.stdout.startswith("Test ")


@pytest.mark.parametrize(("where", "code"), [("> /dev/full", 1), ("| true", 0)])
def test_results_that_cannot_be_printed_are_kept(
    in_tmp: Path, tiny_data: Path, where: str, code: int
) -> None:
    words = f"{command()[0]} run --plugins errors --data {tiny_data} -o out {where}"
    done = subprocess.run(["sh", "-c", words], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr
    assert ("Can't write to stdout: No space left on device." in done.stderr) == (code == 1)
    assert json.loads((OUT / "run.json").read_text())["status"] == "complete"


def test_a_full_stdout_is_a_sentence(in_tmp: Path) -> None:
    words = f"{command()[0]} models list > /dev/full"
    done = subprocess.run(["sh", "-c", words], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "Error: Can't use the output: No space left on device.\n"


def test_help_in_an_encoding_without_the_signs(run_process: RunProcess) -> None:
    done = run_process("run", "--help", env={"PYTHONIOENCODING": "latin-1"})
    assert done.returncode == 0
    assert "--plugins A,B,?" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("models", "show", "a" * 300),
        ("models", "show", "a\0b"),
        ("run", "--data", "a" * 300),
        ("run", "--model", "a" * 300, "--plugins", "errors"),
        ("run", "--batch-size", "9" * 30),
    ],
)
def test_words_that_no_file_can_be_called(run: Run, in_tmp: Path, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert "bug" not in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(in_tmp.glob("artifacts/*"))


def test_a_plugin_cannot_change_the_arrays_it_is_given(
    run_small: Run, write_plugin: WritePlugin
) -> None:
    path = write_plugin(
        """
        @hookimpl
        def on_dataset_loaded(dataset): dataset.train.images[:] = 0
        @hookimpl
        def on_prediction(predictions): predictions.probabilities[:] = 1
        """
    )
    result = run_small("--plugins", f"{path},train,errors", "--epochs", "1")
    assert result.exit_code == 1
    assert result.stderr.count("ValueError: assignment destination is read-only") == 2
    assert card_of(OUT / "model.h5").metrics["test_accuracy"] > 0.5


def test_strict_ends_at_the_first_failure(run_small: Run, write_plugin: WritePlugin) -> None:
    path = write_plugin("@hookimpl\ndef on_dataset_loaded(session): raise RuntimeError('x')")
    result = run_small("--plugins", f"{path},train", "--strict")
    assert result.exit_code == 2
    assert "Error: Plugin 'mine' failed in on_dataset_loaded: RuntimeError: x." in result.stderr
    assert not (OUT / "model.h5").exists()


@pytest.mark.parametrize("place", ["a file", "a file/deeper", "/proc/inkhook"])
def test_a_folder_that_cannot_be_made(run: Run, in_tmp: Path, place: str) -> None:
    (in_tmp / "a file").write_text("mine")
    result = run("run", "-o", place)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith(("Error: Can't write", "Error: Invalid value"))
    assert (in_tmp / "a file").read_text() == "mine"


def test_what_cannot_be_written_is_refused_before_the_work(run: Run, read_only: Path) -> None:
    Path("d").mkdir()
    their = ROOT / "tests" / "support" / "keras_files" / "nested.keras"
    file, folder = read_only / "a.h5", read_only / "new" / "folder"
    sentence = f"Can't write '{file}': you may not write to '{read_only}'."
    for words in (
        ("predict-dir", "d", "-o", file),
        ("predict-dir", "d", "--sheet", file),
        ("models", "export", "pretrained", "-o", file),
        ("models", "import", their, "-o", file),
    ):
        result = run(*words)
        assert (result.exit_code, result.stderr) == (2, f"Error: {sentence}\n")
    result = run("predict-dir", "d", "--sort-into", folder)
    assert f"Can't write '{folder}': it isn't a folder that you may write to." in result.stderr
    Path("artifacts").symlink_to(read_only)
    result = run("models", "import", their)
    assert result.stderr.startswith("Error: Can't write 'artifacts/nested': it isn't a folder")


def test_a_disk_that_is_full_from_the_start(run_small: Run, small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(b"x" * 6_000_000)
    result = run_small("-o", small_disk / "run")
    assert result.exit_code == 2
    assert "MB are free for" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("hook", ["on_dataset_loaded", "on_epoch_end", "on_model_saved"])
def test_a_disk_that_fills_up_meanwhile(
    run_small: Run, small_disk: Path, write_plugin: WritePlugin, hook: str
) -> None:
    plugin = write_plugin(
        f"""
        @hookimpl
        def {hook}(session):
            try:
                open("{small_disk}/filler", "wb").write(b"x" * 20_000_000)
            except OSError:
                pass
        """
    )
    words = ("--plugins", f"train,errors,{plugin}", "--epochs", "1", "-o", small_disk / "run")
    result = run_small(*words)
    assert result.exit_code == 2
    assert "No space left on device" in result.stderr
    assert "Traceback" not in result.stderr
    assert (small_disk / "run" / "model.h5").exists() == (hook == "on_model_saved")
    assert not list(small_disk.rglob(".inkhook-*"))
    for path in small_disk.rglob("*.json"):
        json.loads(path.read_text())


def interrupt(
    words: list[str], after: str, *options: str, number: int = signal.SIGINT
) -> tuple[int, str]:
    """Start inkhook, and press Ctrl-C as soon as a line on stderr holds these words."""
    process = subprocess.Popen(
        [sys.executable, *options, "-m", "inkhook", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    seen = line = ""
    try:
        while after not in line:
            line = process.stderr.readline()
            assert line, f"it ended before it came to '{after}': {seen}"
            seen += line
        process.send_signal(number)
        seen += process.communicate(timeout=60)[1]
    finally:
        process.kill()
    return process.returncode, seen


@pytest.mark.parametrize("imported", ["inkhook.core.base.text", "inkhook.core.jobs.pipeline"])
def test_ctrl_c_at_any_moment_is_130_without_a_traceback(
    in_tmp: Path, small_data: Path, imported: str
) -> None:
    words = ["run", "--epochs", "1000", "--data", str(small_data), "-o", "out"]
    code, said = interrupt(words, imported, "-X", "importtime")
    said = "".join(line for line in said.splitlines(True) if not line.startswith("import time:"))
    assert code == 130
    assert "Traceback" not in said
    assert said.endswith("Interrupted.\n")
    assert not list(in_tmp.rglob(".inkhook-*"))


@pytest.mark.parametrize(
    ("number", "code", "reason", "last"),
    [
        (signal.SIGINT, 130, "interrupted by Ctrl-C", "Interrupted."),
        (signal.SIGTERM, 143, "ended by SIGTERM", "Ended by SIGTERM."),
        (signal.SIGHUP, 129, "ended by SIGHUP", "Ended by SIGHUP."),
    ],
)
@pytest.mark.soak  # test_train presses Ctrl-C in this process
def test_a_signal_in_training_keeps_what_was_learnt(
    in_tmp: Path, small_data: Path, number: int, code: int, reason: str, last: str
) -> None:
    words = ["run", "--plugins", "train", "--epochs", "1000", "--hidden", "8"]
    words += ["--data", str(small_data), "-o", "out"]
    ended, said = interrupt(words, "Epoch    2/1000", number=number)
    assert ended == code
    assert "Stopping; what was learnt is kept." in said
    assert said.endswith(f"\nThe model is in out/model.h5\n\n{last}\n")
    card = card_of(OUT / "model.h5")
    assert card.status == "stopped"
    assert 2 <= card.training["epochs_done"] < 1000
    record = json.loads((OUT / "run.json").read_text())
    assert record["status"] == "interrupted"
    assert record["stop_reason"] == reason


def test_a_signal_that_was_ignored_at_the_start_stays_ignored(
    in_tmp: Path, tiny_data: Path
) -> None:
    words = ["run", "--plugins", "errors", "--model", "pretrained", "--data", str(tiny_data)]
    shell = ["sh", "-c", 'trap "" HUP INT TERM; echo ready; exec "$@"', "sh"]
    process = subprocess.Popen(
        [*shell, *command(), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    while process.poll() is None:
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            process.send_signal(number)
        time.sleep(0.05)
    assert process.returncode == 0, process.communicate()[1]


def test_a_run_into_a_folder_with_a_model_needs_force(
    run: Run, run_small: Run, write_plugin: WritePlugin, small_data: Path, tiny_data: Path
) -> None:
    words = ("--plugins", "train,errors", "--epochs", "1", "--hidden", "8")
    assert run_small(*words).exit_code == 0
    (OUT / "mine.txt").write_text("mine")
    before = {path: path.read_bytes() for path in OUT.iterdir()}

    refused = run("run", *words, "--data", small_data, "-o", OUT)
    assert refused.exit_code == 2
    assert "Error: 'out' holds a model; choose another folder with -o, or " in refused.stderr
    failing = write_plugin("@hookimpl\ndef on_epoch_end(): raise RuntimeError('x')")
    failed = run_small("--plugins", f"train,{failing}", "--epochs", "1", "--strict", "--force")
    assert failed.exit_code == 2
    assert {path: path.read_bytes() for path in OUT.iterdir()} == before

    done = run_small("--plugins", "train", "--epochs", "1", "--hidden", "9", "--force")
    assert done.exit_code == 0
    assert done.stderr.endswith("Results: out\n")
    assert sorted(os.listdir(OUT)) == ["metrics.jsonl", "mine.txt", "model.h5", "run.json"]
    assert card_of(OUT / "model.h5").architecture == "784-9-10"


def test_a_killed_run_is_not_taken_for_a_whole_one(
    run_process: RunProcess, write_plugin: WritePlugin, tiny_data: Path
) -> None:
    ends = "import os, signal\n@hookimpl\ndef train_model(): os.kill(os.getpid(), signal.SIGKILL)"
    words = ("run", "--data", tiny_data, "--plugins")
    assert run_process(*words, write_plugin(ends)).returncode == -signal.SIGKILL
    done = run_process(*words, "errors")
    assert done.returncode == 0
    assert "Model: pretrained (784-" in done.stderr
