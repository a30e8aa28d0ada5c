"""How parties meet: in one stack, by host and port, by stack reference."""

from typing import Any

import pulumi
import pytest

from images.recipes import recipe_digest
from tests.declared.kubernetes_stacks import REGISTRY_IMAGE, stack
from tests.declared.program import Declared, declare, stack_file
from tests.declared.test_every_container import MIRROR, PEER, REFERENCES


def upload(declared: Declared, container: str, file: str) -> str:
    uploads = declared.of("Container")[container]["uploads"]
    return next(str(u["content"]) for u in uploads if u["file"].endswith(file))


def test_parties_of_one_stack_meet_on_the_shared_network() -> None:
    declared = declare(stack_file("dev"))
    gateway = declared.of("Container")["party-9999-gateway"]
    assert [n["name"] for n in gateway["networksAdvanced"]] == ["fate-dev-9999", "fate-dev-federation"]
    assert '"10000" gateway-10000:9300;' in upload(declared, "party-9999-gateway", "nginx.conf")
    assert "host: broker-10000" in upload(declared, "party-9999-fateflow", "route_table.yaml")


def test_a_peer_by_host_is_dialled_at_its_host_and_ports() -> None:
    declared = declare(stack_file("party-9999"), stack="party-9999", references=REFERENCES)
    assert '"10000" 172.17.0.1:19301;' in upload(declared, "party-9999-gateway", "nginx.conf")
    assert "port: 15673" in upload(declared, "party-9999-fateflow", "route_table.yaml")


def test_a_broker_with_a_name_of_its_own_is_dialled_by_it() -> None:
    partner = {"id": "10000", "host": "fate.partner.example", "broker-host": "amqp.partner.example"}
    expose = {"host": "fate.bank.example", "broker-host": "amqp.bank.example", "gateway-port": 80}
    declared = declare(
        stack(
            {"exposure": {"kind": "ingress", "broker": {"reach": "internal"}}},
            {"expose": expose, "peers": [partner]},
        ),
        "bank",
    )
    files = declared.of("ConfigMap")
    assert "fate.partner.example" in files["party-9999-gateway-files"]["data"]["nginx.conf"]
    assert "host: amqp.partner.example" in "".join(files["party-9999-fateflow-files"]["data"].values())
    told = declared.outputs["parties"]["9999"]["expose"]
    assert (told["host"], told["broker-host"]) == ("fate.bank.example", "amqp.bank.example")


def test_a_peer_by_stack_is_dialled_where_that_stack_exposes_it() -> None:
    declared = declare(stack_file("party-10000"), stack="party-10000", references=REFERENCES)
    assert '"9999" peer.example:9300;' in upload(declared, "party-10000-gateway", "nginx.conf")


@pytest.mark.parametrize(
    ("outputs", "reason"),
    [
        ({}, "not up"),
        ({"parties": {}}, "has no party"),
        ({"parties": {"9999": {"expose": None}}}, "exposes nothing"),
    ],
)
def test_a_stack_that_cannot_be_reached_is_refused_with_the_remedy(
    outputs: dict[str, Any], reason: str
) -> None:
    references = {"organization/fate/dev": MIRROR, "organization/fate/party-9999": outputs}
    with pytest.raises(pulumi.RunError, match=reason):
        declare(stack_file("party-10000"), stack="party-10000", references=references)


def test_a_mirror_stack_without_images_is_refused_with_the_remedy() -> None:
    references = {"organization/fate/dev": {}, "organization/fate/party-9999": PEER}
    with pytest.raises(pulumi.RunError, match="run pulumi up on that stack first"):
        declare(stack_file("party-10000"), stack="party-10000", references=references)


def test_two_services_that_share_a_password_get_the_same_one_and_parties_differ() -> None:
    fillers = declare(stack_file("dev")).of("Container")

    def password(party: str, service: str, name: str) -> str:
        uploads = fillers[f"party-{party}-{service}-secrets"]["uploads"]["value"]
        return next(str(u["content"]) for u in uploads if u["file"].endswith(name))

    theirs = password("9999", "database", "database-password")
    assert theirs == password("9999", "fateflow", "database-password"), "or FATE-Flow could not log in"
    assert theirs != password("10000", "database", "database-password"), "a party must not know its peer's"
    assert theirs != password("9999", "broker", "broker-password"), "one password a purpose"


def test_a_rotation_gives_another_password_and_names_no_secret() -> None:
    before = declare(stack_file("dev")).of("Container")["party-9999-database-secrets"]["uploads"]["value"]
    rotated = declare(stack_file("dev") | {"rotation": {"database": 2}})
    after = rotated.of("Container")["party-9999-database-secrets"]["uploads"]["value"]
    assert before != after, "a rotation that changes nothing is none"


def test_a_pull_through_mirror_stands_in_the_place_of_its_upstream() -> None:
    values = stack_file("dev") | {
        "images": {"from": "registry", "prefix": "registry.bank.example/fate"},
        "mirror": {"kind": "distribution", "upstream": "https://registry.bank.example"},
    }
    pulled = declare(values).of("RemoteImage")["party-9999-gateway-image"]["name"]
    assert pulled == f"localhost:5000/fate/nginx:{recipe_digest('nginx')}"


@pytest.mark.parametrize(
    ("upstream", "block", "port"),
    [
        ("https://registry.bank.example", None, 443),
        ("http://192.0.2.7:5000", {"cidr": "192.0.2.7/32"}, 5000),
    ],
)
def test_a_cache_in_a_cluster_may_go_to_its_upstream(
    upstream: str, block: dict[str, str] | None, port: int
) -> None:
    mirror = {"kind": "distribution", "port": 30500, "image": REGISTRY_IMAGE, "upstream": upstream}
    values = stack(mirror=mirror) | {"images": {"from": "registry", "prefix": "registry.bank.example/fate"}}
    policy = declare(values, "bank").of("NetworkPolicy")["mirror-registry-policy"]
    ways = {rule["ports"][0]["port"]: rule.get("to") for rule in policy["spec"]["egress"]}
    assert ways[port] == (block and [{"ipBlock": block}]), "a policy knows no names: by name it is anywhere"
    assert set(ways) == {port, 53}


def test_an_external_mirror_is_pulled_from_by_the_recipes_digest() -> None:
    mirror = {"kind": "external", "address": "registry.bank.example:5000/fate"}
    pulled = declare(stack_file("dev") | {"mirror": mirror}).of("RemoteImage")
    name = pulled["party-9999-broker-image"]["name"]
    assert name == f"registry.bank.example:5000/fate/rabbitmq:{recipe_digest('rabbitmq')}"


def test_a_registrys_images_pulled_from_a_mirror_lose_the_registrys_name() -> None:
    values = stack_file("dev") | {
        "images": {"from": "registry", "prefix": "registry.bank.example:5000/fate"},
        "mirror": {"kind": "external", "address": "mirror.bank.example"},
    }
    pulled = declare(values).of("RemoteImage")["party-9999-gateway-image"]["name"]
    assert pulled == f"mirror.bank.example/fate/nginx:{recipe_digest('nginx')}"
