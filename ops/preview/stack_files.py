"""The stacks of one side, as their files say; secrets are replaced before anything else sees them.

A made-up secret is the same on both sides where nothing changed, another where the encrypted text did.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FILE = re.compile(r"Pulumi\.([A-Za-z0-9_.-]+)\.ya?ml")
REFERENCE = re.compile(r"[\w.-]+/[\w.-]+/[\w.-]+")
PROJECT = "fate"
SECRET_KEY = "secret-key"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
KEY = f"{PROJECT}:{SECRET_KEY}"


class Unreadable(Exception):
    """A stack's file that cannot be used, and why."""


@dataclass(frozen=True)
class StackFile:
    """One stack of a side: its configuration, and where secrets stand in it."""

    name: str
    values: Mapping[str, Any]
    sealed: Mapping[str, str] = field(default_factory=dict)
    """What stands encrypted, by its path: compared with the other side, never shown."""
    plain_secret: bool = False
    """Whether the stack's one secret stands there for everyone to read."""

    def references(self) -> frozenset[str]:
        """Return the names of other stacks, as they stand below a key `stack`."""
        return frozenset(text for text in _named_stacks(self.values) if REFERENCE.fullmatch(text))


def stacks_of(folder: Path) -> dict[str, StackFile | Unreadable]:
    """Return the stacks whose files lie in a project's folder, or why one of them cannot be used."""
    found: dict[str, StackFile | Unreadable] = {}
    for file in sorted(folder.glob("Pulumi.*")):
        match = FILE.fullmatch(file.name)
        if match is None:
            continue
        name = match[1]
        if name in found:
            reason = f"Pulumi.{name}.yaml and {file.name} are both there, and Pulumi reads one of them"
            found[name] = Unreadable(f"{reason}. Keep one")
            continue
        try:
            found[name] = _read(name, file)
        except Unreadable as reason:
            found[name] = reason
    return found


def project_of(folder: Path) -> tuple[str, dict[str, Any]]:
    """Return the project's name, and the values that it gives to every stack."""
    content = _content(folder / "Pulumi.yaml")
    given = content.get("config") if isinstance(content.get("config"), dict) else {}
    defaults = {str(key): _default(value) for key, value in (given or {}).items()}
    return str(content.get("name", PROJECT)), {k: v for k, v in defaults.items() if v is not None}


def _default(value: object) -> object:
    if isinstance(value, dict):
        return value.get("value", value.get("default"))
    return value


def _read(name: str, file: Path) -> StackFile:
    config = _content(file).get("config") or {}
    if not isinstance(config, dict):
        raise Unreadable(
            f"{file.name}: config: has no keys below it. Write some, as docs/configuration.md shows"
        )
    values = {str(key): value for key, value in config.items()}
    secret = values.get(f"{PROJECT}:{SECRET_KEY}")
    return StackFile(
        name,
        {key: value for key, value in values.items() if not key.endswith(f":{SECRET_KEY}")},
        dict(_sealed(values, "")),
        plain_secret=isinstance(secret, str),
    )


def _content(file: Path) -> dict[str, Any]:
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=LOADER)
    except OSError as error:
        raise Unreadable(f"{file.name} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise Unreadable(f"{file.name} is no YAML{_place(error)}. Correct it there") from None
    if not isinstance(content, dict):
        raise Unreadable(f"{file.name} has no keys. Write config: and the stack's keys below it")
    return content


def _place(error: Exception) -> str:
    """Return where a file is wrong; not its text, which may be a secret."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None)
    return f": line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else ""


def _sealed(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        if set(value) == {"secure"}:
            yield path, str(value["secure"])
            return
        for key, part in value.items():
            yield from _sealed(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _sealed(part, f"{path}[{index}]")


def _named_stacks(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        named = value.get("stack")
        if isinstance(named, str):
            yield named
        for part in value.values():
            yield from _named_stacks(part)
    elif isinstance(value, list):
        for part in value:
            yield from _named_stacks(part)


def configuration(
    stack: StackFile, defaults: Mapping[str, Any], stand_ins: Mapping[str, str]
) -> dict[str, str]:
    """Return what Pulumi hands to a program as texts, each secret replaced by a made-up one."""
    values = {**defaults, **stack.values, **{key: value for key, value in stand_ins.items() if _is_key(key)}}
    return {_full(key): _as_text(_opened(value, key, stand_ins)) for key, value in values.items()}


def secret_keys(stand_ins: Mapping[str, str]) -> list[str]:
    """Return the keys of the configuration in which a secret stands."""
    return sorted({_full(re.split(r"[.\[]", path, maxsplit=1)[0]) for path in stand_ins})


def _is_key(path: str) -> bool:
    return not re.search(r"[.\[]", path)


def _full(key: str) -> str:
    return key if ":" in key else f"{PROJECT}:{key}"


def _opened(value: object, path: str, stand_ins: Mapping[str, str]) -> object:
    if path in stand_ins:
        return stand_ins[path]
    if isinstance(value, Mapping):
        return {key: _opened(part, f"{path}.{key}", stand_ins) for key, part in value.items()}
    if isinstance(value, list):
        return [_opened(part, f"{path}[{index}]", stand_ins) for index, part in enumerate(value)]
    return value


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def stand_ins(stack: StackFile, before: StackFile | None) -> dict[str, str]:
    """Return a value for each secret of a side, by its path in the file, and for the stack's own key."""
    former = before.sealed if before else stack.sealed
    paths = {KEY, *stack.sealed}
    return {path: _value(path, _changed(path, stack.sealed, former)) for path in sorted(paths)}


def encrypted_anew(stack: StackFile, before: StackFile) -> list[str]:
    """Return the paths of the secrets whose encrypted text differs."""
    return [path for path in sorted(stack.sealed) if _changed(path, stack.sealed, before.sealed)]


def _changed(path: str, now: Mapping[str, str], former: Mapping[str, str]) -> bool:
    return path in now and path in former and now[path] != former[path]


def _value(path: str, second: bool) -> str:
    return hashlib.sha256(f"made up for {path}, {'after' if second else 'before'}".encode()).hexdigest()
