"""GPUs of a party, declared on both runtimes: who gets them, and from which images."""

import pytest

from tests.declared.kubernetes_stacks import STACKS
from tests.declared.program import Declared, declare
from tests.unit.stack_values import eggroll, on_gpus

GPU = "nvidia.com/gpu"
COMPUTE = ("party-9999-fateflow", "party-9999-nodemanager-1")


@pytest.fixture(scope="module")
def engine() -> Declared:
    return declare(on_gpus())


def test_on_docker_only_what_computes_gets_all_gpus(engine: Declared) -> None:
    given = {name: each.get("gpus") for name, each in engine.of("Container").items()}
    assert {name for name, gpus in given.items() if gpus} == set(COMPUTE), "the others leave them idle"
    assert {given[name] for name in COMPUTE} == {"all"}


def test_what_gets_gpus_is_as_hardened_as_all_else(engine: Declared) -> None:
    for name in COMPUTE:
        container = engine.of("Container")[name]
        assert container["capabilities"] == {"drops": ["ALL"]}
        assert container["securityOpts"] == ["no-new-privileges"]


def test_images_are_those_of_the_algorithm_and_the_device(engine: Declared) -> None:
    pulled = {name: each["name"] for name, each in engine.of("RemoteImage").items()}
    assert pulled["party-9999-fateflow-image"] == "federatedai/fateflow-nn-gpu:2.0.0-release"
    assert pulled["party-9999-nodemanager-image"] == "federatedai/eggroll-nn-gpu:2.0.0-release"
    assert pulled["party-9999-osx-image"] == "federatedai/osx:2.0.0-release", "it has no others"


def test_without_the_device_no_container_says_anything_of_gpus() -> None:
    assert not [name for name, each in declare(eggroll()).of("Container").items() if "gpus" in each]


def test_on_kubernetes_each_pod_that_computes_has_a_limit_of_its_own() -> None:
    cluster = declare(STACKS["Eggroll and OSX on GPUs"], stack="gpus")
    pods = {**cluster.of("StatefulSet"), **cluster.of("Deployment")}
    resources = {
        name: each["spec"]["template"]["spec"]["containers"][0]["resources"] for name, each in pods.items()
    }
    limits = {name: each["limits"][GPU] for name, each in resources.items() if GPU in each["limits"]}
    assert limits == {
        "party-9999-fateflow": "1",
        "party-9999-nodemanager-1": "4",
        "party-9999-nodemanager-2": "4",
    }
    for name, pod in pods.items():
        for first in pod["spec"]["template"]["spec"].get("initContainers", ()):
            assert GPU not in first["resources"]["limits"], f"{name} would take a GPU to copy files"
