"""Libraries' own threads: none where drawings are read, unless the user wants some."""

import pytest
from helpers import Run, WritePlugin

from inkhook.core.base.threads import LIBRARY_THREADS

PLUGIN = """
import os
print([os.environ.get(name) for name in {names!r}])
"""


@pytest.mark.parametrize(
    ("command", "given", "counts"),
    [("paint", None, "1"), ("serve", None, "1"), ("serve", "2", "2"), ("evaluate", None, None)],
)
def test_drawings_are_read_with_one_thread_from_before_plugins_are_loaded(
    run: Run,
    write_plugin: WritePlugin,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    given: str | None,
    counts: str | None,
) -> None:
    for name in LIBRARY_THREADS:
        monkeypatch.setenv(name, given or "")
        if given is None:
            monkeypatch.delenv(name)
    plugin = write_plugin(PLUGIN.format(names=LIBRARY_THREADS))
    result = run(command, "--plugins", plugin, "--help")
    assert str([counts] * len(LIBRARY_THREADS)) in result.output
