"""A Kubernetes plugin, asked as the engine asks it, in previews too."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pulumi.runtime.proto import provider_pb2

from tests.conformance.plugin import (
    NO_ENGINE,
    Plugin,
    Refused,
    Resource,
    Told,
    Values,
    changed,
    packed,
    told,
    unpacked,
    urn,
)


class KubernetesPlugin(Plugin):
    """One running plugin, configured for one cluster."""

    def __init__(self, executable: Path, configuration: Mapping[str, str], engine: str = NO_ENGINE) -> None:
        super().__init__(executable, engine)
        variables = {f"kubernetes:config:{name}": value for name, value in configuration.items()}
        request = provider_pb2.ConfigureRequest(
            variables=variables, args=packed(dict(configuration)), acceptSecrets=True, sends_old_inputs=True
        )
        self._call("Configure", request)

    def create(self, token: str, name: str, checked: Values, limit: float, preview: bool = False) -> Resource:
        """Make an object, or in a preview tell what would be made."""
        request = provider_pb2.CreateRequest(
            urn=urn(token, name), properties=packed(checked), timeout=limit, preview=preview
        )
        answer = self._call("Create", request, Resource(token, name, "", checked, {}))
        return Resource(token, name, answer.id, checked, unpacked(answer.properties))

    def diff(self, made: Resource, checked: Values, ignored: Sequence[str] = ()) -> Told:
        """Return what other inputs lead to."""
        request = provider_pb2.DiffRequest(
            id=made.id,
            urn=made.urn,
            olds=packed(made.outputs),
            old_inputs=packed(made.inputs),
            news=packed(checked),
            ignoreChanges=ignored,
        )
        return told(made, self._call("Diff", request))

    def update(
        self,
        made: Resource,
        checked: Values,
        limit: float,
        ignored: Sequence[str] = (),
        preview: bool = False,
    ) -> Resource:
        """Change an object in place, or in a preview tell what would come of it."""
        request = changed(made, checked, timeout=limit, ignoreChanges=ignored, preview=preview)
        answer = self._call("Update", request, Resource(made.token, made.name, made.id, checked, {}))
        return Resource(made.token, made.name, made.id, checked, unpacked(answer.properties))

    def read(self, made: Resource) -> Resource | None:
        """Look at an object as it is now: None where it is gone."""
        request = provider_pb2.ReadRequest(
            id=made.id, urn=made.urn, properties=packed(made.outputs), inputs=packed(made.inputs)
        )
        try:
            answer = self._call("Read", request, made)
        except Refused as refused:
            if refused.half is None:
                raise
            return refused.half
        if not answer.id:
            return None
        return Resource(
            made.token, made.name, answer.id, unpacked(answer.inputs), unpacked(answer.properties)
        )

    def construct(self, token: str, name: str, inputs: Values, monitor: str, **options: Any) -> Values:  # noqa: ANN401
        """Have a component made, whose children are registered with a monitor; return its outputs."""
        request = provider_pb2.ConstructRequest(
            **options,
            type=token,
            name=name,
            inputs=packed(inputs),
            monitorEndpoint=monitor,
            project="conformance",
            stack="t",
            parallel=4,
        )
        return unpacked(self._call("Construct", request).state)
