"""Every block of Python in the documentation is run, and every hook's example is seen to work.

What implements hooks is used as a plugin; a file of tests is given to pytest. The other blocks are
run by `test_docs_commands`.
"""

import ast
import importlib.util
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from helpers import ALONE, BLOCK, MODULES, PAGES, ROOT, Run, blocks

from inkhook.core.base.types import Correction, Dataset
from inkhook.core.events.contract import hook_names
from inkhook.core.events.hooks import SPECS
from inkhook.core.events.session import CommandSession
from inkhook.core.modelfile.card import Card
from inkhook.core.numbers.number import Number, Numbers
from inkhook.testing import check_plugin, draw, new_session, predict, tiny


def test_every_block_says_what_it_is() -> None:
    """Those of `sh` are run; those of `bash` are for machines that aren't here."""
    kinds = {own for page in PAGES for own, _ in BLOCK.findall(page.read_text())}
    assert kinds <= {"python", "sh", "text", "toml", "json", "bash", "yaml"}


def module_of(text: str, folder: Path) -> ModuleType:
    """Run a block as a module of its own."""
    path = folder / "block.py"
    path.write_text(text)
    module = ModuleType("block")
    module.__file__ = str(path)
    exec(compile(text, path, "exec"), vars(module))  # noqa: S102
    return module


# tests are run with the class they test, and what needs a model with one, below; what asks a server
# in tests/plugins/serve
BELOW = re.compile(r"def test_|import onnxruntime|127\.0\.0\.1")
ALONE_STANDING = [
    block
    for block in blocks("python")
    if not BELOW.search(block.values[0]) and not str(block.id).startswith("python-api-")
]
"""The page on Python is run as a whole, by `test_python_api`."""


@pytest.mark.parametrize("text", ALONE_STANDING)
def test_python_runs(
    text: str, in_tmp: Path, monkeypatch: pytest.MonkeyPatch, small_drawings: Path
) -> None:
    monkeypatch.chdir(small_drawings)
    module = module_of(text, in_tmp)
    plugins = [value for value in vars(module).values() if getattr(value, "options", None)]
    plugin = plugins[0] if plugins else module
    if hook_names(plugin):
        assert check_plugin(plugin) == []
        for hook in hook_names(plugin):
            call(hook, plugin, in_tmp)


@pytest.fixture
def small_drawings(in_tmp: Path) -> Path:
    """A folder with a drawing, labelled as `inkhook paint` does it."""
    folder = in_tmp / "artifacts" / "drawings" / "1"
    folder.mkdir(parents=True)
    drawing = draw([(140, 60), (140, 220)]).canvas
    (folder / "a.png").write_bytes(cv2.imencode(".png", drawing)[1].tobytes())
    return in_tmp


# The hooks' own examples


def arguments(hook: str) -> dict[str, Any]:
    """Return arguments as a command would pass them."""
    digits, drawing = tiny.dataset(), draw([(140, 60), (140, 220)])
    four = Number("4", "4", 0.9, True, (1, 2, 3, 4), 0, ())
    by_hook: dict[str, dict[str, Any]] = {
        "load_dataset": {"name": "noise"},
        "on_dataset_loaded": {"dataset": digits},
        "train_model": {"dataset": digits},
        "augment": {
            "value": digits.train.images,
            "labels": digits.train.labels,
            "epoch": 0,
            "rng": np.random.default_rng(0),
            "own": False,
        },
        "on_epoch_end": {"epoch": 0, "logs": {"loss": 0.1, "accuracy": 0.995}, "model": None},
        "on_model_saved": {"path": Path("m.h5"), "card": Card("d", "0", "784-10", 7850)},
        "prepare_image": {"value": drawing.canvas, "source": "folder"},
        "find_numbers": {"image": np.full((60, 90), 200, np.uint8)},
        "on_number": {"numbers": Numbers("ok", (four,), "a.png")},
        "on_prediction": {"predictions": predict(digits)},
        "on_correction": {"correction": Correction("canvas", "drawing-1", "4", "9")},
        "on_stroke": {"stroke": drawing.stroke, "canvas": drawing.canvas},
        "on_error": {"stage": "predict", "error": ValueError()},
    }
    return by_hook.get(hook, {})


def call(hook: str, plugin: object, folder: Path) -> tuple[Any, CommandSession]:
    """Call a hook of a plugin as its kind; return the answer and the session."""
    session = new_session(plugin, folder=folder / hook)
    given = arguments(hook)
    kind = SPECS[hook].kind
    if kind == "tell":
        session.tell(hook, **given)
        return None, session
    if kind == "ask":
        return session.ask(hook, **given), session
    return session.chain(hook, given.pop("value"), same_shape=hook == "augment", **given), session


