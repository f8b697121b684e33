"""Why OpenCV can't be loaded, in a sentence: it, or a library of the system, is missing.

Slim containers lack what opencv-python's windows need; opencv-python-headless needs none of it.
"""

import re
import traceback

from .problems import PluginProblem

PACKAGES = "libgl1 libglib2.0-0 libsm6"
"""Debian 12's packages that a minimal system lacks: two for OpenCV itself, and one for its Qt.
Found with `ldd` on all that opencv-python 5.0 brings."""

_LIBRARY = re.compile(r"ImportError: (lib[^\s:]+): cannot open shared object file")


class OpenCVMissing(PluginProblem):
    """OpenCV can't be loaded, whichever plugin was the first that needed it."""


def problem_of(error: BaseException) -> OpenCVMissing | None:
    """Return the problem if that is what an error, or one that led to it, is about."""
    return explain("".join(traceback.format_exception(error)))


def explain(text: str) -> OpenCVMissing | None:
    """Return the problem if that is what a traceback is about."""
    if "No module named 'cv2'" in text:
        return OpenCVMissing(
            "OpenCV isn't installed: 'pip install opencv-python', or opencv-python-headless where "
            "there are no windows."
        )
    library = _LIBRARY.search(text)
    if library is None or "cv2" not in text:
        return None
    return OpenCVMissing(
        f"OpenCV can't be loaded, because the system has no '{library[1]}': install it (Debian and "
        f"Ubuntu: 'apt-get install {PACKAGES}'), or install opencv-python-headless in place of "
        "opencv-python, which needs no such library but opens no windows."
    )
