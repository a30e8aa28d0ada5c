"""The programs that come as Go modules: each is built once and kept by the hash of its module's files.

Every module stands alone in `offline/modules`, since together their requirements conflict. Nothing but
modules is downloaded, and go.sum names each of them by its hash.
"""

import hashlib
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from offline.cluster.commands import ClusterFault, say
from offline.cluster.layout import CHECKOUT

PAUSE = "pause"


@dataclass(frozen=True)
class Module:
    """One Go module: its folder, the programs in it, and how long the first build takes."""

    name: str
    folder: Path
    packages: tuple[str, ...]
    takes: str
    version_of: str = ""
    version_variable: str = ""

    @property
    def version(self) -> str:
        """The version that go.mod requires of the module that is built."""
        text = (self.folder / "go.mod").read_text()
        found = re.search(rf"^\s*(?:require )?{re.escape(self.version_of)} (v\S+)", text, re.MULTILINE)
        return found[1] if found else ""


def _offline(name: str, takes: str, version_of: str, *packages: str, variable: str = "") -> Module:
    folder = CHECKOUT / "offline" / "modules" / name
    return Module(name, folder, packages, takes, version_of, variable)


KUBERNETES = _offline(
    "kubernetes",
    "5 to 8 minutes",
    "k8s.io/kubernetes",
    *(
        f"k8s.io/kubernetes/cmd/{program}"
        for program in (
            "kube-apiserver",
            "kube-controller-manager",
            "kube-scheduler",
            "kubelet",
            "kube-proxy",
            "kubectl",
        )
    ),
    variable="k8s.io/component-base/version.gitVersion",
)
ETCD = _offline("etcd", "half a minute", "go.etcd.io/etcd/server/v3", "go.etcd.io/etcd/server/v3")
COREDNS = _offline("coredns", "2 minutes", "github.com/coredns/coredns", "github.com/coredns/coredns")
HELM = _offline(
    "helm",
    "1 minute",
    "helm.sh/helm/v3",
    "helm.sh/helm/v3/cmd/helm",
    variable="helm.sh/helm/v3/internal/version.version",
)
PAUSES = Module(PAUSE, CHECKOUT / "offline" / "cluster" / "pause", (".",), "some seconds")
MODULES = {module.name: module for module in (ETCD, COREDNS, KUBERNETES, HELM, PAUSES)}
CLUSTER = (PAUSES, ETCD, COREDNS, KUBERNETES)


def folder_of(module: Module) -> Path:
    """Return the cache folder of a module's programs: its name has the hash of all that they are made of."""
    sources = sorted(file for file in module.folder.iterdir() if file.suffix in (".mod", ".sum", ".go"))
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in sources)).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "fate-federation" / f"{module.name}-{digest}"


def ensure(module: Module) -> Path:
    """Return the folder of a module's programs; build them if they are not there."""
    folder = folder_of(module)
    if not folder.is_dir():
        _build(module, folder)
    return folder


def _build(module: Module, folder: Path) -> None:
    if not shutil.which("go"):
        raise ClusterFault(
            f"{module.name} is built from its Go module, and there is no Go here",
            "Install Go 1.26 or newer and put it on PATH.",
        )
    began = time.monotonic()
    title = f"{module.name} {module.version}".strip()
    say(f"{title}: building from its Go module ({module.takes}, only once)")
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    _compile(module, part)
    part.rename(folder)
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    say(f"{title}: built, {minutes}m{seconds}s")


def _compile(module: Module, target: Path) -> None:
    flags = "-s -w"
    if module.version_variable:
        flags += f" -X {module.version_variable}={module.version}"
    if module is KUBERNETES:
        major, minor = module.version.removeprefix("v").split(".")[:2]
        path = "k8s.io/component-base/version"
        flags += f" -X {path}.gitMajor={major} -X {path}.gitMinor={minor}"
    # A folder as -o keeps each program's own name; a lone program is named after its module.
    out = f"{target}/" if len(module.packages) > 1 else str(target / module.name)
    command = ["go", "build", "-trimpath", "-ldflags", flags, "-o", out, *module.packages]
    environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"}
    log = target.with_name(f"{module.name}.log")
    with log.open("w") as output:
        done = subprocess.run(command, cwd=module.folder, env=environment, stderr=output, check=False)
    if done.returncode:
        raise ClusterFault(
            f"{module.name} could not be built", f"What Go says stands in {log}. Then run this again."
        )
