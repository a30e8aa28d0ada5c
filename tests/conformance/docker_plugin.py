"""A Docker plugin, asked as the engine asks it; every question begins with a check of the inputs."""

import json
from pathlib import Path

from pulumi.runtime.proto import provider_pb2

from tests.conformance.plugin import ResourcePlugin, Told, Values, packed, refuse, told, urn

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
PROVIDER = urn("pulumi:providers:docker", "docker")


class DockerPlugin(ResourcePlugin):
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
