"""The process in which one side's program runs, and what it answers: passwords in addresses are taken out."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

PASSWORD = re.compile(r"""(?<=[^\s/:@"']:)[^\s/@"']+(?=@(?!@|sha\d+:))""")
"""What stands between a user and a host. The digest of an image, and `@@secret:name@@`, only look alike."""
OURS = Path(__file__).parents[2]
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")
"""What a program sees of the environment: no token, no passphrase."""
DIED = "the program's process died"


def without_passwords(text: str) -> str:
    """Return a text in which no address shows a password."""
    return PASSWORD.sub("[secret]", text)


class Child:
    """A process that takes orders. It starts before its side's folder is there, and ends with the context."""

    def __init__(self, seal: bytes) -> None:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-W", "ignore", "-m", "ops.preview.recorder", seal.hex()],
            env=kept | {"PYTHONPATH": str(OURS)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def enter(self, folder: Path) -> None:
        """Tell the side's folder: the first thing that the process has to know."""
        self._send(f"{folder}\n".encode())

    def record(self, order: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Run a stack; return its outputs, or its failure, and the line with its resources."""
        self._send(_line({**order, "do": "record"}))
        return self._heard(), self._next()

    def plan(self, order: Mapping[str, Any], base: bytes) -> dict[str, Any]:
        """Run a stack from the resources of a base, and return its steps, or its failure."""
        self._send(_line({**order, "do": "plan"}) + base)
        return self._heard()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.end()

    def end(self) -> None:
        """End the process, and give back its memory."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None, "it was opened as a pipe"
            try:
                pipe.close()
            except BrokenPipeError:
                continue
        self._process.wait()

    def _send(self, text: bytes) -> None:
        assert self._process.stdin is not None, "it was opened as a pipe"
        try:
            self._process.stdin.write(text)
            self._process.stdin.flush()
        except BrokenPipeError:
            return

    def _heard(self) -> dict[str, Any]:
        line = self._next().decode()
        heard: dict[str, Any] = (
            json.loads(without_passwords(line)) if line.endswith("\n") else {"failure": DIED}
        )
        return heard

    def _next(self) -> bytes:
        assert self._process.stdout is not None, "it was opened as a pipe"
        return self._process.stdout.readline()


def _line(order: Mapping[str, Any]) -> bytes:
    return json.dumps(order).encode() + b"\n"
