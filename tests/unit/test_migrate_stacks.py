"""What stacks say of KubeFATE's files."""

from pathlib import Path

import pytest
import yaml

from config import Computing, Engines, Federation, Storage, catalogue, load
from config.engines import AVAILABLE
from ops.migrate.images_of_release import origin_of
from ops.migrate.key_rules import rules_for
from ops.migrate.kubernetes_party import Wishes
from ops.migrate.migrated_stack import filled, render
from ops.migrate.party_of_engines import party_with
from ops.migrate.recognition import read
from ops.migrate.stacks_of_sources import stacks_of
from tests.unit.migrate_examples import (
    EXAMPLES,
    SOURCES,
    WITHOUT_STACK,
    cluster,
    conf,
    migrated,
    one,
    told,
    values,
)

STACKS = [name for name in SOURCES if name not in WITHOUT_STACK]


@pytest.mark.parametrize("name", STACKS)
def test_every_example_makes_a_stack_that_loads_once_it_is_filled_in(name: str) -> None:
    assert one(name).faults == (), "with the examples that the file itself gives for what is to be filled in"


@pytest.mark.parametrize(
    ("names", "env", "wishes"),
    [
        (["two-machines.conf"], True, {}),
        (["two-machines.conf"], False, {"registry": "r.example/fate"}),
        (["this-machine.conf"], False, {}),
        (["9999-spark.yaml", "10000-spark.yaml"], False, {"context": "prod"}),
        (["9999-eggroll.yaml"], False, {"context": "prod", "registry": "r.example", "host": "192.0.2.9"}),
    ],
)
def test_a_source_that_says_enough_makes_a_stack_that_loads_as_it_is(
    names: list[str], env: bool, wishes: dict[str, str]
) -> None:
    for stack in migrated(*names, env=env, **wishes):
        assert not stack.to_fill
        written = yaml.safe_load(render(values(stack), ("head",)))["config"]
        load({key.removeprefix("fate:"): value for key, value in written.items()})


def test_each_party_of_a_federation_has_its_own_engine_and_address() -> None:
    stack = values(one("two-machines.conf", env=True))
    assert [(p["id"], p["runtime"]["host"], p["expose"]) for p in stack["parties"]] == [
        ("9999", "ssh://fate@192.0.2.9:2222", {"host": "192.0.2.9"}),
        ("10000", "ssh://fate@192.0.2.10:2222", {"host": "192.0.2.10"}),
    ]
    assert stack["mirror"] == {"kind": "external", "address": "registry.bank.example:5000/fate"}


def test_parties_on_one_machine_share_its_engine_and_have_a_mirror_there(tmp_path: Path) -> None:
    stack = values(conf(tmp_path, exchangeip=""))
    assert stack["runtime"] == {"kind": "docker", "host": "ssh://root@192.0.2.9"}
    assert stack["mirror"] == {"kind": "distribution"}
    assert "runtime" not in stack["parties"][0]


def test_parties_on_this_machine_open_nothing() -> None:
    stack = values(one("this-machine.conf"))
    assert stack["runtime"] == {"kind": "docker"}
    assert all(set(party) == {"id", "engines"} for party in stack["parties"])


def test_engines_that_run_here_are_kept() -> None:
    becomes = told(one("one-machine.conf"))
    for engine in ("computing", "storage", "federation"):
        assert becomes[engine] == ("kept", f"as fate:parties[].engines.{engine}")


def test_tables_of_hive_are_uploaded_to_hdfs_and_the_other_engines_stay(tmp_path: Path) -> None:
    stack = conf(tmp_path, storage="Hive")
    becomes = told(stack)
    assert values(stack)["parties"][0]["engines"]["storage"] == "hdfs"
    assert becomes["computing"][0] == becomes["federation"][0] == "kept"
    assert becomes["storage"][0] == "no counterpart"
    assert "FATE-Flow stores no table in Hive" in becomes["storage"][1]


def test_engines_that_do_not_run_are_said_with_what_is_written_instead(tmp_path: Path) -> None:
    becomes = told(conf(tmp_path, computing="Eggroll"))
    assert becomes["federation"] == ("kept", "as fate:parties[].engines.federation")
    assert becomes["computing"][0] == becomes["storage"][0] == "no counterpart"
    assert "computing eggroll cannot read storage hdfs" in becomes["computing"][1]
    assert "standalone is written" in becomes["computing"][1]


