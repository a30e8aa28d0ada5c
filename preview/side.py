"""One side of a change: its folder, its stacks, and the process in which its program runs."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from preview.stack_files import PROJECT, StackFile, Unreadable, project_of, stacks_of

OURS = Path(__file__).parents[1]
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "SYSTEMROOT")
"""What a program sees of the environment: no token, no passphrase."""
DIED = "the program's process died"


class Side:
    """The stacks of one commit, and a child process that runs their program; ends with the context."""

    def __init__(self, folder: Path, seal: bytes) -> None:
        self.folder = folder
        self.stacks: Mapping[str, StackFile | Unreadable] = stacks_of(folder)
        self.project, self.defaults = PROJECT, dict[str, Any]()
        try:
            self.project, self.defaults = project_of(folder)
        except Unreadable as reason:
            self.stacks = dict.fromkeys(self.stacks, reason)
        self._child = _started(folder, seal)

    def record(self, order: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Run a stack; return its outputs, or its failure, and the line with its resources."""
        self._send({**order, "do": "record"})
        return self._heard(), self._line()

    def plan(self, order: Mapping[str, Any], base: bytes) -> dict[str, Any]:
        """Run a stack from the resources of a base, and return its steps, or its failure."""
        self._send({**order, "do": "plan"}, base)
        return self._heard()

    def __enter__(self) -> "Side":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._child.kill()
        assert self._child.stdin is not None, "it was opened as a pipe"
        self._child.communicate()

    def _send(self, order: Mapping[str, Any], more: bytes = b"") -> None:
        assert self._child.stdin is not None, "it was opened as a pipe"
        try:
            self._child.stdin.write(json.dumps(order).encode() + b"\n" + more)
            self._child.stdin.flush()
        except BrokenPipeError:
            return

    def _heard(self) -> dict[str, Any]:
        line = self._line()
        heard: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {"failure": DIED}
        return heard

    def _line(self) -> bytes:
        assert self._child.stdout is not None, "it was opened as a pipe"
        return self._child.stdout.readline()


def _started(folder: Path, seal: bytes) -> subprocess.Popen[bytes]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-P", "-W", "ignore", "-m", "preview.recorder", str(folder), seal.hex()],
        env=kept | {"PYTHONPATH": str(OURS)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
