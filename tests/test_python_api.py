"""The package itself: what `import inkhook` gives, and what it doesn't load."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest
from helpers import BLOCK, ROOT

import inkhook
from inkhook.testing import draw

PAGE = (ROOT / "docs" / "python-api.md").read_text()


def test_an_import_loads_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules); import inkhook; print(*set(sys.modules) - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "inkhook" in loaded
    assert {name.split(".")[0] for name in loaded} <= {"inkhook", *sys.stdlib_module_names}
    assert not [name for name in loaded if name.startswith("inkhook.")]


@pytest.mark.parametrize("name", inkhook.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(inkhook, name) is not None
    assert name in dir(inkhook)


def test_type_checkers_and_python_find_the_same_names() -> None:
    checked = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(ast.parse((ROOT / "__init__.py").read_text()))
        if isinstance(node, ast.ImportFrom) and node.level
        for alias in node.names
    }
    homes = inkhook._HOMES
    assert checked == {f"{home}.{name}" for home, names in homes.items() for name in names}
    assert sorted(inkhook.__all__) == sorted(
        ["__version__", *(name for names in homes.values() for name in names)]
    )


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'inkhook' has no attribute 'nothing'"):
        _ = inkhook.nothing


def test_the_page_lists_the_public_names() -> None:
    section = PAGE.split("\n## All names\n")[1]
    cells = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", section, re.MULTILINE)
    listed = [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(listed) == sorted(inkhook.__all__)


@pytest.fixture
def workshop(in_tmp: Path) -> Path:
    """A folder with what the page's code names."""
    seven = draw([(90, 60), (190, 60), (120, 220)]).canvas
    (in_tmp / "photo.jpg").write_bytes(cv2.imencode(".jpg", 255 - seven)[1].tobytes())
    test = inkhook.load_mnist(test=21).test
    pages = {f"digits/{label}/{i}.png": i for i, label in enumerate(test.labels)}
    for name, place in (pages | {"scans/a.png": 0, "scans/b.png": 1}).items():
        (in_tmp / name).parent.mkdir(parents=True, exist_ok=True)
        (in_tmp / name).write_bytes(cv2.imencode(".png", test.images[place])[1].tobytes())
    (in_tmp / "scans" / "notes.txt").write_text("scanned on Monday")
    return in_tmp


def statements(code: str) -> Iterator[tuple[ast.stmt, str]]:
    """Yield each statement, and the comment behind it where it is a bare expression."""
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    comments = {t.start[0]: t.string[1:].strip() for t in tokens if t.type == tokenize.COMMENT}
    for node in ast.parse(code).body:
        yield node, comments.get(node.end_lineno or 0, "") if isinstance(node, ast.Expr) else ""


@pytest.mark.usefixtures("workshop")
def test_the_pages_code_runs_from_top_to_bottom_and_gives_what_it_says() -> None:
    names: dict[str, Any] = {}
    shown = 0
    for code in [text for kind, text in BLOCK.findall(PAGE) if kind == "python"]:
        for node, comment in statements(code):
            if comment:
                value = eval(ast.unparse(node), names)  # noqa: S307
                assert repr(value) == comment, ast.unparse(node)
                shown += 1
            else:
                exec(compile(ast.Module([node], []), "page", "exec"), names)  # noqa: S102
    assert shown > 10
