"""Every configuration file that a service reads, against a golden file, and what a change does to it."""

import json

import yaml

from components.services import broker, database, fateflow, gateway, registry
from components.services.context import PartyContext, Route
from components.services.party import party_services, publications
from components.services.passwords import derive, given_fingerprint
from components.services.service import Secret, Service
from components.services.service_conf import merged, service_conf
from components.services.topology import ports, topology
from config import HostPeer, PackagesImages, PartySettings, Rotation, StackSettings, load
from tests.conftest import Golden
from tests.declared.program import stack_file
from tests.unit.stack_examples import COS
from tests.unit.stack_values import model_store

PEER = Route("10000", HostPeer(id="10000", host="fate.partner.example").addresses)
ENGINES = {"computing": "standalone", "federation": "rabbitmq", "storage": "standalone"}


def context(**keys: object) -> PartyContext:
    """Return what the services of a party are rendered from, which sets some keys besides its engines."""
    party = PartySettings.model_validate({"id": "9999", "engines": ENGINES, **keys})
    return PartyContext(party, "2.2.0", Rotation(), PackagesImages(), [PEER])


def dev() -> StackSettings:
    return load(stack_file("dev"))


def test_service_conf_with_a_database(golden: Golden) -> None:
    conf = service_conf(context())
    golden("service_conf.yaml", fateflow.render(conf))


def test_service_conf_on_sqlite(golden: Golden) -> None:
    conf = service_conf(context(database="sqlite"))
    golden("service_conf-sqlite.yaml", fateflow.render(conf))


def test_service_conf_with_registries_of_others(golden: Golden) -> None:
    account = {"user": "fate", "password": {"secret": "zk"}}
    servers = [{"host": "zk-1.bank.example"}, {"host": "zk-2.bank.example", "port": 2182}]
    keys = {
        "mysql": context(**{"model-store": model_store()}),
        "tencent-cos": context(**{"model-store": COS}),
        "zookeeper": context(zookeeper={"servers": servers}),
        "zookeeper-account": context(zookeeper={"servers": servers, **account}),
    }
    plain = service_conf(context())
    changed = {
        name: {key: value for key, value in service_conf(each).items() if value != plain[key]}
        for name, each in keys.items()
    }
    golden("service_conf-registries.yaml", fateflow.render(changed))


def test_a_given_secret_changes_what_tells_of_it_and_needs_the_key_to_be_guessed() -> None:
    secret = Secret("model-store-password", "fateflow", given="models")
    told = {
        given_fingerprint(key, Secret("model-store-password", "fateflow", given=name), value)
        for key, name, value in (
            ("k" * 32, "models", "a"),
            ("k" * 32, "models", "b"),
            ("k" * 32, "other", "a"),
            ("j" * 32, "models", "a"),
        )
    }
    assert len(told) == 4
    assert given_fingerprint("k" * 32, secret, "a") in told, "the same at the next preview"


def test_route_table(golden: Golden) -> None:
    golden("rabbitmq_route_table.yaml", fateflow.render(broker.route_table(context())))


def test_nginx_conf(golden: Golden) -> None:
    golden("nginx.conf", gateway.nginx_conf("9999", "", [PEER], {}))


def test_rabbitmq_conf_and_definitions(golden: Golden) -> None:
    golden("rabbitmq.conf", broker.rabbitmq_conf({}))
    golden("definitions.json", broker.definitions())


def test_my_cnf_and_its_statements(golden: Golden) -> None:
    golden("my.cnf", database.my_cnf("packages", {}))
    golden("init.sql", database.init_sql(context()))


def test_registry_config(golden: Golden) -> None:
    golden("registry.yml", registry.config_yml(None))
    golden("registry-cache.yml", registry.config_yml("https://registry-1.docker.io"))


def test_topology_and_ports_of_the_dev_stack(golden: Golden) -> None:
    golden("topology.mmd", topology(dev()))
    golden("ports.json", json.dumps(ports(dev()), indent=2) + "\n")


