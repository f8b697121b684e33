"""One plugin in full: its docstring, hooks, options and origin, as text or as JSON values."""

import inspect
from typing import Any

import click

from ...core.events.contract import hook_names
from ...core.events.hooks import SPECS
from ...core.events.manager import Loaded


def plugin_as_dict(loaded: Loaded) -> dict[str, Any]:
    """Return what is known about a plugin, as JSON values."""
    target = loaded.source.target
    return {
        "name": loaded.source.name,
        "origin": loaded.source.origin,
        "target": str(getattr(target, "value", target)),
        "doc": inspect.getdoc(loaded.target) or "",
        "hooks": {hook: _arguments(loaded, hook) for hook in hook_names(loaded.target)},
        "options": {option.opts[-1]: option.help or "" for option in loaded.options},
        "deprecated": loaded.notices,
    }


def plugin_as_text(loaded: Loaded) -> str:
    """Return the same as text for people."""
    content = plugin_as_dict(loaded)
    formatter = click.HelpFormatter(width=80)
    found = dict.fromkeys((content["origin"], content["target"]))  # only once, if it is a path
    formatter.write_text(f"{content['name']} ({', '.join(found)})")
    formatter.write_paragraph()
    formatter.write(content["doc"] or "It has no description.")
    formatter.write("\n")
    with formatter.section("Hooks"):
        formatter.write_dl(
            [
                (f"{hook}({', '.join(arguments)})", SPECS[hook].kind if hook in SPECS else "?")
                for hook, arguments in content["hooks"].items()
            ],
            col_max=60,
        )
    context = click.Context(click.Command("show"))
    rows = [row for option in loaded.options if (row := option.get_help_record(context))]
    if rows:
        with formatter.section("Options"):
            formatter.write_dl(rows)
    for notice in content["deprecated"]:
        formatter.write(f"\nWarning: {notice}\n")
    return formatter.getvalue().rstrip()


def _arguments(loaded: Loaded, hook: str) -> list[str]:
    names = list(inspect.signature(getattr(loaded.target, hook)).parameters)
    return names[1:] if names[:1] == ["self"] else names
