"""The answer that any resource gives to a change, where its own rules are not known."""

from collections.abc import Mapping
from typing import Any, ClassVar

from offline.protocol.differences import Changes, differences
from offline.protocol.shape import anything

Inputs = Mapping[str, Any]
Changed = Mapping[str, Changes]
"""For each property that differs the changes inside it, by path."""


class Rule:
    """Every difference changes the resource in place, and nothing of it is made up by its plugin."""

    computed: ClassVar[tuple[str, ...]] = ()
    """The outputs that only an engine knows."""

    def differences(self, old: Inputs, new: Inputs) -> dict[str, Changes]:
        """Return what differs between two sides' inputs."""
        names = (name for name in sorted({*old, *new}) if not name.startswith("__"))
        return differences({name: anything() for name in names}, old, new)

    def replacing(self, changed: Changed, old: Inputs, new: Inputs, provider: Inputs) -> list[str]:
        """Return the properties whose change replaces the resource, under this provider's configuration."""
        return []

    def deletes_first(self, old: Inputs, new: Inputs) -> bool:
        """Tell whether the old one has to go before a new one can be made."""
        return False

    def unknown(self, inputs: Inputs) -> tuple[str, ...]:
        """Return the outputs that are not known before the resource is made."""
        return tuple(name for name in self.computed if name not in inputs)

    def id_of(self, inputs: Inputs) -> str:
        """Return the id that a resource will have, empty where only an engine knows it."""
        return ""
