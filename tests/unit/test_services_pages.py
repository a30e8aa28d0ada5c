"""FATEBoard and the notebook: what they are told, and what nobody else is told of their passwords."""

import ast
from typing import Any

import pytest
import yaml

from components.services import fateboard, notebook
from components.services.context import PartyContext
from components.services.party import party_services, publications
from components.services.service import Service
from components.services.topology import page_address, ports
from config import load
from tests.conftest import Golden
from tests.unit import stack_values
from tests.unit.kubernetes_examples import one_in

PAGES: dict[str, Any] = {"board": {"port": 8081, "user": "operator"}, "notebook": {"port": 8082}}


def context(release: str = "2.1.0", **keys: Any) -> PartyContext:  # noqa: ANN401 - whatever a stack has
    """Return what the services of a party are rendered from, whose images are the official ones."""
    settings = load(stack_values.eggroll(**{**PAGES, **keys}) | {"release": release})
    return PartyContext(settings.parties[0], release, settings.rotation, settings.images)


def built_here(**keys: Any) -> PartyContext:  # noqa: ANN401 - whatever a stack has
    settings = load(stack_values.one(**{"notebook": {"port": 8082}, **keys}))
    return PartyContext(settings.parties[0], "2.2.0", settings.rotation, settings.images)


def made(context: PartyContext) -> dict[str, Service]:
    return {service.name: service for service in party_services(context)}


def test_what_they_are_told(golden: Golden) -> None:
    golden("pages/application.properties", fateboard.application_properties(context()))
    golden("pages/jupyter_server_config.txt", notebook.server_config(built_here()))
    golden("pages/fate_client.yaml", notebook.client_settings(built_here()))


def test_the_commands(golden: Golden) -> None:
    commands = {
        f"fateboard {release}": list(made(context(release, notebook=None))["fateboard"].command)
        for release in ("2.0.0", "2.1.0", "2.2.0")
    }
    commands["notebook, official"] = list(made(context())["notebook"].command)
    commands["notebook, built here"] = list(made(built_here())["notebook"].command)
    golden("pages/commands.yaml", yaml.safe_dump(commands, width=1000))


def test_a_party_without_their_keys_has_neither() -> None:
    assert not {"fateboard", "notebook"} & set(made(context(board=None, notebook=None)))


def test_only_the_page_itself_is_told_its_password() -> None:
    holders = {
        secret.name: service.name for service in made(context()).values() for secret in service.secrets
    }
    assert holders["board-password"] == "fateboard"
    assert holders["notebook-password"] == "notebook"


def test_a_password_changes_with_its_own_rotation_alone() -> None:
    settings = load(stack_values.eggroll(**PAGES) | {"release": "2.1.0", "rotation": {"board": 2}})
    rotated = made(PartyContext(settings.parties[0], "2.1.0", settings.rotation, settings.images))
    before = made(context())
    changed = {name for name in before if before[name].secrets != rotated[name].secrets}
    assert changed == {"fateboard"}


def test_fateboard_finds_its_file_where_it_looks_for_it() -> None:
    command = made(context())["fateboard"].command
    assert f"/etc/fate/application.properties={fateboard.PROPERTIES}" in command
    assert f"{fateboard.HOME}/conf/application.properties" == fateboard.PROPERTIES, (
        "at a login it reads conf/application.properties of its working folder, and else the one in its jar,"
        " whose name and password are empty"
    )


def test_the_heap_of_fateboard_follows_from_its_memory() -> None:
    larger = context(services={"fateboard": {"memory": 1024}})
    assert "-Xmx256m" in made(larger)["fateboard"].command


def test_the_notebook_s_configuration_holds_no_password_and_no_token() -> None:
    text = notebook.server_config(built_here())
    assigned = {
        ast.unparse(node.targets[0]): ast.unparse(node.value)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Assign)
    }
    assert assigned["c.PasswordIdentityProvider.hashed_password"] == "passwd(file.read().strip())"
    assert assigned["c.PasswordIdentityProvider.password_required"] == "True"
    assert assigned["c.IdentityProvider.token"] == "''"


def test_a_key_of_the_notebook_s_configuration_is_laid_over() -> None:
    keys = {"MappingKernelManager.cull_idle_timeout": 600, "MappingKernelManager.cull_connected": True}
    override = {"notebook": {"configuration": {"jupyter_server_config.py": keys}}}
    text = notebook.server_config(built_here(services=override))
    assert text.endswith(
        "c.MappingKernelManager.cull_connected = True\nc.MappingKernelManager.cull_idle_timeout = 600\n"
    )


def test_the_official_client_is_told_in_the_file_beside_its_code() -> None:
    files = {file.path: file.text for file in made(context())["notebook"].files}
    told = files["/data/projects/fate/fate_client/python/fate_client/settings.yaml"]
    assert yaml.safe_load(told)["flow_service"]["ip"] == "fateflow"


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ({"port": 8888}, "http://127.0.0.1:8888"),
        ({"port": 8888, "bind": "0.0.0.0"}, "http://127.0.0.1:8888"),
        ({"port": 8888, "bind": "192.0.2.1"}, "http://192.0.2.1:8888"),
    ],
)
def test_the_address_of_a_page_on_an_engine(page: dict[str, Any], address: str) -> None:
    assert page_address(load(stack_values.one(notebook=page)).parties[0].pages["notebook"]) == address


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ({}, None),
        ({"ingress": {"host": "n.example"}}, "http://n.example"),
        ({"ingress": {"host": "n.example", "tls-secret": "pages"}}, "https://n.example"),
    ],
)
def test_the_address_of_a_page_on_a_cluster(page: dict[str, Any], address: str | None) -> None:
    assert page_address(load(one_in(notebook=page)).parties[0].pages["notebook"]) == address


def test_the_sheet_of_ports_has_them() -> None:
    settings = load(stack_values.eggroll(**PAGES) | {"release": "2.1.0"})
    rows = {(row["service"], row["bind"], row["port"], row["opened_for"]) for row in ports(settings)}
    assert {
        ("fateboard", "127.0.0.1", 8081, "the operator"),
        ("notebook", "127.0.0.1", 8082, "the operator"),
    } <= rows
    (row,) = ports(load(one_in(notebook={"ingress": {"host": "n.example", "tls-secret": "pages"}})))
    assert (row["bind"], row["port"], row["opened_for"]) == ("n.example", 443, "the operator")


def test_a_page_is_published_on_loopback_unless_its_settings_say_more() -> None:
    opened = publications(load(stack_values.one(notebook={"port": 8082})).parties[0])
    assert [(each.service, each.bind, each.external, each.host) for each in opened] == [
        ("notebook", "127.0.0.1", 8082, "")
    ]
