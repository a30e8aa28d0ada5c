"""The far side of an air gap: a network that has loopback alone, with an engine and a checkout of its own.

Engine and programs stand in one network namespace, and the engine begins without images, so nothing comes
there but by files. Needs root, util-linux and the Docker engine's own program.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.project import ROOT

ENGINE = """
mount -t tmpfs tmpfs /run
ip link set lo up
exec dockerd --config-file {folder}/daemon.json --data-root {folder}/engine --exec-root /run/far \
    --pidfile /run/far.pid --host unix://{folder}/engine.sock --exec-opt native.cgroupdriver=cgroupfs
"""
APART = ("--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
LIMIT = 300
STARTS = 60
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PROGRAMS = ("dockerd", "docker", "unshare", "nsenter", "setpriv", "ip", "git", "ssh-keygen")


def what_is_missing() -> str:
    """Return why this machine can have no far side; nothing where it can."""
    if os.geteuid() != 0:
        return "only root makes a network with an engine in it"
    missing = [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]
    return f"no {', '.join(missing)} on this machine" if missing else ""


@dataclass(frozen=True)
class FarSide:
    """A network, by a process in it, and the folder that its engine and its checkout have."""

    process: int
    folder: Path

    @property
    def checkout(self) -> Path:
        """Return the folder of the checkout there."""
        return self.folder / "checkout"

    @property
    def engine(self) -> str:
        """Return the address of the engine there, as `fate:runtime.host` names it."""
        return f"unix://{self.folder}/engine.sock"

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of every command: nothing of this side's, and no home that knows a login."""
        python = os.path.realpath(sys.executable)
        return {"PATH": PATH, "HOME": str(self.folder), "DOCKER_HOST": self.engine, "FATE_PYTHON": python}

    def run(self, script: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a script in the checkout there; its output is kept, and shown when it fails."""
        ended = subprocess.run(
            ["nsenter", f"--net=/proc/{self.process}/ns/net", "bash", "-euo", "pipefail", "-c", script],
            cwd=self.checkout,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        assert ended.returncode == 0 or not check, f"{script}\n{ended.stdout}{ended.stderr}"
        return ended

    def docker(self, *words: str) -> str:
        """Ask the engine there."""
        return subprocess.run(
            ["docker", "--host", self.engine, *words], capture_output=True, text=True, check=True
        ).stdout.strip()


@contextmanager
def far_side() -> Iterator[FarSide]:
    """Make it, and take it away with all that its engine has."""
    folder = ROOT / ".local" / "far"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "daemon.json").write_text("{}")
    _copy_checkout(folder / "checkout")
    command = ["setpriv", "--pdeathsig", "KILL", "unshare", *APART, "sh", "-ec", ENGINE.format(folder=folder)]
    with (
        (folder / "engine.log").open("w") as log,
        subprocess.Popen(command, stdout=log, stderr=log, env={"PATH": PATH}) as engine,
    ):
        far = FarSide(engine.pid, folder)
        try:
            _wait_for(far)
            yield far
            _remove(far.docker("container", "ls", "--all", "--quiet").split(), far)
        finally:
            engine.kill()
    _delete(folder)


def _copy_checkout(target: Path) -> None:
    """Copy what git knows of this checkout, as it stands here."""
    known = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    told = subprocess.run(known, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, told.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def _wait_for(far: FarSide) -> None:
    for _ in range(STARTS * 5):
        asked = subprocess.run(["docker", "--host", far.engine, "version"], capture_output=True, check=False)
        if asked.returncode == 0:
            return
        time.sleep(0.2)
    raise AssertionError(f"the far engine does not answer:\n{(far.folder / 'engine.log').read_text()}")


def _delete(folder: Path) -> None:
    """Delete what an engine had, whose processes are about to end."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.5)
    raise AssertionError(f"{folder} cannot be deleted: something still uses it")


def _remove(containers: Sequence[str], far: FarSide) -> None:
    """Remove containers while their engine lives: it alone takes their control groups away."""
    if containers:
        far.docker("container", "rm", "--force", *containers)
