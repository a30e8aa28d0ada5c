"""Checks of a whole plan, one concern a file: what each part allows and all together cannot work."""

from collections.abc import Iterator

from config.checks import (
    cluster_openings,
    cluster_routes,
    clusters,
    images,
    mirrors,
    pages,
    parties,
    peers,
    ports,
    secrets,
    services,
    spark,
)
from config.faults import Fault
from config.plan import Plan

CHECKS = (
    images.known_release,
    images.every_image_exists,
    images.every_image_is_run,
    images.a_place_for_what_is_built_beside_official_images,
    images.images_of_the_stacks_services,
    mirrors.a_mirror_takes_the_pushes,
    mirrors.a_mirror_has_what_is_pulled,
    mirrors.every_party_reaches_the_mirror,
    mirrors.one_way_to_the_mirror,
    mirrors.a_mirror_on_docker_is_built,
    mirrors.a_mirror_in_a_cluster_is_pulled,
    mirrors.a_mirror_in_a_cluster_has_a_node_port,
    parties.one_way_to_an_engine,
    clusters.a_namespace_a_party,
    clusters.sizes_of_volumes_that_are_made,
    parties.at_least_one_party,
    parties.an_id_a_party,
    parties.engines_go_together,
    parties.a_database_that_others_share,
    parties.one_broker_for_client_mode,
    peers.no_party_is_its_own_peer,
    peers.a_peer_once,
    peers.peers_need_a_broker,
    peers.a_way_to_every_peer,
    peers.a_way_back_from_every_peer,
    peers.a_port_for_each_of_a_peers_services,
    ports.no_port_twice,
    cluster_openings.no_api_out_of_a_cluster,
    pages.a_port_on_an_engine,
    pages.no_port_of_a_cluster,
    pages.a_host_a_page,
    cluster_openings.node_ports_that_nodes_open,
    cluster_openings.no_address_to_open_ports_on,
    cluster_openings.a_balancer_says_who_reaches_it,
    cluster_routes.a_port_that_an_ingress_answers_on,
    cluster_routes.a_broker_beside_an_ingress,
    cluster_routes.a_host_that_is_a_name,
    cluster_routes.sources_that_are_seen,
    ports.sources_need_a_cluster,
    secrets.every_secret_is_there,
    services.services_of_the_party,
    services.one_of_what_is_one,
    services.enough_memory,
    services.environment_of_the_operator,
    services.known_configuration_keys,
    spark.jobs_that_workers_can_take,
)


def faults_in(plan: Plan) -> Iterator[Fault]:
    """Return every fault of a plan, check after check."""
    for check in CHECKS:
        yield from check(plan)
