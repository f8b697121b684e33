"""Other people's packages: in an environment of their own, beside the wheel, from the command line.

The environment sees the libraries of the one that runs the tests; inkhook itself and the package
are installed into it, so that it is their wheels that are used.
"""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from helpers import Run

from inkhook.core import tiny
from inkhook.plugins.command_plugins.new import rendered

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "examples" / "inkhook-sample"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with inkhook's wheel and the sample package; the path of its `bin`."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder / "venv", symlinks=True)
    (packages,) = (folder / "venv").glob("lib/python*/site-packages")
    ours = [path for path in sys.path if path.endswith("site-packages")]
    # behind what is installed here, so that this inkhook is the wheel
    (packages / "libraries.pth").write_text(
        "".join(f"import site; site.addsitedir({path!r})\n" for path in ours)
    )
    left_out = (".git", ".venv", "build", "dist", "*.egg-info", "__pycache__", "20*")
    skip = shutil.ignore_patterns(*left_out)
    shutil.copytree(
        ROOT, folder / "inkhook", ignore=shutil.ignore_patterns(*left_out, "tests", "docs")
    )
    shutil.copytree(SAMPLE, folder / "sample", ignore=skip)
    pip = (folder / "venv/bin/python", "-m", "pip", "--disable-pip-version-check", "install", "-q")
    options = ("--no-index", "--no-deps", "--no-build-isolation", "--ignore-installed")
    for name in ("inkhook", "sample"):
        done = start(*pip, *options, folder / name, folder=folder)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder / "venv" / "bin"


def start(*words: object, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a command in a folder, without what this process has set for itself."""
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env=variables | {"INKHOOK_PLUGINS": ""},
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


def test_its_own_tests_pass_as_written(environment: Path) -> None:
    sample = environment.parents[1] / "sample"
    done = start(environment / "python", "-m", "pytest", "-q", folder=sample)
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout


def test_the_plugin_in_one_file_works_by_its_path(run: Run, in_tmp: Path) -> None:
    data, model = tiny.write_dataset(in_tmp / "t.npz"), tiny.write_model(in_tmp / "t.h5")
    path = f"errors,{ROOT}/examples/beep.py"
    result = run("run", "--data", data, "--model", model, "--plugins", path)
    assert result.exit_code == 0
    assert "\aBeep: complete after " in result.stderr
    assert "\a\a" not in result.stderr
    result = run("run", "--data", data, "--model", "none", "--plugins", path)
    assert "\a\aBeep: failed" in result.stderr
