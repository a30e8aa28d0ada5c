"""What went wrong, and what to do next."""


class ClusterFault(Exception):
    """A reason why the cluster cannot do what was asked; `remedy` says what to do instead."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.remedy = remedy
