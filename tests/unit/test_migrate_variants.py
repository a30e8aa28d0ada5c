"""What becomes of KubeFATE's algorithm, device and GPUs."""

from pathlib import Path

import pytest

from tests.unit.migrate_examples import cluster, conf, one, told, values

EGGROLL = {"computing": "Eggroll", "storage": "Eggroll", "federation": "OSX", "exchangeip": ""}
CLUSTER = """
partyId: 9999
chartVersion: v2.0.0
modules: [osx, clustermanager, nodemanager, mysql, python]
computing: Eggroll
federation: OSX
storage: Eggroll
algorithm: NN
device: GPU
"""
LIMITS = "{limits: {nvidia.com/gpu: 2}, requests: {nvidia.com/gpu: 2}}"


def test_neural_networks_on_gpus_stay_so_on_the_images_of_the_release_that_has_them(tmp_path: Path) -> None:
    stack = conf(tmp_path, **EGGROLL)
    party, becomes = values(stack)["parties"][0], told(stack)
    assert (party["algorithm"], party["device"]) == ("nn", "gpu")
    assert (values(stack)["release"], values(stack)["images"]) == ("2.0.0", {"from": "hub"})
    assert becomes["algorithm"] == ("kept", "as fate:parties[].algorithm")
    assert becomes["device"] == ("kept", "as fate:parties[].device")
    assert becomes["gpu_count"][0] == "not needed", "an engine gives all of its GPUs"
    assert stack.faults == ()


def test_a_device_that_the_engines_have_no_images_for_gives_way_and_the_algorithm_stays() -> None:
    stack = one("one-machine.conf")
    party, becomes = values(stack)["parties"][0], told(stack)
    assert (party["algorithm"], party.get("device")) == ("nn", None)
    assert becomes["algorithm"][0] == "kept", "the images that are built here hold torch"
    assert becomes["device"][1] == "these engines have no images of nn on gpu; device cpu is written"
    assert becomes["gpu_count"][0] == "no counterpart"


def test_an_algorithm_without_images_gives_way_where_the_device_has_some() -> None:
    stack = one("9999-eggroll.yaml")
    assert values(stack)["parties"][0]["device"] == "ipcl"
    assert "algorithm basic is written" in told(stack)["algorithm"][1]
    assert stack.faults == ()


def test_what_is_no_algorithm_of_kubefates_is_said_with_what_may_be_meant(tmp_path: Path) -> None:
    becomes = told(conf(tmp_path, **EGGROLL, algorithm="NNN", device="TPU"))
    assert "NN was meant?; basic is written" in becomes["algorithm"][1]
    assert "is no device of KubeFATE's" in becomes["device"][1]


@pytest.mark.parametrize(("enabled", "algorithm"), [("true", "nn"), ("false", None)])
def test_neural_networks_of_kubefate_1_are_an_algorithm(
    enabled: str, algorithm: str | None, tmp_path: Path
) -> None:
    text = CLUSTER.replace("algorithm: NN\ndevice: GPU\n", f"python: {{enabledNN: {enabled}}}\n")
    assert values(cluster(text, tmp_path))["parties"][0].get("algorithm") == algorithm


def test_the_gpus_of_fate_flow_are_kept_and_no_other_service_takes_any(tmp_path: Path) -> None:
    stack = cluster(f"{CLUSTER}python: {{resources: {LIMITS}}}\n", tmp_path)
    services, becomes = values(stack)["parties"][0]["services"], told(stack)
    assert services["fateflow"]["gpus"] == 2
    assert services["nodemanager"]["gpus"] == 0, "KubeFATE's had none, and a cluster may have no more"
    assert becomes["python.resources.limits.nvidia.com/gpu"][0] == "kept"
    assert becomes["python.resources.requests.nvidia.com/gpu"][0] == "not needed"
    assert stack.faults == ()


def test_without_a_limit_each_service_that_computes_has_its_own_gpu(tmp_path: Path) -> None:
    assert "services" not in values(cluster(CLUSTER, tmp_path))["parties"][0]


def test_gpus_of_a_party_that_computes_on_none_have_no_counterpart(tmp_path: Path) -> None:
    text = CLUSTER.replace("device: GPU", "device: CPU")
    becomes = told(cluster(f"{text}python: {{resources: {LIMITS}}}\n", tmp_path))
    assert becomes["python.resources.limits.nvidia.com/gpu"][0] == "no counterpart"
