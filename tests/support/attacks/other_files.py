"""What is no model file at all, or no file."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

from .lab import ATTACKS, ESCAPE, Attack, Lab, attack, model


def cut(share: float, less: int = 0) -> Callable[[Lab], Path]:
    """Return an attack that is a part of the good model."""

    def build(lab: Lab) -> Path:
        data = model()
        return lab.file(data[: int(len(data) * share) - less])

    return build


CUTS = {"1": (1, 1), "2": (1, 8), "3": (0.9, 0), "4": (0.5, 0), "5": (0.1, 0), "6": (0.02, 0)}
ATTACKS.update({f"cut_off_{name}": Attack(cut(*how), ("damaged",)) for name, how in CUTS.items()})


def only(data: bytes) -> Callable[[Lab], Path]:
    return lambda lab: lab.file(data)


OTHERS: dict[str, tuple[Callable[[Lab], Path], str]] = {
    "empty": (only(b""), "not_hdf5"),
    "nothing_but_the_signature": (only(b"\x89HDF\r\n\x1a\n"), "damaged"),
    "signature_and_zeros": (only(b"\x89HDF\r\n\x1a\n" + bytes(5000)), "damaged"),
    "signature_and_ones": (only(b"\x89HDF\r\n\x1a\n" + b"\xff" * 5000), "damaged"),
    "web_page": (only(b"<!DOCTYPE html><script>alert(1)</script>"), "not_hdf5"),
    "text_with_escapes": (only(ESCAPE.encode() * 100), "not_hdf5"),
    "old_hdf4": (only(b"\x0e\x03\x13\x01" + bytes(500)), "not_hdf5"),
    "block_before_the_signature": (lambda lab: lab.file(bytes(512) + model()), "not_hdf5"),
}
ATTACKS.update({name: Attack(build, (code,)) for name, (build, code) in OTHERS.items()})


@attack("not_a_file")
def pipe(lab: Lab) -> Path:
    os.mkfifo(lab.path)
    return lab.path


@attack("not_a_file")
def folder(lab: Lab) -> Path:
    lab.path.mkdir()
    return lab.path


@attack("unreadable", "not_a_file")
def unix_socket(lab: Lab) -> Path:
    handle = os.open(lab.folder, os.O_RDONLY)
    try:  # a short way to the folder: a socket's path may have 108 bytes only
        socket.socket(socket.AF_UNIX).bind(f"/proc/self/fd/{handle}/{lab.path.name}")
    finally:
        os.close(handle)
    return lab.path


@attack("not_a_file")
def endless_device(lab: Lab) -> Path:
    return Path("/dev/zero")


@attack("not_a_file")
def link_to_an_endless_device(lab: Lab) -> Path:
    lab.path.symlink_to("/dev/zero")
    return lab.path


@attack("unreadable")
def link_to_nowhere(lab: Lab) -> Path:
    lab.path.symlink_to(lab.folder / "nowhere")
    return lab.path


@attack("unreadable")
def link_to_itself(lab: Lab) -> Path:
    lab.path.symlink_to(lab.path)
    return lab.path


@attack("not_hdf5")
def link_to_the_secret(lab: Lab) -> Path:
    lab.path.symlink_to(lab.secret)
    return lab.path


@attack("unreadable")
def name_with_a_nul(lab: Lab) -> Path:
    return lab.folder / "model\0.h5"


@attack("unreadable")
def name_too_long(lab: Lab) -> Path:
    return lab.folder / ("x" * 300)
