"""The errors that inkhook reports to its user, each a sentence and an exit code.

Anything here is expected: the command line prints its message as it stands, without a traceback.
An exception of any other type is a bug, or a plugin's fault.
"""


class Problem(Exception):  # noqa: N818 - it is the user's, not the program's
    """Something the user can fix; the message is one sentence that says what is wrong and how."""

    exit_code = 2


class PluginProblem(Problem):
    """A plugin is unknown, can't be loaded, or failed where the work needs its answer."""


class OptionProblem(Problem, ValueError):  # noqa: N818 - as Problem
    """A value isn't what the option takes that it was given for."""


class DataProblem(Problem):
    """A dataset is missing, broken, or not of the form that was asked for."""


class ModelProblem(Problem):
    """A model file is missing, broken, or not one that reads digits."""


class ModelRejected(ModelProblem):
    """A model file that inkhook won't open.

    Attributes
    ----------
    code : str
        The reason as one word, such as `not_finite`; stable, for programs.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class OutputProblem(Problem):
    """A result can't be written: no space, no permission, or something is in the way."""


class ImageRefused(DataProblem):
    """An image file that can't be read as an image.

    The sentence begins with "It", so that it can follow the file's name.

    Attributes
    ----------
    status : {"empty", "corrupt", "truncated", "not_image", "too_large", "unreadable"}
        The reason as one word; stable, for programs.
    """

    def __init__(self, status: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
