"""Whether FATE's user may write in an HDFS that others run, and whether its data nodes are reached for it.

Asked as tables are written: from where FATE-Flow stands, by its own client, in FATE's folder. What it wrote
is gone again. What Java says stands in its error stream alone: pyarrow tells but a number.
"""

from __future__ import annotations

import importlib
import os
import re
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from ops.doctor.inside.party import ailment

WRITTEN = b"fate doctor"
IMPATIENT = {"dfs.client.socket-timeout": "5000", "dfs.client.block.write.retries": "1"}
SAID = re.compile(
    r"(?P<refused>Permission denied: .*)"
    r"|(?P<waits>Name node is in safe mode)"
    r"|(?P<unreached>could only be written to 0 of the .*)"
)
SYMPTOMS = {
    "refused": "hdfs-refuses",
    "waits": "hdfs-safe-mode",
    "unreached": "hdfs-datanodes-unreached",
    None: "hdfs-refuses",
}


def main(place: str) -> dict[str, str]:
    """Write a few bytes at `place`, a name node's host and port, read them and delete them."""
    with _heard() as java:
        try:
            _write(place)
        except OSError as error:
            return _refusal(java, error)
    return {"detail": f"{place} stores what FATE's user writes"}


def _write(place: str) -> None:
    fs: Any = importlib.import_module("pyarrow.fs")
    host, _, port = place.rpartition(":")
    system = fs.HadoopFileSystem(host, int(port), extra_conf=IMPATIENT)
    path = f"/fate/doctor-{uuid.uuid4().hex}"
    system.create_dir("/fate")
    try:
        with system.open_output_stream(path) as stream:
            stream.write(WRITTEN)
        with system.open_input_stream(path) as stream:
            if stream.read() != WRITTEN:
                raise OSError("other bytes came back than were written")
    finally:
        if system.get_file_info(path).type != fs.FileType.NotFound:
            system.delete_file(path)


@contextmanager
def _heard() -> Iterator[IO[bytes]]:
    """Let what this process and its Java say as errors go to a file meanwhile."""
    own = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield file
        finally:
            os.dup2(own, 2)
            os.close(own)


def _refusal(java: IO[bytes], error: OSError) -> dict[str, str]:
    java.seek(0)
    found = SAID.search(java.read().decode(errors="replace"))
    return ailment(SYMPTOMS[found and found.lastgroup], found[0].strip() if found else str(error))
