"""`inkhook predict-dir` on Dask: real schedulers and workers, some of which are killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import hostile
import pytest
from dask_processes import NO_FOLDER, NO_INKHOOK, OTHER_NUMPY, Command, Processes
from helpers import Run, RunProcess, WritePlugin
from PIL import Image

from inkhook.core.base.types import Dataset
from inkhook.plugins.predict_dir.cluster import dask_cluster

MODEL = ("--model", "pretrained")
FOREIGN = Path(__file__).parents[2] / "support/keras_files"
WORDS = ("predict-dir", "d", *MODEL, "-o", "a.csv")

DECODER_THAT_KILLS_ITS_WORKER = hostile.DECODER_THAT_CRASHES.replace(
    "os.kill(os.getpid(), signal.SIGKILL)",
    """with open(f"/proc/{os.getppid()}/cmdline", "rb") as file:
            if b"multiprocessing" in file.read():  # Dask's worker, not what takes in orphans
                os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)""",
)


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """A scheduler with two workers, whose decoder crashes at a certain file."""
    with Processes(tmp_path_factory.mktemp("dask")) as started:
        for _ in range(2):
            started.worker(hostile.DECODER_THAT_CRASHES)
        yield started


@pytest.fixture
def one_more(processes: Processes) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Workers that a test adds, and that don't outlive it."""
    added: list[subprocess.Popen[bytes]] = []
    yield added
    for process in added:
        process.kill()
        process.wait()


def fill(folder: Path, digits: Dataset, count: int, files: int = 300) -> Path:
    """Make a folder of so many small PNGs, most of them links to others; one is broken."""
    folder.mkdir(parents=True)
    for i in range(min(files, count)):
        data = hostile.encode(Image.fromarray(digits.test.images[i]), "PNG")
        (folder / f"{i:05}.png").write_bytes(data)
    for i in range(files, count):
        os.link(folder / f"{i % files:05}.png", folder / f"{i:05}.png")
    (folder / "broken").write_text("no image")
    return folder


def expected(run: Run) -> bytes:
    """Return the table of a local run."""
    result = run(*WORDS[:-1], "local.csv")
    assert result.exit_code == 1, result.stderr
    return Path("local.csv").read_bytes()


def test_whatever_lies_in_a_folder(
    run_process: RunProcess, in_tmp: Path, digits: Dataset, processes: Processes
) -> None:
    hostile.make(in_tmp / "d", digits)
    (in_tmp / "site").mkdir()
    (in_tmp / "site/sitecustomize.py").write_text(hostile.DECODER_THAT_CRASHES)
    words = ("predict-dir", "d", "-r", *MODEL, "--top-k", "2", "--probabilities", "--sheet")
    local = run_process(*words, "l.png", "-o", "l.csv", env={"PYTHONPATH": str(in_tmp / "site")})
    (in_tmp / "l.png").rename(in_tmp / "site/l.png")
    done = run_process(*words, "s.png", "-o", "a.csv", "--scheduler", processes.address)
    assert local.returncode == done.returncode == 1, done.stderr
    assert b"crash.gif,decoder_crash,," in Path("a.csv").read_bytes()
    assert Path("a.csv").read_bytes() == Path("l.csv").read_bytes()
    assert Path("s.png").read_bytes() == Path("site/l.png").read_bytes()
    assert done.stderr.splitlines()[:-1] == local.stderr.splitlines()[:-1]
    assert sorted(os.listdir(in_tmp)) == ["a.csv", "d", "l.csv", "s.png", "site"]


@pytest.mark.soak
def test_a_worker_is_killed_then_all_and_new_ones_join(
    run: Run, in_tmp: Path, digits: Dataset
) -> None:
    fill(in_tmp / "d", digits, 3_000)
    whole = expected(run)
    with Processes(in_tmp) as others:
        workers = [others.worker() for _ in range(2)]
        with Command(*WORDS, "--scheduler", others.address) as command:
            command.when(grown=50_000)
            workers[0].kill()
            command.when(grown=75_000)
            workers[1].kill()
            command.when("There are no workers; waiting for some to join.")
            assert command.process.poll() is None, command.said
            others.worker()
            said = command.ends_with(1)
    assert (in_tmp / "a.csv").read_bytes() == whole
    assert "3,001 files: " in said


@pytest.mark.soak
def test_the_scheduler_is_lost(
    run: Run, in_tmp: Path, digits: Dataset, processes: Processes
) -> None:
    fill(in_tmp / "d", digits, 6_000)
    whole = expected(run)
    with Processes(in_tmp) as others:
        others.worker()
        with Command(*WORDS, "--scheduler", others.address) as command:
            command.when(grown=100_000)
            others.kill_scheduler()
            said = command.ends_with(2)
    assert f"Error: The Dask scheduler at '{others.address}' was lost." in said
    assert "files are done; finish with the same command and --resume.\n" in said
    assert not (in_tmp / "a.csv").exists()
    refused = run(*WORDS)
    assert "Earlier work on 'a.csv' was interrupted; finish it with --resume" in refused.stderr
    with Command(*WORDS, "--scheduler", processes.address, "--resume") as command:
        said = command.ends_with(1)
    assert "Resumed: " in said
    assert (in_tmp / "a.csv").read_bytes() == whole
    assert not list(in_tmp.glob("a.csv.*"))


