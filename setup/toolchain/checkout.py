"""Where a checkout has its own Pulumi, how a module of offline/ stands in it, and how this setup speaks."""

import os
import platform
import shlex
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).parents[2]


class SetupFailure(Exception):
    """Something cannot be set up; the texts say what, and what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem, self.remedy = problem, remedy


@dataclass(frozen=True)
class Checkout:
    """The folders of one checkout; `cache` serves every checkout of its user."""

    root: Path
    cache: Path

    @classmethod
    def here(cls) -> "Checkout":
        """Return this checkout."""
        caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        return cls(SOURCES, caches / "fate-federation")

    @property
    def bin(self) -> Path:
        """Return the folder that stands first on PATH after `. setup/activate`."""
        return self.root / ".local" / "bin"

    @property
    def home(self) -> Path:
        """Return the PULUMI_HOME of this checkout's own plugins."""
        return self.root / ".local" / "pulumi-home"

    @property
    def carried(self) -> Path:
        """Return where Pulumi's files of a bundle lie, programs in `bin`, plugins as in a PULUMI_HOME."""
        return self.root / ".local" / "pulumi"

    @property
    def python(self) -> Path:
        """Return the interpreter that offline/ runs on."""
        return SOURCES / ".venv" / "bin" / "python"

    def environment(self) -> dict[str, str]:
        """Return what a command runs with after `. setup/activate`, as far as it chooses programs."""
        own = {
            "PATH": f"{self.bin}:{self.python.parent}:{os.environ.get('PATH', '')}",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        if (self.bin / "pulumi").exists():
            own["PULUMI_HOME"] = os.environ.get("PULUMI_HOME") or str(self.home)
        return {**os.environ, **own}


def place_command(checkout: Checkout, module: str, file: Path) -> None:
    """Write a command that runs a module. -P keeps the working folder out of its import path."""
    interpreter, sources = shlex.quote(str(checkout.python)), shlex.quote(str(SOURCES))
    text = f'#!/usr/bin/env bash\nPYTHONPATH={sources} exec {interpreter} -P -m {module} "$@"\n'
    if is_command(file) and file.read_text() == text:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.part")
    part.write_text(text)
    part.chmod(0o755)
    part.rename(file)


def is_command(file: Path) -> bool:
    """Tell whether a file is such a command, and no program of Pulumi's own."""
    if not file.is_file():
        return False
    with file.open("rb") as content:
        return b" -P -m offline." in content.read(4096)


def system() -> str:
    """Return the operating system as Go and Pulumi's archives call it."""
    return platform.system().lower()


def machine(amd64: str = "amd64") -> str:
    """Return the architecture in Go's words; Pulumi's own archives call amd64 `x64`."""
    return {"x86_64": amd64, "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def say(text: str) -> None:
    """Print a step, as setup/say.sh does."""
    print(f"==> {text}", flush=True)
