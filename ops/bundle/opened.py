"""A bundle that is there: what it says of itself, and whether every byte of it is what it was.

Every byte counts: the content of each file by its checksum, its header by being the only one that this
program writes for that name, size and mode, and what lies between by being zero.
"""

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from clients.manifests import Manifest, NoManifest
from ops.bundle.archive import END, READ, Member, ending, header, members_of, padding
from ops.bundle.faults import BundleFault
from ops.bundle.record import (
    CHECKSUMS,
    FOLDERS,
    FORMAT,
    INDEX,
    LAYOUT,
    RECORD,
    SIGNATURE,
    Artifact,
    Record,
    blob_path,
    identity_of,
)

LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
SHOWN = 5
AGAIN = "Nothing of it was used. Copy the bundle anew, or make it anew."


class Slice(io.RawIOBase):
    """A part of a file, as a file of its own."""

    def __init__(self, path: Path, start: int, size: int) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._start, self._size, self._at = start, size, 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be read again."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place in the part."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        """Return the place in the part."""
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read what comes next."""
        self._file.seek(self._start + self._at)
        piece = self._file.read(min(len(buffer), self._size - self._at))
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


@dataclass(frozen=True)
class Opened:
    """A bundle by its file; `open_bundle` makes one."""

    file: Path
    members: dict[str, Member]
    checksums: dict[str, str]
    """By path, the SHA-256 of each file."""
    record: Record
    identity: str
    _manifests: dict[str, Manifest] = field(default_factory=dict)

    def read(self, path: str) -> bytes:
        """Return the content of a small file."""
        return _content(self.file, self.members[path])

    def blob(self, digest: str, start: int, size: int) -> IO[bytes]:
        """Return a part of a blob as a file."""
        member = self.members[blob_path(digest)]
        raw = Slice(self.file, member.content + start, size)
        return io.BufferedReader(raw, READ)

    def holds(self, digest: str) -> bool:
        """Tell whether a blob or a manifest is in this very file."""
        return blob_path(digest) in self.members

    def manifest(self, digest: str) -> Manifest:
        """Return a manifest."""
        if digest not in self._manifests:
            self._manifests[digest] = Manifest(self.read(blob_path(digest)))
        return self._manifests[digest]

    def manifests_of(self, artifact: Artifact) -> Iterator[Manifest]:
        """Yield the manifests of an image or a chart, those that an index lists before the index."""
        yield from self._below(artifact.digest)

    def images_by_blob(self) -> dict[str, tuple[str, ...]]:
        """Return the images and charts that have each blob, by name; also of blobs that were left out."""
        found: dict[str, dict[str, None]] = {}
        for artifact in self.record.artifacts:
            for manifest in self.manifests_of(artifact):
                for blob in manifest.blobs:
                    found.setdefault(blob.digest, {})[artifact.name] = None
        return {digest: tuple(names) for digest, names in found.items()}

    def files(self) -> dict[str, str]:
        """Return the SHA-256 of each file that no registry keeps, also of those that were left out."""
        folders = tuple(FOLDERS.values())
        here = {path: told for path, told in self.checksums.items() if path.startswith(folders)}
        return self.record.files_left_out | here

    def verify(self, progress: Callable[[str, int], None] = lambda *_: None) -> None:
        """Read the whole bundle. Raises BundleFault that names every file with another byte."""
        damaged = list(self._damaged(progress))
        if damaged:
            shown = "\n  ".join(damaged[:SHOWN])
            more = f"\n  and {len(damaged) - SHOWN} more" if len(damaged) > SHOWN else ""
            raise BundleFault(f"{self.file} is damaged:\n  {shown}{more}\n{AGAIN}")

    def _below(self, digest: str) -> Iterator[Manifest]:
        manifest = self.manifest(digest)
        for child in manifest.children:
            if self.holds(child):
                yield from self._below(child)
        yield manifest

    def _damaged(self, progress: Callable[[str, int], None]) -> Iterator[str]:
        yield from self._missing()
        end = 0
        with self.file.open("rb") as file:
            for name, member in self.members.items():
                if member.header != end:
                    yield f"{name}: what stands before it is no file of a bundle"
                file.seek(member.header)
                if file.read(member.content - member.header) != header(name, member.size, member.mode):
                    yield f"{name}: its header is another"
                yield from self._damaged_content(file, name, member, progress)
                end = member.content + member.size + padding(member.size)
            if file.read() != bytes(ending(end)):
                yield f"what follows its last file, {name}, is no end of a bundle"

    def _missing(self) -> Iterator[str]:
        size = self.file.stat().st_size
        last = next(reversed(self.members))
        for path in self.checksums.keys() - self.members.keys():
            yield f"{self._in_words(path)}: missing; the bundle breaks off or cannot be read after {last}"
        for path in self.members.keys() - self.checksums.keys() - {CHECKSUMS, SIGNATURE}:
            yield f"{path}: no checksum is known of it"
        if size < END:
            yield f"it has {size} bytes"

    def _damaged_content(
        self, file: IO[bytes], name: str, member: Member, progress: Callable[[str, int], None]
    ) -> Iterator[str]:
        seen, left = sha256(), member.size
        while left and (piece := file.read(min(left, READ))):
            seen.update(piece)
            progress(name, len(piece))
            left -= len(piece)
        if left:
            yield f"{self._in_words(name)}: breaks off {left} bytes before its end"
        elif name in self.checksums and seen.hexdigest() != self.checksums[name]:
            yield f"{self._in_words(name)}: its bytes are others: they hash to {seen.hexdigest()}"
        if file.read(padding(member.size)).strip(b"\0"):
            yield f"{name}: what follows it is not empty"

    def _in_words(self, path: str) -> str:
        """Return a path with the images that it is of."""
        try:
            digest = f"sha256:{path.rpartition('/')[2]}"
            images = self.images_by_blob().get(digest, ())
        except (ValueError, KeyError, TypeError, AttributeError):
            images = ()
        return f"{path} of {', '.join(images)}" if images else path


def open_bundle(file: Path) -> Opened:
    """Open a bundle without reading all of it. Raises BundleFault for what is none or has lost its end."""
    try:
        with file.open("rb") as opened:
            members = members_of(opened)
    except OSError as error:
        raise BundleFault(f"{file} cannot be read: {error.strerror}") from None
    if LAYOUT not in members:
        raise BundleFault(f"{file} is no bundle: `fate bundle --stack NAME --output FILE` makes one")
    if lacking := [path for path in (RECORD, INDEX, CHECKSUMS) if path not in members]:
        last, member = next(reversed(members.items()))
        end = member.content + member.size + padding(member.size)
        raise BundleFault(
            f"{file} breaks off or cannot be read after {last}, from byte {end} on: it lacks"
            f" {', '.join(lacking)}. {AGAIN}"
        )
    checksums = _content(file, members[CHECKSUMS])
    record = _record(file, _content(file, members[RECORD]))
    return Opened(file, members, _checksums(file, checksums), record, identity_of(checksums))


def _content(file: Path, member: Member) -> bytes:
    with file.open("rb") as opened:
        opened.seek(member.content)
        return opened.read(member.size)


def _checksums(file: Path, content: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(content.decode(errors="replace").splitlines(), start=1):
        match = LINE.fullmatch(line)
        if not match:
            raise BundleFault(f"{file} is damaged: line {number} of its {CHECKSUMS} is none. {AGAIN}")
        found[match[2]] = match[1]
    return found


def _record(file: Path, content: bytes) -> Record:
    try:
        tree = json.loads(content)
        if isinstance(tree, dict) and isinstance(told := tree.get("format"), int) and told > FORMAT:
            raise BundleFault(
                f"{file} was made by a newer version of this program (format {told}, {FORMAT} is known"
                " here): load it with a checkout as new as the one that made it."
            )
        return Record.model_validate(tree)
    except (ValueError, ValidationError) as error:
        said = str(error).splitlines()[0]
        raise BundleFault(f"{file} is damaged: its {RECORD} cannot be read ({said}). {AGAIN}") from None


def checked(manifest: Manifest, what: str) -> Manifest:
    """Return a manifest that is one. Raises BundleFault."""
    try:
        manifest.check()
    except NoManifest as reason:
        raise BundleFault(f"{what} cannot be bundled: {reason}.") from None
    return manifest
