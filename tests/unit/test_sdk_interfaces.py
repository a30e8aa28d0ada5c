"""Only public interfaces of Pulumi's SDK in the program; what a tool needs beside them stands in one list."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pulumi.runtime
import pytest

from tests.project import ROOT

PROGRAM = [ROOT / "__main__.py", *(ROOT / "config").rglob("*.py"), *(ROOT / "components").rglob("*.py")]
TOOLS = [
    file
    for name in ("offline", "ops", "bench", "providers", "protocol")
    for file in (ROOT / name).rglob("*.py")
]
PUBLIC = {"pulumi": set(pulumi.__all__), "pulumi.runtime": set(pulumi.runtime.__all__)}
ADAPTERS = {
    "protocol/wire.py": {
        "pulumi.runtime._grpc_settings._GRPC_CHANNEL_OPTIONS",
        *(
            f"pulumi.runtime.proto.{name}"
            for name in (
                "engine_pb2",
                "engine_pb2_grpc",
                "language_pb2",
                "language_pb2_grpc",
                "plugin_pb2",
                "provider_pb2",
                "provider_pb2_grpc",
                "resource_pb2",
                "resource_pb2_grpc",
                "status_pb2",
            )
        ),
    },
    "offline/language_host.py": {"pulumi.automation._server"},
    "ops/preview/recorder/monitor.py": {
        "pulumi.runtime.mocks.MockMonitor",
        "pulumi.runtime.mocks.Mocks",
        "pulumi.runtime.proto.engine_pb2",
        "pulumi.runtime.proto.resource_pb2",
    },
    "ops/preview/recorder/program.py": {
        "pulumi.runtime.stack",
        "pulumi.runtime.config.set_all_config",
        "pulumi.runtime.settings.Settings",
        "pulumi.runtime.settings.configure",
    },
}
"""The files of tools that reach behind the SDK's public interfaces, and for what."""


def reached(file: Path) -> set[str]:
    """Return the names of Pulumi's SDK that a file uses and that are not public."""
    return set(_reached(ast.parse(file.read_text())))


def _reached(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "pulumi":
            yield from (_named(f"{node.module}.{name.name}") for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.startswith("pulumi."))
        elif isinstance(node, ast.Attribute) and (name := _dotted(node)).startswith("pulumi."):
            yield _named(name)


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _named(name: str) -> str:
    """Return a name, or nothing for a public one and what hangs on it."""
    first, second, *rest = name.split(".")
    if second == "runtime" and rest:
        return "" if rest[0] in PUBLIC["pulumi.runtime"] else name
    private = any(part.startswith("_") for part in rest)
    return "" if second in PUBLIC[first] | {"runtime"} and not private else name


@pytest.mark.parametrize("file", PROGRAM, ids=lambda file: str(file.relative_to(ROOT)))
def test_the_program_uses_public_interfaces_of_the_sdk_alone(file: Path) -> None:
    assert not reached(file) - {""}, "a release of the SDK may take these away without a word"


def test_tools_reach_behind_the_sdk_in_the_files_that_are_listed_and_nowhere_else() -> None:
    found = {str(file.relative_to(ROOT)): names for file in TOOLS if (names := reached(file) - {""})}
    assert found == ADAPTERS


@pytest.mark.parametrize("name", sorted(set().union(*ADAPTERS.values())))
def test_the_sdk_has_what_tools_reach_for(name: str) -> None:
    module, _, last = name.rpartition(".")
    if not hasattr(importlib.import_module(module), last):
        importlib.import_module(name)


@pytest.mark.parametrize(
    "text",
    [
        "from pulumi.runtime.config import CONFIG",
        "from pulumi.runtime.sync_await import _sync_await",
        "import pulumi\npulumi.runtime.config.CONFIG.get()",
        "from pulumi.automation import _server",
        "import pulumi.runtime.settings",
    ],
)
def test_a_private_name_is_seen(tmp_path: Path, text: str) -> None:
    file = tmp_path / "program.py"
    file.write_text(text)
    assert reached(file) - {""}


def test_public_names_are_let_through(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(
        "import pulumi\nfrom pulumi import Output\npulumi.runtime.get_config_env()\npulumi.Config('x').get"
    )
    assert not reached(file) - {""}
