"""Made-up secrets: the same on both sides where nothing changed, another where the encrypted text did."""

import hashlib
from collections.abc import Mapping

from ops.preview.stack_files import PROJECT, SECRET_KEY, StackFile

KEY = f"{PROJECT}:{SECRET_KEY}"


def made_up(stack: StackFile, before: StackFile | None) -> dict[str, str]:
    """Return a value for each secret of a side, by its path in the file, and for the stack's own key."""
    former = before.sealed if before else stack.sealed
    paths = {KEY, *stack.sealed}
    return {path: _value(path, _changed(path, stack.sealed, former)) for path in sorted(paths)}


def changed(stack: StackFile, before: StackFile) -> list[str]:
    """Return the paths of the secrets whose encrypted text differs."""
    return [path for path in sorted(stack.sealed) if _changed(path, stack.sealed, before.sealed)]


def _changed(path: str, now: Mapping[str, str], former: Mapping[str, str]) -> bool:
    return path in now and path in former and now[path] != former[path]


def _value(path: str, second: bool) -> str:
    return hashlib.sha256(f"made up for {path}, {'after' if second else 'before'}".encode()).hexdigest()
