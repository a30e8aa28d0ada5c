"""The offline preview tells what `pulumi preview` tells, for changes to every setting and to the program."""

import copy
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import DockerException

from tests.cluster.conftest import CLUSTER, with_namespaces_removed
from tests.cluster.kubectl import cluster_is_missing
from tests.declared.preview_change import Change
from tests.declared.preview_changes import CHANGES, CLUSTER_CHANGES
from tests.declared.preview_foresight import Foresight
from tests.declared.preview_repository import History, values
from tests.engine.plugin_project import pulumi
from tests.project import ROOT, Project, Stack

NOT_OURS = ("pulumi:pulumi:Stack", "pulumi:pulumi:StackReference")
UNMOVED = ("same", "refresh", "read")
AT_ONCE = 3
"""Previews that run side by side: they take no lock, and each waits for others now and then."""

Told = Mapping[str, tuple[str, frozenset[str]]]
"""For each resource that moves, by its name: what happens to it, and the properties that differ."""


@dataclass(frozen=True)
class Deployed:
    """A stack that is up as its folder says, and what its changes come to."""

    stack: Stack
    base: dict[str, Any]
    foresight: Foresight
    compared: Mapping[str, Future[tuple[Told, Told]]]

    def both(self, name: str) -> tuple[Told, Told]:
        """Return what is foreseen of a change, and what Pulumi's own preview says of it."""
        return self.compared[name].result()


@contextmanager
def up(folder: Path, name: str, base: dict[str, Any]) -> Iterator[Stack]:
    """Deploy a stack from a copy of the program, and take it away."""
    History.at(folder)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / "state").mkdir()
    stack = Project(folder).stack(name, base)
    try:
        stack.up()
        yield stack
    finally:
        stack.destroy()
