"""Guess from the first bytes what a file is that holds no model; nothing is unpacked."""

SIGNATURE = b"\x89HDF\r\n\x1a\n"

_MANGLED = "one that was transferred as text, which destroyed it; download it again as binary"
_POINTER = "a Git LFS pointer to it; fetch the file itself with 'git lfs pull'"
_TORCH = "a PyTorch model, whose pickled objects inkhook doesn't open"

_STARTS = (
    (b"\xef\xbf\xbdHDF", _MANGLED),  # a byte that isn't UTF-8, replaced by U+FFFD
    (b"\xc2\x89HDF", _MANGLED),  # Latin 1 written as UTF-8
    (b"\x89HDF", _MANGLED),  # other line ends
    (b"?HDF", _MANGLED),
    (b"HDF\r\n", _MANGLED),
    (b"version https://git-lfs", _POINTER),
    (b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", _TORCH),
    (b"\x1f\x8b", "compressed with gzip; decompress it first"),
    (b"BZh", "compressed with bzip2; decompress it first"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x0e\x03\x13\x01", "HDF4, an older format"),
    (b"SQLite format 3\0", "a database"),
)

_MEMBERS = (
    (b"/data.pkl", _TORCH),
    (b"archive/version", _TORCH),
    (b"model.weights.h5", "a .keras file that is cut short or has no config.json"),
    (b"metadata.json", "a .keras file that is cut short or has no model.weights.h5"),
    (b".npy", "an archive of NumPy arrays"),
)

_PICKLES = (b"\x02", b"\x03", b"\x04", b"\x05")
"""The versions with which a pickle begins."""

_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<script")


def guess(data: bytes) -> str:
    """Return what the bytes are, in words that can follow "but"."""
    if not data:
        return "empty"
    if data.startswith(b"PK\x03\x04"):
        return _archive(data)
    text = data[:200].lstrip().lower()
    found = [what for start, what in _STARTS if data.startswith(start)]
    if data[4:8] == b"TFL3":
        found.append("a TensorFlow Lite model")
    if data[0] == 0x80 and data[1:2] in _PICKLES:
        found.append("a pickle, which inkhook doesn't open because it could run any program")
    if text.startswith(_MARKUP):
        found.append("a web page; download the file itself instead")
    if text.startswith((b"{", b"[")):
        found.append("JSON, perhaps a model's description without its weights")
    return found[0] if found else "something else"


def _archive(data: bytes) -> str:
    """Tell zip archives apart by the names in them."""
    names = data[:2000] + data[-20_000:]
    known = [what for name, what in _MEMBERS if name in names]
    return known[0] if known else "a zip archive"
