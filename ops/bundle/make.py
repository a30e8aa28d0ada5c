"""A bundle is made: everything is named and hashed first, then moved into the file once.

Wheels and Pulumi's files that cannot be had are named in the list, with the reason; an image or a chart that
cannot be had is a fault, for without one the stack does not come up.
"""

import json
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ops.bundle.archive import Entry, ending, memory, padding, partial_of, write
from ops.bundle.charts import fetch_charts
from ops.bundle.contents import checksums, contents
from ops.bundle.faults import BundleFault, room
from ops.bundle.fetched import Fetched, fetch
from ops.bundle.mirror import fetch_mirror, folder_of_layers
from ops.bundle.opened import Opened, open_bundle
from ops.bundle.pulumi_files import pulumi_files
from ops.bundle.record import (
    CHECKSUMS,
    FOLDERS,
    INDEX,
    LAYOUT,
    LIST,
    RECORD,
    SIGNATURE,
    Absent,
    Older,
    PartKind,
    Record,
    entry,
)
from ops.bundle.signature import sign
from ops.bundle.wanted import Access, access_of, settings_of, wanted_images
from ops.bundle.wheels import folder_of, made_for, wheels

HEADER = 512
LEAVABLE: tuple[PartKind, ...] = ("wheels", "pulumi")


@dataclass(frozen=True)
class Wish:
    """What a bundle is to be."""

    stack: str
    output: Path
    without: Collection[str] = ()
    since: Path | None = None
    sign_key: Path | None = None
    access: Access = field(default_factory=Access)


@dataclass(frozen=True)
class Progress:
    """Whom it is told: what is done now, how many bytes there are in all, and by how many it grew."""

    step: Callable[[str], None] = lambda _: None
    total: Callable[[int], None] = lambda _: None
    grown: Callable[[str, int], None] = lambda *_: None


def make(wish: Wish, progress: Progress) -> Record:
    """Make a bundle, going on where an earlier run was stopped; return what it says of itself.

    An earlier file of that name stays until the new one is whole. Raises BundleFault.
    """
    if not wish.output.parent.is_dir():
        raise BundleFault(f"--output {wish.output}: there is no folder {wish.output.parent}. Make it first.")
    if wish.output.is_dir():
        raise BundleFault(f"--output {wish.output} is a folder. Write the name of a file in it.")
    older = _older(wish, progress)
    settings = settings_of(wish.stack)
    progress.step("asks for images")
    access, known = access_of(settings, wish.access), older.images_by_blob() if older else {}
    images = fetch(wanted_images(wish.stack, settings), access, known)
    if own := "mirror" not in wish.without:
        progress.step("asks for what the mirror runs")
        images.add(fetch_mirror(wish.stack, settings, access, images, known, folder_of_layers(wish.output)))
    charts = fetch_charts(settings, access, known, own)
    files, absent = _files(wish, progress)
    left = _left_out(files, older)
    files = {path: file for path, file in files.items() if path not in left}
    record = Record(
        stack=wish.stack,
        release=settings.release,
        images=tuple(images.artifacts),
        charts=tuple(charts.artifacts),
        absent=(*images.absent, *charts.absent, *absent),
        since=Older(identity=older.identity, name=older.file.name) if older else None,
        blobs_left_out=images.left_out | charts.left_out,
        files_left_out=left,
    )
    entries = _whole(record, images, charts, files, wish.sign_key)
    _check_room(wish.output, entries)
    progress.total(sum(each.size for each in entries.values()))
    progress.step("moves")
    write(wish.output, entries, progress.grown)
    for folder in (folder_of(wish.output), folder_of_layers(wish.output)):
        shutil.rmtree(folder, ignore_errors=True)
    return record


def _older(wish: Wish, progress: Progress) -> Opened | None:
    """Return the bundle that this one builds on, once it is known to be whole."""
    if wish.since is None:
        return None
    if wish.since.resolve() == wish.output.resolve():
        raise BundleFault(
            f"--since and --output are both {wish.output}: the older bundle would be written over, without"
            " which the new one is of no use. Write another --output."
        )
    older = open_bundle(wish.since)
    progress.step(f"checks {wish.since.name}")
    older.verify()
    return older


def _files(wish: Wish, progress: Progress) -> tuple[dict[str, Entry], list[Absent]]:
    """Return the files that are no images, and what is not among them."""
    files: dict[str, Entry] = {}
    absent = [
        Absent(part=kind, what="all", why="left out by --without")
        for kind in LEAVABLE
        if kind in wish.without
    ]
    if "mirror" in wish.without:
        absent.append(Absent(part="images", what="what the mirror runs", why="left out by --without"))
    if "wheels" not in wish.without:
        progress.step(f"downloads wheels for {made_for()}")
        found, lacking = wheels(wish.output)
        files, absent = files | found, [*absent, *lacking]
    if "pulumi" not in wish.without:
        progress.step("reads Pulumi's files")
        found, lacking = pulumi_files()
        files, absent = files | found, [*absent, *lacking]
    return files, absent


def _left_out(files: Mapping[str, Entry], older: Opened | None) -> dict[str, str]:
    known = older.files() if older else {}
    return {path: file.sha256 for path, file in files.items() if known.get(path) == file.sha256}


def _whole(
    record: Record, images: Fetched, charts: Fetched, files: Mapping[str, Entry], key: Path | None
) -> dict[str, Entry]:
    """Return every file of the bundle; what tells of the others stands last, for it changes most easily."""
    roots = zip(record.artifacts, (*images.roots, *charts.roots), strict=True)
    index = {"schemaVersion": 2, "manifests": [entry(artifact, root) for artifact, root in roots]}
    moved = {**images.entries, **charts.entries, **files}
    told = contents(record, _parts(images, charts, files), images.sizes | charts.sizes)
    entries = {
        LAYOUT: memory(b'{"imageLayoutVersion": "1.0.0"}'),
        **moved,
        INDEX: memory(_json(index)),
        RECORD: memory(record.model_dump_json(indent=1).encode()),
        LIST: memory(told.encode()),
    }
    sums = checksums({path: each.sha256 for path, each in entries.items()})
    entries[CHECKSUMS] = memory(sums)
    if key:
        entries[SIGNATURE] = memory(sign(sums, key))
    return entries


def _parts(images: Fetched, charts: Fetched, files: Mapping[str, Entry]) -> dict[PartKind, dict[str, int]]:
    """Return the size of each file, part by part."""
    in_folders: dict[PartKind, Mapping[str, Entry]] = {
        kind: {path: each for path, each in files.items() if path.startswith(folder)}
        for kind, folder in FOLDERS.items()
    }
    parts = {"images": images.entries, "charts": charts.entries, **in_folders}
    return {kind: {path: each.size for path, each in part.items()} for kind, part in parts.items()}


def _check_room(output: Path, entries: Mapping[str, Entry]) -> None:
    size = sum(HEADER + each.size + padding(each.size) for each in entries.values())
    partial = partial_of(output)
    there = partial.stat().st_size if partial.exists() else 0
    try:
        free = shutil.disk_usage(output.parent).free
    except OSError as error:
        raise BundleFault(f"{output} cannot be written: {error.strerror}. Write another --output.") from None
    if free + there < size + ending(size):
        raise BundleFault(
            f"{output} does not fit there: {room(size - there)} are to be written, {room(free)} are free."
            " Make room, or write another --output."
        )


def _json(tree: object) -> bytes:
    return json.dumps(tree, indent=1).encode()
