"""The keys of KubeFATE's files, and what becomes of those that depend on no other: data in YAML."""

import re
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from config.faults import nearest

FOLDER = Path(__file__).parent / "kubefate_keys"
MODULE = "MODULE"
SourceKind = Literal["parties-conf", "cluster-yaml"]


class Rule(BaseModel):
    """What becomes of some keys, unless something is said of one of them by its value and its neighbours.

    In a key `*` stands for one name or place in a list, `**` for all that is below.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    keys: tuple[str, ...]
    outcome: Literal["not needed", "no counterpart"]
    note: str
    idle: tuple[str, ...] = ()
    idle_note: str = "it asks for nothing"

    def is_idle(self, value: object) -> bool:
        """Say whether a value asks for nothing."""
        return str(value).strip().lower() in {text.lower() for text in self.idle}


class RulesFile(BaseModel):
    """The rules for one kind of file: in a key `MODULE` stands for each of its modules."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    modules: tuple[str, ...] = ()
    rules: tuple[Rule, ...]


class KeyRules:
    """The rules for one kind of file, by key."""

    def __init__(self, file: RulesFile) -> None:
        self.modules = file.modules
        self._rules = [
            (key, _pattern(key), rule)
            for rule in file.rules
            for each in rule.keys
            for key in _of_modules(each, file.modules)
        ]
        self.keys: tuple[str, ...] = tuple(key for key, _, _ in self._rules)
        self._last_names = frozenset(key.rpartition(".")[2] for key in self.keys)

    def rule(self, name: str) -> Rule | None:
        """Return the first rule for a key, None for a key that nobody knows."""
        return next((rule for _, pattern, rule in self._rules if pattern.fullmatch(name)), None)

    def names(self, name: str) -> bool:
        """Say whether a key has a name that is listed, and not only stands below one that is."""
        found = next((key for key, pattern, _ in self._rules if pattern.fullmatch(name)), None)
        return found is not None and ("**" not in found or name.rpartition(".")[2] in self._last_names)

    def nearest(self, name: str) -> str | None:
        """Return the known key most like one that nobody knows, those beside it first."""
        above, dot, last = name.rpartition(".")
        beside = {key.rpartition(".")[2] for key in self.keys if key.rpartition(".")[0] == above}
        near = nearest(last, beside - {"*", "**"})
        return f"{above}{dot}{near}" if near else nearest(name, (key for key in self.keys if "*" not in key))


def _of_modules(key: str, modules: tuple[str, ...]) -> list[str]:
    first, dot, rest = key.partition(".")
    return [f"{module}{dot}{rest}" for module in modules] if first == MODULE else [key]


def _pattern(key: str) -> re.Pattern[str]:
    below, separator, _ = key.partition(".**")
    text = re.escape(below).replace(r"\*", r"[^.\[\]]+")
    return re.compile(text + (r"([.\[].*)?" if separator else ""), re.DOTALL)


@cache
def rules_for(kind: SourceKind) -> KeyRules:
    """Return the rules for a kind of file."""
    content = yaml.safe_load((FOLDER / f"{kind}.yaml").read_text(encoding="utf-8"))
    return KeyRules(RulesFile.model_validate(content))
