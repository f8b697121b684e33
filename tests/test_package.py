"""The lines between the modules: which imports which, always downwards."""

import ast
from pathlib import Path

from helpers import ROOT

WINGS = (
    "base",
    "images",
    "network",
    "kerasfile",
    "modelfile",
    "numbers",
    "events",
    "data",
    "reading",
    "drawing",
    "judging",
    "foreign",
    "jobs",
)
"""The wings of core from the ground up; CONTRIBUTING shows the same list."""

CORE = list(ROOT.glob("core/*/*.py"))
PLUGINS = [*ROOT.glob("plugins/**/*.py")]
TESTING = [*ROOT.glob("testing/*.py")]
TOP = [*ROOT.glob("*.py")]


def name_of(path: Path) -> str:
    """Return a module's name below the package: "core.base.text"."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path) for path in (*CORE, *PLUGINS, *TESTING, *TOP)} - {""}


def imports(path: Path, *, lazy: bool = True) -> set[str]:
    """Return the modules of inkhook that a module imports, those under TYPE_CHECKING included.

    With `lazy` also what is imported inside functions.
    """
    folder = path.relative_to(ROOT).parent.parts
    found: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree) if lazy else _at_import(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.startswith("inkhook.")]
            found |= {name.removeprefix("inkhook.") for name in names}
        if not isinstance(node, ast.ImportFrom):
            continue
        if node.level:
            parts = [*folder[: len(folder) - node.level + 1], *filter(None, [node.module])]
        elif (node.module or "").split(".")[0] == "inkhook":
            parts = str(node.module).split(".")[1:]
        else:
            continue
        base = ".".join(parts)
        inner = {".".join([*parts, alias.name]) for alias in node.names} & NAMES
        found |= inner or {base}
    return found


def _at_import(tree: ast.Module) -> list[ast.stmt]:
    """Return what is executed, or looked at by a type checker, when a module is imported."""
    blocks = [node.body for node in tree.body if isinstance(node, ast.If | ast.Try)]
    return [*tree.body, *(node for block in blocks for node in block)]


def test_every_wing_says_what_it_is_for_and_what_not() -> None:
    folders = {path.parent.name for path in CORE}
    assert folders == set(WINGS), "each wing has its place in the list"
    for wing in WINGS:
        docstring = ast.get_docstring(
            ast.parse((ROOT / "core" / wing / "__init__.py").read_text(encoding="utf-8"))
        )
        assert docstring, wing
        assert "Not for " in docstring or "not for " in docstring, wing


def test_contributing_and_core_show_the_same_list() -> None:
    order = ", ".join(WINGS)
    for page in ("CONTRIBUTING.md", "core/__init__.py"):
        text = " ".join((ROOT / page).read_text(encoding="utf-8").replace("`", "").split())
        assert order in text, page


def test_a_wing_imports_only_from_wings_below() -> None:
    assert not [path for path in ROOT.glob("core/*.py") if path.name != "__init__.py"]
    for path in CORE:
        wing = path.parent.name
        for module in imports(path):
            core, _, rest = module.partition(".")
            assert core == "core", f"{name_of(path)} reaches out of core: {module}"
            other = rest.split(".")[0]
            assert WINGS.index(other) <= WINGS.index(wing), f"{name_of(path)} imports {module}"


def test_no_module_imports_itself_by_way_of_others() -> None:
    """In the wings also by way of imports in functions; none is exempt."""
    lazy = {name_of(path): imports(path) for path in CORE}
    eager = {name_of(path): imports(path, lazy=False) for path in (*PLUGINS, *TESTING, *TOP)}
    assert len(_in_order(lazy)) > 60
    assert len(_in_order(lazy | eager)) > 120


def _in_order(graph: dict[str, set[str]]) -> set[str]:
    """Go through a graph; fails where it has a circle."""
    ended: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " imports ".join([*way[way.index(name) :], name])
        if name not in ended:
            for other in graph.get(name, ()):
                visit(other, (*way, name))
            ended.add(name)

    for name in graph:
        visit(name, ())
    return ended


def test_plugins_import_core_and_never_each_other() -> None:
    names = {entry.stem for entry in (ROOT / "plugins").iterdir()} - {"__init__", "__pycache__"}
    for path in PLUGINS:
        own = path.relative_to(ROOT / "plugins").parts[0].removesuffix(".py")
        for module in imports(path):
            top, _, rest = module.partition(".")
            inside = top == "plugins" and rest.split(".")[0] in {own} & names
            assert inside or top == "core", f"{name_of(path)} imports {module}"
