"""The Secrets that a party's chart refers to, as manifests: for `kubectl apply -f -`, and nowhere else.

Every password follows from the stack's secret key, or was given to the stack.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any

from components.runtimes.kubernetes_logins import Account, docker_config
from components.runtimes.names import PULL_SECRET
from components.services.harbor_secrets import CONTENTS, robot_of, robot_secret
from components.services.passwords import derive
from components.services.registry import ACCOUNT, PASSWORD
from components.services.service import Secret
from config import ExternalMirror, HarborMirror
from config.mirror import contents_of
from ops.chart.stack import ChartedParty

Manifest = dict[str, Any]


def secret_manifests(party: ChartedParty) -> Iterator[Manifest]:
    """Yield the Secret of each service that has one, and that of the mirror's login where it wants one."""
    for service in party.owner.services:
        if service.secrets:
            values = {secret.name: _password(party, secret) for secret in service.secrets}
            yield _manifest(party, service.name, "Opaque", values, service.name)
    if party.login:
        told = docker_config([_account(party, party.login)])
        yield _manifest(party, PULL_SECRET, "kubernetes.io/dockerconfigjson", {".dockerconfigjson": told})


def _account(party: ChartedParty, address: str) -> Account:
    """Return the account that a mirror knows: of a Harbor the party's robot, which `pulumi up` makes."""
    key, mirror = party.stack.secret_key, party.stack.settings.mirror
    contents = contents_of(mirror)
    if contents is None or not isinstance(mirror, HarborMirror | ExternalMirror):
        return Account(address, ACCOUNT, derive(key, "mirror", PASSWORD))
    robot = robot_of(party.settings.id)
    prefix = contents.system.get("robot_name_prefix", "robot$")
    return Account(address, f"{prefix}{mirror.project}+{robot}", robot_secret(key, CONTENTS, robot))


def _password(party: ChartedParty, secret: Secret) -> str:
    if secret.given:
        return party.stack.given_secrets[secret.given]
    return derive(party.stack.secret_key, f"party-{party.settings.id}", secret)


def _manifest(
    party: ChartedParty, name: str, kind: str, values: Mapping[str, str], service: str | None = None
) -> Manifest:
    chosen = {"app.kubernetes.io/name": service, "app.kubernetes.io/instance": party.namespace}
    labels = {**(chosen if service else {}), "app.kubernetes.io/part-of": "fate", **party.labels}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": party.namespace, "labels": labels},
        "type": kind,
        "data": {key: b64encode(values[key].encode()).decode() for key in sorted(values)},
    }
