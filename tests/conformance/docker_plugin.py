"""A Docker plugin, asked as the engine asks it; every question begins with a check of the inputs."""

import json
from pathlib import Path

from pulumi.runtime.proto import provider_pb2

from tests.conformance.plugin import (
    LIMIT,
    Plugin,
    Resource,
    Told,
    Values,
    packed,
    refuse,
    told,
    unpacked,
    urn,
)

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
PROVIDER = urn("pulumi:providers:docker", "docker")


class DockerPlugin(Plugin):
    """One running plugin, configured for one Docker engine."""

    def __init__(self, executable: Path, configuration: Values) -> None:
        super().__init__(executable)
        try:
            self.configure(configuration)
        except BaseException:
            self.close()
            raise

    def configure(self, configuration: Values) -> None:
        """Check a provider's configuration and take it."""
        given = packed({k: v if isinstance(v, str) else json.dumps(v) for k, v in configuration.items()})
        checked = self._call("CheckConfig", provider_pb2.CheckRequest(urn=PROVIDER, news=given))
        refuse(checked.failures)
        request = provider_pb2.ConfigureRequest(
            args=checked.inputs, acceptSecrets=True, acceptResources=True, sends_old_inputs=True
        )
        self._call("Configure", request)

    def diff_config(self, old: Values, new: Values) -> Told:
        """Return what a change of the provider's configuration leads to."""
        checked = [
            self._call("CheckConfig", provider_pb2.CheckRequest(urn=PROVIDER, news=packed(given))).inputs
            for given in (old, new)
        ]
        request = provider_pb2.DiffRequest(
            id="1", urn=PROVIDER, olds=checked[0], old_inputs=checked[0], news=checked[1]
        )
        return told(None, self._call("DiffConfig", request))

    def create(self, token: str, name: str, inputs: Values) -> Resource:
        """Make a resource."""
        checked = self.check(token, name, inputs)
        request = provider_pb2.CreateRequest(urn=urn(token, name), properties=packed(checked), timeout=LIMIT)
        answer = self._call("Create", request, Resource(token, name, "", checked, {}))
        return Resource(token, name, answer.id, checked, unpacked(answer.properties))

    def diff(self, made: Resource, inputs: Values) -> Told:
        """Return what other inputs lead to."""
        checked = self.check(made.token, made.name, inputs, made.inputs)
        request = provider_pb2.DiffRequest(
            id=made.id,
            urn=made.urn,
            olds=packed(made.outputs),
            old_inputs=packed(made.inputs),
            news=packed(checked),
        )
        return told(made, self._call("Diff", request))

    def update(self, made: Resource, inputs: Values) -> Resource:
        """Change a resource in place."""
        checked = self.check(made.token, made.name, inputs, made.inputs)
        request = provider_pb2.UpdateRequest(
            id=made.id,
            urn=made.urn,
            olds=packed(made.outputs),
            old_inputs=packed(made.inputs),
            news=packed(checked),
            timeout=LIMIT,
        )
        answer = self._call("Update", request)
        return Resource(made.token, made.name, made.id, checked, unpacked(answer.properties))

    def read(self, made: Resource) -> Resource | None:
        """Look at a resource as it is now."""
        request = provider_pb2.ReadRequest(
            id=made.id, urn=made.urn, properties=packed(made.outputs), inputs=packed(made.inputs)
        )
        answer = self._call("Read", request)
        if not answer.id:
            return None
        inputs = unpacked(answer.inputs) or made.inputs
        return Resource(made.token, made.name, answer.id, inputs, unpacked(answer.properties))

    def delete(self, made: Resource) -> None:
        """Take a resource away."""
        request = provider_pb2.DeleteRequest(
            id=made.id,
            urn=made.urn,
            properties=packed(made.outputs),
            old_inputs=packed(made.inputs),
            timeout=LIMIT,
        )
        self._call("Delete", request)
