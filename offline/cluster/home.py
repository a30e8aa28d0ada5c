"""Where the cluster lives: one folder of the checkout, and what is where in it."""

from dataclasses import dataclass
from pathlib import Path

from offline.cluster.fault import ClusterFault

CHECKOUT = Path(__file__).resolve().parents[2]
LONGEST = 62  # a socket's path may have 107 characters, and the longest below the folder has 45


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
