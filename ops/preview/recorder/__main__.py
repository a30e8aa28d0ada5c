"""Runs one side's program, stack by stack, each in a process of its own.

The first line on standard input is the side's folder, each further one an order in JSON; answers go to
standard output in the same way. A fork for each order leaves nothing behind for the next: no cache, no
setting, no crash. Only what it imported is imported here too, so that the next one need not.
"""

import ast
import contextlib
import gc
import importlib
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from ops.preview.recorder.orders import answer, failure_in_words
from ops.preview.seal import Seal, dumped, parsed

LIMIT = 120
"""Seconds that a program may take for one stack."""
CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.getaddrinfo"})
USUAL = ("pulumi_docker", "pydantic", "yaml", "jinja2", "ops.preview.rules.docker")
"""What any side's program imports: there is time for it while git checks the side out."""


class Offline(RuntimeError):
    """A program tried to reach something."""


def main() -> int:
    """Serve orders until there are no more."""
    gc.disable()
    orders, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _import(USUAL)
    root, seal = Path(orders.readline().decode().rstrip("\n")), Seal(bytes.fromhex(sys.argv[1]))
    _enter(root)
    _import(_imported_by(root / "__main__.py"))
    while line := orders.readline():
        order = parsed(line.decode())
        base = orders.readline().decode() if order["do"] == "plan" else "null"
        _import(_in_a_fork(order, base, root, seal, answers))
    return 0


def _enter(root: Path) -> None:
    """Stand where the program stands: its folder is the working directory, its modules come first."""
    sys.dont_write_bytecode = True
    if root.is_dir():
        os.chdir(root)
    here = str(Path(__file__).parents[3])
    sys.path[:] = [str(root), *(path for path in sys.path if path not in ("", here))]
    os.environ["FATE_PREFLIGHT"] = "off"
    sys.addaudithook(_stay_here)


def _stay_here(event: str, arguments: tuple[Any, ...]) -> None:
    if event in CONNECTING:
        raise Offline("an offline preview opens no connection")


def _import(names: Iterable[str]) -> None:
    """Import modules once for all stacks. What fails here fails again where it is told."""
    for name in names:
        with contextlib.suppress(BaseException):
            importlib.import_module(name)


def _imported_by(program: Path) -> Iterator[str]:
    with contextlib.suppress(OSError, SyntaxError, ValueError):
        for statement in ast.parse(program.read_text(encoding="utf-8")).body:
            if isinstance(statement, ast.Import):
                yield from (name.name for name in statement.names)
            elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
                yield statement.module


def _in_a_fork(order: Mapping[str, Any], base: str, root: Path, seal: Seal, answers: BinaryIO) -> list[str]:
    """Answer an order, and return the modules that it took."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(LIMIT)
        before = set(sys.modules)
        _send(answers, _answered(order, base, root, seal))
        os.write(writing, "\n".join(set(sys.modules) - before).encode()[:65_000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as taken:
        names = taken.read().split("\n")
    _, status = os.waitpid(child, 0)
    if status != 0:
        late = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM
        reason = f"the program did not end within {LIMIT} seconds" if late else "the program's process died"
        _send(answers, [dumped({"failure": reason}), *(["null"] if order["do"] == "record" else [])])
    return [name for name in names if name and name != "__main__"]


def _answered(order: Mapping[str, Any], base: str, root: Path, seal: Seal) -> list[str]:
    try:
        return answer(order, base, seal)
    except BaseException as error:
        empty = ["null"] if order["do"] == "record" else []
        return [dumped({"failure": failure_in_words(error, root)}), *empty]


def _send(answers: BinaryIO, lines: list[str]) -> None:
    for line in lines:
        answers.write(f"{line}\n".encode())
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())
