"""A container's inputs, as the engine takes them, and what it tells, as inputs again."""

import io
import tarfile
from typing import Any

import pytest

from offline.docker.container_drift import drift
from offline.docker.container_spec import nanoseconds, specification
from offline.docker.ownership import LABEL, owned
from offline.docker.uploads import archive
from offline.protocol.failures import Refusal

URN = "urn:pulumi:dev::fate::docker:index/container:Container::web"
INPUTS: dict[str, Any] = {
    "name": "web",
    "image": "sha256:1",
    "restart": "unless-stopped",
    "mustRun": True,
    "memory": 64,
    "memorySwap": 64,
    "cpus": "1.5",
    "networkMode": "bridge",
    "networksAdvanced": [{"name": "net", "aliases": ["web"]}, {"name": "other"}],
    "ports": [{"internal": 80, "external": 8080, "ip": "127.0.0.1"}],
    "labels": [{"label": "fate.stack", "value": "dev"}],
}


def seen(**changes: object) -> dict[str, Any]:
    """Return what the engine tells of the container, with some of it changed."""
    told: dict[str, Any] = {
        "Name": "/web",
        "State": {"Running": True, "ExitCode": 0},
        "Config": {"Labels": {"fate.stack": "dev", "of.the.image": "x"}, "Hostname": "h"},
        "HostConfig": {
            "Memory": 67108864,
            "MemorySwap": 67108864,
            "NanoCpus": 1500000000,
            "RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0},
        },
        "Ports": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]},
        "Networks": {
            "net": {"NetworkID": "1", "Aliases": ["web", "0123456789ab"]},
            "other": {"NetworkID": "2", "Aliases": None},
        },
        **changes,
    }
    settings = {"Ports": told.pop("Ports"), "Networks": told.pop("Networks")}
    return {**told, "NetworkSettings": settings}


def test_nothing_drifted_when_all_is_as_declared() -> None:
    assert drift(seen(), INPUTS) == {}, "the engine's own additions are no drift"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"Name": "/renamed"}, {"name": "renamed"}),
        ({"State": {"Running": False}}, {"mustRun": False, "ports": None}),
        ({"Ports": {}}, {"ports": []}),
        ({"Config": {"Labels": {}}}, {"labels": []}),
        (
            {"Networks": {"net": {"NetworkID": "1", "Aliases": ["web"]}}},
            {"networksAdvanced": [{"name": "net", "aliases": ["web"]}]},
        ),
        (
            {"Networks": {**seen()["NetworkSettings"]["Networks"], "foreign": {"NetworkID": "3"}}},
            {"networksAdvanced": [*INPUTS["networksAdvanced"], {"name": "foreign"}]},
        ),
        (
            {"HostConfig": {**seen()["HostConfig"], "Memory": 134217728, "NanoCpus": 500000000}},
            {"memory": 128, "cpus": "0.5"},
        ),
        ({"HostConfig": {**seen()["HostConfig"], "RestartPolicy": {"Name": ""}}}, {"restart": "no"}),
        ({"HostConfig": {**seen()["HostConfig"], "MemorySwap": -1}}, {}),
    ],
)
def test_a_drift_is_told_as_inputs(change: dict[str, Any], found: dict[str, Any]) -> None:
    assert drift(seen(**change), INPUTS) == found


def test_a_container_that_may_stop_has_no_drift_when_it_did() -> None:
    assert drift(seen(State={"Running": False}, Ports={}), {**INPUTS, "mustRun": False}) == {}


def test_declared_networks_take_the_place_of_the_bridge() -> None:
    body = specification(INPUTS, URN)
    assert body["HostConfig"]["NetworkMode"] == "net"
    assert body["NetworkingConfig"] == {"EndpointsConfig": {"net": {"Aliases": ["web"]}}}


def test_a_container_carries_the_mark_of_its_checkout() -> None:
    labels = specification(INPUTS, URN)["Labels"]
    assert owned(labels, URN)
    assert not owned({**labels, LABEL: f"{URN}@another"}, URN), "another checkout's is not ours"
    assert not owned({"fate.stack": "dev"}, URN)


@pytest.mark.parametrize(
    ("volume", "bind"),
    [
        ({"volumeName": "v", "containerPath": "/data"}, "v:/data:rw"),
        ({"hostPath": "/etc/x", "containerPath": "/x", "readOnly": True}, "/etc/x:/x:ro"),
    ],
)
def test_a_volume_is_bound(volume: dict[str, Any], bind: str) -> None:
    assert specification({**INPUTS, "volumes": [volume]}, URN)["HostConfig"]["Binds"] == [bind]


@pytest.mark.parametrize(
    ("duration", "expected"), [("5s", 5e9), ("1m30s", 90e9), ("250ms", 25e7), ("1.5h", 54e11)]
)
def test_a_duration_is_understood(duration: str, expected: float) -> None:
    assert nanoseconds(duration) == expected


@pytest.mark.parametrize("duration", ["5", "s", "5 s", "five"])
def test_what_is_no_duration_is_refused(duration: str) -> None:
    with pytest.raises(Refusal, match="Write for example '5s'"):
        nanoseconds(duration)


def test_an_upload_is_the_same_archive_every_time() -> None:
    uploads = [
        {"file": "/etc/a", "content": "é"},
        {"file": "/b", "contentBase64": "AA==", "permissions": "0400"},
    ]
    with tarfile.open(fileobj=io.BytesIO(archive(uploads))) as tar:
        members = [(each.name, each.mode, each.uid, each.mtime, each.size) for each in tar]
    assert members == [("etc/a", 0o644, 0, 0, 2), ("b", 0o400, 0, 0, 1)]
    assert archive(uploads) == archive(uploads)
