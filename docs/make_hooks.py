"""Write docs/hooks.md from the hook specs: `python docs/make_hooks.py`.

A test compares the page with what this program makes.
"""

import inspect
import re
from pathlib import Path

from inkhook.core.events.hooks import SPECS

PAGE = Path(__file__).with_name("hooks.md")
_EXAMPLES = "\nExamples\n--------\n"

HEAD = """\
# Hooks

A plugin is a Python file with functions named after hooks. This one prints a line after each
epoch; save it as `mine.py` and run `inkhook run --plugins train,./mine.py`.

```python
from inkhook import hookimpl


@hookimpl
def on_epoch_end(session, epoch, logs):
    session.say(f"epoch {epoch}: {logs['accuracy']:.1%} of the training images are right")
```

A hook takes as many of its arguments as it needs, by name. A class works too: its methods are the
hooks, one instance is made for each command, and its `options`, a tuple of `click.Option`, join the
command line and arrive as arguments of the constructor. To install a plugin under a name, declare
it in the entry-point group `inkhook.plugins`; the built-in ones are declared just so.

Implementations are called in the order of `--plugins`, left to right. `hookimpl(tryfirst=True)` and
`hookimpl(trylast=True)` are the only way around that. A hook is a plain function: wrappers, `async`
and `yield` are refused.

Below each hook stands on which thread it is called. `inkhook serve` calls all but the first and the
last one on one worker thread, one at a time, whatever the number of people.

There are three kinds of hooks:

- **tell**: an event. Each implementation is called on its own. One that raises is reported with its
  name, the others still run, the work goes on, and the command ends with exit code 1. After three
  failures a plugin isn't called again. With `--strict` the first failure ends the command.
- **ask**: a question. The first answer that isn't None is taken. An error ends the command.
- **chain**: a conversion. Each implementation gets what the one before returned. An error, or an
  array of another kind, ends the command.

[plugins.md](plugins.md) leads from a first hook to a published package, and says what a plugin can
rely on when inkhook changes. `--trace` shows each call.

Plugins are trusted code: they run with all your rights. What is described here guards against
faults, not against malice.

"""


def page() -> str:
    """Return the whole page."""
    lines = [HEAD, "| hook | kind | what it does |\n|---|---|---|\n"]
    for name, spec in SPECS.items():
        summary = (inspect.getdoc(spec.function) or "").split("\n")[0]
        lines.append(f"| [`{name}`](#{name}) | {spec.kind} | {summary} |\n")
    for name, spec in SPECS.items():
        text, _, example = (inspect.getdoc(spec.function) or "").partition(_EXAMPLES)
        lines.append(
            f"\n## {name}\n\n`{signature(name)}` · {spec.kind}\n\n{_markdown(text.rstrip())}\n"
        )
        lines.append(f"\n**Example**\n\n```python\n{_imports(example)}{example.strip()}\n```\n")
    return "".join(lines)


def signature(name: str) -> str:
    """Return a hook's signature as it is declared, with the types' short names."""
    found = inspect.signature(SPECS[name].function)
    return f"{name}{re.sub(r'collections.abc.|pathlib.|typing.', '', str(found))}".replace("'", "")


def _imports(example: str) -> str:
    """Return the imports that an example needs to be a whole file."""
    lines = ["import numpy as np\n"] if "np." in example else []
    types = [name for name in ("Dataset", "Split", "Trained") if f"{name}(" in example]
    lines += [f"from inkhook import {', '.join([*types, 'hookimpl'])}\n"]
    return "".join(lines) + "\n\n"


def _markdown(text: str) -> str:
    """Turn a numpydoc docstring into Markdown: section titles and lists of arguments."""
    text = re.sub(r"^(\w+)\n-+$", r"**\1**\n", text, flags=re.MULTILINE)
    lines = []
    section = ""
    for line in text.split("\n"):
        if match := re.fullmatch(r"\*\*(\w+)\*\*", line):
            section = match[1]
        entry = line and not line.startswith((" ", "*")) and section in ("Parameters", "Returns")
        lines.append(_entry(line) if entry else line.replace("    ", "  ", 1))
    return "\n".join(lines)


def _entry(line: str) -> str:
    name, colon, kind = line.partition(" : ")
    return f"- `{name}`: {kind}." if colon else f"- {line}."


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
