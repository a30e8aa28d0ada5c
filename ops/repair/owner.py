"""Whose the objects of an engine or a cluster are, by their labels and by what the state tells of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

from ops.doctor.exported import Exported

PROJECT, STACK, OWNER = "fate.project", "fate.stack", "fate.owner"


@dataclass(frozen=True)
class Owner:
    """A stack as the owner of what it makes: its project, its name, the fingerprints that its objects carry.

    `names` are those of everything that its state has or was about to have.
    """

    project: str
    stack: str
    keys: frozenset[str]
    names: frozenset[str]

    def owns(self, name: str, labels: Mapping[str, str]) -> bool:
        """Tell whether an object is this stack's.

        One without a fingerprint is from before objects carried any. Beside objects that do carry one, it
        counts only where its name is one of the state's: else it may be another checkout's of that time.
        """
        if labels.get(STACK) != self.stack or labels.get(PROJECT, self.project) != self.project:
            return False
        if OWNER in labels:
            return labels[OWNER] in self.keys
        return not self.keys or name in self.names


def owner_of(project: str, stack: str, state: Exported) -> Owner:
    """Return a stack as its state knows it."""
    every = [*state.resources, *(one.resource for one in state.pending)]
    keys = frozenset(key for one in every if (key := one.labels.get(OWNER)))
    names = {str(one.inputs.get("name") or (one.inputs.get("metadata") or {}).get("name")) for one in every}
    return Owner(project, stack.rpartition("/")[2], keys, frozenset(names))
