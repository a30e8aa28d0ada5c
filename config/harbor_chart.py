"""Harbor's own Helm chart, which makes a stack's Harbor on a cluster: where it lies, and which it is."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from config.chart import OCI, ChartVersion
from config.faults import refusal, shown
from config.settings import Settings
from config.text import Flag
from config.written import refusing, written

NAME = "harbor"
"""What the chart is called in its repository."""
HTTPS = "https://"
LINES = {"2.15": "1.19"}
"""The chart's line of versions by Harbor's: goharbor/harbor-helm, `appVersion` of its Chart.yaml."""


def _no_chart(ref: str) -> tuple[str, str] | None:
    scheme, found, rest = ref.partition("://")
    if found and "@" in rest.partition("/")[0]:
        return "has a login in it, and this file is plain text", "leave it out, and type: helm registry login"
    if not found or f"{scheme}://" == OCI:
        return None
    if scheme != "https":
        return (
            f"{shown(ref)} is asked without TLS, and whoever stands between could give another chart",
            f"write {HTTPS}..., {OCI}..., or a path",
        )
    if rest.endswith((".tgz", ".yaml")):
        return f"{shown(ref)} is a file in a repository", "write the repository, and version beside it"
    return None


HarborChartRef = Annotated[
    str,
    *written(r"\S+", "where a chart lies", f"write {HTTPS}helm.goharbor.io, {OCI}host/prefix/harbor, a path"),
    refusing(_no_chart),
]


class HarborChart(Settings):
    """Harbor's own chart, goharbor/harbor-helm, of the line that its version of Harbor has: 1.19 for 2.15.

    What follows from the stack is no value of yours, and no secret stands in values.
    """

    ref: HarborChartRef = Field(
        description="a chart repository, https://helm.goharbor.io or a copy of it; oci://host/prefix/harbor;"
        " or the path of a folder or a .tgz, from the folder of Pulumi.yaml"
    )
    version: ChartVersion | None = Field(
        default=None, description="the chart's version, in quotes; of a path what lies there if absent"
    )
    plain_http: Flag = Field(default=False, description="the registry of oci:// has no TLS")
    values: Mapping[str, object] = Field(
        default={}, description="values over those that follow from the stack, as the chart has them"
    )

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        if not self.lies_here and self.version is None:
            raise refusal(
                "is missing: its newest chart would be taken, another one some day",
                "write version: the one that you mean, such as 1.19.1",
                ["version"],
            )
        if self.plain_http and not self.is_in_a_registry:
            raise refusal("is without effect: no registry of oci:// is asked", "leave it out", ["plain-http"])
        return self

    @property
    def lies_here(self) -> bool:
        """Say whether it is a file or a folder of this machine."""
        return not self.ref.startswith((HTTPS, OCI))

    @property
    def is_in_a_registry(self) -> bool:
        """Say whether a registry has it."""
        return self.ref.startswith(OCI)

    @property
    def repository(self) -> str | None:
        """Return the chart repository that has it; None where no such is asked."""
        return self.ref if self.ref.startswith(HTTPS) else None


def line_of(version: str) -> str:
    """Return the first two numbers of a version, without a v."""
    return ".".join(version.removeprefix("v").split(".")[:2])
