"""Small Pulumi projects that run with the real CLI on the checkout's own language host and Docker plugin."""

import io
import json
import os
import shutil
import subprocess
import tarfile
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[2]
COMMANDS = ("sh", "sleep", "cat", "chmod", "cp", "ls", "true", "false", "test", "sha256sum")
PREAMBLE = """
import json
import os

import pulumi
import pulumi_docker as docker
from pulumi import ResourceOptions

settings = json.loads(os.environ["PLUGIN_TEST"])
prefix, image = settings["prefix"], settings["image"]
provider = docker.Provider("docker", host=settings.get("host", "unix:///var/run/docker.sock"))


def options(**more):
    return ResourceOptions(provider=provider, delete_before_replace=True, **more)


def upload(file, content, **more):
    whole = {"content_base64": "", "executable": False, "source": "", "source_hash": ""} | more
    return docker.ContainerUploadArgs(file=file, content=content, **whole)


def label(name, value, kind=docker.ContainerLabelArgs):
    return kind(label=name, value=value)
"""


def pulumi() -> str | None:
    """Return the CLI that this checkout uses."""
    return shutil.which("pulumi", path=f"{CHECKOUT / '.local/bin'}{os.pathsep}{os.environ['PATH']}")


@dataclass
class Answer:
    """What a command of the CLI said."""

    code: int
    text: str

    def steps(self) -> dict[str, str]:
        """Return what a preview in JSON would do, by the resource's name; what stays is left out."""
        steps = json.loads(self.text[self.text.index("{") :])["steps"]
        return {s["urn"].split("::")[-1]: s["op"] for s in steps if s["op"] not in ("same", "refresh")}


@dataclass
class Project:
    """A project of its own in a folder, with its own state and plugins."""

    folder: Path
    prefix: str
    settings: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def write(self, program: str) -> None:
        """Write the program, after what every program here begins with."""
        (self.folder / "__main__.py").write_text(PREAMBLE + textwrap.dedent(program))

    def start(self, image: str) -> None:
        """Make the stack `t`, and the plugin's place in a PULUMI_HOME of its own."""
        plugin = self.folder / "home/plugins/resource-docker-v5.1.0/pulumi-resource-docker"
        _command(plugin, "offline.docker")
        language = self.folder / "bin/pulumi-language-python"
        _command(language, "offline.language_host")
        (self.folder / "Pulumi.yaml").write_text("name: plugged\nruntime: python\n")
        self.settings |= {"prefix": self.prefix, "image": image}
        (self.folder / "state").mkdir()
        assert self.run("stack", "init", "t").code == 0

    @contextmanager
    def changed(self, **settings: str) -> Iterator[None]:
        """Give the program other settings for a while."""
        before = self.settings
        self.settings = {**before, **settings}
        yield
        self.settings = before

    def run(self, *arguments: str) -> Answer:
        """Run the CLI in the project."""
        found = pulumi()
        assert found, "the fixture skips where there is no pulumi"
        done = subprocess.run(
            [found, *arguments, "--non-interactive"],
            cwd=self.folder,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return Answer(done.returncode, done.stdout)

    def up(self, *arguments: str) -> Answer:
        """Run `up`, whether it ends well or not."""
        return self.run("up", "--yes", "--skip-preview", "--stack", "t", *arguments)

    def made(self, *arguments: str) -> Answer:
        """Run an `up` that must end well."""
        answer = self.up(*arguments)
        assert answer.code == 0, answer.text
        return answer

    def changes(self, *arguments: str) -> dict[str, str]:
        """Return what `preview` would do, by resource; empty when all is as declared."""
        answer = self.run("preview", "--json", "--stack", "t", *arguments)
        assert answer.code == 0, answer.text
        return answer.steps()

    def drift(self) -> str:
        """Return what a refresh would find, as a user sees it; empty when all is as it was."""
        answer = self.run("refresh", "--preview-only", "--diff", "--expect-no-changes", "--stack", "t")
        return "" if answer.code == 0 else answer.text

    def diff(self, *arguments: str) -> str:
        """Return `preview --diff` as a user sees it."""
        return self.run("preview", "--diff", "--stack", "t", *arguments).text

    def outputs(self) -> Any:  # noqa: ANN401 -- a stack may export anything
        """Return the stack's outputs."""
        return json.loads(self.run("stack", "output", "--json", "--stack", "t").text)

    def _environment(self) -> dict[str, str]:
        path = os.pathsep.join(
            (str(self.folder / "bin"), str(CHECKOUT / ".local/bin"), os.environ.get("PATH", ""))
        )
        own = {
            "PATH": path,
            "PLUGIN_TEST": json.dumps(self.settings),
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
        return inherited | own | self.environment


def rootfs() -> bytes:
    """Return a small root file system, as a tar: a few commands of this machine, and what they load."""
    programs = [found for name in COMMANDS if (found := shutil.which(name))]
    libraries = {line for each in programs for line in _loaded(each)}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", dereference=True) as tar:
        for file in programs:
            _add(tar, Path(file), f"bin/{Path(file).name}")
        for file in sorted(libraries):
            _add(tar, Path(file), file.lstrip("/"))
    return packed.getvalue()


def _loaded(program: str) -> list[str]:
    told = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return [word for word in told.split() if word.startswith("/")]


def _add(tar: tarfile.TarFile, file: Path, name: str) -> None:
    entry = tarfile.TarInfo(name)
    content = file.read_bytes()
    entry.size, entry.mode = len(content), 0o755
    tar.addfile(entry, io.BytesIO(content))


def _command(file: Path, module: str) -> None:
    file.parent.mkdir(parents=True)
    python = CHECKOUT / ".venv/bin/python"
    file.write_text(f'#!/bin/sh\nPYTHONPATH="{CHECKOUT}" exec "{python}" -P -m {module} "$@"\n')
    file.chmod(0o755)
