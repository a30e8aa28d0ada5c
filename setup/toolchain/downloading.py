"""Downloads that are resumed where they broke off, and used only if they are what their publisher says."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from clients.failures import Failure, Refused
from clients.registry import answered
from setup.toolchain.checkout import SetupFailure, say
from setup.toolchain.publisher import Archive

ASKED = 5
"""Seconds within which a server has to say whether it has a file."""
STALLED = 60
ATTEMPTS = 4
DIGESTS = {40: hashlib.sha1, 64: hashlib.sha256, 128: hashlib.sha512}
"""By the length of what is published: the Docker plugin's release has SHA-1, the others have SHA-256."""


def unpacked(archive: Archive, folder: Path, downloads: Path, *, strip: int) -> bool:
    """Download an archive, check it, and put its content into a new folder. False where it cannot be had.

    The folder appears whole or not at all. Raises SetupFailure for an archive that is not what it should be.
    """
    address = next((address for address in archive.addresses if _has(f"{address}/{archive.name}")), None)
    if address is None:
        return False
    wanted = _published(archive)
    if wanted is None:
        say(f"{archive.name}: {archive.checksums} cannot be had, and unchecked it is not used")
        return False
    downloads.mkdir(parents=True, exist_ok=True)
    with _alone(downloads / f"{archive.name}.lock"):
        file = downloads / f"{archive.name}.part"
        say(f"downloading {archive.name}")
        if not _fetched(f"{address}/{archive.name}", file):
            say(f"{archive.name}: the download broke off {ATTEMPTS} times; the next run goes on from there")
            return False
        _check(file, archive, wanted)
        _unpack(file, folder, strip)
        file.unlink()
    return True


def _has(url: str) -> bool:
    """Tell whether a server has a file; one that knows no HEAD may have it."""
    try:
        with answered("HEAD", url, timeout=ASKED) as answer:
            return answer.status < 400 or answer.status in (405, 501)
    except Failure:
        return False


def _published(archive: Archive) -> str | None:
    """Return the checksum that the first address which has one publishes."""
    for address in archive.addresses:
        with suppress(Failure), answered("GET", f"{address}/{archive.checksums}", timeout=ASKED) as answer:
            checksums = str(answer.data, "utf-8", "replace") if answer.status < 400 else ""
            if digest := _digest_in(checksums, archive.name):
                return digest
    return None


def _digest_in(checksums: str, name: str) -> str | None:
    """Return the digest of a file from what `shasum` or `sha256sum` wrote."""
    for line in checksums.splitlines():
        digest, _, file = line.partition(" ")
        if file.strip().lstrip("*").removeprefix("./") == name:
            return digest.lower()
    return None


def _fetched(url: str, file: Path) -> bool:
    for _ in range(ATTEMPTS):
        with suppress(OSError, Failure):
            _fetch_rest(url, file)
            return True
    return False


def _fetch_rest(url: str, file: Path) -> None:
    """Fetch what is missing of a file; a server that does not resume gives it whole."""
    there = file.stat().st_size if file.exists() else 0
    rest = {"Range": f"bytes={there}-"} if there else {}
    with answered("GET", url, rest, timeout=STALLED) as answer:
        if answer.status == 416:  # nothing is missing
            return
        if answer.status >= 400:
            raise Refused(answer.status, answer.reason or "")
        with file.open("ab" if answer.status == 206 else "wb") as out:
            shutil.copyfileobj(answer, out)


def _check(file: Path, archive: Archive, wanted: str) -> None:
    """Refuse a file that has another checksum, and keep nothing of it."""
    digest = DIGESTS.get(len(wanted))
    if digest is None:
        file.unlink()
        raise SetupFailure(
            f"{archive.checksums} tells no checksum of {archive.name}, but {wanted!r}", "Ask who serves it."
        )
    with file.open("rb") as content:
        found = hashlib.file_digest(content, digest).hexdigest()
    if found != wanted:
        file.unlink()
        raise SetupFailure(
            f"{archive.name} is not what its publisher's checksum says: {found} instead of {wanted}",
            "Nothing of it was kept. Run this again; if it stays so, do not use it, and tell who serves it.",
        )


def _unpack(file: Path, folder: Path, strip: int) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unpacking-") as temporary:
        made = Path(temporary) / "content"
        made.mkdir()
        command = ["tar", "--extract", "--gzip", f"--file={file}", f"--directory={made}", "--no-same-owner"]
        subprocess.run([*command, f"--strip-components={strip}"], check=True)
        made.rename(folder)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Let one checkout at a time download an archive."""
    descriptor = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
