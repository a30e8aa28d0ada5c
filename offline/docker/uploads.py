"""Files that lie in a container before it starts: owned by root, without a time."""

import base64
import io
import re
import tarfile

from diff.values import Plain
from offline.protocol.failures import Refusal

PLAIN_FILE = "0644"
EXECUTABLE = "0744"
PERMISSIONS = re.compile(r"0[0-7]{3}")


def faults(uploads: list[Plain]) -> list[tuple[str, str]]:
    """Return the uploads that the official plugin refuses before it makes anything."""
    found = []
    for index, upload in enumerate(uploads):
        permissions = upload.get("permissions", "")
        if isinstance(permissions, str) and permissions and not PERMISSIONS.fullmatch(permissions):
            reason = f"{permissions!r} doesn't match the pattern '^0[0-7]{{3}}$'. Write for example '0444'."
            found.append((f"uploads[{index}].permissions", reason))
        if upload.get("source"):
            reason = "property source of an upload is not supported by the offline plugin: give `content`"
            found.append((f"uploads[{index}].source", reason))
    return found


def check(uploads: list[Plain]) -> None:
    """Refuse a file whose content is missing or given twice: it is found only once the container is there."""
    for upload in uploads:
        given = [name for name in ("content", "contentBase64") if upload.get(name)]
        if not given:
            raise _refused(upload, "one of 'content', 'content_base64', or 'source' must be set")
        if len(given) > 1:
            raise _refused(upload, "only one of 'content', 'content_base64', or 'source' can be set")


def archive(uploads: list[Plain]) -> bytes:
    """Return the tar of the files, to be unpacked at the container's root."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for upload in uploads:
            content = _content(upload)
            entry = tarfile.TarInfo(upload["file"].lstrip("/"))
            entry.size = len(content)
            entry.mode = int(_permissions(upload), 8)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _refused(upload: Plain, why: str) -> Refusal:
    return Refusal(f"upload of {upload['file']!r}: error with upload content: {why}")


def _content(upload: Plain) -> bytes:
    text: str = upload.get("content") or ""
    return text.encode() if text else base64.b64decode(upload.get("contentBase64", ""))


def _permissions(upload: Plain) -> str:
    return upload.get("permissions") or (EXECUTABLE if upload.get("executable") else PLAIN_FILE)
