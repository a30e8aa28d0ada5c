"""A chart repository of Helm's, as Harbor's chart comes from: an index, and the archives that it names.

Source: https://helm.sh/docs/topics/chart_repository. An archive must have the digest that the index tells.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urljoin

import yaml

from clients.charts import Chart, NoChart, chart_of
from clients.failures import Refused
from clients.registry import answered, basic
from clients.repository import Server

INDEX = "index.yaml"


def chart_in(repository: str, name: str, version: str, server: Server) -> Chart:
    """Return a chart by its name and version; `server` tells who asks, and whom they trust.

    Raises Unreachable, Refused, or NoChart where the repository is none or has no such chart.
    """
    place = f"{repository.rstrip('/')}/"
    entry = _entry(_got(urljoin(place, INDEX), server), name, version)
    if entry is None:
        raise NoChart(f"{repository} has no {name} of version {version}")
    url = urljoin(place, str(entry["urls"][0]))
    archive = _got(url, server)
    told, given = entry.get("digest"), sha256(archive).hexdigest()
    if told and str(told).removeprefix("sha256:") != given:
        raise NoChart(f"{url} hashes to {given}, and {repository} tells {told} of it")
    return chart_of(archive, url)


def _entry(index: bytes, name: str, version: str) -> Mapping[str, Any] | None:
    try:
        entries = yaml.load(index, getattr(yaml, "CSafeLoader", yaml.SafeLoader))["entries"].get(name, ())
        found = (each for each in entries if each["version"].removeprefix("v") == version.removeprefix("v"))
        return next(found, None)
    except (yaml.YAMLError, LookupError, TypeError, AttributeError) as error:
        raise NoChart(f"its {INDEX} is none of a chart repository: {error}") from None


def _got(url: str, server: Server) -> bytes:
    """Return what is there. The login goes to the repository's own host alone."""
    login = basic(server.username, server.password) if url.startswith(f"{server.url}/") else {}
    with answered("GET", url, login, trust=server.trust, direct=server.direct) as answer:
        content = answer.read()
    if answer.status != 200:
        raise Refused(answer.status, f"{answer.status} of {url}")
    return content
