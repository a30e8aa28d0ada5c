"""The chart is brought to a registry, as the OCI artifact that `helm install oci://` reads.

Source: Helm's support of OCI registries (HIP 6). The same chart is the same artifact. A version that is there
with other content is never written over.
"""

import hashlib
import io
import json
import ssl
from pathlib import Path
from typing import Any

from clients.docker_login import login_of
from clients.failures import Failure, NoTls, Refused, Unreachable, Untrusted
from clients.manifests import MANIFEST, Manifest
from clients.repository import Repository, Server
from config.text import is_loopback
from ops.chart.archive import Chart, chart_in
from ops.chart.faults import ChartFault

CONFIG = "application/vnd.cncf.helm.config.v1+json"
LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
TOLD = "org.opencontainers.image."


def pushed(folder: Path, to: str, plain_http: bool = False, ca_file: Path | None = None) -> str:
    """Push a chart, and return what to tell of it.

    Raises ChartFault for what is no chart, for a registry that does not take it, and for a version that is
    there with other content.
    """
    if "://" in to:
        address = to.partition("://")[2]
        raise ChartFault(f"--to {to}: write --to {address}, and --plain-http if it has no TLS")
    chart = chart_in(folder)
    host, _, prefix = to.rstrip("/").partition("/")
    repository = Repository(
        _server(host, plain_http, ca_file), "/".join(filter(None, (prefix, chart.name))), "pull,push"
    )
    try:
        said = _push(repository, chart)
    except (Refused, Unreachable) as failure:
        raise ChartFault(
            f"{host} does not take {chart.name} {chart.version}: {failure}. {_remedy(host, failure)}"
        ) from None
    plain = " --plain-http" if repository.server.url.startswith("http:") else ""
    return (
        f"{said}\nNext: helm upgrade --install party-9999 oci://{host}/{repository.name} --version"
        f" {chart.version}{plain} --namespace NAMESPACE --values 9999.yaml\n"
    )


def _push(repository: Repository, chart: Chart) -> str:
    """Send what the registry lacks, the manifest last."""
    blobs = {CONFIG: _json(chart.about), LAYER: chart.archive}
    manifest, tag = manifest_of(chart, blobs), chart.version.replace("+", "_")
    named = f"{repository.server.host}/{repository.name}:{tag}"
    there = repository.digest_of(tag)
    if there not in (None, manifest.digest):
        raise ChartFault(
            f"{named} is there with other content ({there}), and who installed it would get another chart:"
            " raise version in Chart.yaml"
        )
    if there is not None:
        return f"{named} is there: {manifest.digest}"
    for content in blobs.values():
        if not repository.has_blob(_digest(content)):
            repository.upload(_digest(content), len(content), _part_of(content))
    repository.put(manifest, tag)
    return f"{named} is pushed: {manifest.digest}"


def manifest_of(chart: Chart, blobs: dict[str, bytes]) -> Manifest:
    """Return the manifest. It tells no time, so that the same chart is the same artifact."""
    parts = [
        {"mediaType": kind, "digest": _digest(content), "size": len(content)}
        for kind, content in blobs.items()
    ]
    told = {"title": chart.name, "version": chart.version, "description": chart.about.get("description", "")}
    tree = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": parts[0],
        "layers": parts[1:],
        "annotations": {f"{TOLD}{key}": value for key, value in told.items() if value},
    }
    return Manifest(_json(tree))


def _part_of(content: bytes) -> Any:  # noqa: ANN401 - what Repository.upload reads a blob with
    return lambda start, size: io.BytesIO(content[start : start + size])


def _json(tree: object) -> bytes:
    return json.dumps(tree, sort_keys=True, separators=(",", ":")).encode()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _server(host: str, plain_http: bool, ca_file: Path | None) -> Server:
    """Return the registry with this machine's login; on loopback without TLS and past any proxy."""
    local = is_loopback(host.partition(":")[0])
    try:
        user, password = login_of(host)
        trust = ssl.create_default_context()
        if ca_file is not None:
            trust.load_verify_locations(ca_file.expanduser())
    except Failure as reason:
        raise ChartFault(f"{reason}. Log in anew: docker login {host}") from None
    except OSError as error:
        raise ChartFault(f"--ca-file {ca_file} cannot be read as certificates: {error}") from None
    scheme = "http" if local or plain_http else "https"
    return Server(f"{scheme}://{host}", user, password, trust if ca_file else None, local)


def _remedy(host: str, failure: Refused | Unreachable) -> str:
    match failure:
        case Refused(status=401 | 403):
            return f"Log in with an account that may: docker login {host}"
        case Refused():
            return f"The log of {host} tells more"
        case Untrusted():
            return "Name the authority that signed its certificate: --ca-file FILE"
        case NoTls():
            return "If it has no TLS, write --plain-http"
        case _:
            return "Bring it up, or write the address of one that this machine reaches"
