"""The list of what a bundle has, for people: in the bundle itself, and by `fate bundle list`."""

from collections.abc import Iterable, Iterator, Mapping, Sized

from ops.bundle.faults import room
from ops.bundle.record import Artifact, PartKind, Record

Files = Mapping[str, int]
"""By path, the size of each file."""


def contents(record: Record, parts: Mapping[PartKind, Files], sizes: Mapping[str, int]) -> str:
    """Return the list, part by part.

    `sizes` are those of images and charts by digest, what several share counted in each.
    """
    return "\n".join(_lines(record, parts, sizes)) + "\n"


def _lines(record: Record, parts: Mapping[PartKind, Files], sizes: Mapping[str, int]) -> Iterator[str]:
    yield f"What stack {record.stack} needs, FATE {record.release}."
    yield "Load it: fate bundle load FILE --to REGISTRY"
    yield "Check it by hand: tar -xf FILE && sha256sum -c checksums.sha256"
    for kind, files in parts.items():
        yield ""
        yield _heading(kind, files)
        if kind in ("images", "charts"):
            yield from _artifacts(record.images if kind == "images" else record.charts, sizes)
        else:
            yield from (f"  {path}  {room(size)}" for path, size in files.items())
        yield from (f"  NOT IN IT: {each.what}: {each.why}" for each in record.absent if each.part == kind)
    if record.since:
        blobs, left = counted(record.blobs_left_out, "blob"), counted(record.files_left_out, "file")
        yield ""
        yield f"Left out, for the bundle {record.since.name} has them: {blobs}, {left}."
        yield f"Load that one first: {record.since.identity}"


def _artifacts(artifacts: Iterable[Artifact], sizes: Mapping[str, int]) -> Iterator[str]:
    for each in artifacts:
        yield f"  {each.label}  {each.digest}  {room(sizes[each.digest])}"
        yield f"    from {each.source}, for {', '.join(each.users)}"


def _heading(kind: PartKind, files: Files) -> str:
    return f"{kind}: {counted(files, 'file')}, {room(sum(files.values()))}" if files else f"{kind}: none"


def counted(things: Sized, name: str) -> str:
    """Return how many there are, in words."""
    return f"1 {name}" if len(things) == 1 else f"{len(things)} {name}s"


def checksums(files: Mapping[str, str]) -> bytes:
    """Return the file of checksums, as `sha256sum -c` reads it."""
    return "".join(f"{told}  {path}\n" for path, told in files.items()).encode()
