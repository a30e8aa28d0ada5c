"""The rules of what is in a Harbor: those of the plugin of this repository, providers/harbor."""

from collections.abc import Mapping
from dataclasses import dataclass

from diff.differences import property_of
from ops.preview.rules import Difference, Inputs, Rule


@dataclass(frozen=True)
class Nature:
    """What makes a resource anew, what only Harbor tells of it, and what it is known by there."""

    replacing: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()
    name: str = ""


NATURES: Mapping[str, Nature] = {
    "Project": Nature(("name", "registryId"), name="name"),
    "Registry": Nature(("type",), name="name"),
    "Replication": Nature(name="name"),
    "Replicated": Nature(("project",), ("digests",)),
    "Robot": Nature(("level", "name", "project"), ("fullName", "expiresAt"), "name"),
    "Retention": Nature(("project",), name="project"),
    "GarbageCollection": Nature(),
    "Settings": Nature(),
}


class HarborRule(Rule):
    """One resource type of the plugin fate-harbor."""

    def __init__(self, nature: Nature) -> None:
        self._nature, self.computed = nature, nature.computed

    def compared(self, old: Inputs, new: Inputs, provider: Inputs) -> Difference:
        """Compare inputs; whether it takes over what is there already is none of what it is."""
        before, after = ({name: v for name, v in side.items() if name != "adopt"} for side in (old, new))
        found = super().compared(before, after, provider)
        paths = [path for changes in found.changed.values() for path in changes]
        replacing = tuple(path for path in paths if property_of(path) in self._nature.replacing)
        return Difference(found.changed, replacing)

    def deletes_first(self, old: Inputs, new: Inputs) -> bool:
        """Tell whether it keeps the name by which Harbor tells it from others."""
        name = self._nature.name
        return bool(name) and old.get(name) == new.get(name)


def harbor_rule(token: str) -> Rule:
    """Return the rule of one resource type; one that is not known changes in place."""
    nature = NATURES.get(token.rpartition(":")[2])
    return HarborRule(nature) if nature else Rule()
