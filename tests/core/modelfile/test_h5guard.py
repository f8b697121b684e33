"""The guard: a corpus of files that would do harm, and what it does besides refusing them.

That the classification of good files is right is shown elsewhere; here it's enough that they pass.
"""

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import attacks
import fuzz_h5guard
import h5py
import numpy as np
import pytest
from forker import Forker

from inkhook.core.base.problems import ModelRejected
from inkhook.core.base.text import parse_json
from inkhook.core.modelfile import artifact, h5guard

MOST_SECONDS = 2
"""Of a processor's time, to refuse what doesn't hang."""

LARGEST = ("text_that_fills_the_file", "arrays_that_fill_the_file", "sparse_file_of_zeros")
WORST = (
    *LARGEST,
    "lambda_of_keras_3",
    "pipe",
    *(
        pytest.param(name, marks=pytest.mark.soak)
        for name in (
            "attribute_alias_bomb",
            "gzip_bomb",
            "json_deep",
            "external_storage",
            "two_arrays_of_one_name_with_escapes",
            "card_deep_behind_brackets_in_texts",
            "card_of_quotes",
            "weights_of_a_made_up_float",
        )
    ),
)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the guard remember digests in a folder of the test's own."""
    folder = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """End a test in which this process hangs: what a child may do mustn't be fatal here."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise TimeoutError("this process hangs")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A model that the guard accepts."""
    path = tmp_path / "good.h5"
    path.write_bytes(attacks.model())
    return path


def refusal(path: Path) -> ModelRejected:
    """Return why a file is refused."""
    with pytest.raises(ModelRejected) as caught:
        artifact.read_artifact(path)
    return caught.value


def never(data: bytes) -> None:
    """Stand in for the child where none may be started."""
    raise AssertionError("a child was started")


# ------------------------------------------------------------------ the corpus


def test_the_corpus_is_large() -> None:
    assert len(attacks.ATTACKS) >= 60


@pytest.fixture(scope="module")
def forker() -> Iterator[Forker]:
    with Forker("h5py", h5guard.__name__) as forker:
        yield forker


WAIT = 2
"""Seconds for a guard's child that hangs; it would run until the guard's own limit."""


@pytest.mark.parametrize("name", attacks.ATTACKS)
def test_an_attack_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forker: Forker
) -> None:
    children = []

    def run(words: list[str], **options: Any) -> "subprocess.CompletedProcess[bytes]":
        children.append(child := forker.start(f"{h5guard.__name__}:_child"))
        with contextlib.suppress(BrokenPipeError), child.stdin as stdin:
            stdin.write(options["input"])
        try:
            hangs = attacks.ATTACKS[name].codes == ("hang",)
            child.wait(WAIT if hangs else options["timeout"])
        except subprocess.TimeoutExpired:
            child.kill()
            raise
        return subprocess.CompletedProcess(words, child.wait(), child.stdout.read())

    monkeypatch.setattr(subprocess, "run", run)
    check_refusal(name, tmp_path, lambda: time.process_time() + sum(c.seconds for c in children))


@pytest.mark.soak
@pytest.mark.parametrize("name", attacks.ATTACKS)
def test_an_attack_is_refused_by_the_guards_own_child(name: str, tmp_path: Path) -> None:
    check_refusal(name, tmp_path, lambda: sum(os.times()[:4]))


def check_refusal(name: str, tmp_path: Path, used: Callable[[], float]) -> None:
    """Assert that an attack is refused for its reason, with little work and without any harm.

    `used` tells for how many seconds this process and its children have used a processor.
    """
    lab = attacks.Lab.at(tmp_path / "lab")
    path = attacks.ATTACKS[name].build(lab)
    before = used()
    problem = refusal(path)
    seconds = used() - before
    assert problem.code in attacks.ATTACKS[name].codes
    assert problem.exit_code == 2
    assert str(path) in str(problem)
    assert str(problem).replace("\0", "").isprintable()  # one attack has it in its path
    assert attacks.CONFIDENTIAL not in str(problem)
    assert not lab.sentinel.exists()
    hangs = "hang" in attacks.ATTACKS[name].codes
    assert seconds < (h5guard.CHILD_CPU_SECONDS + 1 if hangs else MOST_SECONDS)


