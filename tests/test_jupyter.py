"""In a notebook: the command line called from Python, on streams that take text only."""

from pathlib import Path
from typing import Any

import cv2
import nbformat
from nbclient import NotebookClient

from inkhook.testing import draw

CELL = """
from inkhook.cli import cli
code = cli(["predict-dir", "ünïcode.png", "--format", "csv", "--model", {model!r}],
           standalone_mode=False)
"""


def test_a_table_is_printed_under_the_cell(in_tmp: Path, tiny_model: Path) -> None:
    one = cv2.imencode(".png", draw([(140, 60), (140, 220)]).canvas)[1]
    Path("ünïcode.png").write_bytes(one.tobytes())
    v4: Any = nbformat.v4
    codes = (CELL.format(model=str(tiny_model)), "print(code)")
    notebook = v4.new_notebook(cells=[v4.new_code_cell(code) for code in codes])
    NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    text = {"stdout": "", "stderr": ""}
    for output in notebook.cells[0].outputs:
        text[output.name] += output.text
    assert text["stdout"].splitlines()[0] == "path,status,digit,confidence"
    assert text["stdout"].splitlines()[1].startswith("ünïcode.png,ok,1,0.")
    assert "1 file: 1 ok" in text["stderr"]
    assert notebook.cells[1].outputs[0].text == "0\n"
