"""The rules of Docker's resources: those of the offline plugin, which shows what the official one shows."""

from functools import cache
from typing import Any

from offline.docker.resource_types import resource_types
from offline.protocol.differences import Changes, differences
from offline.protocol.resource import ResourceType
from offline.protocol.shape import defaults
from offline.protocol.values import Plain
from preview.rules.answer import Changed, Inputs, Rule


class DockerRule(Rule):
    """One resource type of Docker."""

    def __init__(self, kind: ResourceType[Any]) -> None:
        self._kind = kind

    def differences(self, old: Inputs, new: Inputs) -> dict[str, Changes]:
        """Compare with the plugin's defaults filled in: one that is written out is no difference."""
        return differences(self._kind.shape, self._filled(old), self._filled(new))

    def replacing(self, changed: Changed, old: Inputs, new: Inputs, provider: Inputs) -> list[str]:
        """Ask the plugin's resource type."""
        before, after = self._filled(old), self._filled(new)
        return [name for name in changed if self._kind.replaces(name, before, after)]

    def deletes_first(self, old: Inputs, new: Inputs) -> bool:
        """Tell whether the name is fixed: it is free only once the old one is gone."""
        return self._kind.named and "name" in new and old.get("name") == new.get("name")

    def unknown(self, inputs: Inputs) -> tuple[str, ...]:
        """Return what the engine tells of it."""
        return tuple(name for name in self._kind.computed if name not in inputs)

    def _filled(self, given: Inputs) -> Plain:
        return {**defaults(self._kind.shape, given), **given}


@cache
def _kinds() -> dict[str, ResourceType[Any]]:
    return {kind.token: kind for kind in resource_types({})}


def docker_rule(token: str) -> Rule:
    """Return the rule of one resource type; one that is not known changes in place."""
    kind = _kinds().get(token)
    return DockerRule(kind) if kind else Rule()
