"""Whether a party can pull from the stack's Harbor: asked with the party's own robot, from this machine.

Not its `/health`, which answers 200 when it is unhealthy: a login, a token, a manifest and a blob by their
digests, a push that has to be refused, and how the last run of each replication ended.
"""

import hashlib
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from clients.failures import Refused, Unreachable, Untrusted
from clients.harbor import NO_DATABASE, Harbor, lacks_its_database, was_skipped
from clients.registry import ACCEPT, answered, basic, manifest_url
from ops.doctor.outputs import HarborOutputs, UnreadableOutputs, asked_of_pulumi
from ops.doctor.symptoms import Ailment, Symptom

SERVICE = "harbor-registry"
"""What Harbor's token service calls its registry."""
DENIED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
LOGIN, ROBOTS = "harbor-login", "harbor-robots"
RUNNING = ("InProgress", "Pending", "Running")
Secrets = Callable[[str], Mapping[str, Any]]
"""Gives a secret output of the stack by its name, nothing where there is none."""


def secrets_of(stack: str) -> Secrets:
    """Return what asks Pulumi for a stack's secret outputs. It raises UnreadableOutputs."""

    def told(name: str) -> Mapping[str, Any]:
        run = asked_of_pulumi("stack", "output", "--json", "--show-secrets", "--stack", stack)
        if run.returncode != 0:
            raise UnreadableOutputs(f"Pulumi cannot tell the secrets of stack {stack}: {run.stderr.strip()}")
        found = json.loads(run.stdout).get(name)
        return found if isinstance(found, dict) else {}

    return told


def examined(harbor: HarborOutputs, who: str, secrets: Secrets) -> str:
    """Pull by a party's robot and try to push; look how replications ended. Raises Ailment."""
    try:
        pulled = _pulled(harbor, who, secrets(ROBOTS).get(who, {}))
        return pulled + _copied(harbor, secrets(LOGIN))
    except Ailment as ailment:
        raise _seen_closer(harbor, ailment) from None
    except UnreadableOutputs as fault:
        raise Ailment(Symptom.NO_STATE, str(fault)) from None
    except Untrusted as fault:
        raise Ailment(Symptom.HARBOR_UNTRUSTED, f"{harbor.url}: {fault}") from None
    except Unreachable as fault:
        raise Ailment(Symptom.HARBOR_SILENT, f"{harbor.url}: {fault}") from None


def _seen_closer(harbor: HarborOutputs, ailment: Ailment) -> Ailment:
    """Return what is behind a refusal: a Harbor without its database, or the same where it is well."""
    refused = ailment.symptom is Symptom.HARBOR_REFUSES
    if refused and lacks_its_database(harbor.url, _trust(harbor)):
        return Ailment(Symptom.HARBOR_UNWELL, NO_DATABASE)
    return ailment


def _pulled(harbor: HarborOutputs, who: str, robot: Mapping[str, str]) -> str:
    image = harbor.pulled.get(who)
    if image is None:
        return "no image of this party comes from it"
    asked = _Asked(harbor, image, str(robot.get("user", "")), str(robot.get("password", "")))
    size = asked.pull()
    asked.refused_push()
    return f"{asked.user} pulls {image} ({size} bytes of it by digest), and may not push"


