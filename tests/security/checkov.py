"""checkov, run on a folder as anybody would, with neither an account nor a download."""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.project import ROOT

EXECUTABLE = ROOT / ".local" / "checkov" / "bin" / "checkov"
MADE = "/made/"
"""Where a machine has what it made of a recipe: it is no recipe, and not the same on every machine."""


@dataclass(frozen=True)
class Report:
    """How many checks passed, and what failed: by check, where."""

    passed: int
    failed: dict[str, tuple[str, ...]]
    of_files: dict[str, float]
    """The share of each file, by its name."""

    @property
    def share(self) -> float:
        """Return which share of all checks passed."""
        return self.passed / (self.passed + sum(map(len, self.failed.values())))


def scan(folder: Path, framework: str, at: Path) -> Report:
    """Scan a folder from `at`, an empty one, so that no configuration of checkov's lies about."""
    command = [
        str(EXECUTABLE),
        "-d",
        str(folder),
        "--framework",
        framework,
        "--skip-path",
        MADE,
        "--compact",
        "--skip-download",
    ]
    plain = {"PATH": os.environ["PATH"], "HOME": str(at)}
    ended = subprocess.run(
        [*command, "--soft-fail", "-o", "json"], cwd=at, env=plain, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["summary"]["parsing_errors"] == 0, "checkov could not read all of it"
    failed: dict[str, tuple[str, ...]] = {}
    for check in told["results"]["failed_checks"]:
        place = f"{Path(check['file_path']).parent.name} {check['resource']}".strip()
        failed[check["check_id"]] = (*failed.get(check["check_id"], ()), place)
    return Report(told["summary"]["passed"], failed, _shares(told["results"]))


def _shares(results: Mapping[str, Sequence[Mapping[str, str]]]) -> dict[str, float]:
    passed, failed = (
        Counter(Path(check["file_path"]).name for check in results[kind])
        for kind in ("passed_checks", "failed_checks")
    )
    return {name: passed[name] / (passed + failed)[name] for name in sorted(passed + failed)}
