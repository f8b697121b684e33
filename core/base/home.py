"""Where to keep things for a user who has no home folder, or one that can't be written to.

Such is whoever runs a container as `docker run -u 1234`. inkhook and the libraries it uses keep
things below the home folder: digests of models, lists of fonts, settings. Not for results, which go
where the user says.
"""

import atexit
import os
import stat
from pathlib import Path

from . import files
from .text import note

_KEPT = {
    "XDG_STATE_HOME": ".local/state",
    "MPLCONFIGDIR": ".config/matplotlib",
    "KERAS_HOME": ".keras",
}
"""What is kept below the home folder, and the variables that say where else."""


def settle() -> None:
    """Point inkhook and its libraries to a folder below the temporary one where that is needed.

    Sets variables of the environment, so that it holds for child processes, too, and says so on
    stderr once. Variables that the user has set stay. Does nothing if the home folder can be used.
    """
    if os.name == "nt":  # every user has a profile
        return
    home = os.path.expanduser("~")
    if not os.path.isabs(home):
        moved, reason = {"HOME": ""}, "There is no home folder"
    else:
        moved = {
            variable: path
            for variable, path in _KEPT.items()
            if variable not in os.environ and not files.is_writable(Path(home, path))
        }
        reason = f"Your home folder '{home}' can't be written to"
    if moved:
        folder = _own_folder()
        for variable, path in moved.items():
            os.environ[variable] = os.path.join(folder, path)
        note(f"{reason}; what inkhook keeps between commands goes to '{folder}'.")


def _own_folder() -> str:
    """Return a folder below the temporary one that only this user can read and write.

    It is the same for each command. If somebody else has made one of its name, it isn't touched,
    and another one lasts as long as this process.
    """
    import shutil  # these two take longer to import than the rest of the command line's modules
    import tempfile

    user = os.getuid()
    folder = os.path.join(tempfile.gettempdir(), f"inkhook-{user}")
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        state = os.lstat(folder)
        own = stat.S_ISDIR(state.st_mode) and state.st_uid == user
        if not own or state.st_mode & 0o077:
            folder = tempfile.mkdtemp(prefix=f"inkhook-{user}-")
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
