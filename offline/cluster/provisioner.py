"""Gives every claim of the cluster's classes a volume: a folder of this machine, as a `local` volume.

The kubelet gives a `local` volume to a pod's fsGroup, which it does not for hostPath. Sizes are written down
and not enforced; a claim that asks for more gets it.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

from offline.cluster.api import Api
from offline.cluster.layout import NODE, PROVISIONER, Home
from offline.cluster.watching import work_on_changes

CLAIMS = "/api/v1/persistentvolumeclaims"
VOLUMES = "/api/v1/persistentvolumes"
CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
SELECTED = "volume.kubernetes.io/selected-node"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"


def provision(api: Api, folder: Path) -> None:
    """Make the volumes that claims wait for, let those grow that should, delete those that were released."""
    classes = {
        found["metadata"]["name"]: found
        for found in api.items(CLASSES)
        if found["provisioner"] == PROVISIONER
    }
    for claim in api.items(CLAIMS):
        kind = classes.get(claim["spec"].get("storageClassName", ""))
        if kind and waits(claim, kind):
            _make(api, claim, kind, folder)
        elif kind and (size := wanted_growth(claim)):
            _grow(api, claim, size)
    for volume in api.items(VOLUMES):
        if is_released(volume):
            _delete(api, volume)


def waits(claim: dict[str, Any], kind: dict[str, Any]) -> bool:
    """Say whether a claim may have its volume now: of a waiting class, when a pod has been placed."""
    if claim["spec"].get("volumeName") or "deletionTimestamp" in claim["metadata"]:
        return False
    if claim["spec"].get("selector"):
        return False
    placed = SELECTED in claim["metadata"].get("annotations", {})
    return placed or kind.get("volumeBindingMode") == "Immediate"


def wanted_growth(claim: dict[str, Any]) -> str:
    """Return the size that a bound claim asks for beyond the one it has, or ""."""
    asked: str = claim["spec"]["resources"]["requests"]["storage"]
    has = claim.get("status", {}).get("capacity", {}).get("storage")
    return asked if has and has != asked else ""


def is_released(volume: dict[str, Any]) -> bool:
    """Say whether a volume is ours, its claim gone, and its data to be deleted."""
    return (
        volume["metadata"].get("annotations", {}).get(PROVISIONED_BY) == PROVISIONER
        and volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete"
        and volume.get("status", {}).get("phase") == "Released"
        and "deletionTimestamp" not in volume["metadata"]
    )


def volume_of(claim: dict[str, Any], kind: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the volume of a claim: as large as asked, on this node, bound to the claim from the start."""
    meta, spec = claim["metadata"], claim["spec"]
    name = f"pvc-{meta['uid']}"
    here = {"key": "kubernetes.io/hostname", "operator": "In", "values": [NODE]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "annotations": {PROVISIONED_BY: PROVISIONER}},
        "spec": {
            "accessModes": spec["accessModes"],
            "capacity": {"storage": spec["resources"]["requests"]["storage"]},
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "name": meta["name"],
                "namespace": meta["namespace"],
                "uid": meta["uid"],
            },
            "local": {"path": str(folder / name)},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
            "persistentVolumeReclaimPolicy": kind.get("reclaimPolicy", "Delete"),
            "storageClassName": spec["storageClassName"],
            "volumeMode": spec.get("volumeMode", "Filesystem"),
        },
    }


def _make(api: Api, claim: dict[str, Any], kind: dict[str, Any], folder: Path) -> None:
    volume = volume_of(claim, kind, folder)
    path = Path(volume["spec"]["local"]["path"])
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o777)
    api.ensure(VOLUMES, volume)


def _grow(api: Api, claim: dict[str, Any], size: str) -> None:
    meta = claim["metadata"]
    api.merge(f"{VOLUMES}/{claim['spec']['volumeName']}", {"spec": {"capacity": {"storage": size}}})
    api.merge(
        f"/api/v1/namespaces/{meta['namespace']}/persistentvolumeclaims/{meta['name']}/status",
        {"status": {"capacity": {"storage": size}, "conditions": None}},
    )


def _delete(api: Api, volume: dict[str, Any]) -> None:
    shutil.rmtree(volume["spec"]["local"]["path"], ignore_errors=True)
    api.delete(f"{VOLUMES}/{volume['metadata']['name']}")


def main(root: str) -> None:
    """Provide volumes for the cluster at `root`, for ever."""
    home = Home(Path(root))
    work_on_changes(home, (CLAIMS, VOLUMES, CLASSES), lambda api: provision(api, home.volumes))


if __name__ == "__main__":
    main(sys.argv[1])
