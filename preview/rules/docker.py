"""The rules of Docker's resources: those of the offline plugin, which shows what the official one shows."""

from functools import cache
from typing import Any

from offline.docker.resource_types import resource_types
from offline.protocol.comparison import Comparison
from offline.protocol.differences import Changes
from offline.protocol.resource import ResourceType
from offline.protocol.state import completed
from preview.rules.answer import Changed, Inputs, Rule


class DockerRule(Rule):
    """One resource type of Docker."""

    def __init__(self, kind: ResourceType[Any]) -> None:
        self._kind = kind

    def differences(self, old: Inputs, new: Inputs) -> dict[str, Changes]:
        """Compare with the state that the old inputs have led to: what an engine made of them counts."""
        return self._compared(old, new).changes

    def replacing(self, changed: Changed, old: Inputs, new: Inputs, provider: Inputs) -> list[str]:
        """Ask the plugin's resource type."""
        paths = self._compared(old, new).replacing
        return [name for name, inside in changed.items() if any(path in paths for path in inside)]

    def deletes_first(self, old: Inputs, new: Inputs) -> bool:
        """Tell whether the name is fixed: it is free only once the old one is gone."""
        return self._kind.makes_way(dict(new))

    def unknown(self, inputs: Inputs) -> tuple[str, ...]:
        """Return what the engine tells of it."""
        return tuple(name for name in self._kind.computed if name not in inputs)

    def _compared(self, old: Inputs, new: Inputs) -> Comparison:
        state = self._kind.settled(dict(old))
        return self._kind.compared(state, completed(self._kind.shape, new))


@cache
def _kinds() -> dict[str, ResourceType[Any]]:
    return {kind.token: kind for kind in resource_types({})}


def docker_rule(token: str) -> Rule:
    """Return the rule of one resource type; one that is not known changes in place."""
    kind = _kinds().get(token)
    return DockerRule(kind) if kind else Rule()
