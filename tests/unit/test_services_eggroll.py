"""What Eggroll, OSX and FATE-Flow are told of each other in KubeFATE's own federation."""

import json
from typing import Any

import pytest
import yaml

from components.services import clustermanager, database, eggroll, osx
from components.services.context import PartyContext, Route
from components.services.job_defaults import job_defaults
from components.services.party import party_services
from components.services.service import Service
from components.services.service_conf import service_conf
from config import HostPeer, load
from tests.conftest import Golden
from tests.unit import stack_values

PEER = Route("10000", HostPeer(id="10000", host="fate.partner.example").addresses)
PASSWORD_KEYS = ("jdbc", "login", "password", "encrypt")


def context(services: dict[str, Any] | None = None, release: str = "2.2.0") -> PartyContext:
    settings = load(stack_values.eggroll(services) | {"release": release})
    return PartyContext(settings.parties[0], release, settings.rotation, settings.images, [PEER])


def made(services: dict[str, Any] | None = None, release: str = "2.2.0") -> dict[str, Service]:
    return {service.name: service for service in party_services(context(services, release))}


def file(service: Service, name: str) -> str:
    (text,) = [file.text for file in service.files if file.path.endswith(f"/{name}")]
    return text


def test_the_configuration_files(golden: Golden) -> None:
    services = made()
    golden("eggroll/service_conf.yaml", file(services["fateflow"], "service_conf.yaml"))
    golden("eggroll/clustermanager.properties", file(services["clustermanager"], "eggroll.properties"))
    golden("eggroll/nodemanager.properties", file(services["nodemanager-1"], "eggroll.properties"))
    golden("eggroll/broker.properties", file(services["osx"], "broker.properties"))
    golden("eggroll/route_table.json", file(services["osx"], "route_table.json"))
    golden("eggroll/my.cnf", file(services["database"], "my.cnf"))
    golden("eggroll/init.sql", database.init_sql(context()))


def test_the_commands(golden: Golden) -> None:
    commands = {name: " ".join(service.command) for name, service in made().items()}
    golden("eggroll/commands.yaml", yaml.safe_dump(commands, width=1000))


def test_only_the_cluster_manager_is_told_a_password() -> None:
    services = made()
    for name in ("fateflow", "nodemanager-1"):
        told = [line for line in file(services[name], "eggroll.properties").splitlines() if "=" in line]
        assert not [line for line in told if any(word in line for word in PASSWORD_KEYS)], (
            f"{name} writes every property to its log"
        )
    holders = {service.name for service in services.values() if service.secrets}
    assert holders == {"database", "clustermanager", "fateflow"}


def test_the_cluster_manager_does_not_tell_the_password_in_its_log() -> None:
    told = file(made()["clustermanager"], "log4j2.xml")
    assert '<Logger name="org.fedai.eggroll.core.config.MetaInfo" level="warn"/>' in told, (
        "Eggroll writes every property at its start"
    )
    assert "configurationFile=/etc/fate/log4j2.xml" in " ".join(made()["clustermanager"].command)


def test_each_node_manager_has_its_own_name_and_volume() -> None:
    services = made({"nodemanager": {"instances": 2}})
    for name in ("nodemanager-1", "nodemanager-2"):
        assert f"nodemanager.host={name}\n" in file(services[name], "eggroll.properties"), (
            "another host name would be another node, without the tables of this one"
        )
        assert [volume.name for volume in services[name].volumes] == ["data"]
    assert service_conf(context({"nodemanager": {"instances": 2}}))["computing"]["eggroll"]["nodes"] == 2


@pytest.mark.parametrize(
    ("memory", "instances", "cores"), [(1024, 1, 2), (1024, 3, 6), (700, 1, 1), (3072, 1, 8)]
)
def test_a_job_asks_for_no_more_than_the_node_managers_have_memory_for(
    memory: int, instances: int, cores: int
) -> None:
    nodes = {"nodemanager": {"memory": memory, "instances": instances}}
    assert service_conf(context(nodes))["computing"]["eggroll"]["cores"] == cores
    asked = job_defaults(context(nodes))
    assert asked["task_run"]["eggroll"]["cores"] == asked["job_cores"] == min(cores, 4)


def test_streams_are_for_eggroll() -> None:
    assert osx.for_flow(context())["mode"] == "stream"


@pytest.mark.parametrize(
    ("release", "jar", "protocol"),
    [("2.0.0", "1.0.0", False), ("2.1.0", "1.1.0", True), ("2.2.0", "1.1.0", True)],
)
def test_osx_has_the_jars_of_its_release(release: str, jar: str, protocol: bool) -> None:
    words = " ".join(made(release=release)["osx"].command)
    assert f"osx-broker-{jar}.jar" in words
    assert ("pb_lib/v3/*" in words) is protocol, "without it no transfer is found (FATE issue 5575)"


@pytest.mark.parametrize("memory", [242, 256, 512, 4096])
def test_the_memory_of_osx_holds_its_heap_its_buffers_and_its_mapped_file(memory: int) -> None:
    words = made({"osx": {"memory": memory}})["osx"].command
    heap = next(int(word[4:-1]) for word in words if word.startswith("-Xmx"))
    direct = next(int(word.partition("=")[2][:-1]) for word in words if word.startswith("-XX:MaxDirect"))
    mapped = file(made({"osx": {"memory": memory}})["osx"], "broker.properties")
    size = next(int(line.partition("=")[2]) for line in mapped.splitlines() if line.startswith("mapped"))
    assert heap + direct < memory
    assert size / 2**20 * 2 < heap, "the file is one buffer in the heap"
    assert size <= 128 * 2**20


def test_a_key_of_eggroll_reaches_all_who_read_it() -> None:
    key = "eggroll.session.processors.per.node"
    services = made({"clustermanager": {"configuration": {"eggroll.properties": {key: 6}}}})
    for name in ("fateflow", "clustermanager", "nodemanager-1"):
        assert f"{key}=6\n" in file(services[name], "eggroll.properties")


def test_a_route_names_the_peers_osx() -> None:
    table = json.loads(osx.route_table("9999", [PEER]))
    assert table["route_table"]["10000"] == {"default": [{"ip": "fate.partner.example", "port": 9370}]}
    assert table["self_party"] == ["9999"], "OSX refuses a table without it"


def test_the_tables_of_eggroll_stand_one_a_line_in_the_schema_of_fate_flow() -> None:
    tables = [line for line in database.init_sql(context()).splitlines() if "CREATE TABLE" in line]
    assert len(tables) == 10
    for line in tables:
        assert line.startswith(f"CREATE TABLE IF NOT EXISTS {database.NAME}.")
        assert line.count(";") == 1


def test_eggroll_is_told_to_fate_flow() -> None:
    assert clustermanager.for_flow(context()) == {
        "cores": 2,
        "nodes": 1,
        "host": eggroll.CLUSTER_MANAGER,
        "port": 4670,
    }
