"""Names within a pod that no two files and no two folders of a service share."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable

LONGEST = 63


def keys_of_files(paths: Iterable[str]) -> dict[str, str]:
    """Return each path's key in a ConfigMap: the file's name, and its folder's digest where two share it."""
    names = {path: path.rpartition("/")[2] for path in paths}
    shared = Counter(names.values())
    return {
        path: name if shared[name] == 1 else f"{name}.{_digest(path.rpartition('/')[0])}"
        for path, name in names.items()
    }


def names_of_folders(paths: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Return a volume's name, a DNS label, for each folder: its last two names.

    Where that is too long, shared, or among the names already `taken`, the path's digest follows.
    """
    names = {path: _label("-".join(path.strip("/").split("/")[-2:])) for path in paths}
    shared = Counter([*names.values(), *taken])
    return {
        path: name
        if shared[name] == 1 and len(name) <= LONGEST
        else f"{name[:50]}-{_digest(path)}".strip("-")
        for path, name in names.items()
    }


def _label(text: str) -> str:
    return re.sub("[^a-z0-9]", "-", text.lower()).strip("-") or "folder"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
