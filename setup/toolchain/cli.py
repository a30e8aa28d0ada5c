"""The Pulumi CLI with its Python language host: installed, or downloaded, or built."""

import hashlib
import os
import shutil
import subprocess
import time
from pathlib import Path

from setup.toolchain import publisher
from setup.toolchain.checkout import SOURCES, Checkout, SetupFailure, place_command, say
from setup.toolchain.downloading import unpacked

HOST = "pulumi-language-python"
MODULE = SOURCES / "offline" / "pulumi"


def set_up_cli(checkout: Checkout, version: str) -> Path:
    """Return the CLI that runs in this checkout. An installed or downloaded one goes before a built one."""
    if (found := _installed(checkout, version)) is not None:
        for name in ("pulumi", HOST):
            (checkout.bin / name).unlink(missing_ok=True)
        say(f"pulumi {_version(found)}: installed, {found}")
        return found
    downloaded, built = checkout.cache / f"pulumi-{version}-official", checkout.cache / f"pulumi-{_recipe()}"
    if (downloaded / "pulumi").exists() or (not (built / "pulumi").exists() and _download(checkout, version)):
        (checkout.bin / HOST).unlink(missing_ok=True)
        link(checkout, downloaded / "pulumi")
        say(f"pulumi {version}: the official one, in {downloaded}")
        return downloaded / "pulumi"
    if not (built / "pulumi").exists():
        _build(built, version)
    _place(checkout, built / "pulumi")
    place_command(checkout, "offline.language_host", checkout.bin / HOST)
    say(f"pulumi {version}: built here from its Go module; Python programs run on offline/language_host.py")
    return built / "pulumi"


def link(checkout: Checkout, cli: Path) -> None:
    """Let `pulumi` be that program. It looks for its language host beside the file that it really is."""
    checkout.bin.mkdir(parents=True, exist_ok=True)
    part = checkout.bin / "pulumi.part"
    part.unlink(missing_ok=True)
    part.symlink_to(cli)
    part.rename(checkout.bin / "pulumi")


def _installed(checkout: Checkout, version: str) -> Path | None:
    """Return the first pulumi on PATH that has its language host beside it and is new enough."""
    for folder in map(Path, os.environ.get("PATH", "").split(":")):
        pulumi = folder / "pulumi"
        if folder == checkout.bin or not all(os.access(folder / name, os.X_OK) for name in ("pulumi", HOST)):
            continue
        found = _version(pulumi)
        if _numbers(found) >= _numbers(version):
            return pulumi
        say(f"{pulumi} is {found or 'of no version'}; {version} or newer is needed")
    return None


def _version(pulumi: Path) -> str:
    asked = subprocess.run([pulumi, "version"], capture_output=True, text=True, check=False)
    return asked.stdout.strip().removeprefix("v") if asked.returncode == 0 else ""


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.partition("-")[0].partition("+")[0].split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else ()


def _download(checkout: Checkout, version: str) -> bool:
    folder = checkout.cache / f"pulumi-{version}-official"
    return unpacked(publisher.cli(version), folder, checkout.cache / "downloads", strip=1)


def _recipe() -> str:
    """Return the hash of what a CLI is built from: go.sum names every part of it by its hash."""
    return hashlib.sha256((MODULE / "go.mod").read_bytes() + (MODULE / "go.sum").read_bytes()).hexdigest()[
        :16
    ]


def _build(folder: Path, version: str) -> None:
    if shutil.which("go") is None:
        raise SetupFailure(
            f"pulumi {version} is not installed and can neither be downloaded nor built",
            f"Install Pulumi {version} or newer; or Go 1.26, which builds it here.",
        )
    say(f"pulumi {version}: cannot be downloaded; building it from its Go module (3 to 5 minutes, only once)")
    folder.mkdir(parents=True, exist_ok=True)
    began, part = time.monotonic(), folder / "pulumi.part"
    stamp = f"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{version}"
    command = ["go", "build", "-trimpath", "-o", str(part), "-ldflags", f"-s -w -X {stamp}"]
    package = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
    log = folder / "build.log"
    with log.open("w") as output:
        done = subprocess.run(
            [*command, package],
            cwd=MODULE,
            env={**os.environ, "CGO_ENABLED": "0"},
            stderr=output,
            check=False,
        )
    if done.returncode:
        raise SetupFailure(
            f"pulumi {version} could not be built", f"What go says stands in {log}. Then run this again."
        )
    part.rename(folder / "pulumi")
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    say(f"pulumi {version}: built from its Go module, {minutes}m{seconds}s")


def _place(checkout: Checkout, cli: Path) -> None:
    """Put the program itself, no link, into the checkout: its language host stands beside it there."""
    target, part = checkout.bin / "pulumi", checkout.bin / "pulumi.part"
    if target.exists() and not target.is_symlink() and target.samefile(cli):
        return
    checkout.bin.mkdir(parents=True, exist_ok=True)
    part.unlink(missing_ok=True)
    try:
        part.hardlink_to(cli)
    except OSError:
        shutil.copy2(cli, part)
    part.rename(target)
