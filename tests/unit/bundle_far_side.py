"""The far side by itself: `python -m tests.unit.bundle_far_side FILE`, in a network that has no way out.

It opens loopback, shows that nothing else is reached, and loads the bundle into a registry of its own, twice.
"""

import fcntl
import socket
import struct
import sys

from ops.__main__ import main
from tests.unit.strict_registry import strict_registry

SET_FLAGS, UP = 0x8914, 0x1
OUTSIDE = ("192.0.2.1", 443)


def open_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sH14x", b"lo", UP))


def has_a_way_out() -> bool:
    try:
        socket.create_connection(OUTSIDE, timeout=5).close()
    except TimeoutError:
        return True
    except OSError as error:
        return "unreachable" not in str(error)
    return True


def loaded(file: str) -> int:
    with strict_registry() as far:
        command = ["bundle", "load", file, "--to", f"{far.address}/fate"]
        first, written = main(command), len(far.wrote())
        return first or main(command) or len(far.wrote()) - written


if __name__ == "__main__":
    open_loopback()
    sys.exit("this network has a way out" if has_a_way_out() else loaded(sys.argv[1]))
