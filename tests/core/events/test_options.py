"""Shared options: each is declared in one place, and means one thing wherever it is given."""

import ast
from collections import defaultdict

from helpers import ROOT

TWO_MEANINGS = {"--format", "--force", "--images"}
"""What differs: a table's form and a model's; writing over a file and a model that reads badly; how
many pictures, and where they are."""


def test_an_option_of_several_commands_is_declared_once() -> None:
    places: dict[str, set[str]] = defaultdict(set)
    for path in [*ROOT.glob("core/**/*.py"), *ROOT.glob("plugins/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            if not called.endswith(("option", "click.Option", "Under")):
                continue
            for word in ast.walk(ast.Tuple(node.args)):
                value = word.value if isinstance(word, ast.Constant) else None
                if isinstance(value, str) and value.startswith("--"):
                    places[value].add(str(path.relative_to(ROOT)))
    assert {"--model", "--output", "--seed", "--json", "--plugins", "--top-k"} <= set(places)
    several = {word: found for word, found in places.items() if len(found) > 1}
    assert set(several) <= TWO_MEANINGS, several
