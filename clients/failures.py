"""How what is asked fails whoever asks it, who turns each failure into words of their own."""


class Failure(Exception):
    """Something did not answer as asked; the text is the reason, in the words of who told it."""


class Unreachable(Failure):
    """Nothing answers."""


class NotRunning(Unreachable):
    """Nobody listens at the engine's socket."""


class NotPermitted(Unreachable):
    """The way is closed to this user."""


class NoSsh(Unreachable):
    """There is no ssh command here."""

    def __init__(self) -> None:
        super().__init__("there is no ssh command on this machine")


class Untrusted(Unreachable):
    """Nobody whom this machine trusts has signed the server's certificate."""


class NoTls(Unreachable):
    """What answers speaks no TLS, or not as it should."""


class Refused(Failure):
    """It answers, and does not do what it was asked."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        super().__init__(reason)
