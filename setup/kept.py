"""`python -m setup.kept STACK`: name the data that a destroyed stack leaves, and how to delete it.

It deletes nothing, and lists nothing of another operator whose stack has the same name.
An engine or cluster that does not answer is named; the others are still asked.
"""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import yaml

from clients.failures import Failure
from clients.kubernetes.api_server import ApiServer
from clients.kubernetes.failures import KubernetesFailure
from clients.kubernetes.kubeconfig import access
from components.preflight.docker import engines_of
from components.preflight.docker_access import engine_of, fault_of
from components.preflight.docker_wanted import wanted_objects
from components.preflight.kubernetes_wanted import wanted_namespaces
from components.runtimes.names import Names
from components.runtimes.ownership import STACK, Ownership
from components.services.passwords import owner_fingerprint
from config import (
    ConfigurationFault,
    DockerSettings,
    KubernetesSettings,
    StackSettings,
    kept_secret_key,
    load,
)
from config.stack_file import values_in

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Kept:
    """What holds data in one place, and the command that deletes it."""

    names: tuple[str, ...]
    command: str


class NoAnswer(Exception):
    """An engine or a cluster cannot be asked; the text says which, and why."""


def main(stack: str) -> int:
    """Print what is kept. Returns 0, or 1 where a place did not answer or the stack's file tells none."""
    try:
        settings = _settings(stack)
        ownership = _ownership(stack, settings)
    except ConfigurationFault as fault:
        print(f"error: Pulumi.{stack}.yaml does not tell where data may be kept.\n{fault}", file=sys.stderr)
        return 1
    if ownership is None:
        print(
            f"error: the secret key of stack {stack} cannot be read: what is its own is not told",
            file=sys.stderr,
        )
        return 1
    found: list[Kept] = []
    silent: list[NoAnswer] = []
    for asked in [*_engines(ownership, settings), *_clusters(ownership, settings)]:
        try:
            found += asked
        except NoAnswer as failure:
            silent.append(failure)
    if found:
        print("==> this data stays; the next up finds the old jobs in it:")
        print("".join(f"      {name}\n" for kept in found for name in kept.names), end="")
        print(f"==> to delete it, and with it every job, model and table of stack {stack}:")
        print("".join(f"      {kept.command}\n" for kept in found), end="")
    for reason in silent:
        print(f"error: {reason}", file=sys.stderr)
    return 1 if silent else 0


def _settings(stack: str) -> StackSettings:
    return load(values_in(ROOT / f"Pulumi.{stack}.yaml"))


def _ownership(stack: str, settings: StackSettings) -> Ownership | None:
    """Return what the stack's objects carry; None where its secret key cannot be read."""
    key = _secret_key_of_file(stack) or kept_secret_key(stack)
    if key is None:
        return None
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["name"]
    return Ownership(project, stack, owner_fingerprint(key), settings.adopts)


def _secret_key_of_file(stack: str) -> str | None:
    command = ["pulumi", "config", "get", "--stack", stack, "fate:secret-key"]
    try:
        asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return asked.stdout.strip()


def _engines(ownership: Ownership, settings: StackSettings) -> Iterator[Iterator[Kept]]:
    engines = engines_of(settings)
    for host in wanted_objects(settings, Names(ownership.project, ownership.stack)):
        yield _volumes(ownership, engines[host])


def _volumes(ownership: Ownership, settings: DockerSettings) -> Iterator[Kept]:
    labelled = quote(json.dumps({"label": [f"{STACK}={ownership.stack}"]}))
    with closing(engine_of(settings)) as engine:
        try:
            there = engine.ask(f"/volumes?filters={labelled}")["Volumes"] or ()
        except Failure as failure:
            problem = fault_of(settings.host, failure).faults[0].problem
            raise NoAnswer(f"the engine {settings.host} cannot be asked what it keeps: {problem}") from None
    ours = sorted(volume["Name"] for volume in there if ownership.stranger_in(volume["Labels"]) is None)
    if ours:
        docker = ["docker", *([] if settings.host == DockerSettings().host else ["--host", settings.host])]
        yield Kept(tuple(ours), shlex.join([*docker, "volume", "rm", *ours]))


def _clusters(ownership: Ownership, settings: StackSettings) -> Iterator[Iterator[Kept]]:
    for wanted in wanted_namespaces(settings, Names(ownership.project, ownership.stack)):
        for place in {wanted.namespace, wanted.before or wanted.namespace}:
            yield _claims(wanted.settings, place, ownership)


def _claims(cluster: KubernetesSettings, place: str, ownership: Ownership) -> Iterator[Kept]:
    try:
        server = ApiServer(access(cluster.kubeconfig, cluster.context), connect_limit=5, answer_limit=30)
        asked = {"labelSelector": f"{STACK}={ownership.stack}"}
        claims = server.get(f"/api/v1/namespaces/{place}/persistentvolumeclaims", asked)["items"]
    except (KubernetesFailure, LookupError) as error:
        said = str(error).strip().splitlines()[0]
        raise NoAnswer(f"{cluster.machine} cannot be asked what it keeps in {place}: {said}") from None
    kubectl = ["kubectl", "--context", cluster.context]
    kubectl += ["--kubeconfig", cluster.kubeconfig] if cluster.kubeconfig else []
    kept = (claim["metadata"] for claim in claims)
    if names := tuple(
        each["name"] for each in kept if ownership.stranger_in(each.get("labels") or {}) is None
    ):
        whole = ["delete", "namespace", place]
        parts = ["--namespace", place, "delete", "persistentvolumeclaim", *names]
        deleted = whole if cluster.create_namespace else parts
        yield Kept(tuple(f"{place}/{name}" for name in names), shlex.join([*kubectl, *deleted]))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
