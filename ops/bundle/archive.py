"""The file of a bundle while it is written: a tar that is appended to, and gone on with after a kill.

It needs the room of the bundle once, and no step at the end reads it again: what stands in the partial file
is hashed when a run goes on with it, and kept as far as it is what this run would write. Headers have no
time and no owner, so the same content is the same file.
"""

import errno
import fcntl
import hashlib
import io
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ops.bundle.faults import BundleFault

READ = 2**20
END = 2 * tarfile.BLOCKSIZE


@dataclass(frozen=True)
class Entry:
    """A file of the bundle before it is there: `content` yields its bytes from the one that is named on."""

    size: int
    sha256: str
    content: Callable[[int], Iterator[bytes]]
    mode: int = 0o644


@dataclass(frozen=True)
class Member:
    """A file that stands in a bundle: where its header and its content begin."""

    header: int
    content: int
    size: int
    mode: int


def header(name: str, size: int, mode: int) -> bytes:
    """Return the one header that a file of this name, size and mode has in a bundle."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, mode
    return info.tobuf(tarfile.GNU_FORMAT)


def padding(size: int) -> int:
    """Return how many zeros follow a content of that size."""
    return -size % tarfile.BLOCKSIZE


def ending(size: int) -> int:
    """Return how many zeros end a tar whose files take that much."""
    return END + -(size + END) % tarfile.RECORDSIZE


def members_of(file: IO[bytes]) -> dict[str, Member]:
    """Return the files of a tar in their order, as far as it can be read; the last one may be cut."""
    found: dict[str, Member] = {}
    try:
        with tarfile.open(fileobj=file, mode="r:") as tar:
            for info in tar:
                found[info.name] = Member(info.offset, info.offset_data, info.size, info.mode)
    except tarfile.TarError:
        pass
    return found


def memory(content: bytes) -> Entry:
    """Return an entry for what is known already."""
    return Entry(len(content), hashlib.sha256(content).hexdigest(), lambda start: iter([content[start:]]))


def on_disk(file: Path, mode: int = 0o644) -> Entry:
    """Return an entry for a file of this machine, read once to hash it."""
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return Entry(file.stat().st_size, digest, lambda start: _read(file, start), mode)


def write(
    output: Path, entries: Mapping[str, Entry], progress: Callable[[str, int], None] = lambda *_: None
) -> None:
    """Write a bundle, going on with `FILE.partial` where there is one; FILE is there once it is whole.

    Tells `progress` the file and the bytes that it grew by. Raises BundleFault for a content that is not
    what it was said to be, and where there is no room; what is written so far stays for the next run.
    """
    partial = partial_of(output)
    try:
        with partial.open("r+b" if partial.exists() else "w+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _Writer(file, progress).write(entries)
        os.replace(partial, output)
    except OSError as error:
        raise BundleFault(_told(error, output)) from None


def partial_of(output: Path) -> Path:
    """Return where a bundle is written until it is whole."""
    return output.with_name(f"{output.name}.partial")


@dataclass
class _Writer:
    file: IO[bytes]
    progress: Callable[[str, int], None]

    def write(self, entries: Mapping[str, Entry]) -> None:
        done = self._take_over(entries)
        for name, entry in entries.items():
            if name not in done:
                self.file.write(header(name, entry.size, entry.mode))
                self._fill(name, entry, 0, hashlib.sha256())
        self.file.write(bytes(ending(self.file.tell())))
        self.file.flush()
        os.fsync(self.file.fileno())

    def _take_over(self, entries: Mapping[str, Entry]) -> set[str]:
        """Keep what an earlier run wrote, as far as it is wanted and whole; cut off the rest."""
        done: set[str] = set()
        length = self.file.seek(0, io.SEEK_END)
        end = 0
        for name, member in members_of(self._from_start()).items():
            entry = entries.get(name)
            if entry is None or not self._is_begun(name, entry, member, end):
                break
            seen = hashlib.sha256()
            known = self._hash(member, min(member.size, length - member.content), seen, name)
            if known == member.size and seen.hexdigest() != entry.sha256:
                self.progress(name, -known)
                break
            if known < member.size:
                self._cut(member.content + known)
                self._fill(name, entry, known, seen)
                return {*done, name}
            done.add(name)
            end = member.content + member.size + padding(member.size)
        self._cut(end)
        return done

    def _is_begun(self, name: str, entry: Entry, member: Member, end: int) -> bool:
        if member.header != end:
            return False
        self.file.seek(end)
        wanted = header(name, entry.size, entry.mode)
        return self.file.read(len(wanted)) == wanted

    def _hash(self, member: Member, size: int, seen: "hashlib._Hash", name: str) -> int:
        self.file.seek(member.content)
        left = size
        while left and (piece := self.file.read(min(left, READ))):
            seen.update(piece)
            self.progress(name, len(piece))
            left -= len(piece)
        return size - left

    def _fill(self, name: str, entry: Entry, known: int, seen: "hashlib._Hash") -> None:
        begun = self.file.tell() - known
        for piece in entry.content(known):
            self.file.write(piece)
            seen.update(piece)
            known += len(piece)
            self.progress(name, len(piece))
        if known != entry.size or seen.hexdigest() != entry.sha256:
            self._cut(begun)
            self.progress(name, -known)
            raise BundleFault(
                f"{name} came with other bytes than its digest says, {known} of them instead of"
                f" {entry.size}: they were thrown away. Run the same command again; if it stays so, what it"
                " comes from is damaged."
            )
        self.file.write(bytes(padding(entry.size)))

    def _cut(self, size: int) -> None:
        """End the file there; what is short of it is filled with zeros, for what ends within a padding."""
        self.file.truncate(size)
        self.file.seek(size)

    def _from_start(self) -> IO[bytes]:
        self.file.seek(0)
        return self.file


def _read(file: Path, start: int) -> Iterator[bytes]:
    with file.open("rb") as opened:
        opened.seek(start)
        while piece := opened.read(READ):
            yield piece


def _told(error: OSError, output: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return (
            f"{output} does not fit there ({error.strerror}): what is written stays in"
            f" {partial_of(output).name}. Make room and run the same command again, which goes on from there."
        )
    if error.errno == errno.EWOULDBLOCK:
        return f"another run writes {output} now: wait for it, or write another --output."
    return f"{output} cannot be written: {error.strerror}. Write another --output."
