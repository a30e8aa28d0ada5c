"""The measured stacks are like the user's, and cannot touch it."""

import pytest
import yaml

from bench.stack_files import (
    THROWAWAY_KEY,
    grown_to,
    listening_on,
    pulling_from,
    stack_file,
    values_in,
)
from bench.stand_in import registry_that_says_yes
from components.preflight.mirror import Registry, check_held
from config import ConfigurationFault, DistributionMirror, ExternalMirror, check_secret_key, load
from tests.declared.program import ROOT

DEV = values_in((ROOT / "Pulumi.dev.yaml").read_text())


def test_the_users_secret_is_not_taken_along() -> None:
    text = "config:\n  fate:secret-key: {secure: v1:abc}\n  fate:release: '2.2.0'\nencryptionsalt: v1:salt\n"
    assert values_in(text) == {"release": "2.2.0"}, "the stack has a throwaway key of its own"
    written = yaml.safe_load(stack_file(values_in(text)))["config"]
    assert written == {"fate:release": "2.2.0", "fate:secret-key": THROWAWAY_KEY}
    check_secret_key(THROWAWAY_KEY)


def test_a_stack_with_images_present_has_no_mirror_of_its_own() -> None:
    settings = load(listening_on(pulling_from(DEV, "localhost:40000/fate-bench"), iter((40001, 40002))))
    assert isinstance(settings.mirror, ExternalMirror)
    assert [party.api and party.api.port for party in settings.parties] == [40001, 40002]
    assert DEV["mirror"]["kind"] == "distribution", "the values given are not changed"


def test_every_port_of_a_stack_is_moved_so_that_the_users_own_may_be_up() -> None:
    moved = load(listening_on(DEV, iter((40001, 40002, 40003))))
    assert [party.api and party.api.port for party in moved.parties] == [40001, 40002]
    assert isinstance(moved.mirror, DistributionMirror)
    assert moved.mirror.port == 40003


@pytest.mark.parametrize("number", [2, 10, 50])
def test_a_grown_stack_is_accepted_and_opens_no_port(number: int) -> None:
    settings = load(grown_to(DEV, number))
    assert len({party.id for party in settings.parties}) == number
    assert all(party.api is None and party.expose is None for party in settings.parties)
    assert len(settings.peers_of(settings.parties[0])) == number - 1, "each is a peer of every other"


def test_a_registry_that_says_yes_satisfies_a_stack_that_asks_for_its_images() -> None:
    with registry_that_says_yes() as address:
        check_held(
            {"fateflow": f"{address}/fateflow:2.2.0", "database": f"{address}/mariadb:10.11"}, [Registry()]
        )
    with pytest.raises(ConfigurationFault, match="cannot be reached"):
        check_held({"fateflow": f"{address}/fateflow:2.2.0"}, [Registry()])
