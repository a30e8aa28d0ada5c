"""A probe for Docker: as a command, which is all it knows, and its durations as Go writes them.

The command serves Kubernetes too, for what no kubelet can ask.
"""

from components.services.service import Command, Http, Tcp
from components.services.start import OWN_ADDRESS


def command_of(check: Http | Tcp | Command) -> tuple[str, ...]:
    """Return the command. For Http and Tcp the image has `sh` and `busybox`, as its catalogue file says."""
    match check:
        case Http(port, path, expected, on_own_address):
            host = OWN_ADDRESS if on_own_address else "127.0.0.1"
            return ("sh", "-c", f"busybox wget -q -O - http://{host}:{port}{path} | grep -q '{expected}'")
        case Tcp(port):
            return ("busybox", "nc", "-w", "2", "127.0.0.1", str(port), "-e", "true")
        case Command(words):
            return words


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
