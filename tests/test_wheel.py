"""The wheel; and beside it, in an environment of its own, somebody else's package.

The environment sees the libraries of the one that runs the tests; inkhook and the package are
installed into it, so that it is their wheels that are used.
"""

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from helpers import ALONE, MODULES, ROOT, Run

from inkhook.plugins.command_plugins.new import rendered
from inkhook.testing import tiny

SAMPLE = ROOT / "examples" / "inkhook-sample"
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", "20*"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the tree, so that the build leaves nothing in it."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "tree", ignore=LEFT_OUT)
    words = [sys.executable, "-m", "build", "--wheel", "--outdir", "dist", "tree"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next((folder / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def content(wheel: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(wheel)


def test_the_wheel_holds_the_package_and_nothing_else(content: zipfile.ZipFile) -> None:
    names = {name for name in content.namelist() if ".dist-info/" not in name}
    modules = {f"inkhook/{path.relative_to(ROOT)}" for path in MODULES}
    data = {f"inkhook/plugins/mnist/{path.name}" for path in ROOT.glob("plugins/mnist/*.gz")}
    assert len(data) == 4
    for files in ("**/templates/*", "serve/page/*", "serve/openapi.json"):
        data |= {f"inkhook/{path.relative_to(ROOT)}" for path in ROOT.glob(f"plugins/{files}")}
    assert names == modules | data | {
        "inkhook/py.typed",
        "inkhook/artifacts/numbers.h5",
        "inkhook/artifacts/numbers-second.h5",
        "inkhook/artifacts/pretrained.h5",
        "inkhook/plugins/mnist/README.md",
    }


def test_the_wheel_names_its_licences_and_entry_points(content: zipfile.ZipFile) -> None:
    info = next(name.split("/")[0] for name in content.namelist() if ".dist-info/" in name)
    metadata = content.read(f"{info}/METADATA").decode()
    assert "MIT AND CC-BY-SA-3.0" in metadata
    assert f"{info}/licenses/LICENSE" in content.namelist()
    entries = content.read(f"{info}/entry_points.txt").decode()
    for group in ("console_scripts", "inkhook.commands", "inkhook.plugins"):
        assert f"[{group}]" in entries


# Somebody else's package


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel and the sample package; the path of its `bin`."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder / "venv", symlinks=True)
    (packages,) = (folder / "venv").glob("lib/python*/site-packages")
    ours = [path for path in sys.path if path.endswith("site-packages")]
    # behind what is installed here, so that this inkhook is the wheel
    (packages / "libraries.pth").write_text(
        "".join(f"import site; site.addsitedir({path!r})\n" for path in ours)
    )
    shutil.copytree(SAMPLE, folder / "sample", ignore=LEFT_OUT)
    pip = (folder / "venv/bin/python", "-m", "pip", "--disable-pip-version-check", "install", "-q")
    options = ("--no-index", "--no-deps", "--no-build-isolation", "--ignore-installed")
    done = start(*pip, *options, "--no-compile", wheel, folder / "sample", folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "venv" / "bin"


def start(*words: object, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a command in a folder, without what this process has set for itself."""
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env=variables | ALONE | {"INKHOOK_PLUGINS": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_sample_is_what_a_new_package_is() -> None:
    for path, text in rendered("sample").items():
        assert (SAMPLE / path).read_text() == text, "run: cd examples; inkhook plugins new sample"


def test_an_installed_package_is_used_from_the_command_line(
    environment: Path, tmp_path: Path
) -> None:
    where = start(environment / "python", "-c", "import inkhook; print(inkhook)", folder=tmp_path)
    assert str(environment.parent) in where.stdout, "the wheel, not the repository"

    data, model = tiny.write_dataset(tmp_path / "t.npz"), tiny.write_model(tmp_path / "t.h5")
    words = ("run", "--data", data, "--model", model, "--plugins", "errors,sample", "-o", "out")
    done = start(environment / "inkhook", *words, "--sample-below", "0.8", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "\nUnsure: " in done.stdout

    listed = len((tmp_path / "out" / "sample.csv").read_text().splitlines()) - 1
    counts = start(environment / "inkhook", "sample", "out", folder=tmp_path).stdout
    assert sum(int(line.split()[1]) for line in counts.splitlines()) == listed > 0

    page = start(environment / "inkhook", "--help", folder=tmp_path).stdout
    assert "(from inkhook-sample 0.1.0)" in page
    shown = start(environment / "inkhook", "plugins", "show", "sample", folder=tmp_path).stdout
    assert "--sample-below P" in shown


def test_its_own_tests_pass_as_written(environment: Path, tmp_path: Path) -> None:
    sample = environment.parents[1] / "sample"
    apart = ("--basetemp", tmp_path / "temporary")  # what others left in /tmp is no concern
    done = start(environment / "python", "-m", "pytest", "-q", *apart, folder=sample)
    assert done.returncode == 0, done.stdout
    assert "4 passed in" in done.stdout, "and no warning"


def test_the_plugin_in_one_file_works_by_its_path(run: Run, in_tmp: Path) -> None:
    data, model = tiny.write_dataset(in_tmp / "t.npz"), tiny.write_model(in_tmp / "t.h5")
    path = ROOT / "examples" / "beep.py"
    result = run("run", "--data", data, "--model", model, "--plugins", path)
    assert result.exit_code == 0
    assert "\aBeep: complete after " in result.stderr
    assert "\a\a" not in result.stderr
    result = run("run", "--data", data, "--model", "none", "--plugins", path)
    assert "\a\aBeep: failed" in result.stderr
