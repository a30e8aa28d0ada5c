"""Which connections the pods of a service may take and open, in neutral terms: what its policy says.

The edges follow the graph of an owner's services, the ways to its peers and what is published. That name
servers may be asked goes without saying: every pod may. Knows nothing of Pulumi.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from components.runtimes.kubernetes_openings import published
from components.runtimes.runtime import Owner
from components.services.service import Audience, Service
from config import KubernetesSettings
from config.exposure import Address

Near = tuple[str, str]
"""A service and its namespace, in the same cluster."""


@dataclass(frozen=True)
class Ports:
    """A TCP port, or all from `first` to `last`."""

    first: int
    last: int | None = None


@dataclass(frozen=True)
class Edge:
    """Who is at the other end, and the ports of the end that is dialled.

    Nobody named is anybody; `ports` None is every port.
    """

    services: tuple[str, ...] = ()
    """Of the same party."""
    near: tuple[Near, ...] = ()
    blocks: tuple[str, ...] = ()
    """Blocks of addresses, as CIDR."""
    ports: tuple[Ports, ...] | None = None


@dataclass(frozen=True)
class Neighbours:
    """An owner in its cluster, as the edges of its services see it."""

    owner: Owner
    settings: KubernetesSettings

    def admitted(self, service: Service) -> list[Edge]:
        """Return what a service takes: its callers, peers near by, what is published, who calls it back."""
        return [
            *self._from_callers(service),
            *self._from_peers(service),
            *self._from_outside(service),
            *_from_called_outside(service),
        ]

    def dialled(self, service: Service) -> list[Edge]:
        """Return what a service opens: what it calls, its peers, hosts outside of the stack."""
        return [*self._to_called(service), *self._to_peers(service), *_to_the_outside(service)]

    def _from_callers(self, service: Service) -> Iterable[Edge]:
        callers = [s.name for s in self.owner.services if service.name in s.calls]
        for ports, dialling in _by_ports(service, callers):
            yield Edge(services=tuple(dialling), ports=ports)

    def _from_peers(self, service: Service) -> Iterable[Edge]:
        places = dict.fromkeys(near for address in self._met_at(service) if (near := self._near(address)))
        if places:
            met = [port.number for port in service.ports if port.audience is Audience.PEERS]
            yield Edge(near=tuple(places), ports=_ports(*met))

    def _from_outside(self, service: Service) -> Iterable[Edge]:
        """Yield what a published port admits: its sources, or everybody. A node's own address hides many."""
        for publication in published(self.owner, self.settings, service.name):
            yield Edge(blocks=publication.sources, ports=_ports(publication.number))

    def _to_called(self, service: Service) -> Iterable[Edge]:
        for other in self.owner.services:
            if other.name in service.calls:
                for ports, _ in _by_ports(other, [service.name]):
                    yield Edge(services=(other.name,), ports=ports)

    def _to_peers(self, service: Service) -> Iterable[Edge]:
        """Yield the way to what it dials of each peer, once: its pods, its address, or its port anywhere."""
        for address in dict.fromkeys(self._met_at(service)):
            near = self._near(address)
            blocks = () if near else _block(address.host)
            yield Edge(near=(near,) if near else (), blocks=blocks, ports=_ports(address.port))

    def _met_at(self, service: Service) -> Iterator[Address]:
        """Yield the addresses at which a service meets its peers, or the exchange that stands for them."""
        for route in self.owner.routes:
            yield from (route.addresses[kind] for kind in service.dialled if kind in route.addresses)

    def _near(self, address: Address) -> Near | None:
        """Return the service and the namespace at an address of the same cluster; None for any other."""
        suffix = f".svc.{self.settings.cluster_domain}"
        if not address.host.endswith(suffix):
            return None
        service, _, namespace = address.host.removesuffix(suffix).partition(".")
        return service, namespace


def _from_called_outside(service: Service) -> Iterable[Edge]:
    """Yield what answers outside of the stack by dialling in its turn: from which address, nobody knows."""
    if ports := service.called_back_at:
        yield Edge(ports=(Ports(ports[0], ports[-1]),))


def _to_the_outside(service: Service) -> Iterable[Edge]:
    for host, number in service.fetches_from:
        yield Edge(blocks=_block(host), ports=_ports(number))


def _block(host: str) -> tuple[str, ...]:
    """Return the block of one address; none, which is anywhere, for a name: policies know no names."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ()
    return (f"{address}/{address.max_prefixlen}",)


def _by_ports(
    service: Service, callers: Sequence[str]
) -> Iterator[tuple[tuple[Ports, ...] | None, list[str]]]:
    """Yield what some services of the same party dial, and who does: its ports; None, which is every port."""
    further = [caller for caller in callers if caller in service.opens_more_to]
    others = [caller for caller in callers if caller not in service.opens_more_to]
    if others:
        yield _ports(*(port.number for port in service.ports)), others
    if further:
        yield None, further


def _ports(*numbers: int) -> tuple[Ports, ...]:
    return tuple(Ports(number) for number in numbers)
