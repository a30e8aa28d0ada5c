"""What a killed run leaves on a cluster is taken away, and what was added to its objects."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ops.doctor.exported import Cluster, Exported
from ops.doctor.kubernetes_api import cluster
from ops.doctor.symptoms import Ailment, Symptom
from ops.repair.found import Unmended
from ops.repair.kubernetes_deletions import end
from ops.repair.kubernetes_leftovers import COLLECTIONS, leftovers
from ops.repair.mending import Unasked, differences
from ops.repair.owner import owner_of
from tests.unit.kubernetes_api import serving
from tests.unit.repair_state import object_of, row, state

HERE = Cluster("test", "/kubeconfig")
SPACE = "fate-dev-9999"
DEPLOYMENT = f"/apis/apps/v1/namespaces/{SPACE}/deployments/gateway"
POD = {"containers": [{"name": "gateway", "env": [{"name": "A"}]}]}
DECLARED = object_of("apps/v1:Deployment", "gateway", spec={"template": {"spec": POD}})
CONFIG = object_of("core/v1:ConfigMap", "gateway", data={"a": "1"})


class MadeUpCluster:
    """A cluster in memory: its objects by their path, and what was asked of it."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.changed: list[tuple[str, object]] = []
        self.refuses: Symptom | None = None

    def get(self, path: str) -> Mapping[str, Any]:
        """Return an object."""
        self._refuse()
        if path not in self.objects:
            raise Ailment(Symptom.MISSING, path)
        return self.objects[path]

    def listed(self, path: str, selector: str) -> list[dict[str, Any]]:
        """Return the objects of a collection."""
        self._refuse()
        assert selector == "fate.stack=dev"
        return [one for name, one in self.objects.items() if name.rpartition("/")[0] == path]

    def patch(self, path: str, steps: Sequence[Mapping[str, Any]]) -> None:
        """Note a patch."""
        self._refuse()
        self.changed.append((path, [(step["op"], step["path"]) for step in steps]))

    def delete(self, path: str) -> None:
        """Note a deletion."""
        self._refuse()
        self.changed.append((path, "deleted"))

    def put(self, collection: str, name: str, **about: Any) -> None:  # noqa: ANN401 - JSON
        """Add an object that carries the stack's label."""
        labels = {"fate.stack": "dev", **about.pop("labels", {})}
        path = f"{COLLECTIONS[collection].format(SPACE)}/{name}"
        self.objects[path] = {"metadata": {"name": name, "namespace": SPACE, "labels": labels, **about}}

    def _refuse(self) -> None:
        if self.refuses:
            raise Ailment(self.refuses, "refused")


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> MadeUpCluster:
    made = MadeUpCluster()
    for module in (
        "ops.doctor.kubernetes_unseen",
        "ops.repair.kubernetes_deletions",
        "ops.repair.kubernetes_leftovers",
        "ops.repair.kubernetes_mending",
    ):
        monkeypatch.setattr(f"{module}.cluster", lambda kubeconfig, context: made)
    return made


def left(told: Exported) -> list[str]:
    return [one.name for one in leftovers(told, HERE, owner_of("fate", "dev", told))]


def test_what_no_state_knows_is_left_over_workloads_first(there: MadeUpCluster) -> None:
    there.put("Secret", "broker")
    there.put("Deployment", "gateway")
    there.put("StatefulSet", "broker")
    assert left(state(DECLARED)) == [f"StatefulSet {SPACE}/broker", f"Secret {SPACE}/broker"]


def test_a_namespace_that_was_being_made_is_looked_at(there: MadeUpCluster) -> None:
    about = {"name": SPACE, "labels": {"fate.stack": "dev"}}
    space = row("kubernetes:core/v1:Namespace", "party-9999-namespace", SPACE, metadata=about)
    there.put("Secret", "broker")
    assert left(state(pending=(("creating", space),))) == [f"Secret {SPACE}/broker"]


@pytest.mark.parametrize(
    "about",
    [
        {"labels": {"fate.owner": "9e8f1234"}},
        {"labels": {"fate.project": "bank"}},
        {"ownerReferences": [{"kind": "Deployment"}]},
        {"deletionTimestamp": "2026-01-02T00:00:00Z"},
    ],
    ids=["another operator's", "another project's", "a controller's", "already going"],
)
def test_another_s_object_is_left_alone(there: MadeUpCluster, about: dict[str, Any]) -> None:
    there.put("Secret", "broker", **about)
    assert left(state(DECLARED)) == []


def test_claims_and_namespaces_are_never_looked_for() -> None:
    assert not {"PersistentVolumeClaim", "Namespace", "PersistentVolume"} & set(COLLECTIONS)


