"""Harbor's own Helm chart, which makes a stack's Harbor on a cluster: where it lies, and what it is given."""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
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

Path = tuple[str, ...]
SECRET_KEY = "follows from the secret key: another would stand in plain text, in this file and in the state"
FOLLOWS: Mapping[Path, tuple[str, str]] = {
    ("expose",): ("follows from the runtime's exposure", "write exposure, mirror.host, mirror.port"),
    ("externalURL",): ("follows from the mirror's address", "write mirror.host and mirror.port"),
    ("caSecretName",): ("follows from the mirror's certificate", "write mirror.tls"),
    ("nameOverride",): ("would take pods out of reach of their policies", "leave it out"),
    ("fullnameOverride",): ("would take pods out of reach of their policies", "leave it out"),
    ("internalTLS",): ("draws certificates at random, others at every preview", "leave it out"),
    ("trivy",): ("would start pods that no policy lets anybody reach", "leave it out"),
    ("metrics",): ("would start pods that no policy lets anybody reach", "leave it out"),
    ("existingSecret*",): (SECRET_KEY, "leave it out"),
    ("harborAdminPassword",): (SECRET_KEY, "leave it out; `pulumi stack output harbor-login` tells it"),
    ("secretKey",): (SECRET_KEY, "leave it out"),
    ("imagePullSecrets",): ("follows from the stack", "write runtime.pull-secrets"),
    ("updateStrategy",): ("follows from claims that one pod holds", "leave it out"),
    ("persistence", "enabled"): ("would keep nothing: no image, no project", "leave it out"),
    ("persistence", "resourcePolicy"): ("would delete the images with the stack", "leave it out"),
    ("persistence", "persistentVolumeClaim"): ("follows from the runtime", "write runtime.storage"),
    ("core", "*ecret*"): (SECRET_KEY, "leave it out"),
    ("core", "xsrfKey"): (SECRET_KEY, "leave it out"),
    ("core", "tokenKey"): (SECRET_KEY, "leave it out"),
    ("core", "tokenCert"): (SECRET_KEY, "leave it out"),
    ("core", "configureUserSettings"): ("would lock what is declared of it", "write mirror.system"),
    ("jobservice", "*ecret*"): (SECRET_KEY, "leave it out"),
    ("registry", "*ecret*"): (SECRET_KEY, "leave it out"),
    ("registry", "credentials"): (SECRET_KEY, "leave it out"),
    ("database", "type"): ("follows from mirror.external", "write mirror.external.database"),
    ("database", "external"): ("follows from mirror.external", "write mirror.external.database"),
    ("database", "internal", "password"): (SECRET_KEY, "leave it out"),
    ("redis", "type"): ("follows from mirror.external", "write mirror.external.redis"),
    ("redis", "external"): ("follows from mirror.external", "write mirror.external.redis"),
    ("redis", "internal", "*Index"): ("follows from the stack", "leave it out"),
}
"""What follows from a stack, by the way to it in the chart's values: why, and what to write instead."""
OF_COMPONENTS: Mapping[str, tuple[str, str]] = {
    "image": ("follows from mirror.images", "write mirror.images"),
    "serviceAccountName": ("follows from the stack: an account without rights", "leave it out"),
    "automountServiceAccountToken": ("follows from the stack: no pod gets a token", "leave it out"),
    "extraEnvVars": ("follows from the stack: the chart takes one list, for its passwords", "leave it out"),
}
"""The same of a component's values, at the component or one or two maps below it."""
MARKS = ("podLabels", "podAnnotations")
OF_THE_STACK = "fate.*"
"""The labels and annotations of pods that say whose they are and start them anew."""
SAFE: Mapping[str, tuple[str, str]] = {
    "privileged": ("the namespace admits no such pod", "leave it out"),
    "allowPrivilegeEscalation": ("the namespace admits no such pod", "leave it out"),
    "runAsNonRoot": ("the namespace admits no such pod", "leave it out"),
    "capabilities": ("the namespace admits no such pod", "leave it out"),
}
"""What the chart gives to every container, and Pod Security `restricted` asks for."""

SECRETS = re.compile(
    r"password|secret|token|credential|htpasswd|access_?key|account_?key|encoded_?key|private_?key"
)
LOGIN = re.compile(r"://[^/@\s]*:[^/@\s]*@")
NAMES = re.compile(r"existingSecret|[sS]ecretName|KeySecret|SecretKey$")


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
        if self.plain_http and not self.ref.startswith(OCI):
            raise refusal("is without effect: no registry of oci:// is asked", "leave it out", ["plain-http"])
        return self

    @property
    def lies_here(self) -> bool:
        """Say whether it is a file or a folder of this machine."""
        return not self.ref.startswith((HTTPS, OCI))

    @property
    def repository(self) -> str | None:
        """Return the chart repository that has it; None where no such is asked."""
        return self.ref if self.ref.startswith(HTTPS) else None


def line_of(version: str) -> str:
    """Return the first two numbers of a version, without a v."""
    return ".".join(version.removeprefix("v").split(".")[:2])


def leaves(values: Mapping[str, object], at: Path = ()) -> Iterator[tuple[Path, object]]:
    """Yield every value that is no map, or an empty one, with the way to it."""
    for key, value in values.items():
        here = (*at, str(key))
        if isinstance(value, Mapping) and value:
            yield from leaves(value, here)
        else:
            yield here, value


def reserved(at: Path, value: object) -> tuple[str, str] | None:
    """Return why a value is none of the operator's, and what to write instead; None if it is theirs."""
    for way, reason in FOLLOWS.items():
        if _meet(at, way):
            return reason
    if at[:1] == ("containerSecurityContext",):
        return next((SAFE[key] for key in at[1:2] if key in SAFE), None) or (
            None if at[1:] else ("would take away what the namespace asks of pods", "leave it out")
        )
    if at[-1] in MARKS and not isinstance(value, Mapping):
        return "would take away what says whose the pods are", "write keys below it, or leave it out"
    if any(part in MARKS for part in at) and fnmatchcase(at[-1], OF_THE_STACK):
        return "follows from the stack", "write another key"
    if of_component := next((OF_COMPONENTS[part] for part in at[1:4] if part in OF_COMPONENTS), None):
        return of_component
    if _shows_a_secret(at[-1], value):
        return (
            "would stand in plain text, in this file and in the state",
            "name a Secret of the namespace in its place, an existingSecret of the chart, or leave it out",
        )
    return None


def _meet(at: Path, way: Path) -> bool:
    """Tell whether a value stands at, below or above a way."""
    return all(fnmatchcase(part, wanted) for part, wanted in zip(at, way, strict=False))


def _shows_a_secret(key: str, value: object) -> bool:
    if not isinstance(value, str) or not value:
        return False
    named = SECRETS.search(key.lower()) is not None and NAMES.search(key) is None
    return named or LOGIN.search(value) is not None
