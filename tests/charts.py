"""The chart of a party, rendered by helm from the values that `fate chart values` prints."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.runtimes.chart import party_values
from ops.chart.stack import StackFile, charted
from ops.chart.writing import values_text

ROOT = Path(__file__).parents[1]
CHART = ROOT / "charts" / "fate-party"
RELEASE = "fate"
OWN = ROOT / ".local" / "bin" / "helm"
HELM = str(OWN) if OWN.is_file() else shutil.which("helm")
needs_helm = pytest.mark.skipif(HELM is None, reason="no helm here: make helm")


def stack_in(
    folder: Path,
    keys: Mapping[str, Any],
    stack: str,
    secret_key: str,
    outputs: Mapping[str, Mapping[str, Any]] | None = None,
) -> StackFile:
    """Write a stack's file, and beside it its project, its key and what other stacks tell."""
    folder.mkdir(exist_ok=True)
    (folder / "Pulumi.yaml").write_text("name: fate\n")
    (folder / "key").write_text(f"{secret_key}\n")
    file = folder / f"Pulumi.{stack}.yaml"
    file.write_text(yaml.safe_dump({"config": {f"fate:{k}": v for k, v in keys.items()}}, sort_keys=False))
    told = {}
    for index, (name, values) in enumerate((outputs or {}).items()):
        told[name] = folder / f"outputs-{index}.json"
        told[name].write_text(json.dumps(values))
    return StackFile(file, told, folder / "key")


def text_of(stack: StackFile, party: str) -> str:
    """Return the values of a party as they are printed."""
    return values_text(party_values(charted(stack, party).release), stack.file.name, party)


def helm(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run helm; it is a failure of the test where it ends with one."""
    ended = subprocess.run([str(HELM), *words], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0 or not check, f"helm {' '.join(words)}: {ended.stdout}{ended.stderr}"
    return ended


def rendered(values: Sequence[Path], namespace: str, *words: str) -> list[dict[str, Any]]:
    """Return the objects that the chart makes of values files, one laid over the other."""
    given = [word for file in values for word in ("--values", str(file))]
    told = helm("template", RELEASE, str(CHART), "--namespace", namespace, *given, *words)
    return [each for each in yaml.safe_load_all(told.stdout) if each]
