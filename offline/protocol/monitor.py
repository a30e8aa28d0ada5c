"""The engine's resource monitor: what a component registers there belongs to the stack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from diff.values import SIGNATURE, Value, encoded
from offline.protocol.check import unsupported
from offline.protocol.failures import Refusal
from protocol.wire import CHANNEL_OPTIONS, RESOURCE, Struct, grpc, resource_pb2, resource_pb2_grpc

HANDED_ON = (
    *("type", "name", "parent", "dependencies", "additionalSecretOutputs", "deletedWith", "ignoreChanges"),
    *("replaceOnChanges", "replace_with", "aliases"),
)
"""What of a component's options is said to the engine as it was said to the plugin."""
CHOICES = ("protect", "deleteBeforeReplace", "retainOnDelete")
"""Options that may be left unsaid, which is not the same as no."""
TIMEOUTS = ("create", "update", "delete")


@dataclass(frozen=True)
class Child:
    """A resource of a component: what it is, after which others it comes, whether it outlives the stack."""

    token: str
    name: str
    properties: Struct
    after: Sequence[str] = ()
    retained: bool = False


@dataclass(frozen=True)
class Registered:
    """A resource that the engine knows, and in `up` has made."""

    token: str
    name: str
    urn: str
    id: str

    @property
    def reference(self) -> Value:
        """Return it as a property value."""
        told = {"urn": self.urn, "id": self.id, "name": self.name, "type": self.token}
        return encoded({SIGNATURE: RESOURCE, **told})


class Monitor:
    """Registers one component and its children, for one request. Children may be registered side by side."""

    def __init__(self, request: Any) -> None:  # noqa: ANN401 -- the protocol's messages have no types
        self._request = request
        self._channel = grpc.insecure_channel(request.monitorEndpoint, options=CHANNEL_OPTIONS)
        self._stub: Any = resource_pb2_grpc.ResourceMonitorStub(self._channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()

    def component(self, package: str) -> Registered:
        """Register the component itself, with the options that it was declared with."""
        asked = self._request
        if asked.HasField("resource_hooks") and asked.resource_hooks.ListFields():
            raise Refusal(unsupported(f"option hooks of {asked.type}"))
        options: dict[str, Any] = {name: getattr(asked, name) for name in HANDED_ON}
        options |= {name: getattr(asked, name) for name in CHOICES if asked.HasField(name)}
        if asked.HasField("replacement_trigger"):
            options["replacement_trigger"] = asked.replacement_trigger
        times = {name: getattr(asked.customTimeouts, name) for name in TIMEOUTS}
        return self._register(
            **options,
            providers=asked.providers,
            provider=self._provider(package),
            object=Struct(),
            customTimeouts=resource_pb2.RegisterResourceRequest.CustomTimeouts(**times),
            deleteBeforeReplaceDefined=asked.HasField("deleteBeforeReplace"),
        )

    def child(self, child: Child, component: Registered, package: str) -> Registered:
        """Register a child, and wait until it is made. It shares the component's `protect`, nothing else."""
        none = resource_pb2.RegisterResourceRequest.PropertyDependencies()
        options: Mapping[str, Any] = {
            **({"protect": self._request.protect} if self._request.HasField("protect") else {}),
            **({"retainOnDelete": True} if child.retained else {}),
        }
        return self._register(
            **options,
            type=child.token,
            name=child.name,
            parent=component.urn,
            custom=True,
            object=child.properties,
            dependencies=child.after,
            propertyDependencies=dict.fromkeys(child.properties.fields, none),
            provider=self._provider(package),
        )

    def _provider(self, package: str) -> str:
        return str(self._request.providers.get(package, ""))

    def _register(self, **fields: Any) -> Registered:  # noqa: ANN401 -- the protocol's messages have no types
        request = resource_pb2.RegisterResourceRequest(**fields, acceptSecrets=True, acceptResources=True)
        try:
            answer = self._stub.RegisterResource(request)
        except grpc.RpcError as failure:
            raise Refusal(f"{request.name}: {failure.details()}") from failure
        return Registered(request.type, request.name, answer.urn, answer.id)
