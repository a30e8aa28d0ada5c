"""How Go writes durations: what an engine tells, and so what has to be declared."""


def go_duration(seconds: int) -> str:
    """Return whole seconds as Go's `Duration.String` does: `90` is `1m30s`, `3600` is `1h0m0s`.

    The official Docker plugin keeps what the engine tells: any other spelling is a change in every preview.
    Raises ValueError below zero, which is no time to wait.
    """
    if seconds < 0:
        raise ValueError(f"{seconds} s is no duration: write 0 or more")
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
