"""An upstream endpoint of a Harbor: where it replicates from, and what its proxy caches stand before."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from clients.failures import Refused
from diff.shape import Shape, switch, text
from diff.values import Plain, Refusal
from providers.harbor.kind import Call, Fault, Kind, Made, Seen, adopt, gone, made_or_adopted

BAD_REQUEST, PRECONDITION, BROKEN = 400, 412, 500
HUB = "docker-hub"
LONGEST_NAME = 64


class Registry(Kind):
    """Harbor asks the upstream whenever the endpoint is made or changed, and refuses where it is down.

    It does not notice that credentials are missing; a replication fails for that. Its type never changes.
    """

    token = "fate-harbor:index:Registry"
    shape: ClassVar[Shape] = {
        "name": text(required=True).updatable(),
        "type": text("docker-registry"),
        "url": text(required=True).updatable(),
        "description": text("").updatable(),
        "insecure": switch(False).updatable(),
        "caCertificate": text("").updatable(),
        "accessKey": text("").updatable(),
        "accessSecret": text("", sensitive=True).updatable(),
        **adopt(False),
    }
    name_key = "name"

    @classmethod
    def faults(cls, inputs: Plain) -> Iterator[Fault]:
        """Yield a URL that Harbor would make another of, half a login, and what Harbor ignores or refuses."""
        name, url = inputs["name"], inputs["url"]
        if isinstance(name, str) and len(name) > LONGEST_NAME:
            yield "name", f"{name!r} has {len(name)} signs, and Harbor takes {LONGEST_NAME} at most"
        if inputs["insecure"] is True and inputs["caCertificate"]:
            yield (
                "insecure",
                "insecure is ignored by Harbor where there is a caCertificate: leave one of them out",
            )
        if isinstance(url, str) and not url.startswith(("http://", "https://")):
            yield (
                "url",
                f"{url!r} has no scheme, and Harbor would make http:// of that: write http:// or https://",
            )
        if inputs["accessSecret"] and not inputs["accessKey"]:
            yield "accessKey", "accessSecret without accessKey is no login: write both, or neither"

    @classmethod
    def normal(cls, inputs: Plain) -> Plain:
        """Return inputs without the slash at the end of the URL, which Harbor drops."""
        url = inputs["url"]
        return {**inputs, "url": url.rstrip("/") if isinstance(url, str) else url}

    def create(self, call: Call, inputs: Plain) -> tuple[str, Mapping[str, Any]]:
        """Make the endpoint; one that is there is taken over and changed."""
        body = {key: inputs[key] for key in ("name", "type", "url", "description", "insecure")}
        body["ca_certificate"] = inputs["caCertificate"]
        if inputs["accessKey"]:
            body["credential"] = {
                "type": "basic",
                "access_key": inputs["accessKey"],
                "access_secret": inputs["accessSecret"],
            }
        id, adopted = made_or_adopted(
            lambda: self._healthy(inputs, lambda: self.harbor.create("/registries", body)),
            lambda: self._there(inputs),
            inputs["adopt"],
        )
        if adopted:
            self._change(id, inputs)
        return id, {}

    def read(self, made: Made) -> Seen | None:
        """Look at it; its secret is never told. An import may say its name."""
        path = f"/registries/{made.id}"
        found = self.harbor.find(path) if made.id.isdecimal() else self._named(made.id)
        if found is None:
            return None
        inputs = {
            "name": found["name"],
            "type": found["type"],
            "url": found["url"],
            "description": found.get("description", ""),
            "insecure": found.get("insecure", False),
            "caCertificate": found.get("ca_certificate", ""),
            "accessKey": (found.get("credential") or {}).get("access_key", ""),
        }
        return Seen(str(found["id"]), inputs)

    def update(self, call: Call, made: Made, inputs: Plain) -> Mapping[str, Any]:
        """Change it in place: a change of its name too."""
        if self.harbor.find(f"/registries/{made.id}") is None:
            raise gone(f"registry {inputs['name']}")
        self._change(made.id, inputs)
        return {}

    def delete(self, call: Call, made: Made) -> None:
        """Take it away where neither a replication nor a proxy cache needs it."""
        try:
            self.harbor.delete(f"/registries/{made.id}")
        except Refused as refused:
            if refused.status != PRECONDITION:
                raise
            users = ", ".join(self._users(made.id)) or str(refused)
            raise Refusal(
                f"registry {made.state['name']} is not deleted, it is needed by {users}: delete these first"
            ) from None

    def _change(self, id: str, inputs: Plain) -> None:
        body = {
            "name": inputs["name"],
            "description": inputs["description"],
            "url": inputs["url"],
            "insecure": inputs["insecure"],
            "ca_certificate": inputs["caCertificate"],
            "credential_type": "basic" if inputs["accessKey"] else "",
            "access_key": inputs["accessKey"],
            "access_secret": inputs["accessSecret"],
        }
        self._healthy(inputs, lambda: self.harbor.change("PUT", f"/registries/{id}", body))

    def _healthy(self, inputs: Plain, change: Any) -> Any:  # noqa: ANN401 -- what the change returns
        try:
            return change()
        except Refused as refused:
            if refused.status == BROKEN and inputs["type"] == HUB and inputs["accessKey"]:
                raise Refusal(
                    f"Harbor's core did not log in to Docker Hub as {inputs['accessKey']} ({refused}): see "
                    "that it reaches https://hub.docker.com, and correct accessKey and accessSecret"
                ) from None
            if refused.status != BAD_REQUEST or "unhealthy" not in str(refused):
                raise
            login = (
                f"takes the login of {inputs['accessKey']}" if inputs["accessKey"] else "asks for no login"
            )
            raise Refusal(
                f"Harbor finds the upstream {inputs['url']} unhealthy, and makes or changes no endpoint "
                f"then: see that it is up, that Harbor's core reaches it, and that it {login}"
            ) from None

    def _named(self, name: str) -> Any:  # noqa: ANN401 -- Harbor's JSON
        return next((row for row in self.harbor.rows("/registries") if row["name"] == name), None)

    def _there(self, inputs: Plain) -> tuple[int, str]:
        found = self._named(inputs["name"])
        if found is None:
            raise Refusal(f"Harbor says that registry {inputs['name']} exists, and does not list it")
        if found["type"] != inputs["type"]:
            raise Refusal(
                f"registry {inputs['name']} is there already and of type {found['type']}, which Harbor never "
                f"changes: declare that type, or another name"
            )
        return int(found["id"]), f"registry {inputs['name']} (id {found['id']}, {found['url']})"

    def _users(self, id: str) -> Iterator[str]:
        for policy in self.harbor.rows("/replication/policies"):
            if str((policy.get("src_registry") or {}).get("id")) == id:
                yield f"replication {policy['name']}"
        for project in self.harbor.rows("/projects"):
            if str(project.get("registry_id")) == id:
                yield f"proxy cache {project['name']}"
