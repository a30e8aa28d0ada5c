"""A probe for Docker: as a command, which is all it knows, and its durations as Go writes them.

The command serves Kubernetes too, for what no kubelet can ask.
"""

from collections.abc import Container

from components.services.service import Command, Http, Tcp
from components.services.start import OWN_ADDRESS


def command_of(check: Http | Tcp | Command, tools: Container[str]) -> tuple[str, ...]:
    """Return the command, by the tools of the image: `busybox`, or else `bash`."""
    match check:
        case Http() if "busybox" in tools:
            url = f"http://{_host(check)}:{check.port}{check.path}"
            return ("sh", "-c", f"busybox wget -q -O - {url} | grep -q '{check.expected}'")
        case Http():
            return ("timeout", "4", "bash", "-c", _asked_by_bash(check))
        case Tcp(port) if "busybox" in tools:
            return ("busybox", "nc", "-w", "2", "127.0.0.1", str(port), "-e", "true")
        case Tcp(port):
            return ("timeout", "2", "bash", "-c", f": </dev/tcp/127.0.0.1/{port}")
        case Command(words):
            return words


def _host(check: Http) -> str:
    return OWN_ADDRESS if check.on_own_address else "127.0.0.1"


def _asked_by_bash(check: Http) -> str:
    request = f"GET {check.path} HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n"
    opened = f"exec 3<>/dev/tcp/{_host(check)}/{check.port}"
    return f"{opened}; printf '{request}' >&3; grep -q '{check.expected}' <&3"


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
