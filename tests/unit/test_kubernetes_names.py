"""Names that a stack makes on a cluster, and those that cannot be."""

import re
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.runtimes.names import Names, name_faults
from config import KubernetesSettings, load
from tests.declared.kubernetes_stacks import CLUSTER, ENGINES, REGISTRY_IMAGE, stack
from tests.declared.program import declare, stack_file

MIRROR = {"kind": "distribution", "port": 30500, "image": REGISTRY_IMAGE}
RFC_1123 = re.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?")
STACK_NAMES = st.from_regex("[A-Za-z0-9_.-]{1,100}", fullmatch=True)


def faults(name: str, values: dict[str, Any] | None = None) -> list[str]:
    return [str(fault) for fault in name_faults(Names("fate", name), load(values or stack()))]


def two_parties() -> dict[str, Any]:
    values = stack(party={"id": "10"})
    other = {"id": "10001", "engines": ENGINES, "peers": []}
    values["parties"].append(other)
    return values


@pytest.mark.parametrize("name", ["prod", "dev-kubernetes", "9", "a" * 53])
def test_a_stack_name_that_makes_a_namespace_is_accepted(name: str) -> None:
    assert faults(name) == []


@pytest.mark.parametrize("name", ["Prod", "our_bank", "bank.prod"])
def test_what_no_namespace_has_is_refused_with_both_ways_out(name: str) -> None:
    (fault,) = faults(name)
    assert fault.startswith(
        f"fate:runtime.namespace: fate-{name}-9999, from the names of project and stack, cannot be"
    )
    assert "lower-case letters, digits and hyphens only" in fault
    assert "write namespace: NAME" in fault
    assert "pulumi stack rename NAME" in fault


def test_a_stack_name_that_is_too_long_is_refused_with_how_much() -> None:
    (fault,) = faults("a" * 60)
    assert "it is 7 characters longer than the 63 of a namespace" in fault


def test_parties_of_one_runtime_are_told_once_by_the_longest_name() -> None:
    (fault,) = faults("a" * 55, two_parties())
    assert f"fate-{'a' * 55}-10001" in fault


def test_parties_with_runtimes_of_their_own_are_told_each_at_its_place() -> None:
    values = two_parties()
    values["parties"][1]["runtime"] = CLUSTER
    paths = [fault.partition(": ")[0] for fault in faults("Prod", values)]
    assert paths == ["fate:runtime.namespace", "fate:parties[1].runtime.namespace"]


@pytest.mark.parametrize("name", ["Prod", "our_bank", "bank.prod"])
def test_a_namespace_that_the_stack_says_needs_nothing_of_the_stacks_name(name: str) -> None:
    assert faults(name, stack({"namespace": "fate-9999"})) == []


@pytest.mark.parametrize("name", ["a" * 64, "-prod", "prod_"])
def test_a_stack_name_that_no_label_takes_is_refused_in_any_namespace(name: str) -> None:
    (fault,) = faults(name, stack({"namespace": "fate-9999"}))
    assert f"stack {name} cannot be the label fate.stack" in fault
    assert "pulumi stack rename NAME" in fault


def test_the_mirrors_namespace_counts_with_what_follows_the_name_given() -> None:
    (fault,) = faults("prod", stack({"namespace": "n" * 60}, mirror=MIRROR))
    assert "the mirror's namespace, is 4 characters longer than the 63 of a namespace" in fault
    assert "write a name that is 4 characters shorter" in fault


def test_docker_takes_any_stack_name() -> None:
    assert faults("Our_Bank.", stack_file("dev")) == []


@given(STACK_NAMES)
def test_whatever_is_accepted_is_a_namespace_and_a_label_of_rfc_1123(name: str) -> None:
    settings = load(stack())
    assert isinstance(settings.runtime, KubernetesSettings)
    made = Names("fate", name).namespace(settings.runtime, "9999")
    possible = len(made) <= 63 and RFC_1123.fullmatch(made) is not None and len(name) <= 63
    assert (not list(name_faults(Names("fate", name), settings))) == (
        possible and (name[0] + name[-1]).isalnum()
    )


def test_the_program_refuses_the_name_before_anything_is_made_without_asking_a_cluster() -> None:
    with pytest.raises(pulumi.RunError, match=r"fate-Prod-9999, from the names of project and stack"):
        declare(stack(), stack="Prod")
