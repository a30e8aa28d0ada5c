"""Runs one side's program, stack by stack, each in a process of its own.

Orders come on standard input, one JSON object a line; answers go to standard output in the same way. A fork
for each stack leaves nothing behind for the next: no cache, no setting, no crash.
"""

import ast
import contextlib
import gc
import importlib
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from preview.recorder.failures import told
from preview.recorder.orders import answer
from preview.values import Seal, dumped, parsed

LIMIT = 120
"""Seconds that a program may take for one stack."""
CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.getaddrinfo"})


class Offline(RuntimeError):
    """A program tried to reach something."""


def main() -> int:
    """Serve orders until there are no more."""
    orders, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    root, seal = Path(sys.argv[1]), Seal(bytes.fromhex(sys.argv[2]))
    _enter(root)
    _warm(root)
    while line := orders.readline():
        order = parsed(line.decode())
        base = orders.readline().decode() if order["do"] == "plan" else "null"
        _in_a_fork(order, base, root, seal, answers)
    return 0


def _enter(root: Path) -> None:
    """Stand where the program stands: its folder is the working directory, its modules come first."""
    sys.dont_write_bytecode = True
    os.chdir(root)
    here = str(Path(__file__).parents[2])
    sys.path[:] = [str(root), *(path for path in sys.path if path not in ("", here))]
    os.environ["FATE_PREFLIGHT"] = "off"
    sys.addaudithook(_stay_here)


def _stay_here(event: str, arguments: tuple[Any, ...]) -> None:
    if event in CONNECTING:
        raise Offline("an offline preview opens no connection")


def _warm(root: Path) -> None:
    """Import what the program imports, once for all stacks. What fails here fails again where it is told."""
    with contextlib.suppress(Exception):
        for statement in ast.parse((root / "__main__.py").read_text()).body:
            if isinstance(statement, ast.Import):
                for name in statement.names:
                    importlib.import_module(name.name)
            elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
                importlib.import_module(statement.module)


def _in_a_fork(order: Mapping[str, Any], base: str, root: Path, seal: Seal, answers: BinaryIO) -> None:
    child = os.fork()
    if child == 0:
        signal.alarm(LIMIT)
        gc.disable()
        _send(answers, _answered(order, base, root, seal))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status == 0:
        return
    late = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM
    reason = f"the program did not end within {LIMIT} seconds" if late else "the program's process died"
    _send(answers, [dumped({"failure": reason}), *(["null"] if order["do"] == "record" else [])])


def _answered(order: Mapping[str, Any], base: str, root: Path, seal: Seal) -> list[str]:
    try:
        return answer(order, base, seal)
    except BaseException as error:
        empty = ["null"] if order["do"] == "record" else []
        return [dumped({"failure": told(error, root)}), *empty]


def _send(answers: BinaryIO, lines: list[str]) -> None:
    for line in lines:
        answers.write(f"{line}\n".encode())
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())
