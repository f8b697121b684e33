"""The documentation says what the program does."""

import re
import sys
from pathlib import Path

import pytest
from helpers import PAGES, ROOT, Run

from inkhook.core.base import opencv
from inkhook.core.events.hooks import SPECS
from inkhook.core.reading.rows import Status

sys.path.insert(0, str(ROOT / "docs"))

DECISION = re.compile(r"docs/decisions/(\d{3}-[a-z0-9-]+)\.md")
"""How code names the page that explains it."""


def test_the_page_of_hooks_is_the_specs() -> None:
    from make_hooks import page

    assert (ROOT / "docs" / "hooks.md").read_text() == page(), "run: python docs/make_hooks.py"


@pytest.mark.parametrize("hook", SPECS)
def test_every_hook_says_what_it_takes_and_since_when(hook: str) -> None:
    text = SPECS[hook].function.__doc__ or ""
    names = [name for name in SPECS[hook].function.__annotations__ if name != "return"]
    assert names[0] == "session"
    section = text.split("Parameters")[1].split("-------\n    \n")[0]
    assert all(re.search(rf"^ +{name} : ", section, re.MULTILINE) for name in names)
    assert "thread" in text
    assert "Since 0." in text
    assert SPECS[hook].kind == "tell" or "Returns" in text


def test_the_example_of_a_plugin_works(run: Run, in_tmp: Path, small_data: Path) -> None:
    code = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "hooks.md").read_text(), re.DOTALL)
    (in_tmp / "mine.py").write_text(code[0])
    words = ("--plugins", "train,./mine.py", "--epochs", "1", "--data", str(small_data))
    result = run("run", *words)
    assert result.exit_code == 0
    assert re.search(r"^epoch 0: \d+\.\d% of the training images are right$", result.stdout, re.M)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", page.read_text()):
        name = target[0] or target[1]
        if not name.startswith("https://"):
            assert (page.parent / name).exists(), f"{page.name} links to {name}"


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "docs/hooks.md",
        "docs/models.md",
        "docs/paint.md",
        "docs/predict-dir.md",
        "docs/training.md",
        "docs/watch.md",
    ],
)
def test_options_exist(run: Run, page: str) -> None:
    names = ["run", "evaluate", "paint", "predict-dir", "plugins", "models", "learn", "suspects"]
    names += ["watch", "serve"]
    pages = [*((name,) for name in names), ("models", "show"), ("models", "verify")]
    pages += [("models", "export"), ("models", "import"), ("run", "--plugins", "samples")]
    pages += [("run", "--plugins", "distill")]
    known = "".join(run(*words, "--help").stdout for words in pages)
    for option in set(re.findall(r"(?<!\w)--[a-z][a-z-]+", (ROOT / page).read_text())):
        assert option in known, f"{page} names {option}"


def test_every_status_is_explained() -> None:
    text = (ROOT / "docs" / "predict-dir.md").read_text()
    assert all(f"`{status.word}`" in text for status in Status)


def test_code_and_decisions_lead_to_each_other() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = {page.stem for page in folder.glob("0*.md")}
    code = [*ROOT.glob("*.py"), *ROOT.glob("pyproject.toml")]
    for name in ("core", "plugins", "testing", "tests", "docs"):
        code += ROOT.glob(f"{name}/**/*.py")
    named = {found for path in code for found in DECISION.findall(path.read_text("utf-8"))}
    assert named == pages
    index = (folder / "README.md").read_text("utf-8")
    assert re.findall(r"\]\((\d{3}-[a-z0-9-]+)\.md\)", index) == sorted(pages)


def test_the_dockerfile_and_the_readme_name_what_suffices() -> None:
    text = (ROOT / "examples" / "Dockerfile").read_text("utf-8")
    whole = text.replace("\\\n", " ")
    lines = [line.split(maxsplit=1) for line in whole.splitlines() if line and line[0] != "#"]
    assert [line[0] for line in lines] == ["FROM", "COPY", "RUN", "WORKDIR", "ENTRYPOINT"]
    version = re.match(r"python:3\.(\d+)-slim", lines[0][1])
    assert version
    assert int(version[1]) >= 11
    steps = [" ".join(step.split()) for step in lines[2][1].split("&&")]
    assert steps[1:3] == [
        "pip uninstall -y opencv-python",
        'pip install --no-cache-dir "opencv-python-headless>=5"',
    ], "both packages have the same files, so the one goes before the other comes"
    for page in (text, (ROOT / "README.md").read_text("utf-8")):
        (packages,) = re.findall(r"apt-get install ((?:-\S+ )*)([a-z0-9. -]+)", page)
        assert packages[1].split() == opencv.PACKAGES.split()
