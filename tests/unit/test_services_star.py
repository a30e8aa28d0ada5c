"""The exchange: what it passes on, what it opens, how the star is drawn."""

from typing import Any

import pytest

from components.services.context import Route
from components.services.relay import LACKING, Forward, relay_conf
from components.services.star import exchange_publications, exchange_service, kept_ports
from components.services.topology import ports, topology
from config import HostPeer, catalogue, load
from config.exposure import Address
from ops.doctor.inside import probes
from tests.conftest import Golden
from tests.declared.program import stack_file
from tests.unit.exchange_examples import ACCEPTED_STARS

ROUTES = [
    Route("9999", {"gateway": Address("gateway-9999", 9300), "broker": Address("broker-9999", 5672)}),
    Route("10000", HostPeer(id="10000", host="fate.partner.example").addresses),
]


def test_the_exchange_s_nginx_conf(golden: Golden) -> None:
    forwards = [
        Forward(port, route.party, "broker", route.addresses["broker"])
        for port, route in zip((5701, 5702), ROUTES, strict=True)
    ]
    golden("exchange.conf", relay_conf(ROUTES, forwards))


def test_the_picture_and_the_sheet_of_a_star(golden: Golden) -> None:
    star = load(ACCEPTED_STARS["a star of four, two of them elsewhere"])
    golden("topology-star.mmd", topology(star))
    opened = [(row["service"], row["port"], row["opened_for"]) for row in ports(star) if not row["party"]]
    relay = [("relay", port, "its parties") for port in (9300, 5703, 5704, 5701, 5702)]
    assert sorted(opened) == sorted([*relay, ("registry", 5000, "pulls")])


def test_a_party_behind_an_exchange_elsewhere_is_drawn_beside_it() -> None:
    drawn = topology(load(ACCEPTED_STARS["a party behind the exchange of another stack"]))
    assert "exchange (elsewhere)<br/>organization/fate/exchange" in drawn
    assert "p9999_broker <-- tensors --> exchange1" in drawn


def test_an_exchange_that_is_not_exposed_opens_nothing() -> None:
    assert exchange_publications(load(stack_file("exchange"))) == ()


def test_an_open_exchange_opens_a_port_for_calls_and_one_for_each_broker() -> None:
    opened = exchange_publications(load(ACCEPTED_STARS["an exchange behind a load balancer"]))
    assert [(each.number, each.external) for each in opened] == [(9300, 80), (5701, 5701)]


def test_ports_that_are_kept_are_told_with_their_place_in_the_file() -> None:
    kept = kept_ports(load(ACCEPTED_STARS["a star of four, two of them elsewhere"]))
    assert {each.party: each.key for each in kept} == {
        "1": "exchange.parties[0].broker-at",
        "2": "exchange.parties[1].broker-at",
        "9999": "parties[0].exchange.broker-at",
        "10000": "parties[1].exchange.broker-at",
    }


def test_an_exchange_of_osx_runs_as_a_party_s_osx_does() -> None:
    services = catalogue().services
    (official,) = services["osxrelay"].images.values()
    assert official == services["osx"].images["hub"], "or a new tag of one would be forgotten at the other"


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_parties_changes_nothing(order: int) -> None:
    values: dict[str, Any] = stack_file("exchange")
    values["parties"] = values["parties"][::order]
    service = exchange_service(load(values), ROUTES)
    assert service == exchange_service(load(stack_file("exchange")), ROUTES)


def test_the_doctor_knows_the_words_in_which_an_exchange_refuses() -> None:
    assert probes.EXCHANGE_LACKS == LACKING, "or it would blame the party's own gateway"
