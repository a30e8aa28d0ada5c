"""The flat program: what somebody writes who has no components, only the list of resources.

Every resource of a plan becomes one literal call of `pulumi_docker`, in one file. What components, settings
and services of ours cost is the difference between the two programs' previews.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bench.plan import UNKNOWN, Resource, is_sealed, opened
from bench.verdicts import MeasuredFailedError

HEAD = """import pulumi
import pulumi_docker as docker
from pulumi import Output, ResourceOptions

provider = docker.Provider("docker", host={host!r})
"""
PASSWORD = "0123456789abcdef" * 3
CAMEL = re.compile(r"(?<=[a-z0-9])([A-Z])")


class NotFlatError(MeasuredFailedError):
    """A plan holds a value that is known at up only, and that no image gives."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is known at up only, and no image gives it", "Teach it to bench/flat.py")


def program(resources: Sequence[Resource], host: str) -> str:
    """Return the text of a program that declares the same resources on one engine.

    Raises NotFlatError for a value that only `up` will know and whose source is not an image.
    """
    names = {resource.urn: f"r{number}" for number, resource in enumerate(resources)}
    by_urn = {resource.urn: resource for resource in resources}
    calls = [_call(resource, names, by_urn) for resource in resources]
    return "\n".join([HEAD.format(host=host), *calls, ""])


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


def _call(resource: Resource, names: Mapping[str, str], by_urn: Mapping[str, Resource]) -> str:
    arguments = [repr(resource.name)]
    for key, value in resource.inputs.items():
        text = _reference(resource, key, names, by_urn) if value == UNKNOWN else _literal(value)
        arguments.append(f"{snake(key)}={text}")
    arguments.append(f"opts={options(resource, names)}")
    inner = "".join(f"    {argument},\n" for argument in arguments)
    return f"{names[resource.urn]} = docker.{resource.kind}(\n{inner})"


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


def options(resource: Resource, names: Mapping[str, str]) -> str:
    """Return a resource's options as Python, those in `names` being the ones that it may depend on."""
    needed = ", ".join(names[urn] for urn in resource.dependencies if urn in names)
    options = ["provider=provider"]
    options += [f"depends_on=[{needed}]"] if needed else []
    options += ["delete_before_replace=True"] if resource.delete_before_replace else []
    options += ["retain_on_delete=True"] if resource.retain_on_delete else []
    return f"ResourceOptions({', '.join(options)})"


def _literal(value: Any) -> str:  # noqa: ANN401 - any value of a plan
    if is_sealed(value):
        return f"Output.secret({_literal(opened(value)) if 'plaintext' in value else repr(PASSWORD)})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{snake(k)!r}: {_literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    if isinstance(value, str) and UNKNOWN in value:
        raise NotFlatError(f"a part of {value!r}")
    return repr(int(value) if isinstance(value, float) and value.is_integer() else value)


def snake(key: str) -> str:
    """Return the Python SDK's name of an input."""
    return CAMEL.sub(lambda found: f"_{found[1].lower()}", key)
