"""What the base image is built from on this machine, in a folder of one name everywhere.

Debian's official image where a hub can be reached; else the root filesystem that `fate images base`
bootstrapped. A resource that builds the base names this folder, so it reads the same on every machine.
"""

import os
import shutil
import tempfile
from pathlib import Path

from images.recipes import BASE, context, recipe_digest

_FROM_ROOT = """FROM scratch
ADD {archive} /
CMD ["sh"]
LABEL org.opencontainers.image.title="fate-base" \\
      org.opencontainers.image.version="12"
"""


def folder() -> Path:
    """Return the git-ignored folder of what this machine made for the base."""
    return context(BASE) / "made"


def root_filesystem() -> Path:
    """Return where this machine keeps the bootstrapped root filesystem of this base, if it has one."""
    return folder() / f"rootfs-{recipe_digest(BASE)}.tar"


def shared_root_filesystem() -> Path:
    """Return where this user keeps it for every checkout.

    An engine knows a build of the same bytes; those of another run of debootstrap it builds anew.
    """
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return caches / "fate-federation" / root_filesystem().name


def base_context() -> Path:
    """Write the folder that `docker build` gets for the base, and return it."""
    folder().mkdir(exist_ok=True)
    archive = root_filesystem()
    if archive.is_file():
        _write("Dockerfile", _FROM_ROOT.format(archive=archive.name))
    else:
        for name in ("Dockerfile", "slim.sh"):
            _write(name, (context(BASE) / name).read_text())
    return folder()


def keep_root_filesystem(archive: Path) -> Path:
    """Take in an archive of a root filesystem, instead of those of earlier recipes; return where it lies."""
    folder().mkdir(exist_ok=True)
    for earlier in folder().glob("rootfs-*.tar"):
        earlier.unlink()
    if archive != shared_root_filesystem():
        _copy(archive, shared_root_filesystem())
    return _copy(archive, root_filesystem())


def _copy(archive: Path, place: Path) -> Path:
    """Copy an archive whole or not at all: another checkout may do so now."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, suffix=".part", delete=False) as part:
        shutil.copyfile(archive, part.name)
    os.chmod(part.name, 0o644)
    return Path(part.name).replace(place)


def _write(name: str, text: str) -> None:
    """Write a file whole or not at all: another stack may build from this folder now."""
    path = folder() / name
    if path.is_file() and path.read_text() == text:
        return
    with tempfile.NamedTemporaryFile("w", dir=folder(), delete=False) as part:
        part.write(text)
    os.chmod(part.name, 0o644)
    os.replace(part.name, path)
