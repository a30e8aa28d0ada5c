"""What cannot be done, in words."""


class Refusal(Exception):
    """An operation that cannot be done. The message says what, why, and what to do."""
