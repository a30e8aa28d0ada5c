"""The rules of providers themselves."""

from offline.protocol.differences import Changes
from offline.protocol.values import Plain
from preview.rules.answer import Rule

OTHER_CLUSTER = {"kubernetes": frozenset({"clusterIdentifier", "context", "cluster", "kubeconfig"})}
"""What leads to another cluster, where nothing of the old one can be changed."""


class ProviderRule(Rule):
    """A provider changes in place, unless what it leads to is another cluster."""

    def __init__(self, package: str) -> None:
        self._replacing = OTHER_CLUSTER.get(package, frozenset())

    def replaces(self, name: str, changes: Changes, old: Plain, new: Plain) -> bool:
        """Tell whether the property names the cluster."""
        return name in self._replacing
