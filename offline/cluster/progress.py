"""How the cluster speaks: a line for each thing that is done, in the manner of setup/say.sh."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


def say(line: str) -> None:
    """Print one line of progress at once. Work goes on when nobody reads any more, as behind `head`."""
    try:
        print(f"==> {line}", flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def timed(done: str) -> Iterator[None]:
    """Say `done`, and how many seconds it took, when the work inside has succeeded."""
    began = time.monotonic()
    yield
    say(f"{done} ({time.monotonic() - began:.1f} s)")
