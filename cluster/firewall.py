"""The cluster's rules among the machine's: which are whose, and how ours are taken away.

Ours are the chains of kube-proxy, of the network plugins and of this package, and every rule that leads into
one of them. Docker's and the operator's own rules are not touched.
"""

import re
import shlex
from itertools import pairwise

from cluster.addresses import BRIDGE
from cluster.commands import run, succeeds

TABLES = ("nat", "filter", "mangle")
FORWARD = "FATE-FORWARD"
POLICIES = "FATE-POLICIES"
OURS = re.compile(r"(KUBE|CNI|FATE)-")
COMMANDS = ("iptables", "ip6tables")
MARK_FOR_MASQUERADE = "KUBE-MARK-MASQ"


def ensure() -> bool:
    """Let the pods' traffic through the machine, which Docker would drop. Says whether that was missing.

    Policies come first, so that they can refuse what is let through here.
    """
    jump = ("FORWARD", "-j", FORWARD)
    if succeeds("iptables", "-w", "-C", *jump):
        return False
    rules = f"""\
*filter
:{POLICIES} - [0:0]
:{FORWARD} - [0:0]
-A {FORWARD} -j {POLICIES}
-A {FORWARD} -i {BRIDGE} -j ACCEPT
-A {FORWARD} -o {BRIDGE} -j ACCEPT
-I FORWARD -j {FORWARD}
-I INPUT -i {BRIDGE} -j {POLICIES}
COMMIT
"""
    run("iptables-restore", "-w", "--noflush", text=rules)
    return True


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
