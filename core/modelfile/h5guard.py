"""Open an untrusted model file, `.h5` or `.keras`, without letting it do harm.

The file is read once, and the bytes that were examined are the bytes that are used. HDF5 itself can
crash, hang or allocate all memory on crafted bytes, so unknown bytes are first examined in a child
process with limits. The SHA-256 of what passed is remembered in the user's state folder. Run as a
program, this module is that child. See docs/decisions/009-guard-child-process.md.
"""

import contextlib
import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ..base import files, home
from ..base.problems import ModelRejected, OutputProblem
from ..base.threads import ONE_THREAD
from ..network.network import Network
from .h5scan import Contents, scan
from .interpretations import readings
from .keras_archive import is_archive, scan_archive

LARGEST_FILE = 32 * 2**20
"""In bytes; examining a file may take six times its size in memory, here at most 200 MB."""

MOST_PARAMETERS = 8_000_000
"""As many 32-bit numbers as fit into such a file, beside its texts."""

CHILD_MEMORY = 2**30
CHILD_CPU_SECONDS, CHILD_SECONDS = 5, 60
"""Processor time ends what loops; the clock is for what waits, and generous, because on a machine
with much other work a second of processor time takes ten."""

MOST_REMEMBERED = 2000

GUARD_VERSION = 2
"""Grows whenever the guard becomes stricter, so that files that passed are examined again."""


@dataclass(frozen=True, eq=False)
class Opened:
    """A model file that passed: its digest, its texts by name, and the networks it may hold.

    Usually that is one network; see `readings`.
    """

    sha256: str
    texts: dict[str, str]
    networks: dict[str, Network]

    @property
    def network(self) -> Network:
        """The most likely network."""
        return next(iter(self.networks.values()))


def open_guarded(path: Path, architecture: str | None = None) -> Opened:
    """Read, examine and build the network of a `.h5` or `.keras` file.

    Parameters
    ----------
    path : pathlib.Path
    architecture : str, optional
        The layers of a file of bare weights, such as "dense:512,10".

    Raises
    ------
    ModelRejected
        When it isn't a file, or isn't safe to open; the message begins with the path.
    """
    try:
        data = read_bytes(path)
        sha256 = hashlib.sha256(data).hexdigest()
        if not is_known(sha256):
            _examine_in_child(data, *([architecture] if architecture else []))
            remember(sha256)
        contents, networks = check_model_file(data, architecture)
    except ModelRejected as problem:
        raise ModelRejected(problem.code, f"Can't use the model '{path}': {problem}") from problem
    return Opened(sha256, contents.texts, networks)


def check_model_file(
    data: bytes, architecture: str | None = None
) -> tuple[Contents, dict[str, Network]]:
    """Parse bytes and build their networks, in this process; raises ModelRejected."""
    check_size(data)
    contents = scan_archive(data) if is_archive(data) else scan(data)
    return contents, readings(contents, architecture)


def check_size(data: bytes) -> None:
    """Raise ModelRejected where there are more bytes than a file may have."""
    if len(data) > LARGEST_FILE:
        raise ModelRejected(
            "too_large", f"It has {len(data):,} bytes; the limit is {LARGEST_FILE:,}."
        )


def read_bytes(path: Path) -> bytes:
    """Return a regular file's bytes; raises ModelRejected.

    The file is opened without waiting, so that a pipe without a writer doesn't hang, and checked
    through the open file, so that nothing else can take its place.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    try:
        handle = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise ModelRejected("unreadable", f"It can't be opened ({reason}).") from error
    state = os.fstat(handle)
    if not stat.S_ISREG(state.st_mode):
        os.close(handle)
        raise ModelRejected("not_a_file", "It isn't a regular file.")
    with os.fdopen(handle, "rb") as file:
        if state.st_size > LARGEST_FILE:
            raise ModelRejected("too_large", f"It has {state.st_size:,} bytes.")
        try:
            data = file.read(LARGEST_FILE + 1)
        except OSError as error:
            raise ModelRejected("unreadable", "It can't be read to the end.") from error
    if len(data) > LARGEST_FILE:
        raise ModelRejected("too_large", f"It has more than {LARGEST_FILE:,} bytes.")
    return data


def _examine_in_child(data: bytes, *words: str) -> None:
    """Have a child process do what this process is about to do."""
    # -P: a file in the current folder must not be imported as a module; one BLAS thread, because
    # each reserves address space, which is limited
    command = [sys.executable, "-P", "-m", __name__, *words]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command,
            input=data,
            capture_output=True,
            timeout=CHILD_SECONDS,
            env=os.environ | ONE_THREAD,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelRejected("hang", "It takes too long to examine.") from error
    except OSError as error:
        raise ModelRejected("crash", "The process to examine it can't be started.") from error
    if done.returncode == -getattr(signal, "SIGXCPU", 0) != 0:
        raise ModelRejected("hang", "It takes too long to examine.")
    if done.returncode:
        raise ModelRejected("crash", "Examining it ended in a crash.")
    try:
        verdict = json.loads(done.stdout)
        code, sentence = str(verdict["code"]), str(verdict["sentence"])
    except (ValueError, KeyError, TypeError) as error:
        raise ModelRejected("crash", "Examining it ended in a crash.") from error
    if code:
        raise ModelRejected(code, sentence)


def _child() -> None:
    """Examine the bytes on stdin under limits, and write the verdict to stdout."""
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent's time limit still holds
        pass
    else:
        for kind, most in (
            (resource.RLIMIT_AS, CHILD_MEMORY),
            (resource.RLIMIT_CPU, CHILD_CPU_SECONDS),
            (resource.RLIMIT_CORE, 0),
        ):
            hard = resource.getrlimit(kind)[1]
            if hard == resource.RLIM_INFINITY or hard >= most:
                # some systems refuse some limits; the others, and the parent's clock, still hold
                with contextlib.suppress(ValueError, OSError):
                    resource.setrlimit(kind, (most, hard))
    code = sentence = ""
    try:
        check_model_file(sys.stdin.buffer.read(), *sys.argv[1:2])
    except ModelRejected as problem:
        code, sentence = problem.code, str(problem)
    except MemoryError:
        code, sentence = "memory", "Reading it takes more memory than allowed."
    sys.stdout.write(json.dumps({"code": code, "sentence": sentence}))


def state_folder() -> Path:
    """Return the folder for what is worth keeping from one command to the next."""
    import platformdirs

    home.settle()
    return Path(platformdirs.user_state_dir("inkhook"))


def _memory() -> Path:
    return state_folder() / f"examined-{GUARD_VERSION}.txt"


def is_known(sha256: str) -> bool:
    """Tell whether bytes with this digest passed before, or were written by inkhook."""
    try:
        return sha256 in _memory().read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return False


def remember(sha256: str) -> None:
    """Note that bytes with this digest needn't be examined in a child again.

    If that can't be written, they are examined every time; nothing else depends on it.
    """
    path = _memory()
    try:
        known = path.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        known = []
    known = [*(digest for digest in known if digest != sha256), sha256][-MOST_REMEMBERED:]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.clear_strays(path.parent)
        files.write_file(path, "\n".join(known) + "\n")
    except (OSError, OutputProblem):
        return


if __name__ == "__main__":
    _child()