MEASURE = """
import json, os, sys
child = os.fork()
if not child:
    for number, path in enumerate(sys.argv[1:3], 1):
        os.dup2(os.open(path, os.O_CREAT | os.O_WRONLY), number)
    os.execv(sys.argv[3], sys.argv[3:])
_, status, usage = os.wait4(child, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024]))
"""
"""Run a command and print its exit code and the memory of its largest process; from a small
process, because the memory of the one that starts it counts as well."""


@pytest.mark.soak
@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux does")
@pytest.mark.parametrize("name", WORST)
def test_the_worst_are_refused_by_the_command_line(name: str, tmp_path: Path) -> None:
    lab = attacks.Lab.at(tmp_path / "lab")
    path = attacks.ATTACKS[name].build(lab)
    out, err = tmp_path / "out", tmp_path / "err"
    inkhook = Path(sys.executable).with_name("inkhook")
    words: list[str | Path] = [sys.executable, "-S", "-c", MEASURE, out, err, inkhook]
    words += ["models", "show", path]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    code, memory = json.loads(done.stdout)
    text = err.read_text()
    assert code == 2
    assert out.read_bytes() == b""
    assert text.startswith("Error: Can't use the model")
    assert text.endswith("\n")
    assert text[:-1].isprintable()
    assert attacks.CONFIDENTIAL not in text
    assert "This is a bug" not in text
    assert not lab.sentinel.exists()
    assert memory < 300e6


def test_a_card_cannot_reach_the_terminal_raw(tmp_path: Path, run: Callable[..., Any]) -> None:
    evil = attacks.ESCAPE + "\r\n\u202e\u009b\x08"
    changes = {
        "dataset": evil,
        "created": evil,
        "training": {evil: [evil, {evil: evil}]},
        "metrics": {evil: 1.0},
        "versions": {evil: evil},
        "class_names": [evil] * 10,
    }
    path = tmp_path / "model.h5"
    path.write_bytes(attacks.model(sign=json.dumps(attacks.card() | changes)))
    for words in ((), ("--json",)):
        result = run("models", "show", path, *words)
        assert result.exit_code == 0, result.output
        assert all(line.isprintable() for line in result.output.split("\n"))


def test_a_folder_among_the_models_is_listed_as_unusable(
    run: Callable[..., Any], in_tmp: Path
) -> None:
    (in_tmp / "artifacts" / "first" / "model.h5").mkdir(parents=True)
    result = run("models", "list")
    assert result.exit_code == 0, result.output
    assert "unusable" in result.output


# ------------------------------------------------------------------ what passes


