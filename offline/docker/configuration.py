"""What a stack may say to the Docker provider: which engine, by which way, with which registry logins."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from clients.registry import Registry
from diff.shape import record, record_set, switch, text, texts
from diff.values import Plain, contains_unknown, parsed
from offline.protocol.failures import Refusal

DEFAULT_HOST = "unix:///var/run/docker.sock"
SCHEMES = ("unix://", "tcp://", "ssh://")
SHAPE = record(
    host=text(),
    sshOpts=texts(),
    registryAuth=record_set(address=text(required=True), username=text(), password=text()),
    disableDockerDaemonCheck=switch(),
).fields


@dataclass(frozen=True)
class Configuration:
    """The engine to talk to."""

    host: str = DEFAULT_HOST
    ssh_options: tuple[str, ...] = ()
    logins: Mapping[str, Registry] = field(default_factory=dict)


def configured(values: Plain) -> Configuration:
    """Return the configuration, from values that may come as JSON. An unknown one has no host yet."""
    given = parsed(values)
    if contains_unknown(given):
        return Configuration(host="")
    host = given.get("host") or os.environ.get("DOCKER_HOST") or DEFAULT_HOST
    if not host.startswith(SCHEMES):
        ways = " or ".join(SCHEMES)
        raise Refusal(f"Docker host {host!r}: no way to reach it. Write {ways} and an address.")
    logins = {registry_of(auth["address"]): registry_at(auth) for auth in given.get("registryAuth", ())}
    return Configuration(host, tuple(given.get("sshOpts", ())), logins)


def registry_at(auth: Plain) -> Registry:
    """Return a registry and who asks it, from a login; an address without a scheme is asked by https."""
    scheme = "http" if auth["address"].startswith("http://") else "https"
    url = f"{scheme}://{registry_of(auth['address'])}"
    return Registry(url, auth.get("username", ""), auth.get("password", ""))


def registry_of(address: str) -> str:
    """Return a registry's host and port, from an address that may be a URL."""
    return address.removeprefix("https://").removeprefix("http://").split("/")[0]


def registry_of_image(image: str) -> str:
    """Return the registry that an image's reference names: a first part with a dot, a port, or localhost."""
    first, slash, _ = image.partition("/")
    named = slash and ("." in first or ":" in first or first == "localhost")
    return first if named else "docker.io"
