"""The package itself: what `import inkhook` gives, and what it doesn't load."""

import ast
import subprocess
import sys

import pytest
from helpers import ROOT

import inkhook


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
