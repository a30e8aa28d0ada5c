"""The `helm` that renders charts: the one that this checkout has built, else the one on PATH.

No value of a chart is on its command line: it reads them from a pipe, and files of values from a folder that
only this user can enter, which is gone when Helm has ended.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore

from clients.kubernetes.kubeconfig import Access
from diff.values import Plain
from offline.kubernetes.capabilities import Capabilities
from offline.protocol.failures import Refusal

OWN = Path(__file__).resolve().parents[2] / ".local" / "bin" / "helm"
NO_HELM = (
    "charts are rendered by helm, and there is none here: neither {own} nor a helm on PATH. "
    "Run `make helm`, which builds it from its Go module, or install the official plugin"
)
AT_ONCE = BoundedSemaphore(os.cpu_count() or 1)
"""A helm takes about a tenth of a second of a processor, and 100 MB: a stack may have many charts."""
DEPRECATED = "WARNING: This chart is deprecated"
REASON = re.compile(r"^Error: (.*?)(?:\n\nUse --debug flag.*)?\s*\Z", re.MULTILINE | re.DOTALL)
OPTIONS = {"version": "--version", "devel": "--devel", "dependencyUpdate": "--dependency-update"}
OPTIONS |= {"verify": "--verify", "plainHttp": "--plain-http"}


@dataclass(frozen=True)
class Release:
    """A chart to be rendered: what is said of it, and its values as YAML, the later over the earlier."""

    name: str
    namespace: str
    said: Plain
    values: Sequence[str]


@dataclass(frozen=True)
class Rendered:
    """What Helm made of a chart, and whether the chart's makers have given it up."""

    manifest: str
    deprecated: bool


def render(release: Release, access: Access, capabilities: Capabilities) -> Rendered:
    """Return a chart's objects as text, custom resource definitions too, hooks and tests not."""
    program = _program()
    with tempfile.TemporaryDirectory(prefix="pulumi-helm-") as folder:
        *files, last = release.values
        paths = [_written(Path(folder, f"values-{index}.yaml"), text) for index, text in enumerate(files)]
        command = [
            *(program, "template", "--namespace", release.namespace),
            *("--no-hooks", "--dry-run=server", "--kube-version", capabilities.version),
            *(f"--api-versions={each}" for each in capabilities.names),
            *_options(release.said),
            *("--kube-context", access.context),
            *(f"--values={path}" for path in [*paths, "-"]),
            *("--", release.name, release.said["chart"]),
        ]
        place = {**os.environ, "KUBECONFIG": access.files or _kubeconfig(access, Path(folder))}
        with AT_ONCE:
            ended = subprocess.run(
                command, input=last, capture_output=True, encoding="utf-8", env=place, check=False
            )
    if ended.returncode:
        found = REASON.search(ended.stderr)
        raise Refusal(found[1] if found else ended.stderr.strip())
    return Rendered(ended.stdout, DEPRECATED in ended.stderr)


def helm_is_missing() -> str | None:
    """Return why no chart can be rendered here, and what to do about it; None where one can."""
    return None if _found() else NO_HELM.format(own=OWN)


def _found() -> str | None:
    return str(OWN) if OWN.is_file() else shutil.which("helm")


def _program() -> str:
    program = _found()
    if not program:
        raise Refusal(NO_HELM.format(own=OWN))
    return program


def _options(said: Plain) -> list[str]:
    """Return what is said of a chart as options; what is false or empty counts as not said."""
    options = [] if said.get("skipCrds") else ["--include-crds"]
    repository = said.get("repositoryOpts", {}).get("repo")
    options += [f"--repo={repository}"] if repository else []
    for name, option in OPTIONS.items():
        if value := said.get(name):
            options.append(option if value is True else f"{option}={value}")
    return options


def _kubeconfig(access: Access, folder: Path) -> str:
    """Write down the way to a cluster that was given as contents: a chart may look something up there."""
    name = access.context
    sections = {
        "clusters": [{"name": name, "cluster": access.cluster}],
        "users": [{"name": name, "user": access.user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
    }
    return _written(folder / "kubeconfig", json.dumps(sections))


def _written(file: Path, text: str) -> str:
    file.write_text(text, encoding="utf-8")
    return str(file)
