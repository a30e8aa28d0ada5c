"""The whole program, run against mocks: what a stack's configuration declares, without an engine."""

import asyncio
import json
import os
import runpy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import pulumi
import yaml
from pulumi import Output
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks
from pulumi.runtime import settings as runtime_settings
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_root_resource, reset_options
from pulumi.runtime.stack import Stack, run_in_stack

ROOT = Path(__file__).parents[2]

SECRET_KEY = "test-only-" + "k" * 32
GIVEN_ADDRESS = "192.0.2.77"
"""What the cluster's load balancer gives to every Service that asks for an address."""


@dataclass
class Declared(Mocks):
    """What a program declared: every resource, in order, and the stack's outputs."""

    references: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    resources: list[MockResourceArgs] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    requests: list[Any] = field(default_factory=list)
    """What was asked of Pulumi for each resource, its options among it."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Answer a resource with its inputs, and what its provider would add."""
        self.resources.append(args)
        made = dict(args.inputs)
        if args.typ == "docker:index/remoteImage:RemoteImage":
            made["imageId"] = f"sha256:id-of-{args.inputs['name']}"
        if args.typ == "docker:index/registryImage:RegistryImage":
            made["sha256Digest"] = "sha256:" + "d" * 64
        if args.typ == "fate-harbor:index:Robot":
            made["fullName"] = f"robot${args.inputs['project']}+{args.inputs['name']}"
        if args.inputs.get("spec", {}).get("type") == "LoadBalancer":
            made["status"] = {"loadBalancer": {"ingress": [{"ip": GIVEN_ADDRESS}]}}
        if args.typ == "pulumi:pulumi:StackReference":
            made["outputs"] = dict(self.references[args.inputs["name"]])
        return f"{args.name}-id", made

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Refuse invokes: the program makes none."""
        raise AssertionError(f"the program calls {args.token}")

    def of(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """Return the inputs of the resources whose type ends in `kind`, by resource name."""
        return {r.name: r.inputs for r in self.resources if r.typ.endswith(f":{kind}")}

    def ignored(self, kind: str) -> dict[str, list[str]]:
        """Return the properties whose changes are ignored, by resource name."""
        return {r.name: list(r.ignoreChanges) for r in self.requests if r.type.endswith(f":{kind}")}

    def former(self, kind: str) -> dict[str, list[str]]:
        """Return the names that a resource may have had before, by the name that it has."""
        aliases = {r.name: r.aliases for r in self.requests if r.type.endswith(f":{kind}")}
        return {name: [alias.spec.name for alias in former] for name, former in aliases.items()}


def stack_file(name: str) -> dict[str, Any]:
    """Return the `fate:` keys of a stack file of this project, without the secret."""
    content = yaml.safe_load((ROOT / f"Pulumi.{name}.yaml").read_text())["config"]
    keys = {key.removeprefix("fate:"): value for key, value in content.items()}
    keys.pop("secret-key", None)
    return keys


def declare(
    values: Mapping[str, Any],
    stack: str = "dev",
    references: Mapping[str, Mapping[str, Any]] | None = None,
    secret_key: str | None = SECRET_KEY,
    project: str = "fate",
    secret_keys: Sequence[str] = ("fate:secret-key",),
) -> Declared:
    """Run the program with a configuration, in an event loop of its own."""
    declared = Declared(references or {})
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        reset_options()
        pulumi.runtime.set_mocks(declared, project=project, stack=stack)
        runtime_settings.ROOT.set(None)  # the mocks bring a stack that has ended; this run makes its own
        configuration = _configuration(values, secret_key)
        pulumi.runtime.set_all_config(configuration, [*secret_keys])
        environment = {"FATE_PREFLIGHT": "off", "PULUMI_CONFIG": json.dumps(configuration)}
        with patch.dict(os.environ, environment), _noting(declared.requests):
            declared.outputs.update(loop.run_until_complete(_exports()))
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        asyncio.set_event_loop(None)
    return declared


@contextmanager
def _noting(requests: list[Any]) -> Iterator[None]:
    """Keep what is asked of the mocks for each resource."""
    register = MockMonitor.RegisterResource

    def noted(monitor: MockMonitor, request: Any) -> Any:  # noqa: ANN401 - untyped messages
        requests.append(request)
        return register(monitor, request)  # type: ignore[no-untyped-call] # the SDK tells no types

    with patch.object(MockMonitor, "RegisterResource", noted):
        yield


def _program() -> None:
    runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")


async def _exports() -> dict[str, Any]:
    await run_in_stack(_program)
    root = cast(Stack, get_root_resource())
    return {name: await Output.from_input(value).future() for name, value in root.outputs.items()}


def _configuration(values: Mapping[str, Any], secret_key: str | None) -> dict[str, str]:
    texts = {f"fate:{k}": v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}
    return texts | ({"fate:secret-key": secret_key} if secret_key is not None else {})
