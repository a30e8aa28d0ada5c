"""Why a program could not run, in words: never a traceback, never a path of this machine."""

import traceback
from pathlib import Path

import pulumi

SHOWN = 2000


def told(error: BaseException, root: Path) -> str:
    """Return what went wrong, and where in the program."""
    text = _words(error, root)
    for path in (str(root.resolve()), str(root)):
        text = text.replace(f"{path}/", "").replace(path, ".")
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _words(error: BaseException, root: Path) -> str:
    if isinstance(error, pulumi.RunError):
        return str(error)
    if isinstance(error, SyntaxError):
        return f"{error.filename}, line {error.lineno}: {error.msg}"
    if isinstance(error, SystemExit):
        return f"the program ended itself with {error.code!r}"
    kind = type(error).__name__
    place = _place(error, root)
    return f"{place}{kind}: {error}" if str(error) else f"{place}{kind}"


def _place(error: BaseException, root: Path) -> str:
    """Return the last line of the program itself on the way to an error."""
    ours = [f for f in traceback.extract_tb(error.__traceback__) if _within(f.filename, root)]
    return f"{ours[-1].filename}, line {ours[-1].lineno}: " if ours else ""


def _within(file: str, root: Path) -> bool:
    path = Path(file)
    return not path.is_absolute() or path.resolve().is_relative_to(root.resolve())
