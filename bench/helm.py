"""`helm install --wait` of what a plan declares."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.chart import NAME, chart
from bench.kubernetes import HOME
from bench.plan import Resource
from bench.project import CHECKOUT, TIME_LIMIT, run
from bench.verdicts import CannotMeasureError
from offline.cluster.layout import CONTEXT

PROGRAM = CHECKOUT / ".local" / "bin" / "helm"
"""The version that is pinned here, not any that is on PATH."""


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
