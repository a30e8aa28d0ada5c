"""What settings answer once they are accepted."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from config import (
    DockerSettings,
    Engines,
    HostPeer,
    ImageReference,
    PartyPeer,
    PartySettings,
    StackPeer,
    StackSettings,
    catalogue,
    load,
)
from tests.unit.stack_examples import ACCEPTED
from tests.unit.stack_values import DEV, EXPOSE, STANDALONE, one, stack, two

CHECKOUT = Path(__file__).parents[2]
DIGEST = "sha256:" + "0" * 64


def test_defaults_open_nothing_beyond_loopback() -> None:
    settings = load(DEV)
    mirror = settings.mirror
    assert mirror is not None
    assert getattr(mirror, "bind", None) == "127.0.0.1", "the mirror asks for no password"
    party = settings.party("9999")
    assert (party.api, party.expose, party.database, str(party.mode)) == (
        None,
        None,
        "mariadb",
        "replication",
    )
    assert not settings.protect


def test_a_party_without_a_peers_key_has_every_other_party_of_the_stack() -> None:
    settings = load(DEV)
    assert settings.peers_of(settings.party("9999")) == (PartyPeer(id="10000"),)


def test_a_party_with_an_empty_list_of_peers_has_none() -> None:
    settings = load(two({"peers": []}, {"peers": []}))
    assert settings.peers_of(settings.party("9999")) == ()


def test_each_form_of_a_peer_has_its_own_type() -> None:
    peers = [
        {"id": "1", "host": "a.example", "broker-port": 1},
        {"id": "2", "stack": "organization/fate/two"},
    ]
    settings = load(one(expose=EXPOSE, peers=peers))
    assert settings.parties[0].peers == (
        HostPeer.model_validate({"id": "1", "host": "a.example", "gateway-port": 9300, "broker-port": 1}),
        StackPeer(id="2", stack="organization/fate/two"),
    )


def test_settings_can_be_made_in_python_by_field_names() -> None:
    engines = Engines(**STANDALONE)
    peer = HostPeer(id="2", host="a.example")
    party = PartySettings(id="1", engines=engines, peers=(peer,), runtime=DockerSettings(ssh_options=("-v",)))
    assert party.peers == (peer,)
    assert isinstance(party.runtime, DockerSettings)
    assert party.runtime.ssh_options == ("-v",)


def test_settings_are_frozen() -> None:
    settings = load(DEV)
    with pytest.raises(ValidationError, match="frozen"):
        settings.protect = True  # type: ignore[misc]


def test_an_unknown_party_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        load(DEV).party("1")


@pytest.mark.parametrize(
    ("changes", "service", "expected"),
    [
        ({}, "fateflow", ImageReference("fateflow", "2.2.0")),
        ({}, "database", ImageReference("mariadb", "10.11")),
        (
            {"release": "2.0.0", "images": {"from": "hub"}, "mirror": None},
            "gateway",
            ImageReference("federatedai/nginx", "2.0.0-release"),
        ),
        (
            {
                "images": {"from": "registry", "prefix": "r.example/f", "digests": {"nginx": DIGEST}},
                "mirror": None,
            },
            "gateway",
            ImageReference("r.example/f/nginx", "1.22", DIGEST),
        ),
    ],
)
def test_a_service_has_the_image_of_its_release_and_source(
    changes: dict[str, object], service: str, expected: ImageReference
) -> None:
    settings = load(stack(**changes))
    assert settings.image(settings.parties[0], service) == expected


def test_an_image_reads_as_docker_pull_takes_it() -> None:
    assert ImageReference("r.example/nginx", "1.22", DIGEST).text == f"r.example/nginx:1.22@{DIGEST}"
    assert ImageReference("nginx", "1.22").text == "nginx:1.22"


def test_an_image_that_the_release_lacks_is_a_key_error() -> None:
    settings = load(DEV)
    lacking = settings.model_copy(update={"release": "2.0.0"})
    with pytest.raises(KeyError, match=r"fateflow in release 2\.0\.0"):
        lacking.image(lacking.parties[0], "fateflow")


def test_the_catalogue_holds_three_releases_and_one_from_packages() -> None:
    known = catalogue()
    assert known.releases == ("2.0.0", "2.1.0", "2.2.0")
    having = {
        source: [name for name in known.releases if known.image(name, source, service)]
        for source, service in (("packages", "fateflow"), ("hub", "gateway"))
    }
    assert having == {"packages": ["2.2.0"], "hub": ["2.0.0"]}, "FATE published its nginx once"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (DEV, ["fateflow", "database", "broker", "gateway"]),
        (
            ACCEPTED["Eggroll and OSX from the hub"],
            ["fateflow", "database", "clustermanager", "nodemanager", "osx"],
        ),
        (ACCEPTED["sqlite"], ["fateflow", "broker", "gateway"]),
        (
            ACCEPTED["one party without peers"],
            ["fateflow", "database", "gateway"],
        ),
    ],
)
def test_a_party_has_the_services_that_its_settings_ask_for(
    settings: dict[str, object], expected: list[str]
) -> None:
    assert list(load(settings).parties[0].service_names) == expected


@pytest.mark.parametrize("file", sorted(CHECKOUT.glob("Pulumi.*.yaml")), ids=lambda file: file.name)
def test_every_stack_of_this_repository_is_accepted(file: Path) -> None:
    config = yaml.safe_load(file.read_text())["config"]
    keys = {key.removeprefix("fate:"): value for key, value in config.items() if key.startswith("fate:")}
    keys.pop("secret-key", None)
    assert isinstance(load(keys), StackSettings)
