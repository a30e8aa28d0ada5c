"""Files that lie in a container before it starts: owned by root, without a time."""

import base64
import io
import tarfile

from offline.protocol.failures import Refusal
from offline.protocol.values import Plain

PLAIN_FILE = "0644"
EXECUTABLE = "0744"


def faults(uploads: list[Plain]) -> list[tuple[str, str]]:
    """Return the uploads whose content is missing, or given twice."""
    found = []
    for index, upload in enumerate(uploads):
        given = [name for name in ("content", "contentBase64") if upload.get(name)]
        if len(given) != 1:
            file = upload["file"]
            reason = f"upload of {file!r} has {len(given)} contents: give `content` or `content_base64`"
            found.append((f"uploads[{index}]", reason))
    return found


def archive(uploads: list[Plain]) -> bytes:
    """Return the tar of the files, to be unpacked at the container's root."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for upload in uploads:
            content = _content(upload)
            entry = tarfile.TarInfo(upload["file"].lstrip("/"))
            entry.size = len(content)
            entry.mode = _mode(upload)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _content(upload: Plain) -> bytes:
    if upload.get("contentBase64"):
        return base64.b64decode(upload["contentBase64"])
    text: str = upload["content"]
    return text.encode()


def _mode(upload: Plain) -> int:
    permissions = upload.get("permissions") or (EXECUTABLE if upload.get("executable") else PLAIN_FILE)
    try:
        return int(permissions, 8)
    except ValueError:
        file = upload["file"]
        raise Refusal(
            f"upload of {file!r}: permissions {permissions!r} are not octal. Write for example '0444'."
        ) from None
