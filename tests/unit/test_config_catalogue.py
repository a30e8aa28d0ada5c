"""The catalogue of configuration keys, against what the services of this program write."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from components.runtimes.probes import command_of
from components.services import fateboard
from components.services.broker import CONF
from components.services.context import PartyContext
from components.services.database import MYSQLD
from components.services.gateway import DEFAULTS
from components.services.party import party_services
from components.services.registry import registry
from components.services.service_conf import service_conf
from config import HubImages, PackagesImages, PartySettings, Rotation, load
from config.catalogue import Catalogue, ConfigurationFile, Tree, catalogue
from tests.declared.program import stack_file
from tests.unit.stack_examples import COS
from tests.unit.stack_values import Values, model_store

ENGINES = {"computing": "standalone", "storage": "standalone", "federation": "rabbitmq"}
FORMS = set(catalogue().forms)
TOOLS = {"sh", "busybox"}


REGISTRIES: tuple[Values, ...] = (
    {"model-store": COS},
    {"model-store": model_store(), "zookeeper": {"servers": [{"host": "zk.bank.example"}]}},
)


def known(service: str, file: str) -> ConfigurationFile:
    found: ConfigurationFile = catalogue().services[service].files[file]
    return found


def leaves(tree: Tree, above: str = "") -> Iterator[tuple[str, str]]:
    for key, form in tree.root.items():
        if isinstance(form, Tree):
            yield from leaves(form, f"{above}{key}.")
        else:
            yield f"{above}{key}", form


def written(tree: Mapping[str, object], above: str = "") -> Iterator[str]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from written(value, f"{above}{key}.")
        else:
            yield f"{above}{key}"


def test_every_key_that_this_program_writes_for_fate_is_known() -> None:
    keys = dict(leaves(known("fateflow", "service_conf.yaml").keys))
    for more in ({}, {"database": "sqlite"}, *REGISTRIES):
        party = PartySettings.model_validate({"id": "9999", "engines": ENGINES, **more})
        conf = service_conf(PartyContext(party, "2.2.0", Rotation(), PackagesImages()))
        assert set(written(conf)) <= set(keys), "FATE-Flow would read a key that FATE does not know"


def test_every_key_that_this_program_writes_for_a_server_is_known() -> None:
    for service, file, keys in (
        ("broker", "rabbitmq.conf", CONF),
        ("database", "my.cnf", MYSQLD),
        ("gateway", "nginx.conf", DEFAULTS),
    ):
        assert set(keys) <= set(known(service, file).keys.root), f"{service} has a key that {file} has not"


def test_every_key_that_this_program_writes_for_a_page_is_known() -> None:
    party = PartySettings.model_validate({"id": "9999", "engines": ENGINES, "board": {}, "notebook": {}})
    context = PartyContext(party, "2.2.0", Rotation(), HubImages())
    properties = fateboard.application_properties(context).splitlines()
    written = {line.partition("=")[0] for line in properties}
    assert written <= set(known("fateboard", "application.properties").keys.root)


def test_a_party_has_every_key_that_the_catalogue_opens_a_port_by() -> None:
    fields = PartySettings.model_fields
    assert set(catalogue().openings()) <= set(fields)
    assert set(catalogue().pages()) <= set(Rotation.model_fields), "each has a password of its own to rotate"


@pytest.mark.parametrize("storage", ["hdfs", "file"])
def test_every_key_that_this_program_writes_for_spark_and_hdfs_is_known(storage: str) -> None:
    engines = {"computing": "spark", "storage": storage, "federation": "rabbitmq"}
    party = PartySettings.model_validate({"id": "9999", "engines": engines})
    patterns = {".xml": r"<name>(.*?)</name>", ".conf": r"(?m)^(spark\.\S+) ", ".sh": r"(?m)^export (\w+)="}
    seen = 0
    for service in party_services(PartyContext(party, "2.2.0", Rotation(), PackagesImages())):
        for file in service.files:
            name = file.path.rpartition("/")[2]
            if name in catalogue().services[service.kind].files and not name.endswith((".yaml", ".cnf")):
                keys = re.findall(patterns[f".{name.rpartition('.')[2]}"], file.text)
                assert set(keys) <= set(known(service.kind, name).keys.root), f"{name} of {service.name}"
                seen += len(keys)
    assert seen > 5, "nothing was looked at"


def test_every_form_is_described_and_used() -> None:
    used = {
        form
        for facts in catalogue().services.values()
        for file in facts.files.values()
        for _, form in leaves(file.keys)
    }
    assert used == FORMS


def test_every_key_that_is_ours_is_in_its_file() -> None:
    for name, facts in catalogue().services.items():
        for file in facts.files.values():
            all_leaves = [f"{leaf}." for leaf, _ in leaves(file.keys)]
            for key in file.ours:
                assert any(leaf.startswith(f"{key}.") for leaf in all_leaves), (
                    f"{key} is in no file of {name}"
                )


def test_the_default_of_every_free_key_has_the_form_that_the_catalogue_says() -> None:
    forms = catalogue().forms
    for service, file, keys in (("broker", "rabbitmq.conf", CONF), ("gateway", "nginx.conf", DEFAULTS)):
        found = known(service, file)
        for key, value in keys.items():
            form = found.keys.root[key]
            assert isinstance(form, str)
            assert key in found.ours or forms[form].fits(value, found.typed), f"{key}: {value} is no {form}"


def test_images_have_the_tools_that_starting_and_probing_call() -> None:
    party = load(stack_file("dev")).parties[0]
    services = [*party_services(PartyContext(party, "2.2.0", Rotation(), PackagesImages())), registry(None)]
    for service in services:
        probe = command_of(service.probe.check, service.tools)
        called = {word for word in (service.command[0], probe[0], *probe[-1].split()) if word in TOOLS}
        waits = {"sh", "busybox"} if service.command[1:2] == ("/etc/fate/start.sh",) else set()
        assert called | waits <= set(catalogue().layout(service.name, "packages", "2.2.0").tools), (
            service.name
        )


def test_the_base_of_all_images_has_them() -> None:
    dockerfile = (Path(__file__).parents[2] / "images/base/Dockerfile").read_text()
    assert "busybox" in dockerfile


WRONG = {
    "needs what is no service": (
        {"gateway": {"needs": ("nothing",)}},
        "gateway needs or calls nothing",
    ),
    "a circle of needs": (
        {"gateway": {"needs": ("database",)}, "database": {"needs": ("gateway",)}},
        "services need each other in a circle",
    ),
    "two ports on one key": (
        {"gateway": {"ports": {"http": {"number": 9300, "audience": "operator", "opened-by": "api"}}}},
        "the key api of a party opens one port, and two services want it",
    ),
    "a port of the operator's without a key": (
        {"gateway": {"ports": {"http": {"number": 9300, "audience": "operator"}}}},
        "gateway: a port is the operator's where a key of a party opens it",
    ),
    "a key that opens a port of peers": (
        {"gateway": {"ports": {"http": {"number": 9300, "audience": "peers", "opened-by": "gate"}}}},
        "gateway: a port is the operator's where a key of a party opens it",
    ),
    "peers meet it at two ports": (
        {"broker": {"ports": {n: {"number": 5000 + len(n), "audience": "peers"} for n in ("a", "bc")}}},
        "peers meet a service at one port",
    ),
    "two on one volume": ({"database": {"replicas": 2}}, "one that keeps a volume cannot run beside another"),
}


@pytest.mark.parametrize(("changes", "why"), WRONG.values(), ids=WRONG)
def test_a_catalogue_that_cannot_be_is_refused(changes: dict[str, Any], why: str) -> None:
    told = catalogue().model_dump(by_alias=True)
    for service, keys in changes.items():
        told["services"][service] |= keys
    with pytest.raises(ValidationError, match=why):
        Catalogue.model_validate(told)