def test_an_external_database_stays_and_its_password_is_to_be_set() -> None:
    for name, key in {"one-machine.conf": "mysql_ip", "9999-pulsar-balanced.yaml": "externalMysqlIp"}.items():
        stack = one(name)
        assert told(stack)[key][0] == "kept"
        assert "fate:secrets" in stack.to_fill, "no password is taken over"
        (party,) = values(stack)["parties"]
        database = party["external"]["database"]
        assert (database["host"], database["user"]) == ("db.bank.example", "fate")
        assert database["password"] == {"secret": "database"}
        assert "hunter2" not in render(values(stack), ())


def test_parties_of_one_external_database_get_a_schema_each(tmp_path: Path) -> None:
    conf = tmp_path / "two.conf"
    text = (EXAMPLES / "two-machines.conf").read_text()
    conf.write_text(text.replace("mysql_ip=mysql", "mysql_ip=db.bank.example"))
    stack = stacks_of([read(conf)], (), Wishes())[0]
    schemas = [party["external"]["database"]["database"] for party in values(stack)["parties"]]
    assert schemas == ["fate_flow_9999", "fate_flow_10000"]
    assert "a schema of its own" in told(stack)["mysql_db"][1]


def test_what_an_external_database_replaces_is_said_of_kubefate_s_own(tmp_path: Path) -> None:
    source = tmp_path / "cluster.yaml"
    text = (EXAMPLES / "9999-pulsar-balanced.yaml").read_text()
    source.write_text(f"{text}mysql:\n  resources: {{limits: {{memory: 2Gi}}}}\n")
    stack = stacks_of([read(source)], (), Wishes())[0]
    assert "services" not in values(stack)["parties"][0]
    assert "its external.database is in that place" in told(stack)["mysql.resources.limits.memory"][1]


@pytest.mark.parametrize("name", SOURCES)
def test_nothing_is_said_not_to_run_yet_that_does(name: str) -> None:
    assert not [text for _, text in told(one(name)).values() if "not run here yet" in text]


def test_the_defaults_of_kubefate_are_not_needed() -> None:
    becomes = told(one("two-machines.conf"))
    for key in ("mysql_ip", "exchangeip", "device", "gpu_count", "name_node", "algorithm", "dir"):
        assert becomes[key][0] == "not needed", f"{key} asks for nothing that a stack lacks"


def test_cores_follow_from_what_spark_s_workers_offer() -> None:
    becomes = told(one("one-machine.conf"))
    for key in ("compute_core", "name_node"):
        assert becomes[key][0] == "not needed", f"{key} is known by itself"


def test_kubefates_own_federation_runs_from_the_official_images_of_its_release() -> None:
    stack = values(one("two-machines.conf", env=True))
    assert (stack["release"], stack["images"]) == ("2.0.0", {"from": "hub"})
    engines = {"computing": "eggroll", "storage": "eggroll", "federation": "osx"}
    assert [party["engines"] for party in stack["parties"]] == [engines, engines]


def test_cores_of_eggroll_are_memory_for_as_many_processes() -> None:
    stack = one("two-machines.conf")
    services = values(stack)["parties"][0]["services"]
    properties = {"eggroll.session.processors.per.node": 16}
    assert services == {
        "clustermanager": {"configuration": {"eggroll.properties": properties}},
        "nodemanager": {"memory": 200 + 16 * 350},
    }
    assert "fate:parties[].services.nodemanager.memory" in told(stack)["compute_core"][1]


def test_node_managers_are_as_many_as_there_were_each_with_a_claim_of_its_size() -> None:
    stack = one("9999-eggroll.yaml")
    written = values(stack)
    assert written["parties"][0]["services"]["nodemanager"] == {"instances": 3, "memory": 200 + 4 * 350}
    assert written["runtime"]["storage"] == {"class": "fast", "size": {"nodemanager-data": "50Gi"}}
    assert told(stack)["python.clustermanager.nodes"][0] == "not needed", "they are counted here"


