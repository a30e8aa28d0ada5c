"""What is inside a built image, as a CycloneDX 1.5 bill of materials.

Read from the image's own file system (a container is created, never started): Debian's package records, the
Python packages' metadata, what Maven wrote down of the jars that it took, what other jars tell of
themselves, and the licences that these name. The same image gives the same text; no time and no random
number is in it, as CycloneDX's own library would have them. It does not look for vulnerabilities, and lists
packages, not files.
"""

import io
import json
import re
import tarfile
import uuid
from collections.abc import Iterator, Mapping
from email.message import Message
from email.parser import HeaderParser
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, quote

import docker

from images import jars
from images.engine import ImageError, image_size
from images.recipes import image_reference, recipe_digest

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Component = dict[str, Any]

_WANTED = re.compile(
    r"^(?!usr/lib/python3/|opt/java/).*?"
    r"(dpkg/status|dpkg/status\.d/[^/]+|doc/[^/]+/(?:copyright|bom\.cdx\.json)"
    r"|[^/]+\.dist-info/METADATA|[^/]+\.jar)$"
)
"""What is read, and the part of its path that it is known by; not what lies in packages of Debian's own."""
_DEP5_LICENCE = re.compile(r"^License:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_CLASSIFIER = re.compile(r"^License :: (?:OSI Approved :: )?(.+)$")
_LONGEST_NAME = 80


def of_image(client: docker.DockerClient, name: str) -> dict[str, Any]:
    """Read the bill of materials of a recipe's image.

    Raises:
        ImageError: The engine does not have the image.

    """
    reference = image_reference(name)
    if image_size(client, reference) is None:
        raise ImageError(f"{reference} is not on this engine; build it: `fate images build {name}`")
    return bill(name, recipe_digest(name), read_files(client, reference))


def bill(name: str, digest: str, files: Mapping[str, str]) -> dict[str, Any]:
    """Make a bill of materials from the package records found in an image, ordered by package URL."""
    parts = (*debian_components(files), *python_components(files), *recorded_components(files))
    found = {part["bom-ref"]: part for part in parts}
    serial = uuid.uuid5(uuid.NAMESPACE_URL, f"fate/{name}:{digest} " + " ".join(sorted(found)))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": {"type": "container", "name": f"fate/{name}", "version": digest}},
        "components": [found[reference] for reference in sorted(found)],
    }


def read_files(client: docker.DockerClient, reference: str) -> dict[str, str]:
    """Read an image's package records, by their last path components (`doc/zlib1g/copyright`)."""
    container = client.containers.create(reference)
    try:
        return dict(_records(cast(Iterator[bytes], container.export())))  # the stub says text
    finally:
        container.remove(v=True)


def debian_components(files: Mapping[str, str]) -> Iterator[Component]:
    """Yield the installed Debian packages, and those that a recipe took files from (dpkg's status.d)."""
    records = [text for path, text in files.items() if path.startswith("dpkg/status")]
    for stanza in (part for text in records for part in text.split("\n\n")):
        package = HeaderParser().parsestr(stanza.strip())
        if package["Package"] and package.get("Status", "install ok installed").endswith(" installed"):
            licences = _debian_licences(files.get(f"doc/{package['Package']}/copyright", ""))
            yield _debian_component(package, licences)


def python_components(files: Mapping[str, str]) -> Iterator[Component]:
    """Yield the Python packages that were installed from wheels."""
    for path, text in files.items():
        if path.endswith("/METADATA"):
            package = HeaderParser().parsestr(text)
            name = re.sub(r"[-_.]+", "-", package["Name"]).lower()
            purl = f"pkg:pypi/{name}@{quote(package['Version'], safe='')}"
            yield _component(package["Name"], package["Version"], purl, _python_licences(package))


def recorded_components(files: Mapping[str, str]) -> Iterator[Component]:
    """Yield what builds wrote down, such as Maven's jars, then the jars that other packages brought."""
    bills = (json.loads(text) for path, text in files.items() if path.endswith("/bom.cdx.json"))
    taken = [part for bill in bills for part in bill["components"]]
    for part in taken:
        yield _component(part["name"], part["version"], part["purl"], part.get("licenses", []))
    known = {_file_name(part) for part in taken}
    for path, text in files.items():
        if path.endswith(".jar") and path not in known:
            yield _jar_component(jars.Jar(*json.loads(text)))


def _records(exported: Iterator[bytes]) -> Iterator[tuple[str, str]]:
    with tarfile.open(fileobj=io.BufferedReader(_Chunks(exported)), mode="r|") as archive:
        for member in archive:
            wanted = _WANTED.match(str(PurePosixPath(member.name)))
            if member.isfile() and wanted and (content := archive.extractfile(member)):
                yield wanted.group(1), _text(wanted.group(1), content.read())


def _text(path: str, content: bytes) -> str:
    """Return a record as text; of a jar what it tells of itself."""
    if path.endswith(".jar"):
        return json.dumps(jars.described(path, content))
    return content.decode("utf-8", "replace")


def _debian_component(package: Message, licences: list[str]) -> Component:
    name, version = package["Package"], package["Version"]
    place = f"{quote(name, safe='')}@{quote(version, safe='')}"
    purl = f"pkg:deb/debian/{place}?arch={quote(package['Architecture'], safe='')}&distro=debian-12"
    return _component(name, version, purl, [{"license": {"name": licence}} for licence in licences])


def _file_name(taken: Component) -> str:
    classifier = parse_qs(taken["purl"].partition("?")[2]).get("classifier", [])
    return "-".join((taken["name"], taken["version"], *classifier)) + ".jar"


def _jar_component(jar: jars.Jar) -> Component:
    """Return a jar by its coordinates; one that does not tell its group is nobody's in particular."""
    place = f"{quote(jar.name, safe='')}@{quote(jar.version, safe='')}"
    purl = f"pkg:maven/{jar.group}/{place}?type=jar" if jar.group else f"pkg:generic/{place}"
    return _component(jar.name, jar.version, purl, [{"license": {"name": name}} for name in jar.licences])


def _component(name: str, version: str, purl: str, licences: list[dict[str, Any]]) -> Component:
    known = {"licenses": licences} if licences else {}
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, **known, "purl": purl}


def _debian_licences(copyright_text: str) -> list[str]:
    return sorted({name for name in _DEP5_LICENCE.findall(copyright_text) if len(name) <= _LONGEST_NAME})


def _python_licences(package: Message) -> list[dict[str, Any]]:
    if package["License-Expression"]:
        return [{"expression": package["License-Expression"]}]
    classifiers = (_CLASSIFIER.match(value) for value in package.get_all("Classifier", []))
    names = sorted({found.group(1) for found in classifiers if found})
    stated = (package["License"] or "").strip()
    if not names and stated and "\n" not in stated and len(stated) <= _LONGEST_NAME:
        names = [stated]
    return [{"license": {"name": licence}} for licence in names if licence != "OSI Approved"]


class _Chunks(io.RawIOBase):
    """The pieces of an archive that the engine sends, readable as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        if not self._rest:
            self._rest = next(self._chunks, b"")
        target = memoryview(buffer)
        count = min(len(target), len(self._rest))
        target[:count], self._rest = self._rest[:count], self._rest[count:]
        return count
