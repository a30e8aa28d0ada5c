"""The plugin's servicer: the engine's calls, as operations on Kubernetes objects."""

from collections.abc import Iterator
from contextlib import contextmanager

from offline.kubernetes import annotations, secrecy
from offline.kubernetes.cluster import MANAGER, Cluster
from offline.kubernetes.configuration import SHAPE, configured, parsed
from offline.kubernetes.discovery import NoSuchKind
from offline.kubernetes.kinds import PACKAGE, VERSION, ObjectType, object_type
from offline.kubernetes.names import autonamed, made_up
from offline.kubernetes.objects import Objects, unknown
from offline.kubernetes.projection import declared, projected, visible
from offline.kubernetes.replacement import replaces
from offline.protocol import check, status
from offline.protocol.differences import differences
from offline.protocol.engine_log import EngineLog
from offline.protocol.failures import Half, Refusal
from offline.protocol.plan import planned
from offline.protocol.servicer import Context, Servicer, failure, name_of, refusals, token_of
from offline.protocol.shape import anything
from offline.protocol.values import Plain, Unknown, contains_unknown, plain
from offline.protocol.wire import Empty, Struct, provider_pb2

FIELD_MANAGER = "__fieldManager"


class KubernetesProvider(Servicer):
    """Serves every kind of one cluster. It remembers only which objects a preview replaces."""

    def __init__(self, log: EngineLog) -> None:
        super().__init__(PACKAGE, VERSION, SHAPE, log)
        self._replaced: set[str] = set()
        self.configure({})

    def configure(self, values: Plain) -> None:
        """Take the cluster that the configuration names; nothing is connected before it is needed."""
        self._cluster = Cluster(configured(values))
        self._objects = Objects(self._cluster)

    def given(self, values: Plain) -> Plain:
        """Return the configuration with its switches as such; a kubeconfig stays text."""
        return parsed(values)

    def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        """Fill in a name and a namespace, mark what is secret, and refuse what this plugin does not do."""
        news, olds = plain(request.news), plain(request.olds)
        with refusals(context):
            kind = object_type(token_of(request.urn))
            found = [check.Fault(*fault) for fault in (*_faults(kind, news), *annotations.faults(news))]
            if not found:
                metadata = made_up(name_of(request.urn), request.randomSeed, olds, news)
                news = news if metadata is None else {**news, "metadata": metadata}
                news = self._placed(kind, news)
        inputs = secrecy.with_marks(kind, news, request.news)
        return provider_pb2.CheckResponse(inputs=inputs, failures=[failure(fault) for fault in found])

    def Diff(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        """Compare the old inputs with the new ones, field by field."""
        old, new = plain(request.old_inputs), plain(request.news)
        fields = {name: anything() for name in sorted({*old, *new}) if not name.startswith("__")}
        configuration = self._cluster.configuration
        plan = planned(
            differences(fields, old, new),
            replaces=lambda path: replaces(path, old, new, configuration),
            delete_first=not autonamed(new) and _same_place(old, new),
            failed=status.FAILED in request.olds.fields,
            repairable=not annotations.says(new, annotations.REPLACE_UNREADY),
        )
        if plan.replaces:
            self._replaced.add(request.urn)
        return plan

    def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:
        """Make an object; in a preview, ask the API server what would come of it."""
        kind, inputs = object_type(token_of(request.urn)), plain(request.properties)
        call = self.call(request.urn)
        with self._refusals(context, kind, request.properties):
            if not request.preview:
                limit = annotations.limit(inputs, request.timeout)
                target, live = self._objects.create(call, inputs, MANAGER, limit)
                outputs = _outputs(kind, live, request.properties, MANAGER)
                return provider_pb2.CreateResponse(id=target.id, properties=outputs)
            told = unknown(inputs)
            if self._tellable(inputs):
                replaced = request.urn in self._replaced
                told = self._objects.preview_create(call, inputs, MANAGER, replaced)
        return provider_pb2.CreateResponse(properties=_outputs(kind, told, request.properties, MANAGER))

    def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:
        """Change an object in place; in a preview, ask the API server what would come of it."""
        kind, inputs, olds = object_type(token_of(request.urn)), plain(request.news), plain(request.olds)
        manager, call = olds.get(FIELD_MANAGER, MANAGER), self.call(request.urn)
        with self._refusals(context, kind, request.news):
            if not request.preview:
                limit = annotations.limit(inputs, request.timeout)
                live = self._objects.update(call, inputs, manager, limit)[1]
            else:
                known = self._tellable(inputs)
                told = self._objects.preview_update(call, inputs, manager) if known else None
                live = told or {**olds, **inputs}
        return provider_pb2.UpdateResponse(properties=_outputs(kind, live, request.news, manager))

    def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:
        """Look at an object: its inputs come back as they are now, and an empty id if it is gone."""
        kind, inputs, olds = (
            object_type(token_of(request.urn)),
            plain(request.inputs),
            plain(request.properties),
        )
        with self._refusals(context, kind, request.inputs):
            try:
                target = self._cluster.found(_as_declared(kind, inputs), request.id)
                live = self._cluster.live(target)
            except NoSuchKind:
                live = None
            if live is None:
                return provider_pb2.ReadResponse()
            failed = status.FAILED in olds and not self._objects.works(live)
        seen = projected(inputs, live) if inputs else declared(live)
        outputs = _outputs(kind, live, request.inputs, olds.get(FIELD_MANAGER, MANAGER))
        if failed:
            outputs.fields[status.FAILED].bool_value = True
        marked = secrecy.with_marks(kind, seen, request.inputs)
        return provider_pb2.ReadResponse(id=target.id, inputs=marked, properties=outputs)

    def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> Empty:
        """Take an object away, and wait until it is gone."""
        kind, inputs = object_type(token_of(request.urn)), plain(request.old_inputs)
        with self._refusals(context, kind, request.old_inputs):
            try:
                target = self._cluster.found(_as_declared(kind, inputs), request.id)
            except NoSuchKind:
                return Empty()
            limit = annotations.limit(inputs, request.timeout)
            self._objects.delete(self.call(request.urn), target, inputs, limit)
        return Empty()

    def _placed(self, kind: ObjectType, news: Plain) -> Plain:
        """Return inputs with the namespace that they live in, where they name none and need one."""
        metadata = news.get("metadata", {})
        if (
            isinstance(metadata, Unknown)
            or metadata.get("namespace")
            or not self._cluster.configuration.known
        ):
            return news
        try:
            namespaced = self._cluster.resource(_as_declared(kind, news)).namespaced
        except NoSuchKind:
            return news
        place = {"namespace": self._cluster.namespace} if namespaced else {}
        return {**news, "metadata": {**metadata, **place}}

    def _tellable(self, inputs: Plain) -> bool:
        return self._cluster.configuration.known and not contains_unknown(inputs)

    @contextmanager
    def _refusals(self, context: Context, kind: ObjectType, inputs: Struct) -> Iterator[None]:
        """Tell the engine why an operation was refused, without what is secret."""
        try:
            yield
        except Half as half:
            message = secrecy.redacted(str(half), secrecy.secrets_of(inputs))
            outputs = _outputs(kind, dict(half.computed), inputs, MANAGER)
            context.abort_with_status(status.half_made(message, half.resource_id, inputs, outputs))
        except Refusal as refusal:
            words = secrecy.redacted(str(refusal), secrecy.secrets_of(inputs))
            context.abort_with_status(status.refused(words))


def _outputs(kind: ObjectType, live: Plain, inputs: Struct, manager: str) -> Struct:
    metadata = live.get("metadata")
    seen = visible(live) if isinstance(metadata, dict) else live
    kept = {name: value for name, value in seen.items() if name != status.FAILED}
    return secrecy.with_marks(kind, {**kept, FIELD_MANAGER: manager}, inputs)


def _as_declared(kind: ObjectType, inputs: Plain) -> ObjectType:
    """Return the kind in the version that the inputs name."""
    return ObjectType(inputs.get("apiVersion", kind.api_version), inputs.get("kind", kind.kind))


def _same_place(old: Plain, new: Plain) -> bool:
    before, after = old.get("metadata"), new.get("metadata")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return False
    return all(before.get(name) == after.get(name) for name in ("name", "namespace"))


def _faults(kind: ObjectType, news: Plain) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with inputs before any API server is asked."""
    for name, wanted in (("apiVersion", kind.api_version), ("kind", kind.kind)):
        if news.get(name, wanted) != wanted:
            yield name, f"{name} is {news[name]!r}, and the resource's type says {wanted!r}"
        elif name not in news:
            yield name, f"{name} is missing: write {wanted!r}"
    metadata = news.get("metadata", {})
    if not isinstance(metadata, dict | Unknown):
        yield "metadata", f"metadata must be an object, not {metadata!r}"
