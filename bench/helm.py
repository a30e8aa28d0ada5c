"""What a plan declares by `helm install --wait`: each object as it stands, with no value to fill in."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench.kubernetes import HOME
from bench.project import CHECKOUT, TIME_LIMIT, run
from bench.saved_plan import UNKNOWN, Resource, opened
from bench.verdicts import CannotMeasureError, MeasuredFailedError
from offline.cluster.layout import CONTEXT

PROGRAM = CHECKOUT / ".local" / "bin" / "helm"
"""The version that is pinned here, not any that is on PATH."""
NAME = "bench"
ABOUT = {"apiVersion": "v2", "name": NAME, "version": "0.1.0"}
OPENING = "{{"


@dataclass(frozen=True)
class Release:
    """A chart in a folder, and the release that is made of it. The namespaces are objects of the chart."""

    folder: Path

    def install(self) -> None:
        """Run `helm install --wait`."""
        self._helm("install", NAME, str(self.folder), "--wait", f"--timeout={TIME_LIMIT}s")

    def forget(self) -> None:
        """Have the release never been installed. The namespaces take longer to go than this."""
        self._helm("uninstall", NAME, "--ignore-not-found")

    def _helm(self, *arguments: str) -> None:
        way = ["--kubeconfig", str(HOME.kubeconfig), "--kube-context", CONTEXT, "--namespace", "default"]
        run([str(PROGRAM), *arguments, *way], self.folder, os.environ)


def require() -> None:
    """Raise CannotMeasureError where helm is not built."""
    if not PROGRAM.exists():
        raise CannotMeasureError("helm is not built here", "Run setup/helm.sh, which needs Go")


@contextmanager
def packed(resources: Sequence[Resource]) -> Iterator[Release]:
    """Make a chart of a plan's objects in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="fate-bench-") as name:
        for path, text in chart(resources).items():
            file = Path(name) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        yield Release(Path(name))


def chart(resources: Sequence[Resource]) -> Mapping[str, str]:
    """Return the chart's files by their path.

    Raises MeasuredFailedError for an object that only `up` will know: it would be another one.
    """
    templates = {f"templates/{number:03}.yaml": _template(each) for number, each in enumerate(resources)}
    return {"Chart.yaml": yaml.safe_dump(ABOUT), **templates}


def _template(resource: Resource) -> str:
    """Return the object as JSON, which is YAML, with what Helm would take for an action escaped."""
    text = json.dumps(opened(resource.inputs), indent=1)
    if UNKNOWN in text:
        raise MeasuredFailedError(
            f"a part of {resource.name} is known at up only", "Give it to bench/helm.py"
        )
    return text.replace(OPENING, '{{"' + OPENING + '"}}')