@pytest.mark.parametrize(
    ("site", "sentence"),
    [
        (OTHER_NUMPY, "It has numpy 1.0, but the command has numpy "),
        (NO_FOLDER, "It doesn't see the folder '{}'; all machines must have the images at the "),
        (NO_INKHOOK, "It can't run inkhook 0.1.0 (ModuleNotFoundError("),
    ],
)
def test_a_worker_that_isnt_alike_is_refused(
    run: Run,
    in_tmp: Path,
    digits: Dataset,
    processes: Processes,
    one_more: list["subprocess.Popen[bytes]"],
    site: str,
    sentence: str,
) -> None:
    from distributed import Client

    folder = fill(in_tmp / "only here", digits, 20)
    one_more.append(processes.worker(site, "--name", "other"))
    with Client(processes.address, set_as_default=False) as client:
        client.wait_for_workers(3, 60)
        workers = client.scheduler_info()["workers"]
    address = next(where for where, worker in workers.items() if worker["name"] == "other")
    words = ("predict-dir", "only here", *MODEL, "-o", "a.csv", "--scheduler", processes.address)
    result = run(*words)
    assert result.exit_code == 2
    assert f"Error: Worker {address}: {sentence.format(folder)}" in result.stderr
    assert os.listdir(in_tmp) == ["only here"], "nothing was done"


@pytest.mark.soak
def test_a_worker_that_joins_later_is_looked_at_too(
    run: Run, in_tmp: Path, digits: Dataset
) -> None:
    fill(in_tmp / "d", digits, 6_000)
    whole = expected(run)
    with Processes(in_tmp) as others:
        first = others.worker()
        with Command(*WORDS, "--scheduler", others.address) as command:
            command.when(grown=100_000)
            first.send_signal(signal.SIGSTOP)
            others.worker(OTHER_NUMPY)
            said = command.ends_with(2)
    assert "It has numpy 1.0, but the command has numpy " in said
    assert run(*WORDS, "--resume").exit_code == 1, "here, and not on a cluster"
    assert (in_tmp / "a.csv").read_bytes() == whole


@pytest.mark.soak
def test_a_file_that_kills_three_workers_is_found(
    in_tmp: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fill(in_tmp / "d", digits, 3)
    data = hostile.encode(Image.new("L", (30, 30)), "GIF") + hostile.CRASH
    (folder / "00001.png").write_bytes(data)
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "2")
    with Processes(in_tmp) as others:
        others.worker(DECODER_THAT_KILLS_ITS_WORKER, nanny=True)
        with Command(*WORDS, "--scheduler", others.address) as command:
            said = command.ends_with(1)
    lines = (in_tmp / "a.csv").read_text().splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ["ok", "decoder_crash", "ok", "not_image"]
    assert "  00001.png: Its decoder crashed.\n" in said


@pytest.mark.parametrize(
    "model", [pytest.param("pretrained", marks=pytest.mark.soak), FOREIGN / "augmented.h5"]
)
def test_a_cluster_of_ones_own(run: Run, in_tmp: Path, digits: Dataset, model: str | Path) -> None:
    """The foreign model takes 0 to 255: workers must be given it as it was adopted."""
    fill(in_tmp / "d", digits, 600)
    words = ("predict-dir", "d", "--model", model, "-o")
    assert run(*words, "local.csv").exit_code == 1
    result = run(*words, "a.csv", "--engine", "dask", "--workers", "2")
    assert result.exit_code == 1
    assert "601 files: " in result.stderr
    assert (in_tmp / "a.csv").read_bytes() == (in_tmp / "local.csv").read_bytes()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--engine", "dask"), "--engine dask needs -o FILE: the workers write beside it."),
        (("--scheduler", "tcp://127.0.0.1:1"), "--engine dask needs -o FILE"),
        (("--engine", "local", "--scheduler", "x", "-o", "a"), "--scheduler goes with"),
        (("--engine", "dask", "--shard", "1/2", "-o", "a"), "exclude each other"),
        (("--scheduler", "tcp://127.0.0.1:1", "-o", "a"), "Can't reach a Dask scheduler at 'tcp:"),
    ],
)
def test_what_can_be_mended_is_a_sentence(
    run: Run,
    in_tmp: Path,
    digits: Dataset,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    sentence: str,
) -> None:
    monkeypatch.setattr(dask_cluster, "CONNECT_SECONDS", 0.5)
    fill(in_tmp / "d", digits, 3)
    result = run("predict-dir", "d", *MODEL, *words)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert os.listdir(in_tmp) == ["d"], "nothing is left behind"


def test_plugins_that_change_images_stay_at_home(
    run: Run, in_tmp: Path, digits: Dataset, processes: Processes, write_plugin: WritePlugin
) -> None:
    fill(in_tmp / "d", digits, 3)
    change = write_plugin("@hookimpl\ndef prepare_image(image): return image", "change")
    words = (*WORDS, "--scheduler", processes.address, "--results", "out", "--plugins")
    result = run(*words, change)
    assert result.exit_code == 2
    assert "Plugins with prepare_image can't run on other machines" in result.stderr
    told = write_plugin(
        "@hookimpl\ndef on_prediction(session, predictions):\n"
        "    session.say(f'told {len(predictions)} {predictions.images.max()}')",
        "told",
    )
    result = run(*words, told)
    assert result.exit_code == 1
    assert "told 3 1.0\n" in result.stderr


def test_without_dask_there_is_a_sentence(
    run: Run, in_tmp: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    fill(in_tmp / "d", digits, 3)
    result = run(*WORDS, "--engine", "dask")
    assert result.exit_code == 2
    assert "Error: Dask isn't installed: pip install 'inkhook[dask]'.\n" in result.stderr
