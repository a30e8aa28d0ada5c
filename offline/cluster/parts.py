"""The parts of the cluster: what each is called, the command that runs it, and the files it reads."""

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from offline.cluster import settings
from offline.cluster.commands import program
from offline.cluster.layout import CHECKOUT, ETCD_PEER_PORT, ETCD_URL, NODE, NODE_ADDRESS, Home
from offline.cluster.machine import Machine

ETCD, CONTAINERD, API_SERVER = "etcd", "containerd", "kube-apiserver"
NAMES = (
    ETCD,
    CONTAINERD,
    API_SERVER,
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
    "coredns",
    "provisioner",
    "policies",
)


@dataclass(frozen=True)
class Part:
    """One process of the cluster. `files` are its own, by their paths below the home's files."""

    name: str
    command: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> str:
        """A short name of everything that the part was told: it changes when a restart is needed."""
        text = repr((self.command, sorted(self.files.items()), sorted(self.environment.items())))
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def foundation(home: Home, programs: Mapping[str, Path], machine: Machine) -> tuple[Part, ...]:
    """Return what has to run before the API server can."""
    return (_etcd(home, programs), _containerd(home, machine))


def api_server(home: Home, programs: Mapping[str, Path]) -> Part:
    """Return the API server."""
    return Part(API_SERVER, (str(programs[API_SERVER]), *settings.api_server(home)))


def rest(home: Home, programs: Mapping[str, Path], machine: Machine) -> tuple[Part, ...]:
    """Return what the API server has to answer for."""
    return (
        _controller_manager(home, programs),
        _scheduler(home, programs),
        _kubelet(home, programs, machine),
        _kube_proxy(home, programs, machine),
        _coredns(home, programs, machine),
        _own(home, "provisioner"),
        _own(home, "policies"),
    )


def _etcd(home: Home, programs: Mapping[str, Path]) -> Part:
    command = (
        str(programs[ETCD]),
        f"--data-dir={home.data}/etcd",
        f"--listen-client-urls={ETCD_URL}",
        f"--advertise-client-urls={ETCD_URL}",
        f"--listen-peer-urls=http://127.0.0.1:{ETCD_PEER_PORT}",
        "--unsafe-no-fsync",
    )
    return Part(ETCD, command)


def _containerd(home: Home, machine: Machine) -> Part:
    file = "containerd.toml"
    files = {
        file: settings.containerd(home, lower_scores=machine.lowers_scores),
        "cni/10-fate-cluster.conflist": settings.pod_network(home),
        **{
            f"registries/{name}/hosts.toml": settings.plain_registry(name)
            for name in settings.PLAIN_REGISTRIES
        },
    }
    return Part(CONTAINERD, (program(CONTAINERD), f"--config={home.files}/{file}"), files)


def _controller_manager(home: Home, programs: Mapping[str, Path]) -> Part:
    command = (
        str(programs["kube-controller-manager"]),
        "--bind-address=127.0.0.1",
        "--controllers=*,-nodeipam",
        f"--flex-volume-plugin-dir={home.data}/plugins",
        "--kube-api-burst=200",
        "--kube-api-qps=100",
        f"--kubeconfig={home.kubeconfig}",
        "--leader-elect=false",
        f"--root-ca-file={home.files}/ca.crt",
        f"--service-account-private-key-file={home.files}/accounts.key",
    )
    return Part("kube-controller-manager", command)


def _scheduler(home: Home, programs: Mapping[str, Path]) -> Part:
    command = (
        str(programs["kube-scheduler"]),
        "--bind-address=127.0.0.1",
        f"--kubeconfig={home.kubeconfig}",
        "--leader-elect=false",
    )
    return Part("kube-scheduler", command)


def _kubelet(home: Home, programs: Mapping[str, Path], machine: Machine) -> Part:
    file = "kubelet.json"
    command = (
        str(programs["kubelet"]),
        f"--config={home.files}/{file}",
        f"--cert-dir={home.data}/kubelet/pki",
        f"--hostname-override={NODE}",
        f"--kubeconfig={home.kubeconfig}",
        f"--node-ip={NODE_ADDRESS}",
        f"--root-dir={home.data}/kubelet",
    )
    return Part("kubelet", command, {file: settings.kubelet(home, lower_scores=machine.lowers_scores)})


def _kube_proxy(home: Home, programs: Mapping[str, Path], machine: Machine) -> Part:
    file = "kube-proxy.json"
    text = settings.kube_proxy(home, machine.node_ports, lower_scores=machine.lowers_scores)
    command = (
        str(programs["kube-proxy"]),
        f"--config={home.files}/{file}",
        f"--hostname-override={NODE}",
    )
    return Part("kube-proxy", command, {file: text})


def _coredns(home: Home, programs: Mapping[str, Path], machine: Machine) -> Part:
    text = settings.coredns(home, upstream=machine.has_upstream)
    return Part("coredns", (str(programs["coredns"]), f"-conf={home.files}/Corefile"), {"Corefile": text})


def _own(home: Home, name: str) -> Part:
    """Return a part of this package; it is started anew when its source changes, or that of its client."""
    sources = (CHECKOUT / "offline" / "cluster", CHECKOUT / "clients" / "kubernetes")
    files = [file for source in sources for file in sorted(source.glob("*.py"))]
    source = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
    command = (sys.executable, "-P", "-m", f"offline.cluster.{name}", str(home.root))
    return Part(name, command, environment={"PYTHONPATH": str(CHECKOUT), "FATE_CLUSTER_SOURCE": source})
