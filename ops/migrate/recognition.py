"""Which of KubeFATE's files a file is, by what is in it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ops.migrate.assignments import assignments_in
from ops.migrate.cluster_file import keys_in
from ops.migrate.source import Key, SourceFault, UnreadableSource

ASSIGNMENT = re.compile(r"^[ \t]*(?:export[ \t]+)?[A-Za-z_]\w*=", re.MULTILINE | re.ASCII)
MAPPING = re.compile(r"^[\"']?[A-Za-z_][\w.-]*[\"']?[ \t]*:(?:\s|$)", re.MULTILINE | re.ASCII)
LARGEST = 1_000_000


class Kind(StrEnum):
    """A kind of source."""

    PARTIES = "parties.conf"
    CLUSTER = "cluster.yaml"


@dataclass(frozen=True)
class Source:
    """A file that was read."""

    file: str
    kind: Kind
    keys: tuple[Key, ...]


def read(file: Path) -> Source:
    """Return what a file says. Raises UnreadableSource for what cannot be read as either kind."""
    text = text_of(file)
    kind = kind_of(text)
    reader = assignments_in if kind is Kind.PARTIES else keys_in
    return Source(str(file), kind, reader(text, str(file)))


def read_environment(file: Path) -> tuple[Key, ...]:
    """Return the assignments of `.env`."""
    return assignments_in(text_of(file), str(file))


def kind_of(text: str) -> Kind:
    """Return what a text is: the first line that is an assignment or a key of a mapping decides."""
    assignment, mapping = ASSIGNMENT.search(text), MAPPING.search(text)
    if assignment is None:
        return Kind.CLUSTER
    return Kind.CLUSTER if mapping and mapping.start() < assignment.start() else Kind.PARTIES


def text_of(file: Path) -> str:
    """Return a file's text. Raises UnreadableSource for what is no text."""
    try:
        content = file.read_bytes()
        if len(content) > LARGEST:
            raise UnreadableSource(
                [SourceFault(str(file), None, "is too large", "give one of KubeFATE's files")]
            )
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        problem, remedy = f"cannot be read: {error.strerror}", "give a file that exists and that you may read"
    except UnicodeDecodeError:
        problem, remedy = "is no text in UTF-8", "give KubeFATE's parties.conf or a cluster.yaml"
    raise UnreadableSource([SourceFault(str(file), None, problem, remedy)])
