"""The outputs of a stack, as far as the doctor reads them."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

PROJECT = Path(__file__).parents[2]
LIMIT = 60
FORMERLY = ("fateflow", "database", "broker", "gateway")
"""The services of a stack that was brought up before its outputs listed them."""


def project_name() -> str:
    """Return the name of the Pulumi project."""
    return str(yaml.safe_load((PROJECT / "Pulumi.yaml").read_text(encoding="utf-8"))["name"])


def kind_of(service: str) -> str:
    """Return what a service is: where a party has several of a kind, a number follows, as in `datanode-1`."""
    return service.partition("-")[0]


class UnreadableOutputs(Exception):
    """The stack's outputs cannot be had; the text says why and what to do."""


class Behind(BaseModel):
    """The exchange that a party is behind, in words, and the peers that it leads to."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    at: str
    leads_to: tuple[str, ...] = Field(default=(), alias="leads-to")


class Page(BaseModel):
    """A page that a party opens for its operator; `url` is None where only a forwarded port leads to it."""

    service: str
    url: str | None = None
    user: str = ""


class Party(BaseModel):
    """One party of the stack: its services, and whom it works with."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    containers: dict[str, str]
    """By service, the name of its container on Docker, of its workload on Kubernetes."""
    database: str
    external: dict[str, str] = {}
    """By service, the host and port of what others run in its place."""
    peers: tuple[str, ...] = ()
    exchange: Behind | None = None
    """None where its ways to its peers are its own."""
    api: str | None = None
    pages: dict[str, Page] = {}
    """By the key that opens them."""

    def meets_through_an_exchange(self, peer: str) -> bool:
        """Tell whether the way to a peer leads through an exchange."""
        return self.exchange is not None and peer in self.exchange.leads_to


class DockerParty(Party):
    """A party whose containers run on a Docker engine."""

    runtime: Literal["docker"]
    host: str
    ssh_options: tuple[str, ...] = Field(default=(), alias="ssh-options")


class KubernetesParty(Party):
    """A party whose pods run in a namespace of a cluster, which a context of a kubeconfig names."""

    runtime: Literal["kubernetes"]
    context: str = Field(alias="host")
    namespace: str
    kubeconfig: str | None = None


PartyOutputs = Annotated[DockerParty | KubernetesParty, Field(discriminator="runtime")]


class _Exchange(BaseModel):
    database: str = ""
    parties: dict[str, dict[str, int]] = {}
    """By party, the ports that are kept for it: `broker-at` and the like."""


class DockerExchange(_Exchange, DockerParty):
    """An exchange whose container runs on a Docker engine."""


class KubernetesExchange(_Exchange, KubernetesParty):
    """An exchange whose pod runs in a namespace of a cluster."""


ExchangeOutputs = Annotated[DockerExchange | KubernetesExchange, Field(discriminator="runtime")]


class ServiceOutput(BaseModel):
    """What a stack tells of a service that its parties have, or its mirror."""

    model_config = ConfigDict(populate_by_name=True)

    name: str
    ports: dict[str, int] = {}
    source: str = Field(default="packages", alias="from")


class HarborOutputs(BaseModel):
    """The Harbor that parties pull from: whom to trust, what is pulled by whom, what is copied to it."""

    url: str
    authority: str | None = None
    """The certificate (PEM) of who signed its own; None where the system trusts it."""
    pulled: dict[str, str] = {}
    """An image that each pulls, with the project, by the party's id."""
    replications: dict[str, str] = {}
    """The id of each replication, by its name."""


class StackOutputs(BaseModel):
    """The outputs of one stack. Pulumi sorts them as text; here party 9999 stands before 10000."""

    model_config = ConfigDict(frozen=True)

    release: str
    parties: dict[str, PartyOutputs]
    exchange: ExchangeOutputs | None = None
    harbor: HarborOutputs | None = None
    services: tuple[ServiceOutput, ...] = tuple(ServiceOutput(name=name) for name in FORMERLY)

    @field_validator("parties")
    @classmethod
    def _in_order(cls, parties: dict[str, PartyOutputs]) -> dict[str, PartyOutputs]:
        return dict(sorted(parties.items(), key=lambda item: (len(item[0]), item[0])))

    @property
    def told_version(self) -> str:
        """Return the version that FATE-Flow must tell; nothing for the official images.

        FATE-Flow's sources at FATE 2.2.0 say 2.1.0 of themselves, and PyPI's package 2.2.0.
        """
        official = any(each.name == "fateflow" and each.source == "hub" for each in self.services)
        return "" if official else self.release

    def services_of(self, party: str) -> tuple[str, ...]:
        """Return the services that a party has a container of, in the order of the stack's list."""
        containers = self.parties[party].containers
        return tuple(
            name for service in self.services for name in containers if kind_of(name) == service.name
        )

    @property
    def ports(self) -> dict[str, dict[str, int]]:
        """Return the ports of each kind of service, by their names."""
        return {service.name: service.ports for service in self.services}


def read_stack(stack: str) -> StackOutputs:
    """Ask Pulumi for the outputs of `stack`. Secrets stay hidden. Raises UnreadableOutputs."""
    run = asked_of_pulumi("stack", "output", "--json", "--stack", stack)
    if run.returncode != 0:
        raise UnreadableOutputs(
            f"Pulumi cannot tell the outputs of stack {stack}:\n{run.stderr.strip()}\n"
            f"`pulumi stack ls` lists the stacks; `. setup/activate` chooses this checkout's own state."
        )
    return parse(run.stdout, f"stack {stack}")


def parties_of(outputs: Mapping[str, Any]) -> Mapping[str, PartyOutputs]:
    """Return the parties that a stack's state tells of: none before its first `up` has ended."""
    try:
        return StackOutputs.model_validate(outputs).parties
    except ValidationError:
        return {}


def asked_of_pulumi(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of Pulumi that only tells something. Raises UnreadableOutputs if it is silent."""
    command = ["pulumi", *words, "--non-interactive"]
    try:
        return subprocess.run(
            command, cwd=PROJECT, capture_output=True, text=True, timeout=LIMIT, check=False
        )
    except FileNotFoundError:
        raise UnreadableOutputs("pulumi is not on the PATH. Type: . setup/activate") from None
    except subprocess.TimeoutExpired:
        raise UnreadableOutputs(
            f"`{' '.join(command)}` gave no answer in {LIMIT} s. Type it yourself to see what it waits for."
        ) from None


def read_file(file: Path) -> StackOutputs:
    """Read outputs that were saved with `pulumi stack output --json`. Raises UnreadableOutputs."""
    try:
        return parse(file.read_text(), str(file))
    except OSError as error:
        raise UnreadableOutputs(f"{file} cannot be read: {error.strerror}") from None


def parse(text: str, source: str) -> StackOutputs:
    """Check outputs given as JSON text; `source` names them in an error."""
    try:
        tree = json.loads(text)
    except ValueError:
        raise UnreadableOutputs(
            f"{source} is not JSON. Save it with: pulumi stack output --json --stack NAME > FILE"
        ) from None
    if not isinstance(tree, dict) or not (tree.get("parties") or tree.get("exchange")):
        raise UnreadableOutputs(f"{source} names no party: nothing is up. Type: pulumi up")
    try:
        return StackOutputs.model_validate(tree)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise UnreadableOutputs(
            f"{source} was written by another version of this program ({faults}). Type: pulumi up"
        ) from None
