"""Enforces NetworkPolicies, which the pods' bridge alone would ignore: rules of iptables, kept up to date."""

import re
import sys
from pathlib import Path

from offline.cluster import firewall
from offline.cluster.api import Api
from offline.cluster.commands import run
from offline.cluster.home import Home
from offline.cluster.policy_rules import cluster_of, rules
from offline.cluster.watching import work_on_changes

PODS = "/api/v1/pods"
NAMESPACES = "/api/v1/namespaces"
POLICIES = "/apis/networking.k8s.io/v1/networkpolicies"
LOOKED_AFTER = 10  # seconds, since Docker tells nobody when it puts rules in front of ours
CHAIN = re.compile(r"^:(FATE-POD-\S+)", re.MULTILINE)


def enforce(api: Api) -> None:
    """Put the rules in place that the cluster's policies ask for now, in one step."""
    firewall.ensure()
    seen = cluster_of(api.items(PODS), api.items(NAMESPACES), api.items(POLICIES))
    present = CHAIN.findall(run("iptables-save", "-t", "filter"))
    run("iptables-restore", "-w", "--noflush", text=rules(seen, present))


def main(root: str) -> None:
    """Enforce the policies of the cluster at `root`, for ever."""
    work_on_changes(Home(Path(root)), (PODS, NAMESPACES, POLICIES), enforce, every=LOOKED_AFTER)


if __name__ == "__main__":
    main(sys.argv[1])
