"""Listening: a port, uvicorn on it, and signals that end it at once."""

import asyncio
import contextlib
import errno
import logging
import signal
import socket
from collections.abc import Iterator

from starlette.types import ASGIApp
from uvicorn import Server

from ...core.base.problems import OptionProblem
from .connections import KEEP_SECONDS, LARGEST_HEAD, Connection, Limits

TICK = 0.05
"""Seconds after which the end of the server is noticed at the latest."""


def listen(host: str, port: int, *, exactly: bool) -> socket.socket:
    """Take a port.

    Parameters
    ----------
    host : str
        An address or a name of this machine.
    port : int
        0 for any that is free.
    exactly : bool
        Whether a port that is taken is an error; otherwise another one is used.

    Raises
    ------
    OptionProblem
        When the host isn't one of this machine's, or the port can't be used.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        raise OptionProblem(f"There is no host '{host}' to listen on.") from error
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(address)
        except OSError as error:
            if exactly or error.errno != errno.EADDRINUSE:
                raise
            bound.bind((address[0], 0, *address[2:]))
        bound.listen(1024)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            sentence = f"Port {port} is taken; choose another, or leave out --port for a free one."
        else:
            sentence = f"Can't listen on {host}, port {port}: {error.strerror}."
        raise OptionProblem(sentence) from error
    return bound


class LocalServer(Server):
    """uvicorn, ended by `stop`."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            Limits(
                app,
                http=Connection,
                ws="none",
                lifespan="off",
                loop="asyncio",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_SECONDS,
                h11_max_incomplete_event_size=LARGEST_HEAD,
            )
        )
        # it would say on stderr that somebody has sent nonsense
        logging.getLogger("uvicorn").setLevel(logging.CRITICAL)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `end_with_signals`."""
        yield

    def stop(self) -> None:
        """End the server at once."""
        self.should_exit = self.force_exit = True

    def end_with_signals(self) -> None:
        """Have Ctrl-C, SIGTERM and SIGHUP end the server; for the loop that it runs on."""
        loop = asyncio.get_running_loop()
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            with contextlib.suppress(NotImplementedError, AttributeError, RuntimeError):  # Windows
                loop.add_signal_handler(getattr(signal, name), self.stop)
