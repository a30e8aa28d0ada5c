"""The rules of Docker's resources: those of the offline plugin, which shows what the official one shows."""

from functools import cache
from typing import Any

from offline.docker.resource_types import resource_types
from offline.protocol.differences import Changes, differences
from offline.protocol.resource import ResourceType
from offline.protocol.shape import defaults
from offline.protocol.values import Plain
from preview.rules.answer import Inputs, Rule


class DockerRule(Rule):
    """One resource type of Docker."""

    def __init__(self, kind: ResourceType[Any]) -> None:
        self._kind = kind

    def differences(self, old: Inputs, new: Inputs) -> dict[str, Changes]:
        """Compare with the plugin's defaults filled in: one that is written out is no difference."""
        return differences(self._kind.shape, self._filled(old), self._filled(new))

    def replaces(self, name: str, changes: Changes, old: Plain, new: Plain) -> bool:
        """Ask the plugin's resource type."""
        return self._kind.replaces(name, self._filled(old), self._filled(new))

    def deletes_first(self, old: Inputs, new: Inputs) -> bool:
        """Tell whether the name is fixed: it is free only once the old one is gone."""
        return self._kind.named and "name" in new and old.get("name") == new.get("name")

    def computed_of(self, new: Inputs) -> tuple[str, ...]:
        """Return what the engine tells of it."""
        return self._kind.computed

    def _filled(self, given: Inputs) -> Plain:
        return {**defaults(self._kind.shape, given), **given}


@cache
def _kinds() -> dict[str, ResourceType[Any]]:
    return {kind.token: kind for kind in resource_types({})}


def docker_rule(token: str) -> Rule:
    """Return the rule of one resource type; one that is not known changes in place."""
    kind = _kinds().get(token)
    return DockerRule(kind) if kind else Rule()
