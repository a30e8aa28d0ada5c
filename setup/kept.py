"""`python -m setup.kept STACK`: name the data that a destroyed stack leaves, and how to delete it.

It deletes nothing. An engine or cluster that does not answer is named; the others are still asked.
"""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from components.runtimes.docker_preflight import wanted_ports
from components.runtimes.kubernetes_wanted import wanted_namespaces
from config import ConfigurationFault, DockerSettings, KubernetesSettings, StackSettings, load
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
    except ConfigurationFault as fault:
        print(f"error: Pulumi.{stack}.yaml does not tell where data may be kept.\n{fault}", file=sys.stderr)
        return 1
    found: list[Kept] = []
    silent: list[NoAnswer] = []
    for asked in [*_engines(stack, settings), *_clusters(stack, settings)]:
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


def _engines(stack: str, settings: StackSettings) -> Iterator[Iterator[Kept]]:
    for host in wanted_ports(settings, stack):
        yield _volumes(stack, host)


def _volumes(stack: str, host: str) -> Iterator[Kept]:
    docker = ["docker", *([] if host == DockerSettings().host else ["--host", host]), "volume"]
    listing = [*docker, "ls", "--quiet", "--filter", f"label=fate.stack={stack}"]
    asked = subprocess.run(listing, capture_output=True, text=True, check=False)
    if asked.returncode:
        raise NoAnswer(f"the engine {host} cannot be asked what it keeps: {asked.stderr.strip()}")
    if names := tuple(asked.stdout.split()):
        yield Kept(names, shlex.join([*docker, "rm", *names]))


def _clusters(stack: str, settings: StackSettings) -> Iterator[Iterator[Kept]]:
    for wanted in wanted_namespaces(settings, stack):
        yield _claims(wanted.settings, wanted.namespace, stack)


def _claims(cluster: KubernetesSettings, place: str, stack: str) -> Iterator[Kept]:
    client, config = import_module("kubernetes.client"), import_module("kubernetes.config")
    try:
        api = client.CoreV1Api(config.new_client_from_config(cluster.kubeconfig, cluster.context))
        claims = api.list_namespaced_persistent_volume_claim(
            place, label_selector=f"fate.stack={stack}", _request_timeout=(5, 30)
        ).items
    except Exception as error:
        said = str(error).strip().splitlines()[0]
        raise NoAnswer(f"{cluster.machine} cannot be asked what it keeps in {place}: {said}") from None
    kubectl = ["kubectl", "--context", cluster.context]
    kubectl += ["--kubeconfig", cluster.kubeconfig] if cluster.kubeconfig else []
    if names := tuple(claim.metadata.name for claim in claims):
        whole = ["delete", "namespace", place]
        parts = ["--namespace", place, "delete", "persistentvolumeclaim", *names]
        deleted = whole if cluster.create_namespace else parts
        yield Kept(tuple(f"{place}/{name}" for name in names), shlex.join([*kubectl, *deleted]))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
