"""What a jar tells of itself: the coordinates and the licences that Maven wrote into it when it was made."""

import io
import re
import zipfile
from typing import NamedTuple
from xml.etree import ElementTree

_RECORD = re.compile(r"META-INF/maven/(?P<group>[^/]+)/(?P<name>[^/]+)/pom\.properties")
_VERSION = re.compile(rb"^version\s*=\s*(\S+)", re.MULTILINE)
_FILE_NAME = re.compile(r"(?P<name>.+?)-(?P<version>\d.*)\.jar")


class Jar(NamedTuple):
    """A jar by its coordinates; without a group where nothing in it is its own record."""

    group: str
    name: str
    version: str
    licences: list[str]


def described(file_name: str, content: bytes) -> Jar:
    """Return what a jar is.

    One that has others packed into it holds their records too: its own is the one that its file is named by.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as jar:
        for record in filter(None, map(_RECORD.fullmatch, jar.namelist())):
            version = _VERSION.search(jar.read(record.group()))
            if version and file_name.startswith(f"{record['name']}-{version[1].decode()}"):
                pom = record.group().replace("pom.properties", "pom.xml")
                licences = _licences(jar.read(pom)) if pom in jar.namelist() else []
                return Jar(record["group"], record["name"], version[1].decode(), licences)
    named = _FILE_NAME.fullmatch(file_name)
    return Jar("", named["name"] if named else file_name, named["version"] if named else "unknown", [])


def _licences(pom: bytes) -> list[str]:
    names = ElementTree.fromstring(pom).iterfind("{*}licenses/{*}license/{*}name")
    return sorted({" ".join((name.text or "").split()) for name in names} - {""})
