"""How hooks are called: tell, ask, chain, and what happens when a plugin fails."""

import signal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from inkhook import hookimpl
from inkhook.core.base.problems import PluginProblem, Problem
from inkhook.core.events.calls import MOST_FAULTS
from inkhook.core.events.hooks import SPECS
from inkhook.core.events.manager import Loaded, Plugins
from inkhook.core.events.session import CommandSession
from inkhook.core.events.sources import PluginSource

IMAGES = np.zeros((3, 28, 28), np.uint8)
ARGUMENTS: dict[str, dict[str, Any]] = {
    "on_run_start": {},
    "on_run_end": {},
    "on_dataset_loaded": {"dataset": None},
    "on_epoch_end": {"epoch": 0, "logs": {"loss": 1.0}, "model": None},
    "on_model_saved": {"path": None, "card": None},
    "on_prediction": {"predictions": None},
    "on_stroke": {"stroke": None, "canvas": None},
    "on_correction": {"correction": None},
    "on_error": {"stage": "x", "error": ValueError()},
    "load_dataset": {"name": "x"},
    "train_model": {"dataset": None},
    "find_numbers": {"image": IMAGES[0]},
    "on_number": {"numbers": None},
}
TELLS = [name for name, spec in SPECS.items() if spec.kind == "tell"]
ASKS = [name for name, spec in SPECS.items() if spec.kind == "ask"]


def session_of(**plugins: object) -> CommandSession:
    """Return a session whose plugins are modules made of the given functions."""
    loaded = [Loaded(PluginSource(name, "test", ""), plugin) for name, plugin in plugins.items()]
    return CommandSession(Plugins(loaded))


def plugin(hook: str, body: Any, **marks: Any) -> object:
    """Return a plugin with one hook that takes all its arguments and calls `body`."""
    names = ", ".join(["session", *_arguments(hook)])
    space: dict[str, Any] = {"body": body}
    exec(f"def {hook}({names}): return body(dict(locals()))", space)  # noqa: S102
    return SimpleNamespace(**{hook: hookimpl(space[hook], **marks)})


def _arguments(hook: str) -> list[str]:
    if hook == "augment":
        return ["images", "labels", "epoch", "rng"]
    return list(ARGUMENTS.get(hook, {"image": 0, "source": 0}))


def fail(_: object) -> None:
    raise RuntimeError("went wrong")


@pytest.mark.parametrize("hook", TELLS)
@pytest.mark.parametrize("error", [RuntimeError("went wrong"), SystemExit(3)])
def test_a_tell_goes_on_after_a_failure_and_names_it(
    hook: str, error: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    def raising(_: object) -> None:
        raise error

    heard: list[object] = []
    session = session_of(bad=plugin(hook, raising), good=plugin(hook, heard.append))
    session.tell(hook, **ARGUMENTS[hook])
    assert len(heard) == 1
    assert [(fault.plugin, fault.hook) for fault in session.hooks.faults] == [("bad", hook)]
    assert f"Plugin 'bad' failed in {hook}: {type(error).__name__}" in capsys.readouterr().err
    assert session.exit_code == 1


@pytest.mark.parametrize("hook", TELLS)
def test_strict_raises_at_the_first_failure(hook: str) -> None:
    loaded = [Loaded(PluginSource("bad", "test", ""), plugin(hook, fail))]
    session = CommandSession(Plugins(loaded), strict=True)
    with pytest.raises(PluginProblem, match=f"'bad' failed in {hook}: RuntimeError: went wrong"):
        session.tell(hook, **ARGUMENTS[hook])


@pytest.mark.parametrize(
    ("hook", "kind"), [("on_run_end", "tell"), ("load_dataset", "ask"), ("augment", "chain")]
)
def test_a_coroutine_that_nobody_runs_is_a_failure(
    hook: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def later() -> None: ...

    session = session_of(mine=plugin(hook, lambda _: later()))
    sentence = f"failed in {hook}: TypeError: it returned a coroutine, which inkhook doesn't run."
    if kind == "tell":
        session.tell(hook)
        assert sentence in capsys.readouterr().err
        assert session.exit_code == 1
    else:
        given = {"name": "x"} if kind == "ask" else {"value": IMAGES, "same_shape": True}
        with pytest.raises(PluginProblem, match=sentence):
            getattr(session, kind)(hook, **given)


def test_after_three_failures_a_plugin_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    calls: list[object] = []

    def count_and_fail(arguments: object) -> None:
        calls.append(arguments)
        fail(arguments)

    session = session_of(bad=plugin("on_prediction", count_and_fail))
    for _ in range(10):
        session.tell("on_prediction", predictions=None)
    assert len(calls) == MOST_FAULTS == 3
    assert capsys.readouterr().err.count("It is not called again.") == 1


@pytest.mark.parametrize("hook", TELLS)
def test_ctrl_c_passes(hook: str) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session_of(bad=plugin(hook, interrupt)).tell(hook, **ARGUMENTS[hook])


def test_the_order_is_that_of_the_choice_but_for_first_and_last() -> None:
    heard: list[str] = []
    names = ("a", "b", "c", "d")
    marks = {"b": {"trylast": True}, "d": {"tryfirst": True}}
    plugins = {
        name: plugin("on_run_start", lambda _, name=name: heard.append(name), **marks.get(name, {}))
        for name in names
    }
    session_of(**plugins).tell("on_run_start")
    assert heard == ["d", "a", "c", "b"]


def test_each_plugin_gets_its_own_logs() -> None:
    seen: list[dict[str, float]] = []

    def spoil(arguments: dict[str, Any]) -> None:
        arguments["logs"]["loss"] = -1

    session = session_of(
        bad=plugin("on_epoch_end", spoil),
        good=plugin("on_epoch_end", lambda arguments: seen.append(arguments["logs"])),
    )
    session.tell("on_epoch_end", epoch=0, logs={"loss": 1.0}, model=None)
    assert seen == [{"loss": 1.0}]


@pytest.mark.parametrize("hook", ASKS)
def test_an_ask_takes_the_first_answer(hook: str) -> None:
    session = session_of(
        silent=plugin(hook, lambda _: None),
        first=plugin(hook, lambda _: 1),
        second=plugin(hook, fail),
    )
    assert session.ask(hook, **ARGUMENTS[hook]) == 1
    assert session_of().ask(hook, **ARGUMENTS[hook]) is None


@pytest.mark.parametrize("hook", ASKS)
def test_an_ask_ends_with_the_plugin_named(hook: str) -> None:
    with pytest.raises(PluginProblem, match=f"'bad' failed in {hook}"):
        session_of(bad=plugin(hook, fail)).ask(hook, **ARGUMENTS[hook])


def test_a_problem_passes_an_ask_as_it_is() -> None:
    def refuse(_: object) -> None:
        raise Problem("Plug it in.")

    with pytest.raises(Problem, match=r"^Plug it in\.$"):
        session_of(bad=plugin("load_dataset", refuse)).ask("load_dataset", name="x")


def chain(session: CommandSession) -> Any:
    labels = np.zeros(3, np.uint8)
    return session.chain(
        "augment", IMAGES, same_shape=True, labels=labels, epoch=0, rng=np.random.default_rng(0)
    )


def test_a_chain_passes_on_what_the_one_before_returned() -> None:
    session = session_of(
        one=plugin("augment", lambda a: a["images"] + 1),
        two=plugin("augment", lambda a: a["images"] * 10),
    )
    assert chain(session).max() == 10
    assert chain(session_of()) is IMAGES


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (None, "nothing"),
        (IMAGES.astype(np.float32), r"float32 \(3, 28, 28\)"),
        (IMAGES[:2], r"uint8 \(2, 28, 28\)"),
        ([1], "list"),
    ],
)
def test_a_chain_checks_each_link(answer: object, named: str) -> None:
    with pytest.raises(PluginProblem, match=f"'bad' returned {named} from augment"):
        chain(session_of(bad=plugin("augment", lambda _: answer)))


