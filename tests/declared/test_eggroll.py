"""KubeFATE's own federation, declared on both runtimes from FATE's official images."""

from typing import Any

import pytest

from tests.declared.kubernetes_stacks import STACKS
from tests.declared.program import Declared, declare
from tests.unit.stack_values import eggroll

CONF = "/data/projects/fate/fate_flow/conf"
DATA = "/data/projects/fate/eggroll/data"


@pytest.fixture(scope="module")
def engine() -> Declared:
    return declare(eggroll({"nodemanager": {"instances": 2}}))


@pytest.fixture(scope="module")
def cluster() -> Declared:
    return declare(STACKS["Eggroll and OSX from the hub"], stack="eggroll")


def pod(cluster: Declared, kind: str, service: str) -> dict[str, Any]:
    spec: dict[str, Any] = cluster.of(kind)[f"party-9999-{service}"]["spec"]["template"]["spec"]
    return spec


def test_on_docker_official_images_run_as_root_without_any_right(engine: Declared) -> None:
    containers = engine.of("Container")
    for service in ("fateflow", "clustermanager", "nodemanager-1", "osx"):
        container = containers[f"party-9999-{service}"]
        assert container["user"] == "0", "nothing gives an image's folders to another user there"
        assert container["capabilities"] == {"drops": ["ALL"]}
        assert container["securityOpts"] == ["no-new-privileges"]
    assert containers["party-9999-database"]["user"] == "999", "MySQL's own user has its folders"


def test_secrets_of_an_image_that_has_no_folder_for_them_are_laid_down_by_root(engine: Declared) -> None:
    filler = engine.of("Container")["party-9999-database-secrets"]
    assert filler["user"] == "0", "a volume at a folder that the image lacks is root's"
    assert "chmod 0444" in filler["command"][-1], "MySQL's own user reads them"
    assert filler["capabilities"] == {"drops": ["ALL"]}


def test_each_node_manager_has_a_volume_and_one_image_serves_all(engine: Declared) -> None:
    volumes = sorted(name for name in engine.of("Volume") if "nodemanager" in name)
    assert volumes == ["party-9999-nodemanager-1-data", "party-9999-nodemanager-2-data"]
    images = engine.of("RemoteImage")
    assert images["party-9999-nodemanager-image"]["name"] == "federatedai/eggroll:3.2.0-release"


def test_a_node_manager_starts_when_the_cluster_manager_answers(engine: Declared) -> None:
    assert engine.of("Container")["party-9999-nodemanager-1"]["command"][:3] == [
        "sh",
        "/etc/fate/start.sh",
        "clustermanager:4670",
    ]


def test_an_image_without_busybox_is_asked_by_bash(engine: Declared) -> None:
    check = engine.of("Container")["party-9999-fateflow"]["healthcheck"]["tests"]
    assert check[:5] == ["CMD", "timeout", "4", "bash", "-c"]
    assert "busybox" not in " ".join(check)


def test_on_kubernetes_a_folder_of_the_image_is_copied_to_where_it_may_be_written(cluster: Declared) -> None:
    spec = pod(cluster, "StatefulSet", "fateflow")
    (copying,) = spec["initContainers"]
    (mount,) = copying["volumeMounts"]
    assert copying["command"] == ["sh", "-ec", f"cp -R {CONF}/. {mount['mountPath']}/"]
    own = {each["mountPath"]: each["name"] for each in spec["containers"][0]["volumeMounts"]}
    assert own[CONF] == mount["name"], "FATE-Flow finds what was copied"
    assert copying["image"] == spec["containers"][0]["image"]


def test_on_kubernetes_osx_may_write_what_it_queues(cluster: Declared) -> None:
    container = pod(cluster, "Deployment", "osx")["containers"][0]
    written = {mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")}
    assert "/data/projects/fate/osx/mapped" in written, (
        "CREATE_MAPEDFILE_FAILED, told in its log alone: a job of queues then runs for ever"
    )


def test_the_ports_that_eggroll_chooses_are_open_to_its_callers_alone(cluster: Declared) -> None:
    policies = cluster.of("NetworkPolicy")
    (ingress,) = policies["party-9999-nodemanager-1-policy"]["spec"]["ingress"]
    assert "ports" not in ingress, "each process that computes listens on a port of its own choice"
    callers = {each["podSelector"]["matchLabels"]["app.kubernetes.io/name"] for each in ingress["from"]}
    assert callers == {"fateflow", "clustermanager", "osx", "nodemanager-1", "nodemanager-2"}
    (ingress,) = policies["party-9999-clustermanager-policy"]["spec"]["ingress"]
    assert [port["port"] for port in ingress["ports"]] == [4670]


def test_the_name_of_a_node_manager_leads_to_its_pod(cluster: Declared) -> None:
    services = cluster.of("Service")
    assert services["party-9999-nodemanager-1-service"]["spec"]["clusterIP"] == "None"
    assert "clusterIP" not in services["party-9999-osx-service"]["spec"]


def test_peers_dial_osx_and_nothing_else(cluster: Declared) -> None:
    ports = cluster.outputs["ports"]
    assert [(row["service"], row["port"]) for row in ports] == [("osx", 30370)]
    expose = cluster.outputs["parties"]["9999"]["expose"]
    assert {key for key in expose if key.endswith("-port")} == {"osx-port"}


def test_a_party_without_a_gateway_has_none(cluster: Declared) -> None:
    assert not [name for name in cluster.of("Deployment") if "gateway" in name]
    assert "p9999_osx <-- control and tensors --> p10000_osx" in cluster.outputs["topology"]
