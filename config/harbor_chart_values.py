"""Which values of Harbor's own chart are no operator's: what follows from the stack, what shows a secret."""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

Path = tuple[str, ...]
Reason = tuple[str, str]
"""Why a value is none of the operator's, and what to write instead."""
SECRET_KEY = "follows from the secret key: another would stand in plain text, in this file and in the state"
FOLLOWS: Mapping[Path, Reason] = {
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
OF_COMPONENTS: Mapping[str, Reason] = {
    "image": ("follows from mirror.images", "write mirror.images"),
    "serviceAccountName": ("follows from the stack: an account without rights", "leave it out"),
    "automountServiceAccountToken": ("follows from the stack: no pod gets a token", "leave it out"),
    "extraEnvVars": ("follows from the stack: the chart takes one list, for its passwords", "leave it out"),
}
"""The same of a component's values, at the component or one or two maps below it."""
MARKS = ("podLabels", "podAnnotations")
OF_THE_STACK = "fate.*"
"""The labels and annotations of pods that say whose they are and start them anew."""
SAFE = frozenset({"privileged", "allowPrivilegeEscalation", "runAsNonRoot", "capabilities"})
"""What the chart gives to every container, and Pod Security `restricted` asks for."""

SECRETS = re.compile(
    r"password|secret|token|credential|htpasswd|access_?key|account_?key|encoded_?key|private_?key"
)
LOGIN = re.compile(r"://[^/@\s]*:[^/@\s]*@")
NAMES = re.compile(r"existingSecret|[sS]ecretName|KeySecret|SecretKey$")


def leaves(values: Mapping[str, object], at: Path = ()) -> Iterator[tuple[Path, object]]:
    """Yield every value that is no map, or an empty one, with the way to it."""
    for key, value in values.items():
        here = (*at, str(key))
        if isinstance(value, Mapping) and value:
            yield from leaves(value, here)
        else:
            yield here, value


def reserved(at: Path, value: object) -> Reason | None:
    """Return why a value is none of the operator's, and what to write instead; None if it is theirs."""
    reasons = (_by_its_way(at), _of_security(at), _of_marks(at, value), _of_a_component(at))
    return next((each for each in reasons if each), None) or _of_secrets(at, value)


def _by_its_way(at: Path) -> Reason | None:
    return next((reason for way, reason in FOLLOWS.items() if _meet(at, way)), None)


def _of_security(at: Path) -> Reason | None:
    if at[0] != "containerSecurityContext":
        return None
    if len(at) == 1:
        return "would take away what the namespace asks of pods", "leave it out"
    return ("the namespace admits no such pod", "leave it out") if at[1] in SAFE else None


def _of_marks(at: Path, value: object) -> Reason | None:
    if at[-1] in MARKS and not isinstance(value, Mapping):
        return "would take away what says whose the pods are", "write keys below it, or leave it out"
    if any(part in MARKS for part in at) and fnmatchcase(at[-1], OF_THE_STACK):
        return "follows from the stack", "write another key"
    return None


def _of_a_component(at: Path) -> Reason | None:
    return next((OF_COMPONENTS[part] for part in at[1:4] if part in OF_COMPONENTS), None)


def _of_secrets(at: Path, value: object) -> Reason | None:
    if not _shows_a_secret(at[-1], value):
        return None
    return (
        "would stand in plain text, in this file and in the state",
        "name a Secret of the namespace in its place, an existingSecret of the chart, or leave it out",
    )


def _meet(at: Path, way: Path) -> bool:
    """Tell whether a value stands at, below or above a way."""
    return all(fnmatchcase(part, wanted) for part, wanted in zip(at, way, strict=False))


def _shows_a_secret(key: str, value: object) -> bool:
    if not isinstance(value, str) or not value:
        return False
    named = SECRETS.search(key.lower()) is not None and NAMES.search(key) is None
    return named or LOGIN.search(value) is not None