def test_files_of_kubefate_1_are_read_by_their_own_names() -> None:
    stack = one("before-2.conf")
    assert [party["id"] for party in values(stack)["parties"]] == ["10000", "9999"]
    assert told(stack)["backend"] == ("kept", "as fate:parties[].engines")
    assert "jobs and models of FATE 1" in told(one("9999-before-1.7.yaml"))["chartVersion"][1]


def test_a_cluster_says_where_it_runs_and_on_which_claims_and_nodes() -> None:
    runtime = values(one("9999-spark.yaml", context="prod"))["runtime"]
    assert runtime == {
        "kind": "kubernetes",
        "context": "prod",
        "namespace": "fate-9999",
        "storage": {
            "class": "fast",
            "size": {
                "fateflow-jobs": "20Gi",
                "fateflow-logs": "20Gi",
                "fateflow-model": "20Gi",
                "database": "5Gi",
            },
        },
        "exposure": {"kind": "node-port"},
        "scheduling": {
            "node-selector": {"disktype": "ssd"},
            "tolerations": [{"key": "fate", "operator": "Equal", "value": "true", "effect": "NoSchedule"}],
        },
        "pull-secrets": ["registry-login"],
    }


def test_one_party_has_one_class_and_one_selector_and_the_others_are_told() -> None:
    becomes = told(one("9999-spark.yaml"))
    assert becomes["mysql.storageClass"] == (
        "no counterpart",
        "a party's claims have one class: fast is written",
    )
    assert becomes["mysql.nodeSelector"][0] == "no counterpart"


def test_a_class_is_left_out_where_kubefate_made_no_claims() -> None:
    stack = one("10000-spark.yaml")
    assert "storage" not in values(stack)["runtime"], "KubeFATE's examples name classes that exist nowhere"
    assert told(stack)["mysql.storageClass"][0] == "not needed"


def test_limits_go_to_the_services_and_requests_are_told() -> None:
    stack = one("9999-spark.yaml")
    services = values(stack)["parties"][0]["services"]
    assert (services["fateflow"]["memory"], services["fateflow"]["cpus"]) == (8192, 4)
    assert services["broker"] == {"memory": 512}
    assert told(stack)["python.resources.requests.cpu"][0] == "no counterpart"


def test_peers_come_from_both_route_tables() -> None:
    (peer,) = values(one("9999-spark.yaml"))["parties"][0]["peers"]
    assert peer == {"id": "10000", "host": "192.0.2.10", "gateway-port": 30103, "broker-port": 30104}


def test_a_party_learns_its_own_address_from_its_peers_files() -> None:
    alone, together = one("9999-spark.yaml"), migrated("9999-spark.yaml", "10000-spark.yaml")[0]
    assert "fate:parties[0].expose.host" in alone.to_fill, "its own file does not say it"
    assert values(together)["parties"][0]["expose"]["host"] == "192.0.2.9", "the other's file does"


def test_ports_of_osx_and_rollsite_are_those_of_osx() -> None:
    parties = [values(one(name))["parties"][0] for name in ("9999-eggroll.yaml", "9999-before-1.7.yaml")]
    for party in parties:
        own, peer = party["expose"], party["peers"][0]
        assert (own["osx-port"], peer["osx-port"]) == (30091, 30101)
        assert not {"gateway-port", "broker-port"} & (own.keys() | peer.keys()), "OSX carries both"


ONE_PORT = """
partyId: {id}
computing: Spark
federation: OSX
storage: Path
osx:
  type: NodePort
  nodePort: {port}
  partyList:
  - {{partyId: {peer}, partyIp: 192.0.2.10, partyPort: {peers}}}
  - {{partyId: 8888, partyIp: fate.third.example, partyPort: 9370}}
"""


EGGROLL = """
partyId: 9999
chartVersion: v2.0.0
modules: [osx, clustermanager, nodemanager, mysql, python]
computing: Eggroll
federation: OSX
storage: Eggroll
"""
ZOOKEEPER = """
serving:
  useRegistry: {registers}
  zookeeper:
    hosts: [zk-1.bank.example:2182, zk-2.bank.example]
    use_acl: {asks}
    user: fate
    password: hunter2
"""


def has_images(engines: tuple[Computing, Storage, Federation]) -> bool:
    computing, storage, federation = engines
    given = Engines(computing=computing, storage=storage, federation=federation)
    return origin_of(party_with(given)) is not None