def test_a_good_file_passes_and_is_not_examined_again(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = artifact.read_artifact(good)
    monkeypatch.setattr(h5guard, "_examine_in_child", never)
    again = artifact.read_artifact(good)
    assert first.sha256 == again.sha256 == hashlib.sha256(good.read_bytes()).hexdigest()
    kernel = attacks.weights()["dense"]["kernel"]
    assert np.array_equal(again.network.layers[0].weights["kernel"], kernel)


def test_a_functional_chain_and_newer_structures_and_other_floats_pass(tmp_path: Path) -> None:
    path = tmp_path / "model.h5"
    for kind in (">f8", "<f2", "<f4"):
        arrays = {
            name: {key: array.astype(kind) for key, array in own.items()}
            for name, own in attacks.weights().items()
        }
        text = json.dumps(attacks.functional())
        path.write_bytes(attacks.model(text, arrays, libver="latest"))
        network = artifact.read_artifact(path).network
        assert network.architecture == "784-8-10"
        assert network.layers[0].weights["kernel"].dtype == np.float32


@pytest.mark.parametrize("kind", ["ascii", "utf-8", "fixed", "one"])
def test_every_kind_of_text_is_read(kind: str, tmp_path: Path) -> None:
    text = json.dumps(attacks.description())
    values: dict[str, Any] = {
        "ascii": {"data": text, "dtype": h5py.string_dtype("ascii")},
        "utf-8": {"data": text, "dtype": h5py.string_dtype()},
        "fixed": {"data": np.bytes_(text.encode())},
        "one": {"data": [text], "dtype": h5py.string_dtype()},
    }
    path = tmp_path / "model.h5"
    path.write_bytes(attacks.model())
    with h5py.File(path, "r+") as file:
        del file.attrs["model_config"]
        file.attrs.create("model_config", **values[kind])
    assert artifact.read_artifact(path).network.architecture == "784-8-10"


def test_what_was_refused_is_examined_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = attacks.ATTACKS["weights_nan"].build(attacks.Lab.at(tmp_path / "lab"))
    refusal(path)
    assert not h5guard.is_known(hashlib.sha256(path.read_bytes()).hexdigest())
    monkeypatch.setattr(h5guard, "_examine_in_child", never)
    with pytest.raises(AssertionError, match="a child was started"):
        artifact.read_artifact(path)


def test_weights_that_spell_a_heap_are_weights(tmp_path: Path) -> None:
    arrays = attacks.weights()
    name = next(name for name, array in arrays["dense"].items() if array.ndim == 2)
    arrays["dense"][name].flat[:4] = np.frombuffer(b"GCOL" + b"\x01\x7f" * 6, np.float32)
    path = tmp_path / "spelling.h5"
    path.write_bytes(attacks.model(arrays=arrays))
    assert artifact.read_artifact(path).network.layers


def test_where_nothing_can_be_remembered_files_open_all_the_same(good: Path, state: Path) -> None:
    state.write_text("a file where the folder should be")
    assert artifact.read_artifact(good).network.architecture == "784-8-10"
    assert artifact.read_artifact(good).card is not None


@pytest.mark.parametrize("rubbish", [b"", b"\xff\x00\xfe" * 99, b"\n" * 5000])
def test_a_broken_memory_is_no_harm(good: Path, rubbish: bytes) -> None:
    memory = h5guard._memory()
    memory.parent.mkdir(parents=True)
    memory.write_bytes(rubbish)
    sha256 = artifact.read_artifact(good).sha256
    assert h5guard.is_known(sha256)


def test_only_the_newest_digests_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(h5guard, "MOST_REMEMBERED", 3)
    digests = [hashlib.sha256(bytes([n])).hexdigest() for n in range(5)]
    for digest in digests:
        h5guard.remember(digest)
    assert [h5guard.is_known(digest) for digest in digests] == [False, False, True, True, True]


# ------------------------------------------------------------------ the swap


@pytest.mark.parametrize("how", ["replaced", "overwritten", "removed"])
def test_what_is_used_is_what_was_examined(
    how: str, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = attacks.ATTACKS["lambda_of_keras_3"].build(attacks.Lab.at(tmp_path / "lab"))
    before = hashlib.sha256(good.read_bytes()).hexdigest()
    examine = h5guard._examine_in_child

    def examine_and_swap(data: bytes) -> None:
        examine(data)
        if how == "replaced":
            evil.replace(good)
        elif how == "overwritten":
            good.write_bytes(evil.read_bytes())
        else:
            good.unlink()

    monkeypatch.setattr(h5guard, "_examine_in_child", examine_and_swap)
    opened = artifact.read_artifact(good)
    assert opened.sha256 == before
    assert [layer.kind for layer in opened.network.layers] == ["Dense", "Dense"]
    kernel = attacks.weights()["dense"]["kernel"]
    assert np.array_equal(opened.network.layers[0].weights["kernel"], kernel)


def test_a_swap_before_the_check_is_checked(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact.read_artifact(good)
    evil = attacks.ATTACKS["lambda_of_keras_3"].build(attacks.Lab.at(tmp_path / "lab"))
    evil.replace(good)
    assert refusal(good).code == "class"


# ------------------------------------------------------------------ the child


def test_a_child_that_hangs_is_ended(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = good.with_name("slow")
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    monkeypatch.setattr(h5guard, "CHILD_SECONDS", 0.5)
    start = time.monotonic()
    assert refusal(good).code == "hang"
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    "end",
    [
        "kill -SEGV $$",
        "kill -KILL $$",
        "exit 0",
        "exit 1",
        "echo null",
        "echo '[]'",
        'echo \'{"code": ""}\'',
        'echo \'{"code": "", "sentence": ""}\'; kill -SEGV $$',
    ],
)
def test_a_child_that_crashes_is_a_refusal(
    end: str, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fragile = good.with_name("fragile")
    fragile.write_text(f"#!/bin/sh\ncat > /dev/null\n{end}\n")
    fragile.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fragile))
    assert refusal(good).code == "crash"


def test_a_child_that_cannot_be_started_is_a_refusal(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(good.with_name("nothing")))
    assert refusal(good).code == "crash"


def test_the_child_has_limits() -> None:
    code = """if True:
        import resource
        from inkhook.core.modelfile import h5guard
        kinds = resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_CORE
        h5guard.check_model_file = lambda data: print(
            [resource.getrlimit(kind)[0] for kind in kinds])
        h5guard._child()"""
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, input="", capture_output=True, text=True, check=True)
    limits = [h5guard.CHILD_MEMORY, h5guard.CHILD_CPU_SECONDS, 0]
    assert done.stdout.startswith(f"{limits}\n")


def test_a_module_in_the_current_folder_is_not_imported(good: Path, in_tmp: Path) -> None:
    for name in ("h5py", "numpy", "json", "inkhook"):
        (in_tmp / f"{name}.py").write_text("open('sentinel', 'w')")
    artifact.read_artifact(good)
    assert not (in_tmp / "sentinel").exists()


# ------------------------------------------------------------------ the parts


@pytest.mark.parametrize(
    "text", ["[" * 41 + "]" * 41, '["' + "]" * 50 + '", ' + "[" * 50 + "]" * 51]
)
def test_depth_is_that_of_the_brackets_outside_of_texts(text: str) -> None:
    with pytest.raises(ModelRejected) as caught:
        parse_json(text, "It")
    assert caught.value.code == "json_depth"


def test_forty_levels_are_not_too_deep() -> None:
    text = "[" * 40 + "]" * 40
    assert parse_json(text, "It") == json.loads(text)


def test_a_pipe_with_a_writer_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    handle = os.open(path, os.O_RDWR)
    try:
        os.write(handle, attacks.CONFIDENTIAL.encode())
        assert refusal(path).code == "not_a_file"
    finally:
        os.close(handle)


def test_no_handle_stays_open(tmp_path: Path) -> None:
    folder, text = tmp_path / "folder", tmp_path / "text"
    folder.mkdir()
    text.write_text("text")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        for path in (folder, text, tmp_path / "nothing"):
            refusal(path)
    assert len(os.listdir("/proc/self/fd")) == before


# ------------------------------------------------------------------ damaged at random


@pytest.mark.parametrize(
    ("count", "seconds"), [(60, 1), pytest.param(2000, 5, marks=pytest.mark.soak)]
)
def test_damage_at_random_is_refused_or_harmless(count: int, seconds: int) -> None:
    signal.alarm(0)  # 2,000 files take minutes; each child has a limit of its own
    words = [sys.executable, fuzz_h5guard.__file__, str(count), "11", str(seconds)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sum(json.loads(done.stdout).values()) == count
