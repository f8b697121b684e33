"""What stands for the process of learning where only what follows from it is tested."""

from inkhook.core.jobs.learn_process import Outcome


class Learning:
    """A `LearnProcess` whose outcome comes with the second look."""

    outcome: Outcome | None = None
    stopped = False

    def __init__(self, *_: object) -> None:
        self.looks = 0

    def poll(self) -> Outcome | None:
        self.looks += 1
        return self.outcome if self.looks > 1 else None

    def stop(self) -> None:
        Learning.stopped = True
