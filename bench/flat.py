"""The flat program: what somebody writes who has no components, only the list of resources.

Every resource of a plan becomes one literal call of `pulumi_docker` or `pulumi_kubernetes`, in one file. What
components, settings and services of ours cost is the difference between the two programs' previews.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bench.saved_plan import UNKNOWN, Resource, is_sealed, opened
from bench.verdicts import MeasuredFailedError

DOCKER_HEAD = """import pulumi
import pulumi_docker as docker
from pulumi import Output, ResourceOptions

provider = docker.Provider("docker", host={host!r})
"""
KUBERNETES_HEAD = """import pulumi
import pulumi_kubernetes as kubernetes
from pulumi import Output, ResourceOptions

provider = kubernetes.Provider(
    "kubernetes",
    context={context!r},
    kubeconfig={kubeconfig!r},
    enable_config_map_mutable=True,
    enable_secret_mutable=True,
    enable_patch_force=True,
    upsert_existing_objects=True,
    kube_client_settings=kubernetes.KubeClientSettingsArgs(qps=200, burst=400),
)
"""
SAID_BY_THE_CLASS = ("apiVersion", "kind")
PASSWORD = "0123456789abcdef" * 3
CAMEL = re.compile(r"(?<=[a-z0-9])([A-Z])")


class NotFlatError(MeasuredFailedError):
    """A plan holds a value that is known at up only, and that no image gives."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is known at up only, and no image gives it", "Teach it to bench/flat.py")


def docker_program(resources: Sequence[Resource], host: str) -> str:
    """Return the text of a program that declares the same resources on one engine.

    Raises NotFlatError for a value that only `up` will know and whose source is not an image.
    """
    names = _names(resources)
    by_urn = {resource.urn: resource for resource in resources}

    def call(resource: Resource) -> str:
        arguments = {
            key: _reference(resource, key, names, by_urn) if value == UNKNOWN else _literal(value)
            for key, value in resource.inputs.items()
        }
        return _call(resource, f"docker.{resource.kind}", arguments, names)

    return "\n".join([DOCKER_HEAD.format(host=host), *map(call, resources), ""])


def kubernetes_program(resources: Sequence[Resource], context: str, kubeconfig: str) -> str:
    """Return the text of a program that declares the same objects in one cluster.

    Below the first level, keys are written as Kubernetes writes them, which the SDK takes.
    Raises NotFlatError for a value that only `up` will know.
    """
    names = _names(resources)

    def call(resource: Resource) -> str:
        arguments = {
            key: _kubernetes_literal(resource, value)
            for key, value in resource.inputs.items()
            if key not in SAID_BY_THE_CLASS
        }
        return _call(resource, _kubernetes_class(resource), arguments, names)

    head = KUBERNETES_HEAD.format(context=context, kubeconfig=kubeconfig)
    return "\n".join([head, *map(call, resources), ""])


def declared(resources: Sequence[Resource]) -> dict[tuple[str, str], Any]:
    """Return what two programs must have in common: the inputs by kind and name, whatever the secrets."""
    return {(each.kind, each.name): _opened(each.inputs) for each in map(_unplaced, resources)}


def _unplaced(resource: Resource) -> Resource:
    """Return an image without its build's folder, which differs from project to project."""
    build = resource.inputs.get("build")
    if not isinstance(build, Mapping):
        return resource
    return replace(resource, inputs={**resource.inputs, "build": {**build, "context": ""}})


def _opened(value: Any) -> Any:  # noqa: ANN401 - any value of a plan
    if is_sealed(value):
        return "[secret]"
    if isinstance(value, Mapping):
        return {key: _opened(inner) for key, inner in value.items()}
    return [_opened(inner) for inner in value] if isinstance(value, list) else value


def _names(resources: Sequence[Resource]) -> dict[str, str]:
    return {resource.urn: f"r{number}" for number, resource in enumerate(resources)}


def _call(resource: Resource, kind: str, arguments: Mapping[str, str], names: Mapping[str, str]) -> str:
    given = [f"{_snake(key)}={text}" for key, text in arguments.items()]
    lines = [repr(resource.name), *given, f"opts={_options(resource, names)}"]
    inner = "".join(f"    {line},\n" for line in lines)
    return f"{names[resource.urn]} = {kind}(\n{inner})"


def _options(resource: Resource, names: Mapping[str, str]) -> str:
    """Return a resource's options as Python, those in `names` being the ones that it may depend on."""
    needed = ", ".join(names[urn] for urn in resource.dependencies if urn in names)
    options = ["provider=provider"]
    options += [f"depends_on=[{needed}]"] if needed else []
    options += ["delete_before_replace=True"] if resource.delete_before_replace else []
    options += ["retain_on_delete=True"] if resource.retain_on_delete else []
    return f"ResourceOptions({', '.join(options)})"


def _reference(resource: Resource, key: str, names: Mapping[str, str], by_urn: Mapping[str, Resource]) -> str:
    sources = [by_urn[urn] for urn in (resource.property_dependencies or {}).get(key, ()) if urn in by_urn]
    match [source.kind for source in sources]:
        case ["RemoteImage"]:
            return f"{names[sources[0].urn]}.image_id"
        case ["RegistryImage"]:
            repository = str(sources[0].inputs["name"]).rpartition(":")[0]
            digest = f"{names[sources[0].urn]}.sha256_digest"
            return f'{digest}.apply(lambda digest: f"{repository}@{{digest}}")'
    raise NotFlatError(f"{key} of {resource.name}")


def _literal(value: Any) -> str:  # noqa: ANN401 - any value of a plan
    if is_sealed(value):
        return f"Output.secret({_literal(opened(value)) if 'plaintext' in value else repr(PASSWORD)})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_snake(k)!r}: {_literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    if isinstance(value, str) and UNKNOWN in value:
        raise NotFlatError(f"a part of {value!r}")
    return repr(int(value) if isinstance(value, float) and value.is_integer() else value)


def _kubernetes_literal(resource: Resource, value: Any) -> str:  # noqa: ANN401 - any value of a plan
    if UNKNOWN in repr(value):
        raise NotFlatError(f"a part of {resource.name}")
    return f"Output.secret({opened(value)!r})" if is_sealed(value) else repr(opened(value))


def _kubernetes_class(resource: Resource) -> str:
    """Return `kubernetes.networking.v1.NetworkPolicy` for `kubernetes:networking.k8s.io/v1:NetworkPolicy`."""
    group, _, version = resource.module.partition(":")[2].partition("/")
    return f"kubernetes.{group.partition('.')[0]}.{version}.{resource.kind}"


def _snake(key: str) -> str:
    """Return the Python SDK's name of an input."""
    return CAMEL.sub(lambda found: f"_{found[1].lower()}", key)
