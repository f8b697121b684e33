"""The command line as a user meets it: the installed command, help pages, errors, quietness."""

import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from helpers import Run, RunProcess, command
from terminal import Terminal

from inkhook.cli import MEANT, cli
from inkhook.core.base.problems import ModelProblem
from inkhook.core.events.sources import COMMAND_GROUP, installed

ROOT = Path(__file__).parents[1]
HEAVY = ("tensorflow", "keras", "cv2", "matplotlib", "h5py", "numpy", "rich")


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_help_and_version_import_nothing_heavy(in_tmp: Path, word: str) -> None:
    code = (
        "import sys, atexit, json\n"
        f"atexit.register(lambda: print(json.dumps([m for m in {HEAVY!r} if m in sys.modules])))\n"
        f"sys.argv = ['inkhook', '{word}']\n"
        "from inkhook.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_help_imports_nothing_of_other_packages(run_process: RunProcess, in_tmp: Path) -> None:
    sys.path.append(str(ROOT / "benchmarks"))
    from hooks import write_packages

    write_packages(in_tmp)
    done = run_process("--help", env={"PYTHONPATH": str(in_tmp)})
    assert done.returncode == 0, "each of them raises an error when it is imported"
    assert done.stdout.count("(from third-party-") == 50


def test_the_three_ways_to_start_are_the_same(in_tmp: Path) -> None:
    pages = {
        subprocess.run([*start, "run", "--help"], capture_output=True, text=True, check=True).stdout
        for start in (
            command(),
            [sys.executable, "-m", "inkhook"],
            [sys.executable, ROOT / "cli.py"],
        )
    }
    assert len(pages) == 1
    assert pages.pop().startswith("Usage: inkhook run [OPTIONS]\n")


def test_every_help_page_fits_a_terminal_and_has_an_example(run: Run) -> None:
    pages = {name: run(name, "--help").stdout for name in installed(COMMAND_GROUP)}
    for page in [*pages.values(), run("--help").stdout]:
        assert max(map(len, page.splitlines())) <= 80
        assert "Example" in page


def test_every_command_has_a_summary(run: Run) -> None:
    page = run("--help").stdout
    for name, sources in installed(COMMAND_GROUP).items():
        loaded = sources[0].load()
        assert isinstance(loaded, click.Command)
        assert re.search(rf"^  {name} +\w.*\.$", page, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("rnu",), "There is no command 'rnu'; did you mean run?"),
        (("evalute", "digits"), "There is no command 'evalute'; did you mean evaluate?"),
        (("xyzzy",), "There is no command 'xyzzy'; there are evaluate, learn, merge, models,"),
        (
            ("train", "--epochs", "3"),
            "There is no command 'train'; 'inkhook run' trains a network.",
        ),
        (("Trian",), "There is no command 'Trian'; 'inkhook run' trains a network."),
        (("draw",), "'inkhook paint' opens a window"),
        (("test",), "'inkhook evaluate DIR' measures"),
        (("predict", "a.png"), "'inkhook predict-dir DIR' reads"),
        (("convert", "a.h5"), "'inkhook models import' takes in a Keras file, and"),
        (("export-onnx",), "'inkhook models export M --format onnx' writes"),
        (("list",), "'inkhook models list' lists"),
        (("new",), "'inkhook plugins new NAME' starts"),
        (("run", "--epoch", "3"), "No such option '--epoch'. Did you mean '--epochs'?"),
        (
            ("run", "--plugins", "errors", "--epochs", "3"),
            "No such option '--epochs'. Plugin 'train' has it: add it to --plugins.",
        ),
        (("run", "--seed", "x"), "'x' is not a valid integer"),
        (("run", "--plugins"), "Option '--plugins' requires an argument"),
        (("run", "extra"), "unexpected extra argument"),
    ],
)
def test_usage_errors_exit_with_2_and_say_what(
    run: Run, words: tuple[str, ...], sentence: str
) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert sentence in re.sub(r"\s+", " ", result.stderr)
    assert "Traceback" not in result.stderr


def test_the_commands_that_are_pointed_to_exist(run: Run) -> None:
    words = " ".join(MEANT.values()).split()
    assert len(words) == len(set(words)), "each word means one thing"
    for sentence in MEANT:
        for line in re.findall(r"'inkhook ([^']+)'", sentence):
            names = [name for name in line.split() if name.islower()]  # not what stands for one
            assert run(*names, "--help").exit_code == 0, line


def test_debug_shows_the_traceback(run: Run) -> None:
    assert "Traceback" not in run("run", "--plugins", "./none.py").stderr
    assert "Traceback" in run("run", "--plugins", "./none.py", "--debug").stderr


def test_a_bug_is_a_sentence_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inkhook.core.jobs.pipeline.run_pipeline", lambda *_, **__: 1 / 0)
    result = run("run", "--plugins", "errors")
    assert result.exit_code == 2
    assert "ZeroDivisionError: division by zero. This is a bug in inkhook" in result.stderr


def test_a_reader_that_leaves_is_no_error(in_tmp: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{command()[0]} run --help | true"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


def test_the_results_are_on_stdout_and_nothing_else_is(
    run_process: RunProcess, small_data: Path
) -> None:
    done = run_process("run", "--plugins", "train,errors", "--epochs", "1", "--data", small_data)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines if line][:3] == ["Test", "Test", "Errors:"]
    said = [line.split(" ")[0] for line in done.stderr.splitlines()]
    assert said == ["Dataset", "Epoch", "Results:"], "not a word of TensorFlow's"
    run = Path(done.stderr.splitlines()[-1].removeprefix("Results: "))
    assert re.fullmatch(r"artifacts/\d{4}-\d\d-\d\d-\d{6}", str(run))
    assert (run / "model.h5").exists()


@pytest.mark.soak
def test_on_a_terminal_there_is_a_bar_for_each_epoch(in_tmp: Path, small_data: Path) -> None:
    words = ["run", "--plugins", "train", "--epochs", "2", "--data", str(small_data)]
    with Terminal(command() + words, 80, {"NO_COLOR": "1"}) as terminal:
        assert terminal.end() == 0
    assert "━" in terminal.raw
    epochs = [line for line in terminal.lines if line.startswith("Epoch")]
    assert re.fullmatch(r"Epoch 1/2 .*val_accuracy \d+\.\d\d % · .* s left", epochs[0])
    assert re.fullmatch(r"Epoch 2/2 .*val_accuracy \d+\.\d\d % · .* s", epochs[1])
    assert not re.search(r"\x1b\[[\d;]*3[1-8]", terminal.raw), "NO_COLOR is honoured"


def test_the_runner_and_the_process_agree(run_process: RunProcess) -> None:
    assert CliRunner().invoke(cli, ["--version"]).stdout == run_process("--version").stdout


def test_called_from_python_it_returns_its_code_and_raises(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli(["models", "list"], standalone_mode=False) == 0
    assert "pretrained" in capsys.readouterr().out
    with pytest.raises(ModelProblem, match="There is no model file and no run 'none'"):
        cli(["models", "show", "none"], standalone_mode=False)
    with pytest.raises(click.UsageError, match="did you mean"):
        cli(["modles"], standalone_mode=False)
