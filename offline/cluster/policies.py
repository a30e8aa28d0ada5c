"""Enforces NetworkPolicies, which the pods' bridge alone would ignore: rules of iptables, kept up to date.

What is allowed follows the API's definition. A connection that no policy allows is refused at once rather
than dropped, so that a test learns of it without waiting. The node's own traffic is never refused.
"""

import hashlib
import ipaddress
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from offline.cluster import firewall
from offline.cluster.api import Api
from offline.cluster.commands import run
from offline.cluster.firewall import POLICIES
from offline.cluster.layout import NODE_ADDRESS, PODS, Home
from offline.cluster.watching import work_on_changes

Object = Mapping[str, Any]
INGRESS, EGRESS = "Ingress", "Egress"
ANY = "0.0.0.0/0"
LISTS = ("/api/v1/pods", "/api/v1/namespaces", "/apis/networking.k8s.io/v1/networkpolicies")
LOOKED_AFTER = 10  # seconds, since Docker tells nobody when it puts rules in front of ours
CHAIN = re.compile(r"^:(FATE-POD-\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Pod:
    """A pod as policies see it. `ports` are its named ports: name -> (protocol, number)."""

    namespace: str
    name: str
    address: str
    labels: Mapping[str, str]
    ports: Mapping[str, tuple[str, int]] = field(default_factory=dict)


# CoreDNS runs on the node itself; policies that let pods reach it name it as everywhere.
DNS_POD = Pod("kube-system", "coredns", NODE_ADDRESS, {"k8s-app": "kube-dns"})


@dataclass(frozen=True)
class Cluster:
    """What the rules depend on."""

    pods: Sequence[Pod]
    namespaces: Mapping[str, Mapping[str, str]]
    policies: Sequence[Object]


def cluster_of(pods: Iterable[Object], namespaces: Iterable[Object], policies: Iterable[Object]) -> Cluster:
    """Return what the rules depend on, out of the API's lists."""
    labels = {found["metadata"]["name"]: found["metadata"].get("labels", {}) for found in namespaces}
    return Cluster([*filter(None, map(_pod, pods)), DNS_POD], labels, list(policies))


def rules(cluster: Cluster, present: Iterable[str]) -> str:
    """Return the input of iptables-restore; chains of ours that are `present` and not needed are removed."""
    jumps, chains = [], {}
    for pod in sorted(cluster.pods, key=lambda pod: (pod.namespace, pod.name)):
        for direction in (EGRESS, INGRESS):
            if pod is not DNS_POD and (chosen := _selecting(cluster, pod, direction)):
                name = chain_name(pod, direction)
                side = "-s" if direction == EGRESS else "-d"
                jumps.append(f"-A {POLICIES} {side} {pod.address}/32 -j {name}")
                chains[name] = list(_chain(cluster, pod, direction, chosen))
    old = [name for name in present if name not in chains]
    lines = ["*filter", f":{POLICIES} - [0:0]"]
    lines += [f":{name} - [0:0]" for name in [*chains, *old]]
    lines += [f"-A {POLICIES} -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN", *jumps]
    lines += [f"-A {name} {rule}" for name, found in chains.items() for rule in found]
    lines += [f"-X {name}" for name in old]
    return "\n".join([*lines, "COMMIT", ""])


def chain_name(pod: Pod, direction: str) -> str:
    """Return the name of a pod's chain: iptables allows 28 characters."""
    digest = hashlib.sha256(f"{pod.namespace}/{pod.name}/{pod.address}".encode()).hexdigest()[:12]
    return f"FATE-POD-{direction[:2].upper()}-{digest}"


def matches(selector: Object | None, labels: Mapping[str, str]) -> bool:
    """Say whether a label selector selects; an empty one selects everything."""
    wanted = (selector or {}).get("matchLabels") or {}
    expressions = (selector or {}).get("matchExpressions") or []
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _holds(expression, labels) for expression in expressions
    )


def networks(block: Object) -> list[str]:
    """Return an ipBlock without its exceptions, as networks; other families than IPv4 have no place here."""
    whole = ipaddress.ip_network(block["cidr"], strict=False)
    if whole.version != 4:
        return []
    left = [whole]
    for text in block.get("except") or []:
        hole = ipaddress.ip_network(text, strict=False)
        left = [part for found in left for part in _without(found, hole)]
    return [str(found) for found in sorted(left)]


def _pod(found: Object) -> Pod | None:
    status, spec, meta = found.get("status", {}), found["spec"], found["metadata"]
    gone = status.get("phase") in ("Succeeded", "Failed")
    if gone or spec.get("hostNetwork") or not status.get("podIP"):
        return None
    ports = {
        port["name"]: (port.get("protocol", "TCP"), port["containerPort"])
        for container in (*spec.get("initContainers", ()), *spec["containers"])
        for port in container.get("ports", ())
        if "name" in port
    }
    return Pod(meta["namespace"], meta["name"], status["podIP"], meta.get("labels", {}), ports)


