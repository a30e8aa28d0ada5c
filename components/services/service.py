"""The neutral description of one running service.

A `Service` says what a service needs, not how a runtime provides it: no container, pod, network or
volume driver is named here, and no value is a Pulumi Output.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from config.pages import PageIngress


class Audience(StrEnum):
    """Who may open a connection to a port."""

    PARTY = "party"
    """The services of the same party, and nobody else."""
    PEERS = "peers"
    """The gateways and brokers of the party's peers too."""
    OPERATOR = "operator"
    """The services of the same party, and the operator where the stack publishes the port."""


@dataclass(frozen=True)
class Port:
    """A TCP port that a service listens on, inside its own network."""

    name: str
    number: int
    audience: Audience = Audience.PARTY
    speaks_http: bool = False


@dataclass(frozen=True)
class File:
    """A configuration file: text without any secret, readable by every user of the service.

    `@@secret:name@@`, `@@resolver@@` and `@@address@@` (the service's own) stand for what `start.sh` fills in
    when the service starts: in `.yaml` a secret is a quoted value by itself, in `.json` it stands in quotes.
    """

    path: str
    text: str

    @classmethod
    def named(cls, path: str, text: str, comment: str = "#") -> "File":
        """Return a file whose first line is a comment that names it, and so never changes.

        The official Docker plugin orders a container's files by their texts: with that line a changed one
        keeps its place, and the preview shows the changed lines alone.
        """
        return cls(path, f"{comment} {path}\n{text}")


@dataclass(frozen=True)
class Secret:
    """A password that a service reads from `/run/secrets/<name>`.

    `holder` names the service that owns the password, so that two services that derive the same holder,
    name and rotation get the same value. One that others chose is `given`: by its name among `fate:secrets`.
    """

    name: str
    holder: str
    rotation: int = 1
    given: str = ""


@dataclass(frozen=True)
class Volume:
    """A folder whose content outlives the service: retained on delete, found again by the next `up`.

    One that is `lacking` in the service's image is made writable by what fills in its secrets.
    """

    name: str
    path: str
    lacking: bool = False


@dataclass(frozen=True)
class Http:
    """A request of HTTP to the service itself, whose answer must hold `expected`.

    On loopback, or on the service's own address where it does not listen on loopback. Where `status_tells`,
    it listens on its own address in any case, and answers 2xx or 3xx only when it works: who cannot read an
    answer, such as a kubelet, may ask it.
    """

    port: int
    path: str
    expected: str
    on_own_address: bool = False
    status_tells: bool = False


@dataclass(frozen=True)
class Tcp:
    """A port of the service itself that must take a connection."""

    port: int


@dataclass(frozen=True)
class Command:
    """A command inside the service that must end with 0."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Probe:
    """What shows that a service works, asked again and again. Durations are seconds.

    Each question starts processes in the service's container: of 32 containers, asked every 5 s, they took a
    quarter of two processors.
    """

    check: Http | Tcp | Command
    interval: int = 10
    timeout: int = 5
    retries: int = 3
    start_period: int = 90


@dataclass(frozen=True)
class Resources:
    """Upper limits. Memory in MiB, without swap; `cpus` None leaves the processor unlimited.

    `gpus` are for this service alone, except where an engine shares out all that it has. `shared` is what of
    the memory processes may share at /dev/shm; None leaves it as an engine has it (Docker: 64).

    `processes` is for all containers of one user on a host: Linux counts them by user, and pulumi-docker
    5.1.0 has no limit by container.
    """

    memory: int
    cpus: float | None = None
    processes: int = 32768
    gpus: int = 0
    shared: int | None = None


@dataclass(frozen=True)
class Publication:
    """A port of a service that the stack opens outside its own network, at `bind`:`external`.

    `key` is where the stack's file says so; `host` is the name that peers dial, empty for a port that no peer
    does; `sources` are the address blocks (CIDR) that may dial, all where it is empty. A page that an
    `ingress` carries is opened at the name that this has.
    """

    service: str
    number: int
    external: int
    bind: str
    key: str
    host: str = ""
    sources: tuple[str, ...] = ()
    ingress: PageIngress | None = None
    opened_for: str = "the operator"
    """Who dials it, in words, where no peer does."""


@dataclass(frozen=True)
class Service:
    """One service of a party, or the registry of a mirror.

    Where a party has several of one kind, a number follows the kind's name: `nodemanager-1`.
    """

    name: str
    user: int
    command: tuple[str, ...]
    probe: Probe
    resources: Resources
    environment: Mapping[str, str]
    """One variable at least: the official Docker plugin does not tell that a container's last one went."""
    files: tuple[File, ...] = ()
    secrets: tuple[Secret, ...] = ()
    ports: tuple[Port, ...] = ()
    volumes: tuple[Volume, ...] = ()
    needs: tuple[str, ...] = ()
    """Names of the services that must answer before this one starts; its command waits for them too."""
    calls: tuple[str, ...] = ()
    """Names of the services of the same party that this one opens connections to."""
    meets: tuple[str, ...] = ()
    """Names of the services at its peers that it dials; where there is none, those of its own kind."""
    fetches_from: tuple[tuple[str, int], ...] = ()
    """Hosts and ports outside of the stack that it opens connections to; peers are not among them.

    A host that is empty is anywhere.
    """
    called_back_at: range = range(0)
    """Ports of its own at which those that it dials there dial it."""
    scratch: tuple[str, ...] = ("/tmp",)
    """Folders that it writes to and that may be empty at every start."""
    read_only_root: bool = True
    """Whether it writes nowhere else."""

    opens_more_to: tuple[str, ...] = ()
    """Names of the services of the same party that dial further ports of it, of its own choice."""
    tools: frozenset[str] = frozenset()
    """Programs of its image that starting and probing may call."""
    copied: tuple[str, ...] = ()
    """Folders among `scratch` that are first filled with what its image has there."""
    user_on_docker: int = 0
    """As whom it runs where nothing can give the folders of its image to `user`."""
    foreign: bool = False
    """Whether its image is another product's, whose entrypoint the command replaces."""
    shares: tuple[Volume, ...] = ()
    """Folders of services that it needs, by the names that tell them from those of all other services."""

    @property
    def kind(self) -> str:
        """Return what it is in the catalogue."""
        return self.name.partition("-")[0]

    @property
    def dialled(self) -> tuple[str, ...]:
        """Return the names of the services that it meets at its peers; none for one that meets no peer."""
        return (self.meets or (self.kind,)) if self.meets_peers() else ()

    def meets_peers(self) -> bool:
        """Tell whether peers of other parties open connections to this service."""
        return any(port.audience is Audience.PEERS for port in self.ports)
