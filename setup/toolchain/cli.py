"""The Pulumi CLI with its Python language host: installed, or carried here, or downloaded, or built."""

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
    """Return the CLI that runs in this checkout. An official one goes before a built one.

    What a bundle carried here is as good as what would be downloaded, or built.
    """
    if (found := _installed(checkout, version)) is not None:
        for name in ("pulumi", HOST):
            (checkout.bin / name).unlink(missing_ok=True)
        say(f"pulumi {_version(found)}: installed, {found}")
        return found
    downloaded, built = checkout.cache / f"pulumi-{version}-official", checkout.cache / f"pulumi-{_recipe()}"
    carried = checkout.carried / "bin"
    official = carried if _is_whole(carried) and _is_enough(carried / "pulumi", version) else downloaded
    if not _is_whole(carried):
        _keep(carried / "pulumi", built / "pulumi", version)
    if (official / "pulumi").exists() or (not (built / "pulumi").exists() and _download(checkout, version)):
        (checkout.bin / HOST).unlink(missing_ok=True)
        link(checkout, official / "pulumi")
        say(f"pulumi {version}: the official one, in {official}")
        return official / "pulumi"
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
        if folder != checkout.bin and _is_whole(folder) and _is_enough(pulumi, version):
            return pulumi
    return None


def _is_whole(folder: Path) -> bool:
    """Tell whether a folder has the CLI with its language host beside it."""
    return all(os.access(folder / name, os.X_OK) for name in ("pulumi", HOST))


def _is_enough(pulumi: Path, version: str) -> bool:
    found = _version(pulumi)
    if _numbers(found) < _numbers(version):
        say(f"{pulumi} is {found or 'of no version'}; {version} or newer is needed")
        return False
    return True


def _version(pulumi: Path) -> str:
    asked = subprocess.run([pulumi, "version"], capture_output=True, text=True, check=False)
    return asked.stdout.strip().removeprefix("v") if asked.returncode == 0 else ""


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.partition("-")[0].partition("+")[0].split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else ()


def _download(checkout: Checkout, version: str) -> bool:
    folder = checkout.cache / f"pulumi-{version}-official"
    return unpacked(publisher.cli(version), folder, checkout.cache / "downloads", strip=1)


def _keep(carried: Path, built: Path, version: str) -> None:
    """Keep a CLI that was built elsewhere as if it had been built here."""
    if built.exists() or not carried.exists() or _version(carried) != version:
        return
    built.parent.mkdir(parents=True, exist_ok=True)
    part = built.with_name("pulumi.part")
    shutil.copy2(carried, part)
    part.rename(built)


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