def _selecting(cluster: Cluster, pod: Pod, direction: str) -> list[Object]:
    return [
        policy
        for policy in cluster.policies
        if policy["metadata"]["namespace"] == pod.namespace
        and direction in policy["spec"].get("policyTypes", (INGRESS,))
        and matches(policy["spec"].get("podSelector"), pod.labels)
    ]


def _chain(cluster: Cluster, pod: Pod, direction: str, policies: Sequence[Object]) -> Iterator[str]:
    """Yield the rules of one pod's chain: itself, what each policy allows, and the end of all others."""
    yield f"{'-d' if direction == EGRESS else '-s'} {pod.address}/32 -j RETURN"
    for policy in policies:
        namespace = policy["metadata"]["namespace"]
        for rule in policy["spec"].get(direction.lower()) or []:
            yield from _allowed(cluster, pod, direction, namespace, rule)
    yield "-j REJECT --reject-with icmp-port-unreachable"


def _allowed(cluster: Cluster, pod: Pod, direction: str, namespace: str, rule: Object) -> Iterator[str]:
    side = "-d" if direction == EGRESS else "-s"
    ports = rule.get("ports") or [{}]
    peers = rule.get("to" if direction == EGRESS else "from") or [{"ipBlock": {"cidr": ANY}}]
    for peer in peers:
        for port in ports:
            if "ipBlock" in peer:
                yield from _to_networks(networks(peer["ipBlock"]), side, pod, port)
                continue
            for other in _chosen(cluster, peer, namespace):
                match = _port_match(port, other if direction == EGRESS else pod)
                if match is not None:
                    yield f"{side} {other.address}/32{match} -j RETURN"


def _to_networks(found: Sequence[str], side: str, pod: Pod, port: Object) -> Iterator[str]:
    match = _port_match(port, pod)
    if match is None:
        return
    for network in found:
        yield f"{side} {network}{match} -j RETURN"
        if side == "-d" and network != ANY:
            # A port that Docker publishes: the packet has been led on to the container by now.
            original = match.replace("--dport ", "-m conntrack --ctorigdstport ")
            yield f"! -d {PODS}{original} -m conntrack --ctorigdst {network} -j RETURN"


def _chosen(cluster: Cluster, peer: Object, namespace: str) -> list[Pod]:
    def in_scope(pod: Pod) -> bool:
        if peer.get("namespaceSelector") is None:
            return pod.namespace == namespace
        return matches(peer["namespaceSelector"], cluster.namespaces.get(pod.namespace, {}))

    return [pod for pod in cluster.pods if in_scope(pod) and matches(peer.get("podSelector"), pod.labels)]


def _port_match(port: Object, target: Pod) -> str | None:
    """Return the match of a policy's port at its target; None where the target has no port of that name."""
    if not port:
        return ""
    protocol, number = port.get("protocol", "TCP"), port.get("port")
    if isinstance(number, str):
        named = target.ports.get(number)
        if named is None or named[0] != protocol:
            return None
        number = named[1]
    match = f" -p {protocol.lower()}"
    if number is not None:
        last = f":{port['endPort']}" if port.get("endPort") else ""
        match += f" --dport {number}{last}"
    return match


def _holds(expression: Object, labels: Mapping[str, str]) -> bool:
    key, values = expression["key"], expression.get("values") or []
    answers = {
        "In": key in labels and labels[key] in values,
        "NotIn": key not in labels or labels[key] not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }
    return answers[expression["operator"]]


def _without(
    network: ipaddress.IPv4Network | ipaddress.IPv6Network,
    hole: ipaddress.IPv4Network | ipaddress.IPv6Network,
) -> list[ipaddress.IPv4Network]:
    if not isinstance(network, ipaddress.IPv4Network) or not isinstance(hole, ipaddress.IPv4Network):
        return []
    if network.subnet_of(hole):
        return []
    if not hole.subnet_of(network):
        return [network]
    return list(network.address_exclude(hole))


def enforce(api: Api) -> None:
    """Put the rules in place that the cluster's policies ask for now, in one step."""
    firewall.ensure()
    seen = cluster_of(*map(api.items, LISTS))
    present = CHAIN.findall(run("iptables-save", "-t", "filter"))
    run("iptables-restore", "-w", "--noflush", text=rules(seen, present))


def main(root: str) -> None:
    """Enforce the policies of the cluster at `root`, for ever."""
    work_on_changes(Home(Path(root)), LISTS, enforce, every=LOOKED_AFTER)


if __name__ == "__main__":
    main(sys.argv[1])