Seen = Callable[[Any, CommandSession, str], bool]
SEEN: dict[str, Seen] = {
    "on_run_start": lambda _answer, _session, said: "seed 0" in said,
    "load_dataset": lambda answer, _session, _said: isinstance(answer, Dataset),
    "on_dataset_loaded": lambda _answer, _session, said: "images by digit: [" in said,
    "train_model": lambda answer, _session, _said: answer.arguments == {"trainer": "one layer"},
    "augment": lambda answer, _session, _said: answer.shape == (400, 28, 28),
    "on_epoch_end": lambda _answer, session, _said: session.stop_reason == "99 % after 1 epochs",
    "on_model_saved": lambda _answer, _session, said: "m.h5 has 7,850 parameters" in said,
    "prepare_image": lambda answer, _session, _said: answer.shape == (270, 270),
    "find_numbers": lambda answer, _session, _said: answer == [],
    "on_number": lambda _answer, _session, said: "a.png: 4 hasn't eight digits" in said,
    "on_prediction": lambda _answer, _session, said: ", if at all" in said,
    "on_stroke": lambda _answer, _session, said: "2 points, 3% of the canvas is ink" in said,
    "on_correction": lambda _answer, _session, said: "drawing-1: 9, not 4" in said,
    "on_error": lambda _answer, _session, said: "while in predict: ValueError" in said,
    "on_run_end": lambda _answer, session, _said: "done.txt" in folder_of(session),
}
"""What each hook's example is seen by; a hook that isn't here has no test."""


def folder_of(session: CommandSession) -> list[str]:
    return [path.name for path in session.run.path.iterdir()] if session.run else []


@pytest.mark.parametrize("hook", SPECS)
def test_each_hook_is_documented_with_an_example_that_works(
    hook: str, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    section = (ROOT / "docs" / "hooks.md").read_text().split(f"\n## {hook}\n")[1].split("\n## ")[0]
    declared = inspect.signature(SPECS[hook].function)
    assert re.search(rf"^`{hook}\((.*)\) -> .*` · {SPECS[hook].kind}$", section, re.MULTILINE)
    assert all(f"- `{name}`: " in section for name in declared.parameters)
    assert "thread" in section
    module = module_of(dict(BLOCK.findall(section))["python"], in_tmp)
    assert hook_names(module) == [hook]
    answer, session = call(hook, module, in_tmp)
    assert SEEN[hook](answer, session, "".join(capsys.readouterr())), hook


def test_hooks_are_called_with_just_the_arguments_of_their_specs() -> None:
    called = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            first = node.args[0] if node.args else None
            hook = first.value if isinstance(first, ast.Constant) else None
            kind = node.func.attr.lstrip("_")  # paint has a `_tell` of its own
            if kind not in ("tell", "ask", "chain") or hook not in SPECS:
                continue
            spec = SPECS[hook]
            assert kind == spec.kind, f"{path.name} calls {hook}"
            given = {word.arg for word in node.keywords} - {"same_shape"}
            wanted = set(inspect.signature(spec.function).parameters) - {"session", spec.value}
            assert given == wanted - set(spec.deprecated), f"{path.name} calls {hook}"
            called.add(hook)
    assert called == set(SPECS), "every hook is called somewhere"


def test_the_tutorials_tests_pass_with_the_tutorials_class(in_tmp: Path) -> None:
    python = [text for kind, text in BLOCK.findall((ROOT / "docs/plugins.md").read_text())
              if kind == "python"]  # fmt: skip
    (in_tmp / "unsure.py").write_text(next(text for text in python if "class Unsure" in text))
    (in_tmp / "test_unsure.py").write_text(next(text for text in python if "def test_" in text))
    (in_tmp / "conftest.py").write_text(next(text for text in python if "pytest_plugins" in text))
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_unsure.py"]
    words += ["--basetemp", str(in_tmp / "temporary")]  # what others left in /tmp is no concern
    variables = os.environ | ALONE
    done = subprocess.run(words, capture_output=True, text=True, env=variables, check=False)
    assert "4 passed in" in done.stdout, done.stdout  # and no warning


def test_an_exported_model_gives_the_same_in_another_program(
    run: Run, in_tmp: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("models", "export", tiny_model, "--format", "onnx", "-o", "pretrained.onnx")
    assert run(*words).exit_code == 0
    if importlib.util.find_spec("onnxruntime") is None:  # ONNX's own evaluator is called alike
        from onnx.reference import ReferenceEvaluator

        runtime = SimpleNamespace(InferenceSession=ReferenceEvaluator)
        monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    page = (ROOT / "docs" / "models.md").read_text()
    (code,) = [text for kind, text in BLOCK.findall(page) if "onnxruntime" in text]
    predictions = predict(tiny.dataset())
    names: dict[str, Any] = {"images": predictions.images.reshape(-1, 784)}
    exec(code, names)  # noqa: S102
    assert np.allclose(names["probabilities"], predictions.probabilities, atol=1e-5)


def test_the_pages_name_of_testing_is_all_there_is() -> None:
    import inkhook.testing

    page = (ROOT / "docs" / "plugins.md").read_text()
    for name in set(inkhook.testing.__all__) - {"Call", "Drawing"}:
        assert re.search(rf"`{name}\b", page), name