@dataclass
class _Asked:
    """One robot, and the image that it asks for."""

    harbor: HarborOutputs
    image: str
    user: str
    password: str = field(repr=False)

    @property
    def repository(self) -> str:
        """Return the image's name, with the project and without its tag."""
        return self.image.partition("@")[0].rpartition(":")[0]

    def pull(self) -> int:
        """Get the manifest, and the configuration that it names; return that one's size."""
        self._log_in()
        token = self._token("pull")
        tree = self._manifest(token, "")
        try:
            if "manifests" in tree:
                tree = self._manifest(token, str(tree["manifests"][0]["digest"]))
            digest = str(tree["config"]["digest"])
        except (LookupError, TypeError):
            raise Ailment(
                Symptom.HARBOR_UNWELL, f"{self.image} is no image by Docker's or OCI's form"
            ) from None
        content = self._got(f"{self.harbor.url}/v2/{self.repository}/blobs/{digest}", token)
        found = f"sha256:{hashlib.sha256(content).hexdigest()}"
        if found != digest:
            raise Ailment(Symptom.HARBOR_BROKEN, f"{self.image}: blob {digest} comes as {found}")
        return len(content)

    def refused_push(self) -> None:
        """Begin an upload, which has to be refused; one that is not is ended at once."""
        token = self._token("pull,push")
        url = f"{self.harbor.url}/v2/{self.repository}/blobs/uploads/"
        status, _, location = self._said("POST", url, _bearer(token))
        if status not in DENIED:
            if location:
                self._said("DELETE", _absolute(self.harbor.url, location), _bearer(token))
            raise Ailment(Symptom.HARBOR_PUSHED, f"{self.user} may push to {self.repository} (HTTP {status})")

    def _log_in(self) -> None:
        """Ask for a token for nothing: for a repository Harbor gives one to everybody, without rights."""
        status, _ = self._asked_for_a_token({})
        if status in DENIED:
            raise Ailment(
                Symptom.HARBOR_REFUSES,
                f"{self.user} is not let in (HTTP {status}): its secret is another by now, it is disabled, or"
                " its time is over",
            )

    def _token(self, actions: str) -> str:
        status, body = self._asked_for_a_token({"scope": f"repository:{self.repository}:{actions}"})
        if status != HTTPStatus.OK:
            raise Ailment(Symptom.HARBOR_UNWELL, f"/service/token is answered with HTTP {status}")
        return str(_parsed(body).get("token", ""))

    def _asked_for_a_token(self, scope: Mapping[str, str]) -> tuple[int, bytes]:
        url = f"{self.harbor.url}/service/token?{urlencode({'service': SERVICE, **scope})}"
        status, body, _ = self._said("GET", url, basic(self.user, self.password))
        return status, body

    def _manifest(self, token: str, reference: str) -> dict[str, Any]:
        return _parsed(self._got(manifest_url(self.harbor.url, self.image, reference), token))

    def _got(self, url: str, token: str) -> bytes:
        status, body, _ = self._said("GET", url, _bearer(token))
        if status in DENIED:
            raise Ailment(Symptom.HARBOR_REFUSES, f"{self.user} may not pull {self.image} (HTTP {status})")
        if status == HTTPStatus.NOT_FOUND:
            raise Ailment(Symptom.HARBOR_LACKS, f"it has no {self.image}")
        if status != HTTPStatus.OK:
            raise Ailment(Symptom.HARBOR_UNWELL, f"{url} is answered with HTTP {status}")
        return body

    def _said(self, method: str, url: str, headers: Mapping[str, str]) -> tuple[int, bytes, str]:
        given, trust = {**headers, "Accept": ACCEPT}, _trust(self.harbor)
        with answered(method, url, given, trust=trust) as answer:
            return answer.status, answer.read(), answer.headers.get("Location") or ""


def _copied(harbor: HarborOutputs, login: Mapping[str, str]) -> str:
    """Look how the last run of each replication ended, where the stack has the administrator's login."""
    if not harbor.replications or not login:
        return ""
    api = Harbor(harbor.url, login["user"], login["password"], _trust(harbor))
    try:
        for name, id in harbor.replications.items():
            _look_at_run(api, name, id)
    except Refused as refused:
        raise Ailment(Symptom.HARBOR_UNWELL, f"its API answers {refused.status}: {refused}") from None
    return f"; {len(harbor.replications)} replications ended well"


def _look_at_run(api: Harbor, name: str, id: str) -> None:
    told = api.rows("/replication/executions", {"policy_id": id})
    runs = [run for run in told if not was_skipped(run)]
    last = max(runs, key=lambda run: int(run["id"]), default=None)
    if last is not None and last["status"] not in ("Succeed", *RUNNING):
        why = f": {last['status_text']}" if last.get("status_text") else ""
        raise Ailment(Symptom.HARBOR_COPIES, f"the last run of {name} ended as {last['status']}{why}")


def _trust(harbor: HarborOutputs) -> ssl.SSLContext | None:
    if not harbor.authority or not harbor.url.startswith("https://"):
        return None
    return ssl.create_default_context(cadata=harbor.authority)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _absolute(url: str, location: str) -> str:
    return location if "://" in location else f"{url}{quote(location, safe='/?=&%._-~')}"


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        tree = json.loads(body)
    except ValueError:
        tree = None
    if not isinstance(tree, dict):
        raise Ailment(Symptom.HARBOR_UNWELL, f"what answers is no Harbor: it begins with {body[:40]!r}")
    return tree
