"""A Python language host on the SDK's own server: `pulumi-language-python ENGINE_ADDRESS`.

Runs the `__main__.py` of a project with the interpreter it runs on itself. It installs and generates nothing.
One process runs one program, so no run sees another's state.
"""

import importlib.metadata
import json
import os
import runpy
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pulumi import RunError
from pulumi.automation import _server
from pulumi.runtime import run_in_stack

from protocol.server import serve
from protocol.wire import Empty, grpc, language_pb2, language_pb2_grpc, plugin_pb2

SHUT_DOWN = "resource monitor shut down"
"""What an SDK's call is answered once a resource has failed elsewhere, which the engine has told of."""


class LanguageHost(_server.LanguageServer):
    """The SDK's language server, for the program that a run request names."""

    def __init__(self) -> None:
        super().__init__(lambda: None)

    def Run(self, request: language_pb2.RunRequest, context: Any) -> language_pb2.RunResponse:  # noqa: ANN401
        """Run the project's program; what it raises has been told to the user when this returns."""
        folder = Path(request.info.program_directory or request.pwd)
        os.chdir(request.pwd or folder)
        os.environ["PULUMI_CONFIG"] = json.dumps(dict(request.config))
        os.environ["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps([*request.configSecretKeys])
        sys.path.insert(0, str(folder))
        self.program = lambda: run(folder / "__main__.py")
        response: Any = super().Run(request, context)  # type: ignore[no-untyped-call] # the SDK's is untyped
        return language_pb2.RunResponse(bail=bool(response.error))

    def Handshake(self, request: object, context: object) -> language_pb2.LanguageHandshakeResponse:
        """Answer that we are here."""
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: object, context: object) -> plugin_pb2.PluginInfo:
        """Tell the SDK's version."""
        return plugin_pb2.PluginInfo(version=importlib.metadata.version("pulumi"))

    def GetProgramDependencies(
        self, request: object, context: object
    ) -> language_pb2.GetProgramDependenciesResponse:
        """List what is installed beside the program, for `pulumi about`."""
        found = sorted((each.name, each.version) for each in importlib.metadata.distributions())
        dependencies = [language_pb2.DependencyInfo(name=name, version=version) for name, version in found]
        return language_pb2.GetProgramDependenciesResponse(dependencies=dependencies)

    def InstallDependencies(
        self, request: object, context: object
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Install nothing: the virtual environment is made by `make`."""
        yield language_pb2.InstallDependenciesResponse(
            stdout=b"Run `make setup`: it installs what is missing.\n"
        )

    def RuntimeOptionsPrompts(self, request: object, context: object) -> language_pb2.RuntimeOptionsResponse:
        """Ask nothing."""
        return language_pb2.RuntimeOptionsResponse()

    def Cancel(self, request: object, context: object) -> Empty:
        """Leave the program to the engine, which ends this process."""
        return Empty()


def run(program: Path) -> None:
    """Run a program as the interpreter would."""
    if not program.exists():
        raise RunError(f"no {program.name} in {program.parent}: that is where a Pulumi program begins")
    try:
        runpy.run_path(str(program), run_name="__main__")
    except SystemExit as end:
        if end.code not in (None, 0):
            raise RunError(f"the program ended with exit code {end.code}") from None


async def run_cleanly(program: Callable[[], None]) -> None:
    """Run as the SDK does. What the program raises, at once or in an `apply`, becomes a clean message."""
    try:
        await run_in_stack(program)
    except (RunError, grpc.RpcError):
        raise
    except Exception as failure:
        if SHUT_DOWN in str(failure):
            raise RunError("the engine ended the program, for what it tells beside this") from None
        raise RunError(traceback_of(failure, str(Path.cwd()))) from None


def traceback_of(failure: BaseException, root: str) -> str:
    """Return an error with the frames of the project that led to it."""
    shown = traceback.TracebackException.from_exception(failure)
    own = [
        frame for frame in shown.stack if frame.filename.startswith(root) and ".venv" not in frame.filename
    ]
    if own:
        shown.stack = traceback.StackSummary.from_list(own)
    return "".join(shown.format()).strip()


if __name__ == "__main__":
    vars(_server)["run_in_stack"] = run_cleanly
    serve(lambda server: language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(), server))
