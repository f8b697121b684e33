"""Processes of inkhook's that needn't start first.

A worker or the guard's child takes half a second to import NumPy and others, and often a tenth of
one to do its work. A `Forker` is a process that has imported them once and forks for each start:
what runs then is the same function, in a process as much of its own.
"""

import contextlib
import gc
import importlib
import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from types import TracebackType
from typing import NoReturn

NUMBER = 8
"""The bytes of a number: a request's length, a process's id."""


class Forked:
    """A process, as far as `subprocess.Popen` is one for inkhook.

    Attributes
    ----------
    returncode : int or None
    seconds : float
        How long it has used a processor, once it has ended.
    """

    def __init__(self, pid: int, stdin: int, stdout: int, end: int) -> None:
        self.pid = pid
        self.stdin, self.stdout = os.fdopen(stdin, "wb"), os.fdopen(stdout, "rb")
        self.stderr = io.BytesIO()
        self.returncode: int | None = None
        self.seconds = 0.0
        self._end = os.fdopen(end)
        self._lock = threading.Lock()  # several threads wait for a worker

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        with self._lock:
            if self.returncode is None:
                ends = select.poll()  # select takes no descriptor above 1023
                ends.register(self._end, select.POLLIN | select.POLLHUP)
                if not ends.poll(None if timeout is None else timeout * 1000):
                    raise subprocess.TimeoutExpired("a forked process", timeout or 0)
                code, seconds = self._end.read().split()
                self._end.close()
                self.returncode, self.seconds = int(code), float(seconds)
        return self.returncode

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


class Forker:
    """A process that forks; a context manager.

    Parameters
    ----------
    *modules : str
        What it imports.
    """

    def __init__(self, *modules: str) -> None:
        self._socket, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno()), *modules],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()

    def start(self, function: str) -> Forked:
        """Call a function of a module, such as "json.tool:main", in a process of its own.

        It gets this process's folder and environment as they are now.
        """
        (stdin, give), (take, stdout), (told, end) = os.pipe(), os.pipe(), os.pipe()
        request = json.dumps([function, os.getcwd(), dict(os.environ)]).encode()
        theirs = [stdin, stdout, end]
        socket.send_fds(self._socket, [len(request).to_bytes(NUMBER, "little")], theirs)
        self._socket.sendall(request)
        for fd in theirs:
            os.close(fd)
        return Forked(int.from_bytes(os.read(told, NUMBER), "little"), give, take, told)

    def __enter__(self) -> "Forker":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._socket.close()
        self._process.wait()


def serve(control: socket.socket) -> None:
    """Fork for each request until there are no more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the keepers
    gc.freeze()  # so that no collection touches, and so copies, what all have in common
    with control.makefile("rb") as requests:
        while True:
            head, fds, _, _ = socket.recv_fds(control, NUMBER, 3)
            if not head:
                return
            request = requests.read(int.from_bytes(head, "little"))
            if os.fork() == 0:
                control.close()
                keep(request, *fds)
            for fd in fds:
                os.close(fd)


def keep(request: bytes, stdin: int, stdout: int, end: int) -> NoReturn:
    """Fork once more, and tell who it is and how it ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        os.dup2(stdin, 0)
        os.dup2(stdout, 1)
        os.closerange(3, max(stdin, stdout, end) + 1)
        os._exit(call(*json.loads(request)))
    os.close(stdin)
    os.close(stdout)
    os.write(end, child.to_bytes(NUMBER, "little"))
    _, status, usage = os.wait4(child, 0)
    seconds = usage.ru_utime + usage.ru_stime
    os.write(end, f"{os.waitstatus_to_exitcode(status)} {seconds}".encode())
    os._exit(0)


def call(function: str, folder: str, variables: dict[str, str]) -> int:
    """Call a function as a program's, and return the exit code."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    module, _, name = function.partition(":")
    sys.argv = [module]
    try:
        getattr(importlib.import_module(module), name)()
        sys.stdout.flush()
    except BaseException:
        return 1
    return 0


if __name__ == "__main__":
    for module in sys.argv[2:]:
        importlib.import_module(module)
    serve(socket.socket(fileno=int(sys.argv[1])))