def test_a_chain_ends_with_the_plugin_named_and_its_input_is_read_only() -> None:
    def spoil(arguments: dict[str, Any]) -> None:
        arguments["images"][0] = 255

    with pytest.raises(PluginProblem, match=r"'bad' failed in augment: ValueError.*read-only"):
        chain(session_of(bad=plugin("augment", spoil)))


def test_prepare_image_may_change_the_size() -> None:
    session = session_of(half=plugin("prepare_image", lambda a: a["image"][::2]))
    image = session.chain(
        "prepare_image", np.zeros((8, 6), np.uint8), same_shape=False, source="canvas"
    )
    assert image.shape == (4, 6)


def test_a_hook_is_called_as_its_kind() -> None:
    with pytest.raises(TypeError, match="load_dataset is for ask, not for tell"):
        session_of().tell("load_dataset", name="x")


def test_start_and_end_are_told_and_an_error_in_between() -> None:
    heard: list[str] = []
    watch = SimpleNamespace()
    for hook in ("on_run_start", "on_error", "on_run_end"):
        setattr(watch, hook, getattr(plugin(hook, lambda _, hook=hook: heard.append(hook)), hook))
    session = session_of(watch=watch)
    with pytest.raises(ZeroDivisionError), session, session.stage("predict"):
        1 / 0  # noqa: B018
    assert heard == ["on_run_start", "on_error", "on_run_end"]
    assert session.status == "failed"


def test_the_first_ctrl_c_lets_the_work_finish_and_the_second_does_not() -> None:
    session, done = session_of(), []

    def work(presses: int) -> None:
        with session.finishing():
            session.request_stop("a plugin has asked before")
            for _ in range(presses):
                signal.raise_signal(signal.SIGINT)
            done.append(presses)

    with pytest.raises(KeyboardInterrupt):
        work(1)
    assert done == [1]
    with pytest.raises(KeyboardInterrupt):
        work(2)
    assert done == [1]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_requested_stop_with_an_error_raises_it_when_the_work_is_safe() -> None:
    session, problem = session_of(), Problem("full")

    def work() -> None:
        with session.finishing():
            session.request_stop("disk full", problem)
            session.request_stop("something later")

    with pytest.raises(Problem, match="full"):
        work()
    assert session.stop_reason == "disk full"


def test_which_arguments_any_plugin_takes() -> None:
    class One:
        @hookimpl
        def on_epoch_end(self, logs: object) -> None: ...

    class Two:
        @hookimpl
        def on_epoch_end(self, session: object, epoch: int) -> None: ...

    session = session_of(one=One(), two=Two())
    assert session.has("on_epoch_end")
    taken = [session.has("on_epoch_end", name) for name in ("logs", "epoch", "model")]
    assert taken == [True, True, False]
    assert not session.has("on_prediction", "predictions")
