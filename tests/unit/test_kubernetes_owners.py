"""Namespaces and objects of another are refused before anything is made. The API server is a stand-in."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from components.preflight.kubernetes import preflight as preflight_of
from components.preflight.kubernetes_wanted import Wanted, wanted_namespaces
from components.runtimes.names import Names
from components.services.context import PartyContext
from components.services.party import party_services
from config import ConfigurationFault, PackagesImages, Rotation, load
from tests.declared.kubernetes_stacks import stack
from tests.unit.test_kubernetes_preflight import GIVEN, OURS, Cluster, preflight, refusal, serving, wanted

BEFORE = {"fate.stack": "bank"}
EARLIER = OURS.labels() | {"fate.owner": "11111111"}
OTHER = {"fate.project": "fate", "fate.stack": "other", "fate.owner": "22222222"}
SERVICES = party_services(PartyContext(load(stack()).parties[0], "2.2.0", Rotation(), PackagesImages()))


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Cluster]:
    with serving(tmp_path) as made:
        yield made


def given_namespace(api: Cluster) -> Wanted:
    return wanted(api.kubeconfig(), services=SERVICES, **GIVEN)


@pytest.mark.parametrize("labels", [OURS.labels(), OURS.labels("9999"), BEFORE])
def test_a_namespace_that_is_the_stacks_own_is_accepted(api: Cluster, labels: dict[str, str]) -> None:
    api.labels["fate-9999"] = labels
    preflight([wanted(api.kubeconfig())])


def test_a_namespace_of_another_stack_is_refused_with_whose_it_is(api: Cluster) -> None:
    api.labels["fate-9999"] = OTHER
    message = refusal(wanted(api.kubeconfig()))
    assert (
        "fate:runtime.namespace: prod already has namespace fate-9999, of stack other of project" in message
    )
    assert "pulumi stack rename NAME" in message
    assert "fate:adopts" not in message, "another stack's is never taken over"


def test_a_namespace_of_another_key_is_refused_with_how_to_adopt_it(api: Cluster) -> None:
    api.labels["fate-9999"] = EARLIER
    message = refusal(wanted(api.kubeconfig(), namespace="fate-9999"))
    assert "(fate.owner 11111111, this stack's is 9e8f1234)" in message
    assert "write another namespace; or, if this stack had that key" in message
    assert 'write fate:adopts: ["11111111"]' in message


@pytest.mark.parametrize("given", [{}, GIVEN], ids=["its own namespace", "a given one"])
def test_a_harbor_of_an_earlier_key_is_refused_though_the_stack_adopts_that_key(
    api: Cluster, given: dict[str, Any]
) -> None:
    of_a_party = wanted(api.kubeconfig(), services=SERVICES, **given)
    of_harbor = replace(of_a_party, keeps_key=True)
    api.labels["fate-9999"] = {} if given else EARLIER
    api.objects = {"secrets": [{"metadata": {"name": "database", "labels": EARLIER}}]}
    adopting = replace(OURS, adopted=("11111111",))
    preflight_of([of_a_party], adopting)
    with pytest.raises(ConfigurationFault, match="put that key back, for what a Harbor keeps"):
        preflight_of([of_harbor], adopting)


def test_a_namespace_made_by_hand_is_refused_with_how_to_use_it(api: Cluster) -> None:
    api.labels["fate-9999"] = {"kubernetes.io/metadata.name": "fate-9999"}
    message = refusal(wanted(api.kubeconfig()))
    assert "made by hand or by another program" in message
    assert "write namespace: fate-9999 and create-namespace: false" in message


def test_a_namespace_made_by_hand_that_the_stack_was_given_is_used(api: Cluster) -> None:
    api.labels["fate-9999"] = {}
    preflight([given_namespace(api)])


def test_objects_of_another_in_a_given_namespace_are_refused_together(api: Cluster) -> None:
    theirs = {"name": "database", "labels": OTHER}
    api.objects = {"statefulsets": [{"metadata": theirs}], "services": [{"metadata": theirs}]}
    message = refusal(given_namespace(api))
    assert "1 fault" in message
    assert "fate:runtime.namespace: fate-9999 already has services/database and 1 more" in message
    assert "write another namespace" in message


def test_an_object_made_by_hand_in_a_given_namespace_is_refused(api: Cluster) -> None:
    api.objects = {"configmaps": [{"metadata": {"name": "broker"}}]}
    message = refusal(given_namespace(api))
    assert "already has configmaps/broker, made by hand or by another program" in message


@pytest.mark.parametrize(
    "objects",
    [
        {"configmaps": [{"metadata": {"name": "kube-root-ca.crt"}}]},
        {"secrets": [{"metadata": {"name": "gateway"}}]},
        {"deployments": [{"metadata": {"name": "gateway", "labels": OURS.labels("9999")}}]},
    ],
    ids=["another name", "a name that no Secret of the stack has", "the stack's own"],
)
def test_what_the_stack_does_not_make_in_a_given_namespace_is_left_alone(
    api: Cluster, objects: dict[str, list[dict[str, Any]]]
) -> None:
    api.objects = objects
    preflight([given_namespace(api)])


def test_a_namespace_of_its_own_is_looked_at_once_and_no_object_in_it(api: Cluster) -> None:
    preflight([wanted(api.kubeconfig(), services=SERVICES)])
    listed = [asked for asked in api.asked if "/namespaces/fate-9999/" in asked]
    assert listed == ["GET /api/v1/namespaces/fate-9999/persistentvolumeclaims"], "as before"


def test_a_namespace_keeps_the_name_that_it_had_before_hyphens_were_doubled(api: Cluster) -> None:
    api.namespaces, api.labels = {"fate-bank-a-b"}, {"fate-bank-a-b": BEFORE}
    values = stack({"kubeconfig": api.kubeconfig()}, {"id": "a-b"})
    (want,) = wanted_of(values)
    assert want.namespace == "fate-bank-a--b"
    assert preflight([want]).names == {"fate-bank-a-b"}
    api.labels["fate-bank-a-b"] = {"fate.stack": "bank-a"}
    assert preflight([want]).names == frozenset(), "another stack's party b"
    api.labels["fate-bank-a-b"] = BEFORE
    api.namespaces.add("fate-bank-a--b")
    assert preflight([want]).names == frozenset(), "what was made since holds the data"


def wanted_of(values: dict[str, Any]) -> list[Wanted]:
    return wanted_namespaces(load(values), Names("fate", "bank"))
