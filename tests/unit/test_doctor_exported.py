"""What the doctor and the repair read from a stack's state."""

from ops.doctor.exported import Cluster, Engine
from tests.unit.repair_state import CONTAINER, ENGINE, container, object_of, row, state


def test_a_provider_tells_the_engine_and_the_cluster() -> None:
    assert state().places() == {Engine(ENGINE, ("-i", "key")), Cluster("test", "/kubeconfig")}


def test_a_resource_is_where_its_provider_is() -> None:
    told = state(container("fate-dev-9999-gateway", "c1"), object_of("apps/v1:Deployment", "gateway"))
    assert [one.id for one in told.on(Engine(ENGINE, ("-i", "key")))] == ["c1"]
    assert [one.name for one in told.on(Cluster("test", "/kubeconfig"))] == ["party-9999-gateway"]


def test_what_was_deleted_to_be_made_anew_is_no_part_of_the_state() -> None:
    gone = container("fate-dev-9999-gateway", "c1") | {"pendingReplacement": True}
    assert state(gone).resources == state().resources


def test_a_party_has_what_carries_its_label() -> None:
    mirror = row(CONTAINER, "mirror-registry", "c2", name="fate-dev-registry")
    told = state(container("fate-dev-9999-gateway", "c1"), mirror).of_party("9999")
    assert [one.id for one in told.resources] == ["c1"]
    assert told.places() == {Engine(ENGINE, ("-i", "key"))}, "the cluster of other parties is not asked"


def test_labels_are_read_as_each_runtime_has_them() -> None:
    on_docker = state(container("c", "c1")).resources[-1].labels
    on_kubernetes = state(object_of("core/v1:ConfigMap", "gateway")).resources[-1].labels
    assert on_docker["fate.party"] == on_kubernetes["fate.party"] == "9999"


def test_labels_that_are_a_secret_as_a_whole_are_none() -> None:
    sealed = container("c", "c1") | {"inputs": {"labels": {"ciphertext": "v1:…"}}}
    assert state(sealed).resources[-1].labels == {}


def test_pending_operations_remember_where_they_were() -> None:
    told = state(pending=(("creating", container("c", "")),))
    assert [(one.operation, one.resource.name) for one in told.pending] == [
        ("creating", "party-9999-gateway")
    ]
    assert list(told.pending_on(Engine(ENGINE, ("-i", "key"))))
