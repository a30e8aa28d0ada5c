"""What a registry must hold before anything is made: every image that the stack does not build.

Makes nothing. Who pulls is who asks: a Docker engine in its own way, with its insecure registries, its
certs.d and its proxy. The nodes of a cluster cannot be told to, so this machine asks in their place, as the
stack says: over https, unless the registry is on loopback or the stack says otherwise, through the proxy of
the environment. A registry that wants a login is left to them, who have one.
"""

import ssl
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from typing import Protocol
from urllib.parse import urlsplit

from clients.authority import trusting
from clients.failures import Failure, NoTls, Refused, Unreachable, Untrusted
from clients.registry import ACCEPT, answered, manifest_url, proxy_of
from components.preflight.docker import engines_of
from components.preflight.docker_access import engine_of, fault_of
from config import (
    ConfigurationFault,
    DockerSettings,
    Fault,
    KubernetesSettings,
    StackSettings,
    catalogue,
)
from config.mirror import OwnMirror, ReachedMirror
from config.runtime import Runtime
from config.text import is_loopback

PATH = "fate:mirror"
FIRST_RUN = "If this is the first run, write fate:parties: [] for it"
TRUST_IT = (
    f"{FIRST_RUN}, let engines trust the authority of output harbor, and then write the parties"
    " (docs/harbor.md)"
)
FILL_IT = f"{FIRST_RUN}, fate bundle load --to fills it, and then write the parties (docs/closed-networks.md)"
WANTS_A_LOGIN = ("no basic auth credentials", "unauthorized", "denied", "authentication required")
NO_TLS = ("server gave HTTP response to HTTPS client", "first record does not look like a TLS handshake")
CANNOT_ASK = "page not found"
PATIENCE = 60.0
"""Seconds that an engine may take: it gives a registry up after 30 itself, and then says why."""
TIMEOUT = 10.0
"""Seconds that this machine gives a registry."""


