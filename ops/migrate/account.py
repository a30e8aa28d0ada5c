"""The account of a source's keys: each is claimed by what it becomes, and none is passed over."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ops.migrate.key_rules import KeyRules
from ops.migrate.source import Key, seen


class Outcome(StrEnum):
    """What becomes of a key."""

    KEPT = "kept"
    NOT_NEEDED = "not needed"
    NO_COUNTERPART = "no counterpart"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Claim:
    """What becomes of a key: where the stack says it, and why not, or how else."""

    outcome: Outcome
    places: tuple[str, ...] = ()
    note: str = ""

    @property
    def text(self) -> str:
        """Return the claim in words."""
        kept = f"as {', '.join(self.places)}" if self.places else ""
        return "; ".join(part for part in (kept, self.note) if part)


@dataclass(frozen=True)
class Entry:
    """A key of a source, its value as it may be seen, and what becomes of it."""

    key: Key
    value: str
    claim: Claim


class Account:
    """Takes claims on keys: the first on a key counts, and on a key that the source lacks none does."""

    def __init__(self, keys: Iterable[Key], rules: KeyRules) -> None:
        self._keys = tuple(keys)
        self._rules = rules
        self._last: Mapping[str, Key] = {key.name: key for key in self._keys}
        self._claims: dict[str, Claim] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the keys, each once."""
        return tuple(self._last)

    def value(self, *names: str) -> object:
        """Return the value of the first of these keys that has one, None where none has."""
        key = self._last.get(self.first(*names) or "")
        return None if key is None else key.value

    def text(self, *names: str) -> str:
        """Return that value as text, empty where there is none."""
        value = self.value(*names)
        return "" if value is None else str(value).strip()

    def first(self, *names: str) -> str | None:
        """Return the first of these names whose key has a value."""
        return next((name for name in names if name in self._last and not self._last[name].is_empty), None)

    def below(self, name: str) -> tuple[str, ...]:
        """Return the names, of a key and of all below it, that ask for what no rule knows a way to have."""
        return tuple(
            key for key in self._last if re.match(rf"{re.escape(name)}([.\[]|$)", key) and self._asks(key)
        )

    def kept(self, name: str | None, *places: str, note: str = "") -> None:
        """Say where the stack has a key's value."""
        self._claim(name, Claim(Outcome.KEPT, places, note))

    def not_needed(self, name: str | None, note: str) -> None:
        """Say why a stack does without a key."""
        self._claim(name, Claim(Outcome.NOT_NEEDED, (), note))

    def without_counterpart(self, name: str | None, note: str) -> None:
        """Say what is done instead of what a key asks for."""
        self._claim(name, Claim(Outcome.NO_COUNTERPART, (), note))

    def entries(self) -> tuple[Entry, ...]:
        """Return an entry for every key, in the source's order."""
        return tuple(self._entry(key) for key in self._keys)

    def _asks(self, name: str) -> bool:
        rule = self._rules.rule(name)
        value = self._last[name]
        refused = rule is not None and rule.outcome == "no counterpart" and not rule.is_idle(value.value)
        return refused and not value.is_empty

    def _claim(self, name: str | None, claim: Claim) -> None:
        if name is not None and name in self._last:
            self._claims.setdefault(name, claim)

    def _entry(self, key: Key) -> Entry:
        value = seen(key.name, key.value, known=self._rules.names(key.name))
        return Entry(key, value, self._claim_on(key))

    def _claim_on(self, key: Key) -> Claim:
        last = self._last[key.name]
        if last is not key:
            return Claim(Outcome.NOT_NEEDED, note=f"line {last.line} assigns it again, and that counts")
        return self._claims.get(key.name) or self._by_rule(key)

    def _by_rule(self, key: Key) -> Claim:
        rule = self._rules.rule(key.name)
        if rule is None:
            near = self._rules.nearest(key.name)
            meant = f"; {near} was meant?" if near else ""
            return Claim(Outcome.UNKNOWN, note=f"no key of KubeFATE's that this program knows{meant}")
        if key.is_empty:
            return Claim(Outcome.NOT_NEEDED, note="it is empty")
        if rule.is_idle(key.value):
            return Claim(Outcome.NOT_NEEDED, note=rule.idle_note)
        return Claim(Outcome(rule.outcome), note=rule.note)
