"""Streams that nobody hears any more, and a terminal that has gone."""

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import command

from inkhook.core.events.records import read_record


@pytest.mark.soak
def test_a_lost_terminal_keeps_what_was_learnt(in_tmp: Path, small_data: Path) -> None:
    words = ["run", "--plugins", "train", "--epochs", "1000", "--hidden", "8", "-o", "out"]
    process, terminal = pty.fork()
    if process == 0:
        os.execv(command()[0], [*command(), *words, "--data", str(small_data)])  # noqa: S606
    seen = b""
    while not re.search(rb" +2/1000 ", seen):
        seen += os.read(terminal, 10_000)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 128 + signal.SIGHUP
    assert read_record(Path("out"))["status"] == "interrupted"
    assert Path("out/model.h5").exists()


def test_what_stderr_cant_take_is_dropped() -> None:
    code = (
        "import sys; from inkhook.core.base.text import repair_streams; repair_streams()\n"
        "sys.stderr.write('x' * 100_000); print('y', file=sys.stderr, flush=True); print('z')"
    )
    with Path("/dev/full").open("wb") as full:
        words = [sys.executable, "-c", code]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=full, check=False)
    assert (done.returncode, done.stdout) == (0, b"z\n")