def test_a_leftover_is_deleted_and_one_that_went_meanwhile_is_no_fault(there: MadeUpCluster) -> None:
    there.put("Secret", "broker")
    told = state(DECLARED)
    (one,) = leftovers(told, HERE, owner_of("fate", "dev", told))
    one.mend()
    assert there.changed == [(f"/api/v1/namespaces/{SPACE}/secrets/broker", "deleted")]
    there.refuses = Symptom.MISSING
    one.mend()
    there.refuses = Symptom.FORBIDDEN
    with pytest.raises(Unmended, match="refused"):
        one.mend()


@pytest.fixture
def seconds(there: MadeUpCluster, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let time pass by itself; what is on its way out is gone after the third second."""
    passed: list[float] = []

    def sleep(seconds: float) -> None:
        passed.append(seconds)
        if len(passed) == 3:
            there.objects.clear()

    monkeypatch.setattr("ops.repair.kubernetes_deletions.time.sleep", sleep)
    return passed


GOING = {"deletionTimestamp": "2026-01-02T00:00:00Z"}


def test_what_is_on_its_way_out_is_waited_for(there: MadeUpCluster, seconds: list[float]) -> None:
    there.put("Ingress", "gateway", **GOING)
    there.put("NetworkPolicy", "gateway")
    going = [object_of(f"networking.k8s.io/v1:{kind}", "gateway") for kind in ("Ingress", "NetworkPolicy")]
    told = state(pending=tuple(("deleting", one) for one in going))
    end(HERE, told.deleting_on(HERE))
    assert seconds == [1, 1, 1], "for the Ingress; nobody has asked for the policy's deletion yet"
    assert there.changed == [], "nothing is deleted that Pulumi did not delete"


def test_what_does_not_go_is_named(there: MadeUpCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.repair.kubernetes_deletions.LIMIT", -1)
    there.put("Secret", "broker", **GOING)
    told = state(pending=(("deleting", object_of("core/v1:Secret", "broker")),))
    with pytest.raises(
        Unmended, match=f"kubectl --context test get --raw /api/v1/namespaces/{SPACE}/secrets"
    ):
        end(HERE, told.deleting_on(HERE))


def test_a_kind_that_may_not_be_listed_is_passed_over(there: MadeUpCluster) -> None:
    there.refuses = Symptom.FORBIDDEN
    assert left(state(DECLARED)) == []


def test_all_additions_to_an_object_go_in_one_patch_the_last_first(there: MadeUpCluster) -> None:
    env = [{"name": "A"}, {"name": "B"}, {"name": "C"}]
    there.objects[DEPLOYMENT] = {
        "spec": {"template": {"spec": {"containers": [{"name": "gateway", "env": env}]}}}
    }
    (one,) = differences(state(DECLARED), HERE)
    assert "environment variable B" in one.wrong
    assert "environment variable C" in one.wrong
    one.mend()
    at = "/spec/template/spec/containers/0/env"
    steps = [(op, f"{at}/{index}") for index in (2, 1) for op in ("test", "remove")]
    assert there.changed == [(DEPLOYMENT, steps)], "so its pods roll once, and no place shifts"


def test_an_object_that_is_gone_is_the_plugin_s_to_see(there: MadeUpCluster) -> None:
    assert list(differences(state(DECLARED, CONFIG), HERE)) == []


def test_an_account_that_may_not_read_objects_is_told_so(there: MadeUpCluster) -> None:
    there.refuses = Symptom.FORBIDDEN
    with pytest.raises(Unasked, match="what was added to objects was not looked for: refused"):
        list(differences(state(DECLARED), HERE))


def test_a_silent_cluster_is_a_fault(there: MadeUpCluster) -> None:
    there.refuses = Symptom.CLUSTER_SILENT
    with pytest.raises(Ailment):
        list(differences(state(DECLARED), HERE))


def test_the_api_server_gets_a_json_patch_and_a_deletion(tmp_path: Path) -> None:
    path = "/api/v1/namespaces/fate/configmaps/a"
    with serving() as api:
        api.answers = lambda method, target: (200, {"kind": "Status"}) if method != "GET" else None
        api.objects[path] = {"data": {"a": "1"}}
        reached = cluster(api.kubeconfig(tmp_path), "test")
        assert reached.get(path) == {"data": {"a": "1"}}
        reached.patch(path, [{"op": "remove", "path": "/data/b"}])
        reached.delete(path)
        assert [asked.partition(" ")[0] for asked in api.asked] == ["GET", "PATCH", "DELETE"]
        with pytest.raises(Ailment, match="answers 404"):
            reached.get(f"{path}b")
