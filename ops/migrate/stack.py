"""A stack as it is migrated: its name, its values and the account of the keys that it is from."""

from collections.abc import Mapping
from dataclasses import dataclass

from config import ConfigurationFault, Fault, load
from ops.migrate.account import Entry
from ops.migrate.placeholders import Placeholder, Values, filled, placeholders_in


@dataclass(frozen=True)
class MigratedStack:
    """What is written of one source. Values are None for a source that no stack comes from."""

    name: str
    source: str
    values: Values | None
    entries: tuple[Entry, ...]
    what: str
    first: tuple[str, ...] = ()
    """What to do before anything else."""

    @property
    def to_fill(self) -> Mapping[str, Placeholder]:
        """Return what the operator must fill in, by its place."""
        return dict(placeholders_in(self.values or {}))

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Return what the stack is refused for, as if every placeholder had its example."""
        if self.values is None:
            return ()
        try:
            load({key: filled(value) for key, value in self.values.items()})
        except ConfigurationFault as fault:
            return fault.faults
        return ()
