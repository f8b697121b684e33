"""Write a new plugin package from the templates beside this module.

A template is a text in which `@NAME@` and the like stand for names; TEMPLATE_FILES maps paths to
templates. The package in examples/inkhook-sample is made from them, too.
"""

import importlib.util
import keyword
import re
from pathlib import Path

from ...core.base import files
from ...core.base.problems import OutputProblem, PluginProblem
from ...core.events.sources import COMMAND_GROUP, PLUGIN_GROUP, installed

TEMPLATES = Path(__file__).with_name("templates")
TEMPLATE_FILES = {
    "pyproject.toml": "pyproject.toml.txt",
    "README.md": "README.md.txt",
    ".gitignore": "gitignore.txt",
    "src/@MODULE@/__init__.py": "plugin.py.txt",
    "src/@MODULE@/command.py": "command.py.txt",
    "tests/conftest.py": "conftest.py.txt",
    "tests/test_plugin.py": "test_plugin.py.txt",
}
LONGEST = 40

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def write_package(name: str, parent: Path = Path()) -> Path:
    """Write a package `inkhook-NAME` into a new folder.

    Parameters
    ----------
    name : str
        Of the plugin and of its command: lower-case letters and digits, words joined by hyphens.
    parent : pathlib.Path
        Where the folder goes.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    PluginProblem
        When the name is taken or invalid.
    OutputProblem
        When the folder exists, or the files can't be written.
    """
    _check(name)
    folder = parent / f"inkhook-{name}"
    if folder.exists():
        raise OutputProblem(f"'{folder}' exists already; nothing was written.")
    with files.reporting(folder):
        for path, text in rendered(name).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            with (folder / path).open("x", encoding="utf-8") as file:
                file.write(text)
    return folder


def rendered(name: str) -> dict[str, str]:
    """Return the text of every file of a package, by its path."""
    words = {
        "@NAME@": name,
        "@MODULE@": f"inkhook_{name.replace('-', '_')}",
        "@ARGUMENT@": name.replace("-", "_"),
        "@CLASS@": _class(name),
    }

    def fill(text: str) -> str:
        return re.sub(r"@[A-Z]+@", lambda match: words[match[0]], text)

    return {
        fill(path): fill((TEMPLATES / template).read_text(encoding="utf-8"))
        for path, template in TEMPLATE_FILES.items()
    }


def _class(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("-"))


def _check(name: str) -> None:
    # the class of a plugin 'none' would be None
    if not _NAME.fullmatch(name) or len(name) > LONGEST or keyword.iskeyword(_class(name)):
        raise PluginProblem(
            f"'{name}' can't be a plugin's name; use at most {LONGEST} lower-case letters, digits "
            "and hyphens, as in 'my-plugin'."
        )
    for group, kind in ((PLUGIN_GROUP, "plugin"), (COMMAND_GROUP, "command")):
        for source in installed(group).get(name, []):
            raise PluginProblem(
                f"There is already a {kind} '{name}', from {source.origin}; choose another name."
            )
    module = f"inkhook_{name.replace('-', '_')}"
    if importlib.util.find_spec(module):
        raise PluginProblem(f"There is already a package '{module}'; choose another name.")
