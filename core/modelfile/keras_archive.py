"""Read the texts and the weights from a `.keras` file's bytes, and nothing else.

Such a file is a zip archive of `config.json`, `metadata.json` and `model.weights.h5`; one that
inkhook exported has its card in `inkhook.json`. They are read in memory, so that a member's name
leads nowhere, and each has its limit. The weights are read as any `.h5` file is (`h5scan`), and
what comes out is what such a file would have given. See docs/decisions/041-keras-archives.md.
"""

import io
import re
import zipfile
from typing import Any

from ..base.problems import ModelRejected
from ..base.text import parse_json, quote
from ..kerasfile.store_paths import by_layer
from .h5scan import LONGEST_TEXT, Contents, scan

START = b"PK\x03\x04"
NOTES = "inkhook.json"
"""The member that inkhook adds."""

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"

LARGEST_WEIGHTS = 32 * 2**20
"""In bytes, as for a whole `.h5` file."""

MOST_MEMBERS = 64
MOST_RATIO = 100
"""How much smaller than itself a member may be packed; weights hardly get smaller at all."""

_ENTRY = b"PK\x01\x02"
"""How each line of an archive's directory begins; rare in weights."""

_ENCRYPTED = 0x2041
"""The flags of members that are encrypted in one way or another."""

_ELSEWHERE = re.compile(r"[/\\]|[A-Za-z]:|(?:.*[/\\])?\.\.(?:[/\\].*)?$")
"""What begins or looks like a path out of the archive's folder."""


def is_archive(data: bytes) -> bool:
    """Tell whether the bytes are a zip archive with what a `.keras` file has."""
    return data.startswith(START) and all(name.encode() in data for name in (CONFIG, WEIGHTS))


def scan_archive(data: bytes) -> Contents:
    """Read a file's bytes.

    Returns
    -------
    Contents
        The texts by the names of a `.h5` file's attributes, and the weights by layer.

    Raises
    ------
    ModelRejected
        With the first thing that is wrong.
    """
    if data.count(_ENTRY) > MOST_MEMBERS:  # before any of them takes memory
        raise ModelRejected("too_many", f"It has more than {MOST_MEMBERS} members.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = _checked(archive.infolist())
            texts = {"model_config": _text(archive, members, CONFIG)}
            texts["keras_version"] = _field(archive, members, METADATA, "keras_version") or "3"
            card = _field(archive, members, NOTES, "inkhook")
            weights = _read(archive, members, WEIGHTS, LARGEST_WEIGHTS)
    except ModelRejected:
        raise
    except MemoryError as error:
        raise ModelRejected("memory", "Reading it takes more memory than allowed.") from error
    except Exception as error:
        # zipfile raises nearly anything on damaged structures
        raise ModelRejected("damaged", "It is damaged or cut short.") from error
    if card:
        texts["inkhook"] = card
    try:
        stored = scan(weights).weights
    except ModelRejected as problem:
        raise ModelRejected(problem.code, f"In its {WEIGHTS}: {problem}") from problem
    return Contents(texts, by_layer(texts["model_config"], stored))


def _checked(infos: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Return an archive's members by name, after checking all that its directory says of them."""
    members: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        name = info.orig_filename
        if _ELSEWHERE.match(name) or not name.isprintable():
            raise ModelRejected(
                "member_name", f"It has a member {quote(name)}, whose name isn't allowed."
            )
        if name in members:
            raise ModelRejected("duplicate", f"It has the member {quote(name)} twice.")
        if info.flag_bits & _ENCRYPTED:
            raise ModelRejected("encrypted", f"Its member {quote(name)} is encrypted.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ModelRejected("storage", f"Its member {quote(name)} is packed in a rare way.")
        if info.file_size > MOST_RATIO * max(info.compress_size, 1):
            raise ModelRejected("ratio", f"Its member {quote(name)} unpacks to far too much.")
        members[name] = info
    return members


def _read(
    archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str, most: int
) -> bytes:
    """Return a member's bytes; none where it is missing."""
    info = members.get(name)
    if info is None:
        return b""
    if info.file_size > most:
        raise ModelRejected("too_large", f"Its {name} has {info.file_size:,} bytes.")
    with archive.open(info) as file:
        data = file.read()  # never more than the directory says, and checked against its CRC
    if len(data) != info.file_size:
        raise ModelRejected("damaged", "It is damaged or cut short.")
    return data


def _text(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str) -> str:
    try:
        return _read(archive, members, name, LONGEST_TEXT).decode()
    except UnicodeDecodeError as error:
        raise ModelRejected("text_encoding", f"Its {name} isn't UTF-8.") from error


def _field(
    archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str, field: str
) -> str:
    """Return a text from a member that is a JSON object; empty where there is none."""
    if name not in members:
        return ""
    content: Any = parse_json(_text(archive, members, name), f"Its {name}")
    value = content.get(field, "") if isinstance(content, dict) else None
    if not isinstance(value, str):
        raise ModelRejected("text_type", f"Its {name} has a {quote(field)} that isn't text.")
    return value
