"""A container's state as the engine takes it, and what the engine tells, as its state again."""

import io
import tarfile
from typing import Any

import pytest

from diff.docker.container_shape import as_duration, nanoseconds
from offline.docker.container_seen import seen
from offline.docker.container_spec import specification
from offline.docker.uploads import archive
from offline.protocol.failures import Refusal

STATE: dict[str, Any] = {
    "name": "web",
    "image": "sha256:1",
    "restart": "unless-stopped",
    "mustRun": True,
    "readOnly": False,
    "rm": False,
    "memory": 64,
    "memorySwap": 64,
    "cpus": "1.5",
    "networkMode": "bridge",
    "networksAdvanced": [{"name": "net", "aliases": ["web"]}, {"name": "other"}],
    "ports": [{"internal": 80, "external": 8080, "ip": "127.0.0.1", "protocol": "tcp"}],
    "labels": [{"label": "fate.stack", "value": "dev"}],
}
HOST: dict[str, Any] = {
    "Memory": 67108864,
    "MemoryReservation": 0,
    "MemorySwap": 67108864,
    "NanoCpus": 1500000000,
    "CpuShares": 0,
    "CpusetCpus": "",
    "ShmSize": 67108864,
    "RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0},
    "AutoRemove": False,
    "ReadonlyRootfs": False,
    "Init": True,
    "SecurityOpt": None,
    "NetworkMode": "bridge",
    "LogConfig": {"Type": "json-file", "Config": {}},
    "CapAdd": None,
    "CapDrop": ["ALL"],
    "Ulimits": None,
    "ExtraHosts": None,
}
CONFIG: dict[str, Any] = {
    "Hostname": "h",
    "Cmd": ["sleep"],
    "Entrypoint": None,
    "User": "",
    "WorkingDir": "",
    "Labels": {"of.the.image": "x"},
}


def told(**changes: object) -> dict[str, Any]:
    """Return what the engine tells of the container, with some of it changed."""
    found: dict[str, Any] = {
        "Name": "/web",
        "Image": "sha256:1",
        "State": {"Running": True, "ExitCode": 0},
        "Config": CONFIG,
        "HostConfig": HOST,
        "Ports": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]},
        **changes,
    }
    return {**found, "NetworkSettings": {"Ports": found.pop("Ports"), "Networks": {}}}


def test_nothing_drifted_when_all_is_as_declared() -> None:
    found = seen(told(), STATE)
    assert {name: value for name, value in found.items() if name in STATE} == {
        name: value for name, value in STATE.items() if name not in ("networksAdvanced", "labels", "mustRun")
    }, "labels and networks are not read at all"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"Name": "/renamed"}, {"name": "renamed"}),
        ({"State": {"Running": False, "ExitCode": 3}}, {"mustRun": False, "exitCode": 3}),
        ({"Ports": {}}, {"ports": []}),
        ({"HostConfig": {**HOST, "Memory": 134217728}}, {"memory": 128}),
        ({"HostConfig": {**HOST, "NanoCpus": 500000000}}, {"cpus": "0.5"}),
        ({"HostConfig": {**HOST, "MemorySwap": -1}}, {"memorySwap": -1}),
        (
            {"Config": {**CONFIG, "Healthcheck": {"Test": ["CMD", "a"], "StartPeriod": 90_000_000_000}}},
            {
                "healthcheck": {
                    "tests": ["CMD", "a"],
                    "interval": "0s",
                    "timeout": "0s",
                    "startPeriod": "1m30s",
                    "startInterval": "0s",
                    "retries": 0,
                }
            },
        ),
    ],
)
def test_what_the_engine_tells_is_the_state(change: dict[str, Any], found: dict[str, Any]) -> None:
    all_found = seen(told(**change), STATE)
    assert {name: all_found[name] for name in found} == found


def test_all_gpus_are_asked_of_the_engine_as_docker_run_does() -> None:
    (request,) = specification({**STATE, "gpus": "all"})["HostConfig"]["DeviceRequests"]
    assert (request["Count"], request["Capabilities"]) == (-1, [["gpu"]])
    assert "DeviceRequests" not in specification(STATE)["HostConfig"]


@pytest.mark.parametrize(
    ("requests", "found"),
    [([{"Count": -1, "Capabilities": [["gpu"]]}], {}), (None, {"gpus": ""}), ([], {"gpus": ""})],
)
def test_gpus_that_a_container_has_lost_are_seen(requests: object, found: dict[str, str]) -> None:
    after = seen(told(HostConfig={**HOST, "DeviceRequests": requests}), {**STATE, "gpus": "all"})
    assert {name: value for name, value in after.items() if name == "gpus"} == found


def test_ports_that_were_lost_are_not_looked_for_again() -> None:
    assert "ports" not in seen(told(), {**STATE, "ports": []})


def test_a_container_stays_in_its_own_mode_and_is_connected_later() -> None:
    body = specification(STATE)
    assert body["HostConfig"]["NetworkMode"] == "bridge"
    assert "NetworkingConfig" not in body
    assert body["HostConfig"]["Init"] is False, "left out is no init, whatever the engine's default"


@pytest.mark.parametrize(
    ("volume", "bind"),
    [
        ({"volumeName": "v", "containerPath": "/data"}, "v:/data:rw"),
        ({"hostPath": "/etc/x", "containerPath": "/x", "readOnly": True}, "/etc/x:/x:ro"),
    ],
)
def test_a_volume_is_bound(volume: dict[str, Any], bind: str) -> None:
    assert specification({**STATE, "volumes": [volume]})["HostConfig"]["Binds"] == [bind]


@pytest.mark.parametrize(
    ("duration", "expected", "again"),
    [
        ("5s", 5e9, "5s"),
        ("90s", 90e9, "1m30s"),
        ("250ms", 25e7, "250ms"),
        ("1.5h", 54e11, "1h30m0s"),
        ("1000ms", 1e9, "1s"),
        ("1.5s", 15e8, "1.5s"),
        ("60s", 60e9, "1m0s"),
        ("0s", 0, "0s"),
        ("3us", 3e3, "3µs"),
    ],
)
def test_a_duration_is_understood_and_written_as_go_does(duration: str, expected: float, again: str) -> None:
    assert nanoseconds(duration) == expected
    assert as_duration(nanoseconds(duration)) == again


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
