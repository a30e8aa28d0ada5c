"""Named types of what a stack writes as text or number. Each refuses in words, with an example."""

import re
from ipaddress import AddressValueError, IPv4Address, ip_network
from math import inf
from typing import Annotated

from pydantic import Field, WithJsonSchema

from config.catalogue import catalogue
from config.faults import shown
from config.written import no_number, refusing, written

WILDCARD = "0.0.0.0"
LOOPBACK_NAMES = ("localhost", "::1", "ip6-localhost")

LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
HOST = rf"{LABEL}(\.{LABEL})*\.?"
PARTY = r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?"
PORT_NUMBER = r"(6553[0-5]|655[0-2]\d|65[0-4]\d{2}|6[0-4]\d{3}|[1-5]\d{4}|[1-9]\d{0,3})"
STACK = r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+"
PROJECT = r"[a-z0-9]+([._-][a-z0-9]+)*"
REPOSITORY = r"[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
ADDRESS = rf"{HOST}(:{PORT_NUMBER})?(/{REPOSITORY})?"
RELEASE = r"[0-9]+\.[0-9]+\.[0-9]+"
DIGEST = r"sha256:[0-9a-f]{64}"
PINNED_IMAGE = rf"{HOST}(:{PORT_NUMBER})?/{REPOSITORY}(:[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?@{DIGEST}"
UPSTREAM = rf"https?://{HOST}(:{PORT_NUMBER})?/?"
USER = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"
FINGERPRINT = r"[0-9a-f]{8}"
CRON = r"0( \S+){5}"
REPLICATION_CRON = r"0 (?!\* )\S+( \S+){4}"
DOCKER_HOST = rf"(unix:///[^\s]+|ssh://([A-Za-z0-9._-]+@)?{HOST}(:{PORT_NUMBER})?)"

RESERVED_PARTIES = {
    **dict.fromkeys(catalogue().of("party"), "a service of every party has that name"),
    "0": 'FATE reserves "0" for a call to the own party',
    "default": "FATE's route tables use it for every party that they do not name",
    "federation": "the network that the parties of a stack share has that name",
    "mirror": "the mirror's network and namespace have that name",
    **dict.fromkeys(catalogue().of("mirror"), "the mirror's container has that name"),
    **dict.fromkeys(catalogue().of("harbor"), "a container of the mirror has that name"),
    "exchange": "the exchange's network and namespace have that name",
    **dict.fromkeys(catalogue().of("exchange"), "the exchange's container has that name"),
}


def order_of(id: str) -> tuple[float, str]:
    """Return what sorts party ids: by number, and those that are none after them."""
    return (int(id) if id.isdigit() else inf, id)


def _reserved(value: str) -> tuple[str, str] | None:
    if value not in RESERVED_PARTIES:
        return None
    return f'"{value}" cannot be a party: {RESERVED_PARTIES[value]}', 'write another id, such as "9999"'


def _no_tcp(value: str) -> tuple[str, str] | None:
    if not value.startswith(("tcp://", "http://", "https://")):
        return None
    return (
        f"{shown(value)} would open the engine, and with it root on that machine, to the network",
        "write ssh://user@host, which needs no open port but ssh",
    )


def _an_ipv4_address(value: str) -> tuple[str, str] | None:
    try:
        IPv4Address(value)
    except AddressValueError:
        return (
            f"{shown(value)} is not an IPv4 address of the machine",
            'write an address such as "127.0.0.1" (this machine only) or "0.0.0.0" (every network)',
        )
    return None


def _no_network(value: str) -> tuple[str, str] | None:
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        return f"{shown(value)} is not a range of addresses", "write such as 192.0.2.0/24 or 192.0.2.10/32"
    if str(network) != value:
        return f"{shown(value)} is not how the range of addresses is written", f"write {network}"
    return None


def is_loopback(host: str) -> bool:
    """Say whether a host is the machine or the container itself."""
    name = host.lower().rstrip(".")
    return name in LOOPBACK_NAMES or bool(re.fullmatch(r"127(\.\d{1,3}){3}", name))


def is_address(host: str) -> bool:
    """Say whether a host is an address, not a name."""
    return re.fullmatch(r"[\d.]+", host) is not None


def _no_wildcard(value: str) -> tuple[str, str] | None:
    if is_address(value) and _an_ipv4_address(value):
        return f"{shown(value)} is neither a host name nor an IPv4 address", "write such as 192.0.2.10"
    if value == WILDCARD:
        return f"{shown(value)} means every network, and cannot be dialled", "write the machine's own address"
    return None


