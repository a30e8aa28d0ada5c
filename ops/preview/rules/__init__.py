"""How a resource answers a change of its inputs: not at all, in place, or by being replaced."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from diff.differences import Changes, differences
from diff.shape import anything
from ops.preview.purposes import CHART
from ops.preview.seal import Secret

Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    """What differs between two sides: by property the changes inside it, and the paths that replace."""

    changed: Mapping[str, Changes] = field(default_factory=dict)
    replacing: tuple[str, ...] = ()


class Rule:
    """Every difference changes the resource in place, and nothing of it is made up by its plugin."""

    computed: tuple[str, ...] = ()
    """The outputs that only an engine knows."""

    def compared(self, old: Inputs, new: Inputs, provider: Inputs) -> Difference:
        """Return what differs between two sides' inputs, under this provider's configuration."""
        names = (name for name in sorted({*old, *new}) if not name.startswith("__"))
        return Difference(differences({name: anything() for name in names}, old, new))

    def deletes_first(self, old: Inputs, new: Inputs) -> bool:
        """Tell whether the old one has to go before a new one can be made."""
        return False

    def unknown(self, inputs: Inputs) -> tuple[str, ...]:
        """Return the outputs that are not known before the resource is made."""
        return tuple(name for name in self.computed if name not in inputs)

    def id_of(self, inputs: Inputs) -> str:
        """Return the id that a resource will have, empty where only an engine knows it."""
        return ""


def unmarked(value: Any) -> Any:  # noqa: ANN401 - a property value is any JSON value
    """Return a value as a plugin compares it: a text of its own in the place of every secret."""
    if isinstance(value, Secret):
        return value.digest
    if isinstance(value, Mapping):
        return {name: unmarked(part) for name, part in value.items()}
    return [unmarked(part) for part in value] if isinstance(value, list) else value


@cache
def rule_for(token: str) -> Rule:
    """Return the rule of a resource type. Packages are imported when a stack first needs them."""
    package = token.partition(":")[0]
    if package == "docker":
        from ops.preview.rules.docker import docker_rule

        return docker_rule(token)
    if package == "kubernetes" and token != CHART:
        from ops.preview.rules.kubernetes import KubernetesRule

        return KubernetesRule()
    if package == "fate-harbor":
        from ops.preview.rules.harbor import harbor_rule

        return harbor_rule(token)
    return Rule()


__all__ = ["Difference", "Rule", "rule_for"]
