"""One thread for libraries that start their own, where what they compute takes microseconds.

A drawing needs a hundred calls of a few microseconds each, and a network a product of one row.
Threads that share half of such a call gain nothing; while another program has their core, they wait
for each other, which takes ten milliseconds and all of a processor.
"""

import os

LIBRARY_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""The environment variables that numerical libraries look at when they are loaded."""

ONE_THREAD = dict.fromkeys(LIBRARY_THREADS, "1")
"""For the environment of a process that is started."""


def use_one_thread() -> None:
    """Keep libraries in this process to one thread, unless the user has said otherwise.

    Call it before NumPy is imported.
    """
    for name, count in ONE_THREAD.items():
        os.environ.setdefault(name, count)


def use_one_opencv_thread() -> None:
    """Switch off OpenCV's own threads in the whole process."""
    import cv2

    cv2.setNumThreads(1)
