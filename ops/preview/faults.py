"""What keeps a preview from being made at all."""


class CannotPreviewError(Exception):
    """A preview that is refused: what is wrong, and what to do instead."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}. {remedy}.")
