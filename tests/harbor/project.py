"""A Pulumi project of its own, and the Harbor that it is for."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.engine.plugin_project import pulumi
from tests.harbor.state import ADMIN
from tests.project import ROOT

PROJECT = f"""
name: h
runtime: {{name: python, options: {{toolchain: pip, virtualenv: {ROOT}/.venv}}}}
plugins: {{providers: [{{name: fate-harbor, path: {ROOT}/providers/harbor}}]}}
"""


@dataclass(frozen=True)
class Stack:
    """A project in a folder of its own, and the Harbor that it is for."""

    folder: Path
    url: str

    def run(self, *arguments: str, **more: str) -> tuple[int, str]:
        """Run the CLI, and return its status and all that it says."""
        found = pulumi()
        assert found, "`of` skips where there is no pulumi"
        environment = {
            **os.environ,
            "PATH": f"{Path(found).parent}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": "only for this test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "CHECKOUT": str(ROOT),
            "HARBOR_URL": self.url,
            "HARBOR_PASSWORD": ADMIN[1],
            **more,
        }
        command = [found, *arguments, "--non-interactive"]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout

    @classmethod
    def of(cls, folder: Path, url: str, program: str) -> "Stack":
        """Make a stack of a program; skip where there is no Pulumi to run it."""
        if pulumi() is None:
            pytest.skip("there is no pulumi here: `make pulumi`")
        (folder / "Pulumi.yaml").write_text(PROJECT)
        (folder / "__main__.py").write_text(program)
        (folder / "state").mkdir()
        made = cls(folder, url)
        status, text = made.run("stack", "init", "t")
        assert status == 0, text
        return made

    @property
    def kept(self) -> str:
        """Return all that its state holds."""
        return "".join(file.read_text() for file in (self.folder / "state").rglob("*.json"))