def test_topology_of_a_stack_with_one_party(golden: Golden) -> None:
    golden("topology-party.mmd", topology(load(stack_file("party-9999"))))


def test_an_override_changes_its_key_and_no_other() -> None:
    plain = service_conf(context())
    changed = merged(plain, {"computing": {"standalone": {"cores": 8}}})
    before, after = fateflow.render(plain).splitlines(), fateflow.render(changed).splitlines()
    assert [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]] == [
        ("    cores: 4", "    cores: 8")
    ], "a changed value shows as one line in a preview"


def test_statements_for_mariadb_stand_one_a_line() -> None:
    for line in database.init_sql(context()).splitlines():
        assert line.count(";") == 1, "MariaDB drops several statements on one line without a word"
        assert line.endswith(";")


def test_an_override_reaches_the_file_of_its_service() -> None:
    settings = with_services({"gateway": {"configuration": {"nginx.conf": {"worker_connections": 99}}}})
    service = {
        s.name: s for s in party_services(PartyContext(settings, "2.2.0", Rotation(), PackagesImages()))
    }["gateway"]
    assert "worker_connections 99;" in service.files[1].text


def test_limits_and_environment_can_be_overridden() -> None:
    settings = with_services({"fateflow": {"memory": 4096, "cpus": 2, "environment": {"TZ": "UTC"}}})
    service = {
        s.name: s for s in party_services(PartyContext(settings, "2.2.0", Rotation(), PackagesImages()))
    }["fateflow"]
    assert (service.resources.memory, service.resources.cpus) == (4096, 2)
    assert service.environment == {"HOME": "/tmp", "TZ": "UTC"}, "the service's own variables stay"


def made(party: PartySettings) -> dict[str, Service]:
    """Return the services of a party by name."""
    return {s.name: s for s in party_services(PartyContext(party, "2.2.0", Rotation(), PackagesImages()))}


def with_services(services: dict[str, object]) -> PartySettings:
    stack = stack_file("dev")
    stack["parties"][0]["services"] = services
    return load(stack).parties[0]


def test_a_party_on_sqlite_without_federation_has_no_database_and_no_broker() -> None:
    stack = stack_file("dev")
    alone = {"computing": "standalone", "storage": "standalone", "federation": "standalone"}
    stack["parties"] = [{"id": "9999", "engines": alone, "database": "sqlite"}]
    party = load(stack).parties[0]
    services = made(party)
    assert set(services) == {"fateflow", "gateway"}
    assert "rabbitmq" not in yaml.safe_load(services["fateflow"].files[1].text)["federation"]
    assert services["fateflow"].secrets == (), "nothing to keep secret"


def test_a_command_waits_for_what_its_service_needs() -> None:
    services = party_services(PartyContext(with_services({}), "2.2.0", Rotation(), PackagesImages()))
    needs = {(service.name, need) for service in services for need in service.needs}
    waits = {
        (service.name, part.partition(":")[0])
        for service in services
        for part in service.command
        if part.partition(":")[2].isdigit()
    }
    assert waits == needs == {("fateflow", "database")}


def test_only_what_is_exposed_is_published() -> None:
    party = load(stack_file("party-9999")).parties[0]
    assert [(p.service, p.external) for p in publications(party)] == [("gateway", 19300), ("broker", 15672)]


def test_a_password_depends_on_key_owner_name_and_rotation() -> None:
    base = ("k" * 32, "party-9999", Secret("database-password", "database"))
    others = [
        ("j" * 32, *base[1:]),
        (base[0], "party-10000", base[2]),
        (*base[:2], Secret("database-password", "database", rotation=2)),
        (*base[:2], Secret("broker-password", "broker")),
    ]
    passwords = {derive(*arguments) for arguments in [base, *others]}
    assert len(passwords) == 5, "each of the four makes another password"
    assert all(len(p) == 48 and int(p, 16) for p in passwords), "hexadecimal: safe in every file format"
