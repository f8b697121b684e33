"""The notebook runs from top to bottom, and what is stored in it is what comes out."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from helpers import ROOT
from nbclient import NotebookClient

QUICK = {"train=6000, test=2000": "train=600, test=200", '"epochs": 8': '"epochs": 1'}


def forms(cell: Any) -> list[Any]:
    """Return what a cell shows: the text of an answer, and the form of all else."""
    shown = [output["data"] for output in cell.get("outputs", ()) if "data" in output]
    fixed = ("Answer(digit=None", "<inkhook.Model pretrained")
    return [
        text if (text := data["text/plain"]).startswith(fixed) else sorted({*data} - {"image/jpeg"})
        for data in shown
    ]


def test_the_notebook_shows_what_is_stored_in_it(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(variable, str(in_tmp / "jupyter"))
    book = nbformat.read(ROOT / "examples" / "notebook.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    stored = [forms(cell) for cell in book.cells]
    for cell in book.cells:
        for text, quick in QUICK.items():
            cell.source = cell.source.replace(text, quick)
    NotebookClient(book, timeout=240, resources={"metadata": {"path": str(in_tmp)}}).execute()
    assert [forms(cell) for cell in book.cells] == stored
    written = [
        output.text for cell in book.cells for output in cell.get("outputs", ()) if "text" in output
    ]
    assert "Epoch 1/1  accuracy" in "".join(written)
    assert "\x1b" not in "".join(written), "plain lines, as no terminal is there"
