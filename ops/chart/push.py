"""The chart is brought to a registry, as the OCI artifact that `helm install oci://` reads.

A version that is there with other content is never written over.
"""

import io
from pathlib import Path
from typing import Any

from clients.charts import Chart, NoChart, chart_at
from clients.failures import Failure, NoTls, Refused, Unreachable, Untrusted
from clients.logged_in import logged_in
from clients.repository import Repository, Server
from config.text import is_loopback
from ops.chart.faults import ChartFault


def pushed(folder: Path, to: str, plain_http: bool = False, ca_file: Path | None = None) -> str:
    """Push a chart, and return what to tell of it.

    Raises ChartFault for what is no chart, for a registry that does not take it, and for a version that is
    there with other content.
    """
    if "://" in to:
        address = to.partition("://")[2]
        raise ChartFault(f"--to {to}: write --to {address}, and --plain-http if it has no TLS")
    try:
        chart = chart_at(folder)
    except NoChart as reason:
        raise ChartFault(str(reason)) from None
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
    manifest, tag = chart.manifest, chart.tag
    named = f"{repository.server.host}/{repository.name}:{tag}"
    there = repository.digest_of(tag)
    if there not in (None, manifest.digest):
        raise ChartFault(
            f"{named} is there with other content ({there}), and who installed it would get another chart:"
            " raise version in Chart.yaml"
        )
    if there is not None:
        return f"{named} is there: {manifest.digest}"
    for digest, content in chart.blobs.items():
        if not repository.has_blob(digest):
            repository.upload(digest, len(content), _part_of(content))
    repository.put(manifest, tag)
    return f"{named} is pushed: {manifest.digest}"


def _part_of(content: bytes) -> Any:  # noqa: ANN401 - what Repository.upload reads a blob with
    return lambda start, size: io.BytesIO(content[start : start + size])


def _server(host: str, plain_http: bool, ca_file: Path | None) -> Server:
    """Return the registry with this machine's login; on loopback without TLS and past any proxy."""
    local = is_loopback(host.partition(":")[0])
    try:
        return logged_in(f"{'http' if local or plain_http else 'https'}://{host}", ca_file, direct=local)
    except Failure as reason:
        raise ChartFault(str(reason)) from None


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
