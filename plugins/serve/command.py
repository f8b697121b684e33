"""The command `inkhook serve`: its options, and what they make of the parts."""

import contextlib
import gc
import importlib.util
import os
import re
import sys
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ...core.base import files
from ...core.base.problems import OptionProblem, Problem
from ...core.base.text import to_json
from ...core.events.command import (
    FolderToWrite,
    PluginCommand,
    json_option,
    model_option,
    record_option,
)
from ...core.events.manager import Plugins

if TYPE_CHECKING:
    from ...core.events.session import CommandSession
    from .guard import Access

PORT = 8765
TOKEN_BYTES = 24


@click.command(
    cls=PluginCommand,
    one_thread=True,
    short_help="Draw, drop pictures and correct tables in a browser.",
    epilog="Example: inkhook serve --review answers.csv --images scans --open",
)
@model_option("The model to read with: a file or a run's name.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    metavar="N",
    help=f"The port.  [default: {PORT}, or a free one if that is taken]",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="The address to listen on; any but this machine's own needs a token.",
)
@click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
@click.option(
    "--review",
    "table",
    type=click.Path(path_type=Path),
    metavar="TABLE.csv",
    help="Correct a table of predict-dir; the result is TABLE.reviewed.csv.",
)
@click.option(
    "--images",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder of the table's pictures.  [default: the table's folder]",
)
@click.option(
    "--samples",
    type=FolderToWrite(),
    metavar="DIR",
    help="Where labelled drawings are saved.  [default: artifacts/drawings]",
)
@record_option("Record strokes, keys and their times in a new .jsonl file for each page.")
@click.option(
    "--allow-host",
    "names",
    multiple=True,
    metavar="NAME",
    help="Another name under which a proxy reaches the server; may be given several times.",
)
@click.option(
    "--root-path",
    "root",
    default="",
    metavar="PATH",
    help="What a proxy puts before every path, such as /user/ada/proxy/8765.",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Take the token from a file; then it is needed from this machine, too.",
)
@json_option("Print the address as a line of JSON.")
@click.pass_context
def serve(
    context: click.Context,
    plugins: Plugins,
    model: str | None,
    port: int,
    host: str,
    open_page: bool,
    table: Path | None,
    images: Path | None,
    samples: Path | None,
    record: Path | None,
    names: tuple[str, ...],
    root: str,
    token_file: Path | None,
    as_json: bool,
    strict: bool,
    debug: bool,
) -> None:
    """Draw, drop pictures and correct tables in a browser.

    Prints the address of a page, and serves it until Ctrl-C. Only this machine can reach it, unless
    --host says otherwise. The address also takes pictures and strokes from programs; see
    docs/serve.md.
    """
    for name in ("starlette", "uvicorn", "python_multipart"):
        if importlib.util.find_spec(name) is None:
            raise Problem("serve needs extra libraries: pip install 'inkhook[web]'.")
    if images is not None and table is None:
        raise click.UsageError("--images needs --review TABLE.csv.", context)
    if record is not None:
        files.check_place(record)
        if record.exists():
            raise OptionProblem(f"'{record}' exists already; recordings are never overwritten.")
    import secrets

    from ...core.events.session import CommandSession
    from .guard import Access, is_loopback
    from .server import listen
    from .service import Service, Wishes

    wishes = Wishes(model, table, images, samples, record, strict, debug)
    exactly = context.get_parameter_source("port") is not ParameterSource.DEFAULT
    token = "" if is_loopback(host) else secrets.token_urlsafe(TOKEN_BYTES)
    if token_file:
        token = _token(token_file)
    root = _root(root)
    with listen(host, port, exactly=exactly) as bound:
        access = Access(host, names, token, bound.getsockname()[1], root)
        session = CommandSession(plugins, strict=strict, debug=debug, stdout_is_json=as_json)
        service = Service(session, access, wishes)
        with (
            contextlib.suppress(KeyboardInterrupt),  # while it was starting
            session,
            contextlib.closing(service),
        ):
            service.run(bound, partial(_announce, session, access, as_json, open_page))
    if service.loading:
        _leave(session.exit_code)
    context.exit(session.exit_code)


def _announce(
    session: "CommandSession",
    access: "Access",
    as_json: bool,
    open_page: bool,
    model: dict[str, Any],
) -> None:
    """Say where the page is, and open it."""
    address = address_of(access)
    if as_json:
        facts = {"url": address, "host": access.host, "port": access.port, "token": access.token}
        session.emit(to_json({**facts, **model}))
    else:
        session.emit(address)
        session.note("Ctrl-C ends it.")
    # what is loaded stays until the end; looking through it for garbage takes longer than an answer
    gc.freeze()
    if open_page:
        import webbrowser

        # some browsers keep whoever opens them waiting
        threading.Thread(target=webbrowser.open, args=[address], daemon=True).start()


def _leave(code: int) -> None:
    """End at once: a thread that leaves OpenCV while Python ends would abort the process."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def address_of(access: "Access") -> str:
    """Return the page's address, with the token where one is needed."""
    host = access.host
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared
        import socket

        host = socket.gethostname()
    query = f"?token={access.token}" if access.token else ""
    return f"http://{f'[{host}]' if ':' in host else host}:{access.port}/{query}"


def _token(path: Path) -> str:
    """Return the token in a file; raises OptionProblem."""
    try:
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it isn't plain text"
        raise OptionProblem(f"Can't read the token in '{path}': {reason}.") from error
    if not re.fullmatch(r"[A-Za-z0-9._~-]{16,200}", token):
        raise OptionProblem(
            f"The token in '{path}' must have 16 to 200 characters: letters, digits and . _ ~ -"
        )
    return token


def _root(path: str) -> str:
    """Return a path that begins with a slash and ends without one; empty for none."""
    path = path.strip("/")
    return f"/{path}" if path else ""
