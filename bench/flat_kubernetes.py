"""The flat program of a plan on Kubernetes: each object one literal call of `pulumi_kubernetes`, in one file.

Like bench/flat.py; below the first level, keys are written as Kubernetes writes them, which the SDK takes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.flat import NotFlatError, options, snake
from bench.plan import UNKNOWN, Resource, is_sealed, opened

HEAD = """import pulumi
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


def program(resources: Sequence[Resource], context: str, kubeconfig: str) -> str:
    """Return the text of a program that declares the same objects in one cluster.

    Raises NotFlatError for a value that only `up` will know.
    """
    names = {resource.urn: f"r{number}" for number, resource in enumerate(resources)}
    calls = [_call(resource, names) for resource in resources]
    return "\n".join([HEAD.format(context=context, kubeconfig=kubeconfig), *calls, ""])


def _call(resource: Resource, names: Mapping[str, str]) -> str:
    arguments = [repr(resource.name)]
    for key, value in resource.inputs.items():
        if key not in SAID_BY_THE_CLASS:
            arguments.append(f"{snake(key)}={_literal(resource, value)}")
    arguments.append(f"opts={options(resource, names)}")
    inner = "".join(f"    {argument},\n" for argument in arguments)
    return f"{names[resource.urn]} = {_class(resource)}(\n{inner})"


def _class(resource: Resource) -> str:
    """Return `kubernetes.networking.v1.NetworkPolicy` for `kubernetes:networking.k8s.io/v1:NetworkPolicy`."""
    group, _, version = resource.module.partition(":")[2].partition("/")
    return f"kubernetes.{group.partition('.')[0]}.{version}.{resource.kind}"


def _literal(resource: Resource, value: Any) -> str:  # noqa: ANN401 - any value of a plan
    if UNKNOWN in repr(value):
        raise NotFlatError(f"a part of {resource.name}")
    return f"Output.secret({opened(value)!r})" if is_sealed(value) else repr(opened(value))
