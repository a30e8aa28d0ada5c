"""A Helm chart that declares parties, in the place of objects that the program declares itself."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from config.faults import refusal, shown
from config.settings import Settings
from config.text import Flag
from config.written import no_number, refusing, written

OCI = "oci://"
OURS = "charts/fate-party"
"""The chart of this project, from the folder of Pulumi.yaml."""


NAME = OURS.rpartition("/")[2]
OF_KUBEFATE = "fate"
SHOWS_PASSWORDS = (
    "is KubeFATE's, which writes passwords from its values into ConfigMaps, in plain text for every reader"
)


def foreign(name: str) -> str | None:
    """Return why a chart of this name cannot declare a party; None if it can, under its own values."""
    if name == NAME:
        return None
    if name == OF_KUBEFATE:
        return SHOWS_PASSWORDS
    return f"is another chart than {NAME}: what follows from a stack is no value of it"


def _no_chart(ref: str) -> tuple[str, str] | None:
    scheme, found, rest = ref.partition("://")
    if found and "@" in rest.partition("/")[0]:
        return "has a login in it, and this file is plain text", "leave it out, and type: helm registry login"
    if found and scheme != "oci":
        return (
            f"{shown(ref)} is of no registry that keeps charts",
            f"write {OCI}host/prefix/{NAME}, or a path",
        )
    if found and (problem := foreign(rest.rpartition("/")[2])):
        return f"{shown(ref)} {problem}", f"write {OCI}host/prefix/{NAME}"
    return None


ChartRef = Annotated[
    str,
    *written(r"\S+", "where a chart lies", f"write {OURS}, or {OCI}host/prefix/{NAME}"),
    refusing(_no_chart),
]
ChartVersion = Annotated[
    str,
    no_number('"{}.0", in quotes'),
    *written(
        r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?",
        "a version: a chart that is chosen anew at every preview changes by itself",
        "write three numbers, such as 0.1.0",
    ),
]


class ChartSettings(Settings):
    """A chart that makes a party of the values of `charts/fate-party`. No secret stands in values."""

    ref: ChartRef = Field(
        default=OURS,
        description="charts/fate-party, oci://host/prefix/fate-party, or the path of a copy, a folder or a"
        " .tgz, from the folder of Pulumi.yaml",
    )
    version: ChartVersion | None = Field(
        default=None, description="the chart's version, in quotes; what lies there if absent, but of oci://"
    )
    plain_http: Flag = Field(default=False, description="the registry of oci:// has no TLS")
    values: Mapping[str, object] = Field(
        default={}, description="values over those that follow from the stack, as the chart's schema has them"
    )

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        if self.is_in_a_registry and self.version is None:
            raise refusal(
                "is missing: a registry would give its newest chart, another one some day",
                "write version: the one that you mean, such as 0.1.0",
                ["version"],
            )
        if self.plain_http and not self.is_in_a_registry:
            raise refusal("is without effect: no registry is asked", "leave it out", ["plain-http"])
        return self

    @property
    def is_in_a_registry(self) -> bool:
        """Say whether a registry keeps the chart, and not a folder here."""
        return self.ref.startswith(OCI)

    @property
    def is_ours(self) -> bool:
        """Say whether it is the chart of this project, whose values are known."""
        return self.ref.removeprefix("./").rstrip("/") == OURS
