"""What a registry served, read from its access log."""

import re
from collections.abc import Iterable

SERVED = re.compile(r'"(?P<method>[A-Z]+) (?P<path>/v2/\S*) HTTP/[\d.]+" (?P<status>\d{3}) (?P<bytes>\d+) ')
OF_AN_IMAGE = ("/manifests/", "/blobs/")


def image_bytes(lines: Iterable[str]) -> int:
    """Return the bytes of manifests and layers that left the registry. Refusals and HEADs carry none."""
    found = (match for line in lines if (match := SERVED.search(line)))
    return sum(int(served["bytes"]) for served in found if _carries_an_image(served))


def _carries_an_image(served: re.Match[str]) -> bool:
    wanted = any(part in served["path"] for part in OF_AN_IMAGE)
    return wanted and served["method"] == "GET" and served["status"].startswith("2")
