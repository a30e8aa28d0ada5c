"""The list of what a bundle has, for people: in the bundle itself, and by `fate bundle list`."""

from collections.abc import Iterator, Mapping, Sized

from ops.bundle.faults import room
from ops.bundle.record import FOLDERS, PartKind, Record

Files = Mapping[str, int]
"""By path, the size of each file."""


def contents(record: Record, files: Files, sizes: Mapping[str, int]) -> str:
    """Return the list. `sizes` are those of the images by digest, what several share counted in each."""
    return "\n".join(_lines(record, files, sizes)) + "\n"


def _lines(record: Record, files: Files, sizes: Mapping[str, int]) -> Iterator[str]:
    yield f"What stack {record.stack} needs, FATE {record.release}."
    yield "Load it: fate bundle load FILE --to REGISTRY"
    yield "Check it by hand: tar -xf FILE && sha256sum -c checksums.sha256"
    for kind in FOLDERS:
        yield ""
        yield _heading(kind, files)
        if kind == "images":
            for image in record.images:
                yield f"  {image.label}  {image.digest}  {room(sizes[image.digest])}"
                yield f"    from {image.source}, for {', '.join(image.services)}"
        else:
            yield from (f"  {path}  {room(size)}" for path, size in _of(kind, files).items())
        yield from (f"  NOT IN IT: {each.what}: {each.why}" for each in record.absent if each.part == kind)
    if record.since:
        blobs, left = counted(record.blobs_left_out, "blob"), counted(record.files_left_out, "file")
        yield ""
        yield f"Left out, for the bundle {record.since.name} has them: {blobs}, {left}."
        yield f"Load that one first: {record.since.identity}"


def _heading(kind: PartKind, files: Files) -> str:
    here = _of(kind, files)
    return f"{kind}: {counted(here, 'file')}, {room(sum(here.values()))}" if here else f"{kind}: none"


def _of(kind: PartKind, files: Files) -> Files:
    return {path: size for path, size in files.items() if path.startswith(FOLDERS[kind])}


def counted(things: Sized, name: str) -> str:
    """Return how many there are, in words."""
    return f"1 {name}" if len(things) == 1 else f"{len(things)} {name}s"


def checksums(files: Mapping[str, str]) -> bytes:
    """Return the file of checksums, as `sha256sum -c` reads it."""
    return "".join(f"{told}  {path}\n" for path, told in files.items()).encode()
