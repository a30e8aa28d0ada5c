"""A Helm chart as a component: each of its objects is a resource of the stack, with a diff of its own.

What Helm itself would keep of a release is not made: no release in the cluster, no hook, no test. A value
that is secret is so again only in a Secret: where a chart writes it into another kind, it stands there in
plain text, as it does with the official plugin.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePath

from diff.values import UNKNOWN, Plain, contains_unknown, encoded
from offline.kubernetes import chart_inputs, secrecy
from offline.kubernetes.annotations import SKIP_AWAIT
from offline.kubernetes.capabilities import capabilities
from offline.kubernetes.cluster import Cluster
from offline.kubernetes.helm import Release, render
from offline.kubernetes.kinds import PACKAGE, ObjectType
from offline.kubernetes.manifests import Object, annotation, identity, objects
from offline.kubernetes.order import Identity, Step, ordered
from offline.kubernetes.placing import placed_in
from offline.protocol.monitor import Child, Monitor, Registered
from offline.protocol.resource import Call
from protocol.wire import ListValue, Struct, Value, provider_pb2

AT_A_TIME = 64
POLICY = "helm.sh/resource-policy"
NOT_KNOWN = "Input properties have unknown values. Preview is incomplete."
UNPLACED = (
    "Unable to determine whether the following kinds are namespaced without a reachable cluster or a "
    "matching CustomResourceDefinition, so they are rendered without a namespace: {}. Set "
    ".metadata.namespace explicitly, or include the CustomResourceDefinition, to control the namespace."
)


def construct(
    request: provider_pb2.ConstructRequest, cluster: Cluster, call: Callable[[str], Call]
) -> provider_pb2.ConstructResponse:
    """Make a chart's objects resources of the stack; what a chart may ask of a cluster it is asked now."""
    with Monitor(request) as monitor:
        component = monitor.component(PACKAGE)
        said, told = chart_inputs.checked(request.inputs), call(component.urn)
        if contains_unknown(said):
            told.warn(NOT_KNOWN)
            return _answer(component, encoded(UNKNOWN))
        chart = Chart(request.name, said, told)
        steps = ordered(chart.objects(cluster, request.inputs))
        made = _made(steps, lambda step, after: monitor.child(chart.child(step, after), component, PACKAGE))
    return _answer(component, Value(list_value=ListValue(values=[each.reference for each in made])))


@dataclass(frozen=True)
class Chart:
    """A chart as a program declares it."""

    resource: str
    said: Plain
    call: Call

    def objects(self, cluster: Cluster, inputs: Struct) -> list[Object]:
        """Return what Helm renders, each object with the namespace that it lives in."""
        namespace = self.said.get("namespace") or cluster.namespace
        values = [*chart_inputs.value_files_of(inputs), chart_inputs.values_of(inputs)]
        can = capabilities(cluster)
        release = Release(self.said.get("name") or self.resource, namespace, self.said, values)
        rendered = render(release, cluster.access, can)
        if rendered.deprecated:
            self.call.warn(f"Using a deprecated Helm chart ({PurePath(self.said['chart']).name})")
        placed, unplaced = placed_in(namespace, objects(rendered.manifest), can.namespaced)
        if unplaced:
            self.call.warn(UNPLACED.format(", ".join(map(str, unplaced))))
        return placed

    def child(self, step: Step, after: Sequence[str]) -> Child:
        """Return an object as a resource of the stack, named by where it lives and what it is called."""
        body, (_, kind, namespace, name) = step.body, identity(step.body)
        place = f"{namespace}/{name}" if namespace else name
        prefix = self.said.get("resourcePrefix", self.resource)
        api_version = str(body["apiVersion"])
        return Child(
            token=f"{PACKAGE}:{api_version if '/' in api_version else f'core/{api_version}'}:{kind}",
            name=f"{prefix}:{place}" if prefix else place,
            properties=self._properties(ObjectType(api_version, kind), body),
            after=after,
            retained=self._kept(body),
        )

    def _properties(self, kind: ObjectType, body: Object) -> Struct:
        metadata = body["metadata"]
        if self.said.get("skipAwait"):
            annotations = {**(metadata.get("annotations") or {}), SKIP_AWAIT: "true"}
            body = {**body, "metadata": {**metadata, "annotations": annotations}}
        return secrecy.with_marks(kind, body, Struct())

    def _kept(self, body: Object) -> bool:
        policy = annotation(body, POLICY)
        if policy not in (None, "keep"):
            self.call.warn(f'Unsupported Helm resource policy "{policy}"')
        return policy == "keep"


def _made(steps: Sequence[Step], register: Callable[[Step, Sequence[str]], Registered]) -> list[Registered]:
    """Register objects side by side, each when those that it needs are made."""
    under_way: dict[Identity, Future[Registered]] = {}

    def made(step: Step) -> Registered:
        return register(step, [under_way[name].result().urn for name in step.after])

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for step in steps:
            under_way[identity(step.body)] = pool.submit(made, step)
    return [each.result() for each in under_way.values()]


def _answer(component: Registered, resources: Value) -> provider_pb2.ConstructResponse:
    none = provider_pb2.ConstructResponse.PropertyDependencies()
    return provider_pb2.ConstructResponse(
        urn=component.urn,
        state=Struct(fields={"resources": resources}),
        stateDependencies={"resources": none},
    )
