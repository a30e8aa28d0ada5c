"""A git repository with this program in it, for previews of changes to it."""

import copy
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Values = dict[str, Any]
ROOT = Path(__file__).parents[2]
PROGRAM = ("__main__.py", "charts", "clients", "config", "components", "images", "providers", "Pulumi.yaml")
LEFT_OUT = ("__pycache__", "made")
"""What this machine made, the base image's root filesystem among it."""
IDENTITY = {"GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@example.org"}
IDENTITY |= {"GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@example.org"}
ENGINES = {"computing": "standalone", "storage": "standalone", "federation": "rabbitmq"}


@dataclass(frozen=True)
class History:
    """A repository whose first commit is the base of every change."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> "History":
        """Make a repository with this program, and no stack."""
        folder.mkdir(exist_ok=True)
        for name in PROGRAM:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns(*LEFT_OUT))
            else:
                shutil.copy(source, folder / name)
        history = cls(folder)
        history.git("init", "--quiet", "--initial-branch", "main")
        return history

    def git(self, *command: str) -> str:
        """Run git in the folder."""
        done = subprocess.run(
            ["git", "-c", "core.hooksPath=/dev/null", *command],
            cwd=self.folder,
            env=os.environ | IDENTITY,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def commit(self, message: str = "A change") -> str:
        """Commit whatever is in the folder; return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def stack(self, name: str, values: Mapping[str, Any], secret: str = "v1:aaaa:bbbb") -> None:
        """Write a stack's file with these `fate:` keys and an encrypted secret."""
        config = {f"fate:{key}": value for key, value in values.items()}
        config["fate:secret-key"] = {"secure": secret}
        text = yaml.safe_dump({"config": config}, sort_keys=False)
        (self.folder / f"Pulumi.{name}.yaml").write_text(text)


CLUSTER = {
    "kind": "kubernetes",
    "context": "fate-cluster",
    "storage": {"size": {"database": "1Gi", "broker": "1Gi"}},
    "gateway-replicas": 2,
}


def cluster_values() -> Values:
    """Return the keys of a stack of two parties on a cluster and their mirror on Docker."""
    made = values(mirror={"kind": "distribution", "port": 5000, "address": "localhost:5000"})
    for party in made["parties"]:
        del party["api"]
        party["runtime"] = copy.deepcopy(CLUSTER)
    return made


def values(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - any key of a stack
    """Return the keys of a stack of two parties and their mirror."""
    parties = [{"id": id, "engines": dict(ENGINES), "api": {"port": port}} for id, port in PARTIES]
    return {
        "release": "2.2.0",
        "runtime": {"kind": "docker"},
        "images": {"from": "packages"},
        "mirror": {"kind": "distribution", "port": 5000},
        "parties": parties,
        **more,
    }


PARTIES = (("9999", 9380), ("10000", 9381))
