"""Checks of a whole plan, one concern a file: what each part allows and all together cannot work."""

from collections.abc import Iterator

from config.checks import images, parties, peers, ports, services
from config.faults import Fault
from config.plan import Plan

CHECKS = (
    images.known_release,
    images.every_image_exists,
    images.a_mirror_takes_the_pushes,
    images.a_mirror_has_what_is_pulled,
    images.every_engine_reaches_the_mirror,
    parties.at_least_one_party,
    parties.an_id_a_party,
    parties.engines_go_together,
    parties.one_broker_for_client_mode,
    peers.no_party_is_its_own_peer,
    peers.a_peer_once,
    peers.peers_need_a_broker,
    peers.a_way_to_every_peer,
    peers.a_way_back_from_every_peer,
    peers.a_port_for_each_of_a_peers_services,
    ports.no_port_twice,
    services.services_of_the_party,
    services.enough_memory,
    services.environment_of_the_operator,
    services.known_configuration_keys,
)


def faults_in(plan: Plan) -> Iterator[Fault]:
    """Return every fault of a plan, check after check."""
    for check in CHECKS:
        yield from check(plan)
