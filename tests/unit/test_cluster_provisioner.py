"""Claims get volumes, released volumes lose their data, and everything else is left alone."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from offline.cluster import provisioner
from offline.cluster.layout import NODE, PROVISIONER
from offline.cluster.provisioner import CLAIMS, CLASSES, SELECTED, VOLUMES

WAITING = {"metadata": {"name": "local"}, "provisioner": PROVISIONER, "reclaimPolicy": "Delete"}
WAITING["volumeBindingMode"] = "WaitForFirstConsumer"
ANOTHERS = {"metadata": {"name": "cloud"}, "provisioner": "example.com/cloud"}


class FakeApi:
    """An API that answers with what it was given, and notes what it is asked to do."""

    def __init__(self, claims: list[dict[str, Any]], volumes: list[dict[str, Any]]) -> None:
        self.lists = {CLAIMS: claims, VOLUMES: volumes, CLASSES: [WAITING, ANOTHERS]}
        self.made: list[dict[str, Any]] = []
        self.changed: dict[str, dict[str, Any]] = {}
        self.deleted: list[str] = []
        self.asked: Counter[str] = Counter()

    def items(self, path: str) -> list[dict[str, Any]]:
        return self.lists[path]

    def ensure(self, path: str, content: dict[str, Any]) -> None:
        self.asked[path] += 1
        self.made.append(content)

    def merge(self, path: str, patch: dict[str, Any]) -> None:
        self.changed[path] = patch

    def delete(self, path: str) -> None:
        self.deleted.append(path)


def claim(kind: str = "local", placed: bool = True, **spec: object) -> dict[str, Any]:
    notes = {SELECTED: NODE} if placed else {}
    asked = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return {
        "metadata": {"name": "data", "namespace": "party", "uid": "u1", "annotations": notes},
        "spec": {"storageClassName": kind, **asked, **spec},
    }


def volume(
    path: Path, phase: str = "Released", policy: str = "Delete", by: str = PROVISIONER
) -> dict[str, Any]:
    return {
        "metadata": {"name": "pvc-u1", "annotations": {provisioner.PROVISIONED_BY: by}},
        "spec": {"persistentVolumeReclaimPolicy": policy, "local": {"path": str(path)}},
        "status": {"phase": phase},
    }


def provide(folder: Path, claims: list[dict[str, Any]], volumes: list[dict[str, Any]]) -> FakeApi:
    api = FakeApi(claims, volumes)
    provisioner.provision(api, folder)  # type: ignore[arg-type] # a stand-in of the same shape
    return api


def test_a_placed_claim_gets_a_folder_and_a_volume_that_is_bound_to_it(tmp_path: Path) -> None:
    (made,) = provide(tmp_path, [claim()], []).made
    assert made["spec"]["claimRef"]["uid"] == "u1", "no other claim may take the volume"
    assert made["spec"]["capacity"] == {"storage": "1Gi"}
    assert Path(made["spec"]["local"]["path"]).is_dir()


@pytest.mark.parametrize(
    ("waiting", "why"),
    [
        (claim(placed=False), "its class waits for the first pod"),
        (claim(kind="cloud"), "its class is another provisioner's"),
        (claim(volumeName="pv1"), "it names a volume already"),
        (claim(selector={"matchLabels": {"a": "b"}}), "it wants one of the volumes that exist"),
    ],
)
def test_a_claim_that_is_not_ours_to_serve_gets_nothing(
    waiting: dict[str, Any], why: str, tmp_path: Path
) -> None:
    assert provide(tmp_path, [waiting], []).made == [], why


def test_a_bound_claim_that_asks_for_more_grows(tmp_path: Path) -> None:
    grown = {**claim(volumeName="pvc-u1"), "status": {"capacity": {"storage": "500Mi"}}}
    api = provide(tmp_path, [grown], [])
    assert api.changed[f"{VOLUMES}/pvc-u1"] == {"spec": {"capacity": {"storage": "1Gi"}}}
    status = "/api/v1/namespaces/party/persistentvolumeclaims/data/status"
    assert api.changed[status]["status"]["capacity"] == {"storage": "1Gi"}


def test_a_released_volume_is_deleted_with_its_data(tmp_path: Path) -> None:
    (tmp_path / "pvc-u1").mkdir()
    api = provide(tmp_path, [], [volume(tmp_path / "pvc-u1")])
    assert api.deleted == [f"{VOLUMES}/pvc-u1"]
    assert not (tmp_path / "pvc-u1").exists()


@pytest.mark.parametrize("kept", [{"policy": "Retain"}, {"phase": "Bound"}, {"by": "example.com/cloud"}])
def test_data_that_is_retained_used_or_anothers_stays(kept: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "pvc-u1").mkdir()
    api = provide(tmp_path, [], [volume(tmp_path / "pvc-u1", **kept)])
    assert api.deleted == []
    assert (tmp_path / "pvc-u1").exists()