@pytest.mark.parametrize("engines", sorted(filter(has_images, AVAILABLE)), ids="-".join)
def test_engines_that_run_here_stay_what_they_were(engines: tuple[str, str, str], tmp_path: Path) -> None:
    names = {"file": "LocalFS"}
    written = dict(zip(("computing", "storage", "federation"), engines, strict=True))
    text = "partyId: 9999\n" + "".join(f"{role}: {names.get(name, name)}\n" for role, name in written.items())
    stack = cluster(text, tmp_path)
    assert values(stack)["parties"][0]["engines"] == written
    assert stack.faults == ()


def test_a_registry_that_is_named_with_fates_namespace_is_the_mirror_without_it(tmp_path: Path) -> None:
    stack = values(cluster(f"{EGGROLL}registry: hub.bank.example/federatedai\n", tmp_path))
    assert stack["mirror"]["address"] == "hub.bank.example", "official images are named federatedai/... there"


def test_a_release_without_official_images_gives_way_to_the_newest_that_has_them(tmp_path: Path) -> None:
    stack = cluster(EGGROLL.replace("v2.0.0", "v2.0.7"), tmp_path)
    assert values(stack)["release"] == "2.2.0"
    assert "the newest whose official images" in told(stack)["chartVersion"][1]


def test_limits_of_eggrolls_modules_go_to_its_services(tmp_path: Path) -> None:
    limits = "  resources: {limits: {memory: 2Gi, cpu: 1500m}, requests: {memory: 1Gi}}\n"
    text = f"{EGGROLL}osx:\n{limits}nodemanager:\n  replicas: 2\n  sessionProcessorsPerNode: 3\n{limits}"
    stack = cluster(text, tmp_path)
    services = values(stack)["parties"][0]["services"]
    assert services["osx"] == {"memory": 2048, "cpus": 1.5}
    assert services["nodemanager"] == {"memory": 2048, "cpus": 1.5, "instances": 2}, "the limit counts"
    assert told(stack)["nodemanager.resources.requests.memory"][0] == "no counterpart"


def test_modules_that_the_party_has_nothing_in_the_place_of_are_told_with_the_reason(tmp_path: Path) -> None:
    text = f"{EGGROLL}nginx: {{replicas: 2}}\n"
    becomes = told(cluster(text, tmp_path))
    assert becomes["nginx.replicas"][0] == "not needed", "KubeFATE made no nginx either: modules lacks it"
    assert "the party has no gateway" in becomes["nginx.replicas"][1]
    listed = told(cluster(text.replace("[osx,", "[nginx, osx,"), tmp_path))
    assert listed["nginx.replicas"][0] == "no counterpart", "KubeFATE made one"


def test_where_fate_flow_registers_itself_is_kept_without_the_password(tmp_path: Path) -> None:
    stack = cluster(EGGROLL + ZOOKEEPER.format(registers="true", asks="true"), tmp_path)
    assert values(stack)["parties"][0]["zookeeper"] == {
        "servers": [{"host": "zk-1.bank.example", "port": 2182}, {"host": "zk-2.bank.example", "port": 2181}],
        "user": "fate",
        "password": {"secret": "zookeeper"},
    }
    assert "pulumi config set --secret --path fate:secrets.zookeeper" in stack.to_fill["fate:secrets"].why
    assert stack.faults == ()


@pytest.mark.parametrize(
    ("registers", "asks", "keys"), [("true", "false", {"servers"}), ("false", "true", set())]
)
def test_a_zookeeper_that_asks_for_no_account_needs_no_secret(
    registers: str, asks: str, keys: set[str], tmp_path: Path
) -> None:
    stack = cluster(EGGROLL + ZOOKEEPER.format(registers=registers, asks=asks), tmp_path)
    assert values(stack)["parties"][0].get("zookeeper", {}).keys() == keys
    assert "fate:secrets" not in stack.to_fill
    assert told(stack)["serving.zookeeper.password"][0] == "not needed"


def test_a_gateway_before_several_rollsites_is_osx(tmp_path: Path) -> None:
    text = EGGROLL.replace("OSX", "Eggroll") + "lbrollsite: {type: NodePort, nodePort: 30091}\n"
    stack = cluster(text, tmp_path)
    party = values(stack)["parties"][0]
    assert (party["engines"]["federation"], party["expose"]["osx-port"]) == ("osx", 30091)
    assert "RollSite's place" in told(stack)["federation"][1]


