"""`--trace`: each call as a line, the time by plugin at the end, and nothing of it without."""

import re
from pathlib import Path

import numpy as np
import pytest
from helpers import WritePlugin

from inkhook import hookimpl
from inkhook.core.events import calls
from inkhook.core.events.session import CommandSession
from inkhook.core.events.trace import Tracer, value_kind
from inkhook.testing import Recorder, new_session, run_cli, tiny


class Watch:
    @hookimpl
    def on_prediction(self, session: CommandSession) -> None: ...


@pytest.fixture
def words(in_tmp: Path) -> tuple[str, ...]:
    data, model = tiny.write_dataset(in_tmp / "t.npz"), tiny.write_model(in_tmp / "t.h5")
    return ("run", "--data", str(data), "--model", str(model))


def test_every_call_is_a_line_and_the_end_is_by_plugin(
    words: tuple[str, ...], write_plugin: WritePlugin
) -> None:
    path = write_plugin(
        """
        import time
        @hookimpl
        def on_run_start(session): time.sleep(0.02)
        @hookimpl
        def on_run_end(session): raise ValueError
        """
    )
    result = run_cli([*words, "--trace"], plugins=[path, Watch])
    lines = [line for line in result.stderr.splitlines() if line.startswith("trace: ")]
    hooks = [line.split()[1] for line in lines[:4]]
    assert hooks == ["on_run_start", "load_dataset", "on_prediction", "on_run_end"]
    assert re.fullmatch(r"trace: on_run_start  mine  \d\d\.\d\d ms  nothing", lines[0])
    assert re.fullmatch(r"trace: load_dataset  mnist  \d+\.\d\d ms  Dataset", lines[1])
    assert lines[3].endswith("an error")
    totals = {line.split()[1]: line.split(" in ")[1] for line in lines[4:]}
    assert totals == {"mine": "2 calls", "mnist": "1 call", "given1": "1 call"}
    spent = [float(line.split(" took ")[1].split()[0]) for line in lines[4:]]
    assert spent == sorted(spent, reverse=True)


def test_the_variable_does_the_same_and_without_either_there_is_nothing(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "trace: " in run_cli(words, plugins=[Watch], env={"INKHOOK_TRACE": "1"}).stderr

    def refuse(*_: object) -> None:
        raise AssertionError("a tracer was made")

    monkeypatch.setattr(calls, "Tracer", refuse)
    assert run_cli(words, plugins=[Watch], env={"INKHOOK_TRACE": "0"}).exit_code == 0
    assert run_cli(words, plugins=[Watch]).exit_code == 0


def test_a_plugin_is_charged_for_its_own_time_only() -> None:
    lines: list[str] = []
    tracer = Tracer(lines.append)

    def inner(_: object) -> None:
        deadline = time_now() + 0.05
        while time_now() < deadline:
            pass

    def outer(_: object) -> None:
        tracer.call("on_epoch_end", "listener", inner, {})
        tracer.call("on_epoch_end", "listener", inner, {})

    tracer.call("train_model", "trainer", outer, {})
    tracer.end()
    assert lines[-2].startswith("trace: listener took 1")
    assert float(lines[-1].split(" took ")[1].split()[0]) < 20


def time_now() -> float:
    from time import perf_counter

    return perf_counter()


def test_kinds() -> None:
    assert value_kind(None) == "nothing"
    assert value_kind(np.zeros((2, 28, 28), np.uint8)) == "uint8 (2, 28, 28)"
    assert value_kind({}) == "dict"


def test_a_session_without_a_trace_calls_directly() -> None:
    class Quiet:
        @hookimpl
        def on_run_start(self, session: CommandSession) -> None: ...

    session = new_session(Quiet(), Recorder())
    assert session.hooks._tracer is None
