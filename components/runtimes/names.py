"""Names that no two stacks and no two parties share on one host or cluster, and the ways that they make."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from components.runtimes.ownership import PROJECT, STACK
from components.services.context import Route
from config import DockerSettings, Fault, KubernetesSettings, StackSettings, catalogue
from config.exposure import Address
from config.mirror import OwnMirror
from config.runtime import Runtime

ACCOUNT, DENY_ALL = "fate", "deny-all"
"""The account that pods of a namespace run as, and its policy that lets nothing in or out."""
PULL_SECRET = "fate-mirror"
"""The Secret of a namespace that images of the stack's own mirror are pulled with."""
GPU = "nvidia.com/gpu"
"""What the nodes of a cluster call a GPU, where NVIDIA's device plugin offers it."""
Part = Literal["mirror", "exchange"]
"""What a stack has beside its parties."""
LABEL = re.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?")
LABEL_VALUE = re.compile("[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?")
LONGEST = 63
RENAME = "take another stack name: pulumi stack rename NAME, of few lower-case letters, digits and hyphens"
RENAME_PROJECT = "write another name: in Pulumi.yaml, of few lower-case letters, digits and hyphens"


@dataclass(frozen=True)
class Names:
    """The names of a stack's objects: `<project>-<stack>-<party>-<part>`, a party id's hyphens doubled.

    So `dev` with party `9999-x` and `dev-9999` with party `x` make no name alike. `kept` are names of before,
    of volumes and namespaces that are there and hold data: what holds data is never renamed.
    """

    project: str
    stack: str
    kept: frozenset[str] = frozenset()

    def of(self, party: str | None, *parts: str) -> str:
        """Return the name of a container, volume, network or namespace: a party's, or the stack's own."""
        return self._joined(self.project, party and party.replace("-", "--"), parts)

    def before(self, party: str | None, *parts: str) -> str:
        """Return the name that the same had before project and hyphens were told apart."""
        return self._joined("fate", party, parts)

    def holding(self, party: str | None, *parts: str) -> str:
        """Return the name of what holds data: the one of before, where that is there."""
        before = self.before(party, *parts)
        return before if before in self.kept else self.of(party, *parts)

    def federation(self, engine: str | None) -> str:
        """Return the network on which parties of an engine meet: the stack's own, or that at an address."""
        if engine is None:
            return self.of(None, "federation")
        return self.of(None, f"federation_{hashlib.sha256(engine.encode()).hexdigest()[:8]}")

    def meeting(self, party: str) -> str:
        """Return the network of a Docker engine on which a party and the stack's exchange meet."""
        return self.of(party, "exchange")

    def namespace(self, settings: KubernetesSettings, party: str | None, part: Part = "mirror") -> str:
        """Return the namespace of a party, or of a part of the stack's own where `party` is None."""
        given = settings.namespace
        if party is None and given is not None:
            return f"{given}-{part}" if settings.create_namespace else given
        return given or (self.holding(party) if party else self.holding(None, part))

    def domain(self, settings: Runtime, party: str) -> str:
        """Return what makes the name of a party's service absolute: nginx's resolver knows no search domains.

        A Docker engine needs nothing: it resolves the plain name within the party's network.
        """
        if isinstance(settings, DockerSettings):
            return ""
        return f".{self.namespace(settings, party)}.svc.{settings.cluster_domain}"

    def place(
        self, settings: KubernetesSettings, party: str | None, part: Part = "mirror"
    ) -> Mapping[str, object]:
        """Return the context, the namespace and the kubeconfig of a party or a part, for outputs."""
        return {
            "host": settings.context,
            "namespace": self.namespace(settings, party, part),
            "kubeconfig": settings.kubeconfig,
        }

    def route(self, settings: Runtime, party: str) -> Route:
        """Return the way to a party of the same stack on the engine or cluster whose settings these are."""
        end = f"-{party}" if isinstance(settings, DockerSettings) else self.domain(settings, party)
        met = catalogue().met_by_peers()
        return Route(party, {name: Address(f"{name}{end}", port.number) for name, (_, port) in met.items()})

    def exchange(self, settings: Runtime, service: str, party: str) -> str:
        """Return the name that a party on an engine or a cluster dials the stack's exchange by there."""
        if isinstance(settings, DockerSettings):
            return f"{service}-{party}"
        return f"{service}.{self.namespace(settings, None, 'exchange')}.svc.{settings.cluster_domain}"

    def _joined(self, project: str, party: str | None, parts: Sequence[str]) -> str:
        return "-".join((project, self.stack, *((party,) if party else ()), *parts))


