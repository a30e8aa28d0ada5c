"""The plugin fate-harbor as the process that Pulumi starts, asked as the engine asks it."""

from pulumi.runtime.proto import provider_pb2

from tests.conformance.plugin import (
    Resource,
    ResourcePlugin,
    Values,
    changed,
    packed,
    refuse,
    unpacked,
    urn,
)
from tests.harbor.state import ADMIN
from tests.project import ROOT

EXECUTABLE = ROOT / "providers/harbor/pulumi-resource-fate-harbor"
PROVIDER = urn("pulumi:providers:fate-harbor", "harbor")
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
SIGNATURE = "4dabf18193072939515e22adb298388d"


class HarborPlugin(ResourcePlugin):
    """One running plugin, which is told anew which Harbor it is for."""

    def __init__(self) -> None:
        super().__init__(EXECUTABLE)

    def configure(self, url: str, password: str = ADMIN[1], **more: str | bool) -> None:
        """Check a provider's configuration and take it, opened as the engine opens it."""
        given = packed({"url": url, "password": password, **more})
        checked = self._call("CheckConfig", provider_pb2.CheckRequest(urn=PROVIDER, news=given))
        refuse(checked.failures)
        self._call("Configure", provider_pb2.ConfigureRequest(args=packed(opened(unpacked(checked.inputs)))))

    def preview(self, token: str, name: str, inputs: Values) -> Values:
        """Return what a preview of a creation tells."""
        checked = self.check(token, name, inputs)
        request = provider_pb2.CreateRequest(urn=urn(token, name), properties=packed(checked), preview=True)
        return unpacked(self._call("Create", request).properties)

    def foreseen(self, made: Resource, inputs: Values) -> Values:
        """Return what a preview of a change tells."""
        checked = self.check(made.token, made.name, inputs, made.inputs)
        return unpacked(self._call("Update", changed(made, checked, preview=True)).properties)

    def imported(self, token: str, name: str, id: str) -> Resource | None:
        """Look at a resource that no state has."""
        return self.read(Resource(token, name, id, {}, {}))


def opened(values: Values) -> Values:
    """Return values without the marks of what is secret, as the engine sends them to this plugin."""
    return {key: value["value"] if is_secret(value) else value for key, value in values.items()}


def is_secret(value: object) -> bool:
    return isinstance(value, dict) and value.get(SIGNATURE) == SECRET
