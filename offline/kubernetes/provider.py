"""The plugin's servicer: the engine's calls, as operations on Kubernetes objects."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from clients.kubernetes.failures import Refused
from diff.differences import Change
from diff.kubernetes.configuration import SHAPE, configured, with_switches
from diff.kubernetes.names import autonamed_metadata
from diff.kubernetes.object_changes import Difference, checked, deletes_first, differences
from diff.values import Plain, Unknown, contains_unknown, plain
from offline.kubernetes import annotations, chart, chart_inputs, secrecy, waiting
from offline.kubernetes.cluster import Cluster
from offline.kubernetes.explained import NoCluster
from offline.kubernetes.kinds import PACKAGE, VERSION, NoSuchKind, ObjectType, object_type
from offline.kubernetes.objects import Objects, Wanted, new_manager
from offline.kubernetes.projection import declared, projected
from offline.protocol import check
from offline.protocol.failures import Context, Half, Refusal, incomplete, refusals, refused
from offline.protocol.servicer import Servicer, failure, name_of
from protocol.server import EngineLog
from protocol.wire import Empty, Struct, provider_pb2
from protocol.words import KINDS, token_of

FIELD_MANAGER = "__fieldManager"
INPUTS = "__inputs"
FIRST_VERSION = "__initialApiVersion"
NO_CLUSTER = "configured Kubernetes cluster is unreachable: {}"
NOT_READ = (
    "failed to read resource state due to unreachable cluster. If the cluster was deleted, you can remove "
    "this resource from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE "
    'environment variable set to "true"'
)


class KubernetesProvider(Servicer):
    """Serves every kind of one cluster. It remembers nothing of the objects."""

    def __init__(self, log: EngineLog) -> None:
        super().__init__(PACKAGE, VERSION, SHAPE, log)
        self.configure({})

    def configure(self, values: Plain) -> None:
        """Take the cluster that the configuration names; nothing is connected before it is needed."""
        self._cluster = Cluster(configured(values))
        self._objects = Objects(self._cluster)

    def given(self, values: Plain) -> Plain:
        """Return the configuration with its switches as such; a kubeconfig stays text."""
        return with_switches(values)

    def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        """Fill in a name and a namespace, mark what is secret, and refuse what this plugin does not do."""
        news, olds = plain(request.news), plain(request.olds)
        with refusals(context):
            kind = object_type(token_of(request.urn))
            found = [check.Fault(*fault) for fault in (*_faults(kind, news), *annotations.faults(news))]
            if not found:
                metadata = autonamed_metadata(name_of(request.urn), request.randomSeed, olds, news)
                news = news if metadata is None else {**news, "metadata": metadata}
                news = self._placed(kind, checked(news, olds))
        inputs = secrecy.with_marks(kind, news, request.news)
        return provider_pb2.CheckResponse(inputs=inputs, failures=[failure(fault) for fault in found])

    def Diff(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        """Hold what the object was last seen to have of the old inputs against the new ones."""
        new = plain(request.news)
        old = projected(plain(request.old_inputs), plain(request.olds))
        found = differences(old, new, self._cluster.configuration)
        changes = [each for each in found if not _ignored(each.path, request.ignoreChanges)]
        return _plan(changes, deletes_first(old, new))

    def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:
        """Make an object; in a preview, ask the API server what would come of it."""
        kind, inputs = object_type(token_of(request.urn)), plain(request.properties)
        call = self.call(request.urn)
        wanted = Wanted(inputs, new_manager(), annotations.limit(inputs, request.timeout))
        with self._refusals(context, kind, request.properties, wanted.manager):
            if not request.preview:
                target, live = self._objects.create(call, wanted)
                outputs = _outputs(kind, live, request.properties, wanted.manager)
                return provider_pb2.CreateResponse(id=target.id, properties=outputs)
            foreseen = self._objects.preview_create(call, wanted) if self._tellable(inputs) else None
        if foreseen is None:
            return provider_pb2.CreateResponse(properties=request.properties)
        return provider_pb2.CreateResponse(
            properties=_outputs(kind, foreseen, request.properties, wanted.manager)
        )

    def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:
        """Change an object in place; in a preview, ask the API server what would come of it."""
        kind, inputs, olds = object_type(token_of(request.urn)), plain(request.news), plain(request.olds)
        call, manager = self.call(request.urn), olds.get(FIELD_MANAGER) or new_manager()
        limit = annotations.limit(inputs, request.timeout)
        wanted = Wanted(inputs, manager, limit, tuple(request.ignoreChanges))
        with self._refusals(context, kind, request.news, manager):
            if not request.preview:
                live: Plain | None = self._objects.update(call, wanted)[1]
            else:
                live = self._objects.preview_update(call, wanted) if self._tellable(inputs) else None
        if live is None:
            return provider_pb2.UpdateResponse(properties=request.news)
        return provider_pb2.UpdateResponse(properties=_outputs(kind, live, request.news, manager))

    def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:
        """Look at an object: its inputs come back as they are now, and an empty id if it is gone."""
        kind, inputs, olds = (
            object_type(token_of(request.urn)),
            plain(request.inputs),
            plain(request.properties),
        )
        manager = olds.get(FIELD_MANAGER) or new_manager()
        with self._refusals(context, kind, request.inputs, manager, NOT_READ):
            try:
                live = self._cluster.live(self._cluster.found(_as_declared(kind, inputs), request.id))
            except NoSuchKind:
                live = None
            if live is None:
                return provider_pb2.ReadResponse()
            seen = checked(projected(inputs, live), {}) if inputs else declared(live)
            marked = secrecy.with_marks(kind, seen, request.inputs)
            self._found_ready(request.id, inputs, live)
        outputs = _outputs(kind, live, marked, manager)
        return provider_pb2.ReadResponse(id=request.id, inputs=marked, properties=outputs)

    def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> Empty:
        """Take an object away, and wait until it is gone."""
        kind, inputs = object_type(token_of(request.urn)), plain(request.old_inputs)
        with self._refusals(context, kind, request.old_inputs, ""):
            try:
                target = self._cluster.found(_as_declared(kind, inputs), request.id)
            except NoSuchKind:
                return Empty()
            limit = annotations.limit(inputs, request.timeout)
            self._objects.delete(self.call(request.urn), target, inputs, limit)
        return Empty()

    def Construct(
        self, request: provider_pb2.ConstructRequest, context: Context
    ) -> provider_pb2.ConstructResponse:
        """Make a Helm chart's objects; no other component."""
        if request.type != chart_inputs.TOKEN:
            return super().Construct(request, context)
        with self._refusals(context, ObjectType("helm.sh/v4", "Chart"), request.inputs, ""):
            return chart.construct(request, self._cluster, self.call)
        raise AssertionError("unreachable: the call was aborted")

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
            place = {"namespace": self._cluster.namespace} if namespaced else {}
        except (NoSuchKind, NoCluster):
            return news
        return {**news, "metadata": {**metadata, **place}}

    def _tellable(self, inputs: Plain) -> bool:
        return self._cluster.configuration.known and not contains_unknown(inputs)

    def _found_ready(self, resource_id: str, inputs: Plain, live: Plain) -> None:
        """Tell the engine of an object that it is there, but not ready."""
        try:
            if inputs:
                waiting.checked(self._cluster, inputs, live)
        except waiting.NotReady as found:
            raise Half(str(found), resource_id, live, found.reasons) from found

    @contextmanager
    def _refusals(
        self, context: Context, kind: ObjectType, inputs: Struct, manager: str, no_cluster: str = NO_CLUSTER
    ) -> Iterator[None]:
        """Tell the engine why an operation was refused, without what is secret."""
        try:
            yield
        except Half as half:
            message, *reasons = (_public(words, inputs) for words in (str(half), *half.reasons))
            live = dict(half.computed)
            outputs = _outputs(kind, live, inputs, manager)
            context.abort_with_status(incomplete(message, half.resource_id, inputs, outputs, reasons))
        except NoCluster as nowhere:
            context.abort_with_status(refused(no_cluster.format(nowhere)))
        except (Refused, Refusal) as refusal:
            context.abort_with_status(refused(_public(str(refusal), inputs)))


