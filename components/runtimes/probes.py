"""A probe as a command: for Docker, which knows no other, and for what no kubelet can ask."""

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