class Refusal(Exception):
    """A registry that cannot be asked: why, and what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem, self.remedy = problem, remedy
        super().__init__(problem)


class Asker(Protocol):
    """Somebody who can ask a registry for an image."""

    def holds(self, registry: str, name: str) -> bool:
        """Return whether an image is there, as far as it may be known. Raises Refusal."""
        ...

    def close(self) -> None:
        """Leave off asking."""
        ...


class Engine:
    """A Docker engine that asks a registry as it would pull from it."""

    def __init__(self, settings: DockerSettings) -> None:
        self._engine = engine_of(settings, PATIENCE)

    def holds(self, registry: str, name: str) -> bool:
        """Return whether an image is there, as far as the engine may know. Raises Refusal."""
        try:
            self._engine.ask(f"/distribution/{registry}/{name}/json")
        except Refused as error:
            return self._understood(registry, error)
        except Unreachable as error:
            raise fault_of(self._engine.host, error) from None
        return True

    def close(self) -> None:
        """Close the connection to the engine."""
        self._engine.close()

    def _understood(self, registry: str, error: Refused) -> bool:
        said = str(error)
        if any(words in said.lower() for words in (*WANTS_A_LOGIN, CANNOT_ASK)):
            return True
        if error.status == 404:
            return False
        by = f"by the Docker engine at {self._engine.host}"
        raise Refusal(f"cannot be reached {by}: {said}", _remedy_of_an_engine(registry, said))


class Registry:
    """Registries as this machine reaches them, without a login."""

    def __init__(self, plain_http: bool = False, ca_file: str | None = None) -> None:
        self.plain_http = plain_http
        self.ca_file = ca_file

    def holds(self, registry: str, name: str) -> bool:
        """Return whether an image is there, as far as it may be known without a login. Raises Refusal."""
        local = is_loopback(registry.partition(":")[0])
        server = f"{self.scheme(local)}://{registry}"
        way = _way(server, local)
        try:
            status = self._status(manifest_url(server, name), direct=local)
        except Unreachable as error:
            raise Refusal(f"cannot be reached {way}: {error}", self.remedy(error)) from None
        if server.startswith("http:") and status == 400:
            raise Refusal(f"does not answer {way}: 400", "Leave plain-http out, if it has TLS")
        if status >= 500 or status == 407:
            raise Refusal(f"cannot be asked {way}: {status}", "Look at the log of what answers there")
        return status != 404

    def scheme(self, local: bool) -> str:
        """Return by what a registry is asked; one on loopback without TLS."""
        return "http" if self.plain_http or local else "https"

    def close(self) -> None:
        """Do nothing: no connection is kept."""

    def _status(self, url: str, direct: bool) -> int:
        """Ask, never through a proxy where it is this machine itself, as Docker does."""
        trust = self._trust if url.startswith("https:") else None
        asked = answered("HEAD", url, {"Accept": ACCEPT}, timeout=TIMEOUT, trust=trust, direct=direct)
        with asked as answer:
            return answer.status

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        try:
            return trusting(self.ca_file) if self.ca_file else ssl.create_default_context()
        except Failure as reason:
            remedy = "Write the path of a PEM file with the authority's certificate"
            raise Refusal(f"cannot be asked: {reason}", remedy) from None

    def remedy(self, failure: Unreachable) -> str:
        """Return what to do where it cannot be asked."""
        match failure:
            case Untrusted():
                which = "another ca-file" if self.ca_file else "ca-file"
                return (
                    f"Write {which}: the path of the authority that signed its certificate; every node must"
                    " trust it too"
                )
            case NoTls():
                return (
                    "Write plain-http: true if it has no TLS, and tell every node so (docs/mirror.md); else"
                    " mend its TLS"
                )
            case _:
                return "Bring it up, or write the address of one that this machine reaches"


def askers_of(settings: StackSettings, mirror: ReachedMirror | OwnMirror) -> list[Asker]:
    """Return those who pull for a stack: its engines, and this machine in the place of every node.

    Of a mirror of the stack's own the engines alone: this machine has no file with whom a Harbor is signed
    by, and no login for a registry on a cluster.
    """
    askers: list[Asker] = [Engine(engine) for engine in pulling_engines(settings)]
    has_nodes = any(isinstance(runtime, KubernetesSettings) for runtime in _pulling(settings))
    if has_nodes and isinstance(mirror, ReachedMirror):
        askers.append(Registry(mirror.plain_http, mirror.ca_file))
    return askers


def pulling_engines(settings: StackSettings) -> list[DockerSettings]:
    """Return the engines that parties or the exchange are on, each once."""
    places = {runtime.place for runtime in _pulling(settings)}
    return [engine for engine in engines_of(settings).values() if engine.place in places]


def _pulling(settings: StackSettings) -> list[Runtime]:
    exchange = [settings.exchange_runtime] if settings.exchange else []
    return [*(settings.runtime_of(party) for party in settings.parties), *exchange]


def check_held(references: Mapping[str, str], askers: Sequence[Asker], coming: Collection[str] = ()) -> None:
    """Ask for each image, by service; those of Docker Hub are left to it.

    What is lacking is no fault where it is `coming`: about to be brought. Raises ConfigurationFault with
    every fault at once.
    """
    if faults := _asked(references, askers, coming):
        raise ConfigurationFault(list(faults))


def check_held_at_home(
    references: Mapping[str, str], askers: Sequence[Asker], not_yet: str, coming: Collection[str] = ()
) -> list[str]:
    """Ask the same of a registry that the stack makes; return in words why some could not.

    It may come up, or get the certificate that they trust, by what is about to be done: `not_yet` says so.
    Raises ConfigurationFault with every image that it lacks.
    """
    faults = _asked(references, askers, coming)
    if lacking := [fault for fault, is_lacking in faults.items() if is_lacking]:
        raise ConfigurationFault(lacking)
    return [f"{fault.path}: {fault.problem}. {not_yet}. {fault.remedy}" for fault in faults]


def check_loaded(settings: DockerSettings, image: str) -> None:
    """Ask an engine whether it has the image that a registry starts from, which none can give.

    Raises ConfigurationFault.
    """
    with closing(engine_of(settings)) as engine:
        try:
            engine.ask(f"/images/{image}/json")
        except Refused as error:
            if error.status != 404:
                raise fault_of(engine.host, error) from None
            problem = f"is false, and the Docker engine at {engine.host} has no {image}, the mirror's own"
            remedy = "Type: fate bundle load FILE --into-engine, or fate images build registry"
            raise ConfigurationFault([Fault(f"{PATH}.builds", problem, remedy)]) from None
        except Unreachable as error:
            raise fault_of(engine.host, error) from None


def _asked(
    references: Mapping[str, str], askers: Sequence[Asker], coming: Collection[str]
) -> dict[Fault, bool]:
    """Return every fault once, and whether it is an image that a registry was seen to lack.

    That is none where it is `coming`.
    """
    faults: dict[Fault, bool] = {}
    asked = {service: name for service, name in references.items() if _names_its_registry(name)}
    for asker in askers:
        with closing(asker):
            faults |= dict(_faults(asker, asked, coming))
    return faults


def _names_its_registry(reference: str) -> bool:
    """Tell whether a reference begins with a registry; where it does not, Docker Hub is meant."""
    host = reference.partition("/")[0]
    return host == "localhost" or "." in host or ":" in host


def _faults(
    asker: Asker, references: Mapping[str, str], coming: Collection[str]
) -> Iterator[tuple[Fault, bool]]:
    """Yield what is wrong for one who pulls, and whether an image is lacking.

    A registry that cannot be asked once is asked no more.
    """
    silent: set[str] = set()
    for service, reference in references.items():
        registry, _, name = reference.partition("/")
        if registry in silent:
            continue
        try:
            if not asker.holds(registry, name) and service not in coming:
                yield _lacking(service, reference), True
        except Refusal as refusal:
            silent.add(registry)
            yield Fault(PATH, f"the registry at {registry} {refusal.problem}", refusal.remedy), False


def _way(server: str, direct: bool) -> str:
    """Return in words how this machine asks a server, without the login that a proxy's address may hold."""
    proxy = None if direct else proxy_of(server)
    through = f" through the proxy {urlsplit(proxy).hostname or 'of the environment'}" if proxy else ""
    return f"from this machine over {server.partition(':')[0]}{through}"


def _lacking(service: str, reference: str) -> Fault:
    registry, _, name = reference.partition("/")
    official = next((image for image in catalogue().official() if f"/{image}:" in f"/{name}"), None)
    taken = f"docker pull {name[name.index(official) :]}" if official else "`fate images build`"
    remedy = f"Push it there: fate bundle load, or {taken}, then docker tag and docker push {reference}"
    return Fault(PATH, f"the registry at {registry} lacks {name}, the image of {service}", remedy)


def _remedy_of_an_engine(registry: str, said: str) -> str:
    """Return what to do on the engine's machine: what the stack says of the way is not the engine's."""
    if any(words in said for words in NO_TLS):
        return (
            f'It speaks plain HTTP: write "insecure-registries": ["{registry}"] into the daemon.json of the'
            " engine and restart it, or put TLS before the registry"
        )
    if "x509" in said:
        return (
            "Put the authority that signed its certificate on the engine's machine, at"
            f" /etc/docker/certs.d/{registry}/ca.crt; no restart is needed"
        )
    if "proxyconnect" in said:
        return f"Mend the engine's proxy (docker info shows it), or except {registry} from it with NO_PROXY"
    return "Bring it up, or write the address of one that the engine reaches"
