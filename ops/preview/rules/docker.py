"""The rules of Docker's resources: those of the official plugin."""

from collections.abc import Mapping
from typing import Any

from diff.docker.rules import RULES
from diff.rules import ResourceRules
from diff.state import completed
from ops.preview.rules import Difference, Inputs, Rule, unmarked

FILLED_IN: Mapping[str, Mapping[str, Any]] = {
    "docker:index/container:Container": {"shmSize": 64},
    "docker:index/network:Network": {"driver": "bridge", "internal": False, "options": {}},
    "docker:index/volume:Volume": {"driver": "local"},
}
"""What an engine fills in where nothing is declared, so that it may be written out later."""
KINDS = {kind.token: kind for kind in RULES}


class DockerRule(Rule):
    """One resource type of Docker."""

    def __init__(self, kind: ResourceRules) -> None:
        self._kind, self.computed = kind, kind.computed

    def compared(self, old: Inputs, new: Inputs, provider: Inputs) -> Difference:
        """Compare with the state that an engine has which took the old inputs."""
        state = {**FILLED_IN.get(self._kind.token, {}), **self._kind.settled(unmarked(old))}
        found = self._kind.compared(state, completed(self._kind.shape, unmarked(new)))
        return Difference(found.changes, tuple(sorted(found.replacing)))

    def deletes_first(self, old: Inputs, new: Inputs) -> bool:
        """Tell whether the name is fixed, or the type makes way in any case."""
        return self._kind.makes_way(dict(new))


def docker_rule(token: str) -> Rule:
    """Return the rule of one resource type; one that is not known changes in place."""
    kind = KINDS.get(token)
    return DockerRule(kind) if kind else Rule()