def _to_be_dialled(value: str) -> tuple[str, str] | None:
    if (fault := _no_wildcard(value)) or not is_loopback(value):
        return fault
    return (
        f"{shown(value)} means, inside a gateway's container, that container itself: nobody is reached by it",
        "write the machine's name or address; on one machine Docker's bridge, such as 172.17.0.1",
    )


PartyId = Annotated[
    str,
    no_number('id: "{}", in quotes'),
    refusing(_reserved),
    *written(
        PARTY,
        "a party id: 1 to 32 digits, lower-case letters and hyphens, neither first nor last a hyphen",
        'write digits in quotes, as FATE does, such as id: "9999"',
    ),
]
Fingerprint = Annotated[
    str,
    no_number('"{}", in quotes'),
    *written(
        FINGERPRINT,
        "the fingerprint of a secret key: 8 hexadecimal digits",
        'write the label fate.owner of what was made with that key, such as "9e8f1234"',
    ),
]
ReleaseName = Annotated[
    str,
    no_number('such as release: "2.2.0", in quotes'),
    *written(RELEASE, "a release of FATE", 'write three numbers, such as "2.2.0"'),
]
HostName = Annotated[
    str,
    refusing(_to_be_dialled),
    *written(HOST, "a host name or an IPv4 address", "write such as fate.bank.example, without a port"),
]
RegistryHost = Annotated[
    str,
    refusing(_no_wildcard),
    *written(HOST, "a host name or an IPv4 address", "write such as harbor.bank.example, without a port"),
]
HarborProject = Annotated[
    str,
    *written(
        PROJECT,
        "the name of a project of Harbor's",
        "write lower-case letters and digits, single dots, hyphens or underscores among them, such as fate",
    ),
]
DockerHost = Annotated[
    str,
    refusing(_no_tcp),
    *written(
        DOCKER_HOST,
        "the address of a Docker engine",
        "write unix:///var/run/docker.sock or ssh://user@host",
    ),
]
BindAddress = Annotated[str, refusing(_an_ipv4_address), WithJsonSchema({"type": "string", "format": "ipv4"})]
StackName = Annotated[
    str,
    *written(
        STACK,
        "the full name of a stack",
        "write organization/<project>/<stack>, such as organization/fate/dev",
    ),
]
RegistryAddress = Annotated[
    str,
    *written(
        ADDRESS,
        "the address of a registry",
        "write host[:port][/prefix] without https://, such as registry.bank.example:5000/fate",
    ),
]
UpstreamUrl = Annotated[
    str, *written(UPSTREAM, "the URL of a registry", "write such as https://registry-1.docker.io")
]
PinnedImage = Annotated[
    str,
    *written(
        PINNED_IMAGE,
        "an image by its registry and its digest",
        "write host/name@sha256:... or host/name:tag@sha256:..., as docker inspect shows it in RepoDigests",
    ),
]
Cidr = Annotated[str, refusing(_no_network), WithJsonSchema({"type": "string", "pattern": "/[0-9]+$"})]
Digest = Annotated[str, *written(DIGEST, "an image's digest", "write sha256: and its 64 hexadecimal digits")]
Cron = Annotated[
    str,
    *written(
        CRON,
        "a schedule of Harbor's, which has six fields, seconds first and 0",
        'write such as "0 0 3 * * *" for three every night',
    ),
]
ReplicationCron = Annotated[
    str,
    *written(
        REPLICATION_CRON,
        "a schedule by which Harbor replicates: six fields, seconds first and 0, and not every minute",
        'write such as "0 0 3 * * *" for three every night',
    ),
]
UserName = Annotated[
    str,
    *written(USER, "a user's name", "write letters, digits, hyphens, dots and underscores, such as admin"),
]
VariableName = Annotated[
    str, *written(VARIABLE, "the name of an environment variable", "write such as LOG_LEVEL")
]
NonEmptyText = Annotated[
    str, *written(r"\S(.*\S)?", "a name: it is empty, or begins or ends with a space", "write the name")
]

Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
Rotations = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
StartLimit = Annotated[int, Field(strict=True, ge=30, le=3600)]
TolerationSeconds = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
Mebibytes = Annotated[int, Field(strict=True, ge=32, le=1_048_576)]
Cpus = Annotated[float, Field(strict=True, gt=0, le=1024, allow_inf_nan=False)]
Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Flag = Annotated[bool, Field(strict=True)]