def _plan(changes: list[Difference], delete_first: bool) -> provider_pb2.DiffResponse:
    replacing = [each.path for each in changes if each.replaces]
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if changes else provider_pb2.DiffResponse.DIFF_NONE,
        replaces=replacing,
        detailedDiff={
            each.path: provider_pb2.PropertyDiff(
                kind=KINDS[each.change, each.replaces], inputDiff=each.change is Change.DELETE
            )
            for each in changes
        },
        hasDetailedDiff=True,
        deleteBeforeReplace=bool(replacing) and delete_first,
    )


def _ignored(path: str, ignored: Iterable[str]) -> bool:
    return any(path == each or path.startswith((f"{each}.", f"{each}[")) for each in ignored)


def _outputs(kind: ObjectType, live: Plain, inputs: Struct, manager: str) -> Struct:
    """Return what the state keeps of an object: as it is, as it was declared, and by whom."""
    outputs = secrecy.with_marks(kind, live, inputs)
    outputs.fields[INPUTS].struct_value.CopyFrom(inputs)
    outputs.fields[FIRST_VERSION].string_value = kind.api_version
    outputs.fields[FIELD_MANAGER].string_value = manager
    return outputs


def _public(message: str, inputs: Struct) -> str:
    return secrecy.redacted(message, secrecy.secrets_of(inputs))


def _as_declared(kind: ObjectType, inputs: Plain) -> ObjectType:
    """Return the kind in the version that the inputs name."""
    return ObjectType(inputs.get("apiVersion", kind.api_version), inputs.get("kind", kind.kind))


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
