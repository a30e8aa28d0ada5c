"""A plugin's servicer: the engine's calls, handed to the resource type that they are for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from diff.shape import Kind, Property, Shape
from diff.state import FAILED, completed, essence, stated
from diff.values import DEFAULTS, UNKNOWN, Plain, encoded, encoded_fields, plain, secret
from offline.protocol import check
from offline.protocol.failures import Context, Refusal, refusals
from offline.protocol.resource import Made, ResourceType
from offline.protocol.servicer import Servicer, failure, name_of, planned
from protocol.server import EngineLog
from protocol.wire import Empty, Struct, Value, provider_pb2
from protocol.words import token_of

Connect = Callable[[Plain], Sequence[ResourceType[Any]]]


class Provider(Servicer):
    """Serves the resource types that `connect` makes from the provider's own configuration.

    As the plugins do that are bridged from Terraform, it compares with the state of a resource, not with its
    old inputs, and leaves it to the engine to mark what follows from a secret.
    """

    accepts_secrets = False

    def __init__(
        self, package: str, version: str, configuration: Shape, connect: Connect, log: EngineLog
    ) -> None:
        super().__init__(package, version, configuration, log)
        self._connect = connect
        self._types: Mapping[str, ResourceType[Any]] = {kind.token: kind for kind in connect({})}

    def configure(self, values: Plain) -> None:
        """Make the resource types anew, for what the configuration names."""
        self._types = {kind.token: kind for kind in self._connect(values)}

    def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        """Fill in defaults and a name, and refuse what this plugin does not do."""
        token = token_of(request.urn)
        kind = self._types.get(token)
        if kind is None:
            reason = check.unsupported(f"resource type {token}")
            return provider_pb2.CheckResponse(failures=[provider_pb2.CheckFailure(reason=reason)])
        news = plain(request.news)
        found = list(check.faults(token, kind.shape, news))
        found += [] if found else [check.Fault(path, reason) for path, reason in kind.faults(news)]
        if found:
            return provider_pb2.CheckResponse(inputs=request.news, failures=map(failure, found))
        inputs = completed(kind.shape, news)
        if kind.named and "name" not in news:
            inputs |= {"name": _made_up_name(request), DEFAULTS: sorted([*inputs[DEFAULTS], "name"])}
        return provider_pb2.CheckResponse(inputs=_struct(kind.shape, inputs))

    def Diff(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        """Compare the state with what the new inputs lead to."""
        kind = self._types[token_of(request.urn)]
        state, new = plain(request.olds), plain(request.news)
        found = kind.compared(state, new)
        given = {name: value for name, value in new.items() if name not in new.get(DEFAULTS, ())}
        return planned(
            found.changes,
            replaces=lambda path: path in found.replacing,
            delete_first=kind.makes_way(given),
            against_inputs=False,
        )

    def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:
        """Make a resource; in a preview, only tell which outputs are not known yet."""
        kind = self._types[token_of(request.urn)]
        state = stated(kind.shape, plain(request.properties))
        if request.preview:
            unknown = {name: UNKNOWN for name in kind.computed if name not in state}
            return provider_pb2.CreateResponse(properties=_struct(kind.shape, {**state, **unknown}))
        with refusals(context, request.properties, _struct(kind.shape, state)):
            made = kind.create(self.call(request.urn), state)
        return provider_pb2.CreateResponse(
            id=made.id, properties=_struct(kind.shape, {**state, **made.outputs})
        )

    def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:
        """Change a resource in place."""
        kind = self._types[token_of(request.urn)]
        made = Made(request.id, plain(request.olds))
        state = stated(kind.shape, plain(request.news), made.outputs)
        if not request.preview:
            with refusals(context):
                state |= kind.update(self.call(request.urn), made, state)
        return provider_pb2.UpdateResponse(properties=_struct(kind.shape, without_mark(state)))

    def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:
        """Look at a resource: its state and its inputs come back as they are now, and no id if it is gone."""
        kind = self._types[token_of(request.urn)]
        inputs, before = plain(request.inputs), without_mark(plain(request.properties))
        with refusals(context):
            if not inputs:
                raise Refusal(check.unsupported(f"import of {kind.token}"))
            seen = kind.read(self.call(request.urn), Made(request.id, before))
        if seen is None:
            return provider_pb2.ReadResponse()
        state = {name: value for name, value in {**before, **seen.outputs}.items() if value is not None}
        return provider_pb2.ReadResponse(
            id=seen.id,
            inputs=_struct(kind.shape, _drifted(kind.shape, inputs, state)),
            properties=_struct(kind.shape, state),
        )

    def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> Empty:
        """Take a resource away."""
        kind = self._types[token_of(request.urn)]
        with refusals(context):
            kind.delete(self.call(request.urn), Made(request.id, plain(request.properties)))
        return Empty()


def without_mark(state: Plain) -> Plain:
    """Return a state without the mark of what was made but does not work: who looks at it forgets that."""
    return {name: value for name, value in state.items() if name != FAILED}


def _made_up_name(request: provider_pb2.CheckRequest) -> str:
    """Return the name that was made up before, or a new one."""
    olds = plain(request.olds)
    if "name" in olds.get(DEFAULTS, ()):
        return str(olds["name"])
    return f"{name_of(request.urn)}-{request.randomSeed.hex()[:7]}"


def _drifted(shape: Shape, inputs: Plain, state: Plain) -> Plain:
    """Return inputs as a resource's state has them now; those that it no longer has are left out."""
    wanted = stated(shape, inputs, state)
    changed = [
        name for name in shape if name in inputs and essence(wanted.get(name)) != essence(state.get(name))
    ]
    kept = {name: value for name, value in inputs.items() if name not in changed}
    return {**kept, **{name: state[name] for name in changed if state.get(name) is not None}}


def _struct(shape: Shape, values: Plain) -> Struct:
    """Return values for the engine, with marks on those that are secret by what they are."""
    return Struct(fields={name: _value(shape.get(name), value) for name, value in values.items()})


def _value(prop: Property | None, value: Any) -> Value:  # noqa: ANN401 -- a property value is any JSON value
    if prop is not None and prop.sensitive:
        return secret(value)
    if prop is not None and prop.kind is Kind.RECORD and isinstance(value, Mapping):
        return encoded_fields({name: _value(prop.fields.get(name), part) for name, part in value.items()})
    return encoded(value)
