"""How a resource answers a change of its inputs: not at all, in place, or by being replaced."""

from functools import cache

from ops.preview.rules.answer import Difference, Rule


@cache
def rule_for(token: str) -> Rule:
    """Return the rule of a resource type. Packages are imported when a stack first needs them."""
    package = token.partition(":")[0]
    if package == "docker":
        from ops.preview.rules.docker import docker_rule

        return docker_rule(token)
    if package == "kubernetes":
        from ops.preview.rules.kubernetes import KubernetesRule

        return KubernetesRule()
    return Rule()


__all__ = ["Difference", "Rule", "rule_for"]
