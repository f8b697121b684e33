"""`examples/total.py` adds up amounts, and only those."""

import importlib.util
from decimal import Decimal
from types import ModuleType

import pytest
from helpers import ROOT

from inkhook.core.numbers.number import Number, Numbers
from inkhook.testing import check_plugin, new_session


@pytest.fixture(scope="module")
def total() -> ModuleType:
    spec = importlib.util.spec_from_file_location("total", ROOT / "examples" / "total.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("17675", "17675"), ("27.50", "27.50"), ("1.250", "1250"), ("1.250.00", "1250"),
        ("1.250-", "1250"), ("27.50.-", "27.50"), ("0414", "414"), (".99", "0.99"),
        ("12/21/91", None), ("15:30", None), ("721-0414", None), ("-", None), ("", None),
    ],
)  # fmt: skip
def test_amounts_as_people_write_them(total: ModuleType, text: str, amount: str | None) -> None:
    assert total.amount_of(text) == (None if amount is None else Decimal(amount))


def test_a_folder_adds_up(total: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_plugin(total.Total) == []
    plugin = total.Total()
    for path, texts in (("a", ["27.50", "12/21/91"]), ("b", ["1.250"]), ("c", [])):
        numbers = [Number(text, "1", 0.9, text != "1.250", (0, 0, 9, 9), 0, ()) for text in texts]
        plugin.on_number(Numbers("ok", tuple(numbers), path=path))
    plugin.on_run_end(new_session())
    said = capsys.readouterr().out
    assert said == "Total: 1,277.50 (2 numbers, 1 not sure)\nNot added: 12/21/91 in a\n"
