"""The lines between the modules: which imports which, always downwards."""

import ast
from pathlib import Path

from helpers import ROOT

FLOORS = (
    {
        "calibration",
        "filekinds",
        "hooks",
        "keras_import",
        "problems",
        "records",
        "streams",
        "text",
        "trace",
        "types",
    },
    {
        "bounded_json",
        "contract",
        "fields",
        "files",
        "h5scan",
        "idx",
        "imageheader",
        "ink",
        "listing",
        "numpy_activations",
        "plainpng",
        "score",
        "strokes",
    },
    {
        "datasets",
        "dialects",
        "image_layers",
        "imagefile",
        "lines",
        "row_layers",
        "runs",
        "sources",
        "weights",
    },
    {"architecture", "labelled", "layers", "manager", "preprocess"},
    {"calls", "chain", "command", "rows"},
    {"checks", "journal", "session", "table", "translate"},
    {"digits", "network", "numpy_rows", "shards"},
    {"ending", "h5write", "keras_model", "lead", "numpy_engine", "readings"},
    {"classifier", "h5guard", "onnx_model"},
    {"artifact", "predictor", "trial"},
    {"evaluation", "export", "tiny", "worker"},
    {"crew", "imports", "testing"},
    {"answers", "models", "remote"},
    {"cluster", "parts", "pipeline"},
    {"spread"},
)


def imports(path: Path) -> set[tuple[int, str]]:
    """Return (level, module) of every relative import of a module, wherever it stands."""
    found: set[tuple[int, str]] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            found |= {(node.level, str(name)) for name in names}
    return found


def type_checking(path: Path) -> set[str]:
    """Return the modules that are imported for annotations only."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            return {str(n.module) for n in node.body if isinstance(n, ast.ImportFrom)}
    return set()


def test_core_imports_only_downwards() -> None:
    floor = {name: level for level, names in enumerate(FLOORS) for name in names}
    modules = {path.stem for path in ROOT.glob("core/*.py")} - {"__init__"}
    assert modules == set(floor), "each module has its floor"
    for name in modules:
        path = ROOT / "core" / f"{name}.py"
        for level, module in imports(path):
            assert level == 1, f"core/{name} reaches out of core"
            if module not in type_checking(path):
                assert floor[module] < floor[name], f"core/{name} imports {module}"


def test_plugins_import_core_and_never_each_other() -> None:
    for path in ROOT.glob("plugins/**/*.py"):
        depth = len(path.relative_to(ROOT / "plugins").parts)
        for level, module in imports(path):
            inside = level < depth or (level == depth and module in ("ALWAYS", "DEFAULT_PLUGINS"))
            assert inside or module.split(".")[0] == "core", f"{path} imports {module}"
        assert "inkhook.cli" not in path.read_text()


def test_no_module_imports_itself_by_way_of_others() -> None:
    paths = [*ROOT.glob("*.py"), *ROOT.glob("core/*.py"), *ROOT.glob("plugins/**/*.py")]
    graph = {module_name(path): arrows(path) for path in paths}
    ended: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " imports ".join([*way[way.index(name) :], name])
        if name not in ended:
            for other in graph.get(name, ()):
                visit(other, (*way, name))
            ended.add(name)

    for name in graph:
        visit(name, ())
    assert len(ended) > 60


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def arrows(path: Path) -> set[str]:
    """Return the modules of the package that a module imports when it is imported itself."""
    found: set[str] = set()
    folder = path.relative_to(ROOT).parent.parts
    names = {
        module_name(other) for other in [*ROOT.glob("core/*.py"), *ROOT.glob("plugins/**/*.py")]
    }
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.level:
            base = ".".join([*folder[: len(folder) - node.level + 1], *filter(None, [node.module])])
            inner = {f"{base}.{alias.name}" for alias in node.names} & names
            found |= inner or {base}
    return found
