"""Where everything of the cluster is: its folder in the checkout, and every name, network and port, once."""

from dataclasses import dataclass
from pathlib import Path

from offline.cluster.commands import ClusterFault

CHECKOUT = Path(__file__).resolve().parents[2]
LONGEST = 62  # a socket's path may have 107 characters, and the longest below the folder has 45

NODE = "node1"
BRIDGE = "cni0"
NODE_ADDRESS = "10.88.0.1"
PODS = "10.88.0.0/16"
SERVICES = "10.96.0.0/16"
API_SERVICE = "10.96.0.1"
DNS_SERVICE = "10.96.0.10"
DOMAIN = "cluster.local"

API_PORT = 6443
ETCD_PORT = 2379
ETCD_PEER_PORT = 2380
KUBELET_PORT = 10250
KUBELET_HEALTH_PORT = 10248
API_URL = f"https://{NODE_ADDRESS}:{API_PORT}"
ETCD_URL = f"http://127.0.0.1:{ETCD_PORT}"

# Ports that the cluster's own parts listen on, and what each is for.
PORTS = {
    API_PORT: "the API server",
    ETCD_PORT: "etcd",
    ETCD_PEER_PORT: "etcd's peers",
    KUBELET_PORT: "the kubelet",
    KUBELET_HEALTH_PORT: "the kubelet's health",
    10249: "kube-proxy's figures",
    10256: "kube-proxy's health",
    10257: "the controller manager",
    10259: "the scheduler",
}

CONTEXT = "fate-cluster"
READER_CONTEXT = "fate-cluster-reader"
STORAGE_CLASSES = ("local", "fast")
PROVISIONER = "fate-cluster/local"
PAUSE_IMAGE = "localhost/fate-cluster/pause:1"


@dataclass(frozen=True)
class Home:
    """The cluster's folder. Only `files`, `logs` and the kubeconfig are meant to be looked at."""

    root: Path

    @property
    def kubeconfig(self) -> Path:
        """The administrator's and the reader's ways in."""
        return self.root / "kubeconfig"

    @property
    def files(self) -> Path:
        """Configuration files, certificates and tokens."""
        return self.root / "files"

    @property
    def logs(self) -> Path:
        """A log for each part, and the pods' logs."""
        return self.root / "logs"

    @property
    def data(self) -> Path:
        """What etcd, containerd and the kubelet keep."""
        return self.root / "data"

    @property
    def volumes(self) -> Path:
        """A folder for each PersistentVolume."""
        return self.root / "volumes"

    @property
    def containerd(self) -> Path:
        """Containerd's socket."""
        return self.root / "run" / "containerd.sock"


def home() -> Home:
    """Return this checkout's home of the cluster; refuse one whose sockets would have too long a path."""
    root = CHECKOUT / ".local" / "cluster"
    if len(str(root)) > LONGEST:
        raise ClusterFault(
            f"the cluster's folder {root} has a path of {len(str(root))} characters;"
            f" sockets in it work up to {LONGEST}",
            "Move the checkout to a shorter path.",
        )
    return Home(root)
