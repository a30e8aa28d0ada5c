"""What stacks declare on Kubernetes, written as the YAML that checkov reads. Nothing is made from it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.declared.kubernetes_stacks import STACKS
from tests.declared.program import declare, stack_file

STACK = "dev-kubernetes"
SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key by which Pulumi marks a value that is no plain one, such as a secret."""


def write_stacks(folder: Path) -> int:
    """Write a file for each kind of stack, and return how many objects they hold."""
    return sum(
        _write(folder / f"{name}.yaml", values)
        for name, values in {STACK: stack_file(STACK), **STACKS}.items()
    )


def _write(file: Path, values: Mapping[str, Any]) -> int:
    declared = declare(values, stack=STACK)
    objects = [plain(r.inputs) for r in declared.resources if r.typ.startswith("kubernetes:")]
    file.write_text(yaml.safe_dump_all(objects))
    return len(objects)


def plain(value: Any) -> Any:  # noqa: ANN401 - any value of an object
    """Return a value as an API server gets it: secrets open, whole numbers whole."""
    match value:
        case Mapping() if SIGNATURE in value:
            return plain(value["value"])
        case Mapping():
            return {name: plain(part) for name, part in value.items()}
        case list():
            return [plain(part) for part in value]
        case float() if value.is_integer():
            return int(value)
    return value
