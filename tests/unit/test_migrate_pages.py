"""What stacks say of KubeFATE's FATEBoard and notebook."""

from pathlib import Path
from typing import Any

import pytest

from ops.migrate.kubernetes_party import Wishes
from ops.migrate.migrated_stack import MigratedStack
from ops.migrate.recognition import read
from ops.migrate.stacks_of_sources import stacks_of
from tests.unit.migrate_examples import one, told

PAGES = """
partyId: 9999
chartVersion: {release}
modules: [{modules}]
computing: {computing}
federation: {federation}
storage: {computing}
ingressClassName: nginx
ingress:
  fateboard:
    hosts: [{{name: board.bank.example, path: /}}, {{name: second.bank.example}}]
    tls: [{{secretName: board-tls}}]
  client: {{hosts: [{{name: {notebook}}}]}}
fateboard: {{type: ClusterIP, username: anna, password: hunter2}}
client: {{notebook_hashed_password: hunter2, size: 2Gi}}
"""
EGGROLL = {"computing": "Eggroll", "federation": "OSX"}
STANDALONE = {"computing": "Standalone", "federation": "RabbitMQ"}


def migrated(tmp_path: Path, **keys: str) -> MigratedStack:
    file = tmp_path / "cluster.yaml"
    usual = {"release": "v2.0.0", "modules": "fateboard, client", "notebook": "notes.bank.example"}
    file.write_text(PAGES.format(**{**usual, **EGGROLL, **keys}))
    return stacks_of([read(file)], (), Wishes())[0]


def values(stack: MigratedStack) -> Any:  # noqa: ANN401 (a stack's keys are of any type)
    assert stack.faults == ()
    return stack.values


def test_pages_on_docker_are_opened_where_kubefate_opened_them_but_on_loopback() -> None:
    stack = one("two-machines.conf", env=True)
    for party in values(stack)["parties"]:
        assert (party["board"], party["notebook"]) == ({"port": 8080, "user": "admin"}, {"port": 20000})
    becomes = told(stack)
    assert "127.0.0.1" in becomes["fateboard_username"][1]
    assert becomes["fateboard_password"][0] == "not needed", "it is derived"


def test_parties_on_one_engine_have_pages_at_ports_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "parties.conf"
    file.write_text(
        "party_list=(9999 10000)\nparty_ip_list=(127.0.0.1 127.0.0.1)\nfateboard_username=admin\n"
    )
    (stack,) = stacks_of([read(file)], (), Wishes())
    assert [party["board"]["port"] for party in values(stack)["parties"]] == [8080, 8081]


def test_pages_on_kubernetes_keep_their_ingress(tmp_path: Path) -> None:
    stack = migrated(tmp_path)
    party = values(stack)["parties"][0]
    ingress = {"host": "board.bank.example", "class": "nginx", "tls-secret": "board-tls"}
    assert party["board"] == {"user": "anna", "ingress": ingress}
    assert party["notebook"] == {"ingress": {"host": "notes.bank.example", "class": "nginx"}}
    assert told(stack)["fateboard.password"][0] == "not needed"
    assert told(stack)["client.notebook_hashed_password"][0] == "not needed"


def test_a_page_that_modules_does_not_list_is_not_made(tmp_path: Path) -> None:
    stack = migrated(tmp_path, modules="mysql")
    assert not {"board", "notebook"} & values(stack)["parties"][0].keys()
    assert told(stack)["fateboard.username"][0] == "not needed", "KubeFATE made none either"


def test_two_pages_do_not_share_a_host(tmp_path: Path) -> None:
    stack = migrated(tmp_path, notebook="board.bank.example")
    assert values(stack)["parties"][0]["notebook"] == {}
    assert told(stack)["ingress.client.hosts"][0] == "no counterpart"


def test_a_page_without_an_image_of_the_release_is_told(tmp_path: Path) -> None:
    stack = migrated(tmp_path, release="v2.2.0")
    assert "notebook" not in values(stack)["parties"][0], "FATE published its client up to 2.1.0"
    assert "FATE 2.2.0 has no image of a notebook from hub" in told(stack)["modules"][1]


def test_fateboard_is_official_beside_what_is_built_here(tmp_path: Path) -> None:
    stack = values(migrated(tmp_path, **STANDALONE))
    assert stack["images"] == {"from": "packages", "services": {"fateboard": {"from": "hub"}}}
    assert "notebook" in stack["parties"][0]


@pytest.mark.parametrize("host", ["board.bank.example", "Board_1"])
def test_hosts_of_kubefate_before_1_7_are_read(host: str, tmp_path: Path) -> None:
    file = tmp_path / "cluster.yaml"
    file.write_text(f"partyId: 9999\nbackend: eggroll\nmodules: [fateboard]\nhost: {{fateboard: {host}}}\n")
    (stack,) = stacks_of([read(file)], (), Wishes())
    ingress = {"ingress": {"host": host}} if host.islower() else {}
    assert values(stack)["parties"][0]["board"] == ingress
