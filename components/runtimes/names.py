"""Names that no two stacks and no two parties share on one host or cluster, and the ways that they make."""

import re
from collections.abc import Iterator

from components.services.broker import PORT as BROKER_PORT
from components.services.gateway import HTTP_PORT as GATEWAY_PORT
from components.services.routes import Route
from config import DistributionMirror, DockerSettings, Fault, KubernetesSettings, StackSettings
from config.runtime import Runtime

LABEL = re.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?")
LABEL_VALUE = re.compile("[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?")
LONGEST = 63
RENAME = "take another stack name: pulumi stack rename NAME, of few lower-case letters, digits and hyphens"


def named(stack: str, *parts: str) -> str:
    """Return `fate-<stack>-<part>-<part>`, the name of a container, volume, network or namespace."""
    return "-".join(("fate", stack, *parts))


def namespace(stack: str, settings: KubernetesSettings, party: str | None) -> str:
    """Return the namespace of a party, or of the mirror where `party` is None."""
    given = settings.namespace
    if party is None and given is not None:
        return f"{given}-mirror" if settings.create_namespace else given
    return given or named(stack, party or "mirror")


def domain(stack: str, settings: Runtime, party: str) -> str:
    """Return what makes the name of a party's service absolute: nginx's resolver knows no search domains.

    A Docker engine needs nothing: it resolves the plain name within the party's network.
    """
    if isinstance(settings, DockerSettings):
        return ""
    return f".{namespace(stack, settings, party)}.svc.{settings.cluster_domain}"


def route(stack: str, settings: Runtime, party: str) -> Route:
    """Return the way to a party of the same stack on the same engine or cluster, whose settings these are."""
    if isinstance(settings, DockerSettings):
        return Route(party, f"gateway-{party}", GATEWAY_PORT, f"broker-{party}", BROKER_PORT)
    end = domain(stack, settings, party)
    return Route(party, f"gateway{end}", GATEWAY_PORT, f"broker{end}", BROKER_PORT)


def name_faults(stack: str, settings: StackSettings) -> Iterator[Fault]:
    """Yield the namespaces and labels that no cluster takes, one for each place. Asks no cluster.

    Docker takes every name that Pulumi takes for a stack.
    """
    longest: dict[str, tuple[str, bool]] = {}
    for path, settings_of, owner in _in_clusters(settings):
        made = namespace(stack, settings_of, owner), settings_of.namespace is not None
        longest[path] = max(longest.get(path, ("", False)), made, key=lambda named: len(named[0]))
    if longest and not _fits(LABEL_VALUE, stack):
        yield Fault(
            "fate:runtime", f"stack {stack} cannot be the label fate.stack of objects in a cluster", RENAME
        )
    for path, (name, given) in longest.items():
        if not _fits(LABEL, name):
            yield _impossible(path, name, given)


def _in_clusters(settings: StackSettings) -> Iterator[tuple[str, KubernetesSettings, str | None]]:
    """Yield where the mirror and the parties that run in clusters say so, their settings and their ids."""
    own = settings.runtime
    if isinstance(own, KubernetesSettings) and isinstance(settings.mirror, DistributionMirror):
        yield "fate:runtime", own, None
    for index, party in enumerate(settings.parties):
        runtime = settings.runtime_of(party)
        if isinstance(runtime, KubernetesSettings):
            yield f"fate:parties[{index}].runtime" if party.runtime else "fate:runtime", runtime, party.id


def _fits(pattern: re.Pattern[str], name: str) -> bool:
    return len(name) <= LONGEST and pattern.fullmatch(name) is not None


def _impossible(path: str, name: str, given: bool) -> Fault:
    """Return the fault of a namespace; where its name is `given`, it is too long with what follows it."""
    at, beyond = f"{path}.namespace", len(name) - LONGEST
    if given:
        problem = (
            f"{name}, the mirror's namespace, is {beyond} characters longer than the {LONGEST} of a namespace"
        )
        return Fault(at, problem, f"write a name that is {beyond} characters shorter")
    reason = (
        f"it is {beyond} characters longer than the {LONGEST} of a namespace"
        if beyond > 0
        else "a namespace has lower-case letters, digits and hyphens only"
    )
    return Fault(
        at,
        f"{name}, from the stack's name, cannot be a namespace: {reason}",
        f"write namespace: NAME, for each party its own; or {RENAME}",
    )
