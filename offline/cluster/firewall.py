"""The cluster's rules among the machine's: which are whose, and how ours are taken away.

Ours are the chains of kube-proxy, of the network plugins and of this package, and every rule that leads into
one of them. Docker's and the operator's own rules are not touched.
"""

import re
import shlex
from itertools import pairwise

from offline.cluster.commands import run
from offline.cluster.layout import BRIDGE

TABLES = ("nat", "filter", "mangle")
FORWARD = "FATE-FORWARD"
POLICIES = "FATE-POLICIES"
OURS = re.compile(r"(KUBE|CNI|FATE)-")
COMMANDS = ("iptables", "ip6tables")


def ensure() -> bool:
    """Let the pods' traffic through the machine, as far as policies allow. Says whether that was missing."""
    text = correction(run("iptables-save", "-t", "filter"))
    if text:
        run("iptables-restore", "-w", "--noflush", text=text)
    return bool(text)


def correction(saved: str) -> str:
    """Return the input of iptables-restore that puts our rules in their places; "" if they are there.

    Policies come first: Docker and kube-proxy accept what a policy refuses. What lets the pods through comes
    last: kube-proxy refuses what is sent to a Service without endpoints.
    """
    rules = [line for line in saved.splitlines() if line.startswith("-A ")]
    lines = [f":{chain} - [0:0]" for chain in (POLICIES, FORWARD) if f":{chain} " not in saved]
    for rule in (
        f"-A {FORWARD} -i {BRIDGE} -j ACCEPT",
        f"-A {FORWARD} -o {BRIDGE} -j ACCEPT",
        f"-A FORWARD -j {FORWARD}",
    ):
        lines += [] if rule in rules else [rule]
    for chain, jump in (("FORWARD", f"-j {POLICIES}"), ("INPUT", f"-i {BRIDGE} -j {POLICIES}")):
        there = [rule for rule in rules if rule.startswith(f"-A {chain} ")]
        if there[:1] != [f"-A {chain} {jump}"]:
            lines += [f"-D {chain} {jump}"] * there.count(f"-A {chain} {jump}")
            lines.append(f"-I {chain} {jump}")
    return "\n".join(["*filter", *lines, "COMMIT", ""]) if lines else ""


def remove() -> None:
    """Take away every rule and chain of the cluster, in each table in one step."""
    for command in COMMANDS:
        for table in TABLES:
            saved = run(f"{command}-save", "-t", table)
            if removal := removal_of(table, saved):
                run(f"{command}-restore", "-w", "--noflush", text=removal)


def removal_of(table: str, saved: str) -> str:
    """Return the input of iptables-restore that removes our chains from a saved table; "" if it has none."""
    chains = [name for line in saved.splitlines() if (name := _chain(line)) and OURS.match(name)]
    rules = [line for line in saved.splitlines() if _leads_into_ours(line)]
    if not chains and not rules:
        return ""
    lines = [f"*{table}"]
    lines += [f"-D{rule.removeprefix('-A')}" for rule in rules]
    lines += [f"-F {chain}" for chain in chains]
    lines += [f"-X {chain}" for chain in chains]
    return "\n".join([*lines, "COMMIT", ""])


def _chain(line: str) -> str:
    return line[1:].split()[0] if line.startswith(":") else ""


def _leads_into_ours(line: str) -> bool:
    """Say whether a rule of a chain that is not ours jumps into one that is."""
    if not line.startswith("-A "):
        return False
    words = shlex.split(line)
    if OURS.match(words[1]):
        return False
    return any(word in ("-j", "-g") and OURS.match(target) for word, target in pairwise(words))
