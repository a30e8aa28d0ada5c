"""Machines that cannot carry the cluster are told so, with the reason and the remedy."""

from pathlib import Path

import pytest

from offline.cluster import machine, network
from offline.cluster.commands import ClusterFault
from offline.cluster.layout import Home

LISTENING = """\
LISTEN 0 4096 127.0.0.1:2379 0.0.0.0:* users:(("postgres",pid=77,fd=5))
LISTEN 0 4096 [::1]:2379 [::]:* users:(("postgres",pid=77,fd=6),("helper",pid=78,fd=6))
LISTEN 0 4096 *:22 *:*
"""


def test_listeners_are_read_with_all_their_programs() -> None:
    found = machine.listeners(LISTENING)
    assert found == {2379: {77: "postgres", 78: "helper"}, 22: {}}


def test_a_taken_port_names_who_has_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "run", lambda *_: LISTENING)
    with pytest.raises(
        ClusterFault, match=r"port 2379, which etcd needs, is taken by postgres \(process 77\)"
    ):
        machine._require_ports(Home(tmp_path))


@pytest.mark.parametrize(
    ("owner", "told", "remedy"),
    [
        ("", "no cluster of this project made it", "ip link delete cni0"),
        ("/srv/x/.local/cluster", "runs already on this machine", "make -C /srv/x cluster-down"),
    ],
)
def test_a_bridge_that_is_anothers_is_refused(
    owner: str, told: str, remedy: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(network, "owner", lambda: owner)
    with pytest.raises(ClusterFault, match=told) as refused:
        machine._require_bridge(Home(tmp_path))
    assert remedy in refused.value.remedy


def test_the_own_bridge_and_no_bridge_are_welcome(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for owner in (None, str(tmp_path)):
        monkeypatch.setattr(network, "owner", lambda owner=owner: owner)
        machine._require_bridge(Home(tmp_path))


def test_another_user_than_root_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(ClusterFault) as refused:
        machine.require_root()
    assert "sudo make cluster" in refused.value.remedy


def test_missing_controllers_of_both_kinds_of_cgroups_are_named(tmp_path: Path) -> None:
    old, new = tmp_path / "v1", tmp_path / "v2"
    for name in ("cpu", "cpuacct", "memory", "pids"):
        (old / name).mkdir(parents=True)
    new.mkdir()
    (new / "cgroup.controllers").write_text("cpuset cpu io memory\n")
    assert machine.missing_controllers(old) == ["cpuset"]
    assert machine.missing_controllers(new) == ["pids"]