PULSAR = """
partyId: 9999
computing: Standalone
federation: Pulsar
storage: Standalone
modules: [python, mysql, nginx, pulsar]
nginx: {type: NodePort, httpNodePort: 30093}
pulsar:
  type: NodePort
  httpNodePort: 30094
  confs: {backlogQuotaDefaultLimitGB: 20, clusterName: mine, nothing: 1}
  route_table: {10000: {host: 192.0.2.10, port: 30104, sslPort: 30109}}
python: {logLevel: INFO, pulsar: {host: pulsar, topic_ttl: 30}}
"""


def test_pulsar_keeps_its_ports_and_those_of_its_keys_that_are_the_operators(tmp_path: Path) -> None:
    stack = cluster(PULSAR, tmp_path)
    party = values(stack)["parties"][0]
    assert party["expose"]["pulsar-port"] == 30094
    assert party["peers"][0]["pulsar-port"] == 30104
    services = party["services"]
    assert services["pulsar"]["configuration"] == {"standalone.conf": {"backlogQuotaDefaultLimitGB": 20}}
    conf = {"log_level": 20, "federation": {"pulsar": {"topic_ttl": 30}}}
    assert services["fateflow"]["configuration"] == {"service_conf.yaml": conf}
    assert "clusterName, nothing" in told(stack)["pulsar.confs"][1]
    assert stack.faults == ()


def test_every_module_that_the_catalogue_names_is_one_of_kubefates() -> None:
    named = {module for facts in catalogue().services.values() for module in facts.kubefate}
    named |= {
        m for facts in catalogue().services.values() for v in facts.volumes.values() for m in v.kubefate
    }
    assert named <= set(rules_for("cluster-yaml").modules), "such a module would stand for nothing"


def test_two_parties_that_knew_one_port_of_each_other_agree_on_the_second(tmp_path: Path) -> None:
    text = ONE_PORT.format(id=9999, port=30091, peer=10000, peers=30101)
    party = values(cluster(text, tmp_path))["parties"][0]
    own, peer = party["expose"], party["peers"][0]
    assert (own["gateway-port"], own["broker-port"]) == (30091, 30094)
    assert (peer["gateway-port"], peer["broker-port"]) == (30101, 30104), "what 10000 writes of itself"


def test_a_peer_outside_the_node_ports_gets_the_usual_ports(tmp_path: Path) -> None:
    stack = cluster(ONE_PORT.format(id=9999, port=30091, peer=10000, peers=30101), tmp_path)
    peers = {peer["id"]: peer for peer in values(stack)["parties"][0]["peers"]}
    assert peers["8888"] == {"id": "8888", "host": "fate.third.example"}
    assert told(stack)["osx.partyList[1].partyPort"][0] == "no counterpart"


def test_load_balancers_stay_load_balancers() -> None:
    made = one("9999-pulsar-balanced.yaml", context="prod", registry="r.example")
    assert list(made.to_fill) == ["fate:runtime.exposure.reach", "fate:secrets"]
    stack = values(made)
    exposure = filled(stack["runtime"]["exposure"])
    assert exposure == {"kind": "load-balancer", "reach": "internal"}, "who reaches it no chart says"
    assert stack["parties"][0]["expose"] == {"host": "192.0.2.90"}


@pytest.mark.parametrize("name", WITHOUT_STACK)
def test_a_chart_that_is_not_made_gives_no_stack_and_says_so_of_each_key(name: str) -> None:
    stack = one(name)
    assert stack.values is None
    assert {outcome for outcome, _ in told(stack).values()} == {"no counterpart"}


def test_a_placeholder_is_a_comment_that_becomes_the_key_without_its_mark() -> None:
    stack = one("9999-eggroll.yaml")
    text = render(values(stack), ())
    assert "    # context: prod\n" in text
    uncommented = "\n".join(
        line.replace("# ", "", 1) for line in text.splitlines() if "# fill in: " not in line
    )
    config = yaml.safe_load(uncommented)["config"]
    assert {key.removeprefix("fate:"): value for key, value in config.items()} == {
        key: filled(value) for key, value in values(stack).items()
    }, "whoever takes the marks away has the whole stack"