def name_faults(names: Names, settings: StackSettings) -> Iterator[Fault]:
    """Yield the names, namespaces and labels that cannot be, one for each place. Asks nobody."""
    yield from _ambiguous(names)
    longest: dict[str, tuple[str, bool]] = {}
    holders: dict[tuple[str, str], str] = {}
    for path, cluster, party, part in _in_clusters(settings):
        name = names.namespace(cluster, party, part)
        made = name, cluster.namespace is not None
        longest[path] = max(longest.get(path, ("", False)), made, key=_length)
        whose = f"party {party}" if party else f"the {part}"
        first = holders.setdefault((cluster.place, name), whose)
        if first != whose and (part == "exchange" or None not in (party, cluster.namespace)):
            yield _shared(path, name, first, whose)
    if longest:
        yield from _no_labels(names)
    for path, (name, given) in longest.items():
        if not _fits(LABEL, name):
            yield _impossible(path, name, given)


def _length(named: tuple[str, bool]) -> int:
    return len(named[0])


def _ambiguous(names: Names) -> Iterator[Fault]:
    """Yield what an engine takes for no name, or what could be taken for another stack's."""
    if not names.project[0].isalnum():
        problem = f"project {names.project} begins with {names.project[0]}, and no container's name does"
        yield Fault("Pulumi.yaml", problem, RENAME_PROJECT)
    if names.stack.endswith("-"):
        problem = f"stack {names.stack} ends with a hyphen: its names could be those of another stack"
        yield Fault(f"Pulumi.{names.stack}.yaml", problem, RENAME)


def _no_labels(names: Names) -> Iterator[Fault]:
    if not _fits(LABEL_VALUE, names.stack):
        problem = f"stack {names.stack} cannot be the label {STACK} of objects in a cluster"
        yield Fault("fate:runtime", problem, RENAME)
    if not _fits(LABEL_VALUE, names.project):
        problem = f"project {names.project} cannot be the label {PROJECT} of objects in a cluster"
        yield Fault("fate:runtime", problem, RENAME_PROJECT)


def _shared(path: str, name: str, first: str, second: str) -> Fault:
    return Fault(
        f"{path}.namespace",
        f"{name} is the namespace of {first} and of {second}, whose objects have the same names",
        "leave namespace out, and each party has its own, or write another one",
    )


def _in_clusters(settings: StackSettings) -> Iterator[tuple[str, KubernetesSettings, str | None, Part]]:
    """Yield where mirror, parties and exchange in clusters say so, their settings, whose they are."""
    own, exchange = settings.runtime, settings.exchange
    if isinstance(own, KubernetesSettings) and isinstance(settings.mirror, OwnMirror):
        yield "fate:runtime", own, None, "mirror"
    for index, party in enumerate(settings.parties):
        runtime = settings.runtime_of(party)
        if isinstance(runtime, KubernetesSettings):
            at = f"fate:parties[{index}].runtime" if party.runtime else "fate:runtime"
            yield at, runtime, party.id, "mirror"
    if exchange and isinstance(settings.exchange_runtime, KubernetesSettings):
        at = "fate:exchange.runtime" if exchange.runtime else "fate:runtime"
        yield at, settings.exchange_runtime, None, "exchange"


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
        f"{name}, from the names of project and stack, cannot be a namespace: {reason}",
        f"write namespace: NAME, for each party its own; or {RENAME}",
    )
