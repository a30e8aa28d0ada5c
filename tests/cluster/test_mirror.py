"""A registry that runs on the cluster itself, filled by the Docker engine, that the node pulls from."""

import json
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from components.services.passwords import derive
from components.services.registry import PASSWORD
from images.recipes import image_reference
from tests.cluster.conftest import CLUSTER, on_the_cluster, with_namespaces_removed
from tests.cluster.kubectl import ROOT, is_ready, kubectl, objects, pod_of, until
from tests.engine.tiny_registry import TinyRegistry
from tests.project import Project, Stack

PORT = 30511
ADDRESS = f"localhost:{PORT}"
MIRROR, PARTY = "fate-mirrored-mirror", "fate-mirrored-9999"
ALONE = {"computing": "standalone", "storage": "standalone", "federation": "standalone"}
EMPTY = f"sha256:{sha256(b'{}').hexdigest()}"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
HELD = {"fate/fateflow", "fate/mariadb", "fate/nginx", "fate/rabbitmq"}


def command(*words: str) -> str:
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout.strip()


@pytest.fixture(scope="module")
def registry_image() -> str:
    """Hand the registry's own image to the node, as docs/mirror.md does; return its name by digest."""
    command(sys.executable, "-m", "ops", "images", "build", "registry")
    return command(sys.executable, "-m", "offline.cluster", "load", image_reference("registry"))


def values(registry_image: str, **mirror: Any) -> dict[str, Any]:  # noqa: ANN401 - YAML
    kept = {claim: size for claim, size in CLUSTER["storage"]["size"].items() if "fateflow" in claim}
    storage = {"size": {**kept, "registry": "5Gi"}}
    return {
        "release": "2.2.0",
        "runtime": {**CLUSTER, "storage": storage},
        "images": {"from": "packages"},
        "mirror": {"kind": "distribution", "port": PORT, "image": registry_image, **mirror},
        "parties": [{"id": "9999", "engines": ALONE, "peers": [], "database": "sqlite"}],
    }


@pytest.fixture(scope="module")
def mirrored(project: Project, registry_image: str) -> Iterator[Stack]:
    given = values(registry_image, holds=["mariadb", "rabbitmq"])
    with on_the_cluster(project, "mirrored", given) as stack:
        yield stack


def password(namespace: str = PARTY) -> str:
    """Return the mirror's password, as a party's pull secret has it."""
    secret = json.loads(kubectl("get", "secret", "fate-mirror", "--namespace", namespace, "--output", "json"))
    auths = json.loads(b64decode(secret["data"][".dockerconfigjson"]))["auths"]
    assert set(auths) == {ADDRESS}
    return b64decode(auths[ADDRESS]["auth"]).decode().partition(":")[2]


def answer(path: str, *login: str, address: str = ADDRESS) -> tuple[int, str]:
    """Ask the mirror as curl does; return the status and the body."""
    user = ("--user", ":".join(login)) if login else ()
    shown = ("--silent", "--header", f"Accept: {MANIFEST}", "--write-out", "\n%{http_code}")
    asked = command("curl", *shown, *user, f"http://{address}{path}")
    body, _, status = asked.rpartition("\n")
    return int(status), body


def blobs() -> str:
    """Return every blob in the mirror's claim with when it was written."""
    find = ("find", "/var/lib/registry", "-path", "*/blobs/*", "-name", "data", "-printf", r"%p %T@\n")
    listed = kubectl("exec", "--namespace", MIRROR, "statefulset/registry", "--", *find)
    return "\n".join(sorted(listed.splitlines()))


def test_the_party_runs_what_the_node_pulled_from_the_mirror(mirrored: Stack) -> None:
    held = mirrored.outputs()["images"]
    assert mirrored.outputs()["mirror"] == ADDRESS
    for service in ("fateflow", "gateway"):
        pod = pod_of(service, PARTY)
        assert pod["spec"]["containers"][0]["image"] == held[service]
        assert held[service].startswith(f"{ADDRESS}/fate/")
        assert is_ready(pod), f"{service} does not work"
    assert mirrored.doctor("--jobs", "none").returncode == 0


def test_who_has_no_login_or_a_wrong_one_is_refused(mirrored: Stack) -> None:
    assert answer("/v2/")[0] == 401
    assert answer("/v2/_catalog", "fate", "wrong")[0] == 401
    assert answer("/v2/_catalog", "other", password())[0] == 401
    status, body = answer("/v2/_catalog", "fate", password())
    assert status == 200
    assert set(json.loads(body)["repositories"]) == HELD


def pulling(name: str, image: str, secrets: list[str]) -> str:
    """Return a pod that asks the registry for its image each time, whatever the node has."""
    allowed = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "runAsUser": 10005}
    hardened = {**allowed, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    container = {"name": name, "image": image, "imagePullPolicy": "Always", "command": ["sleep", "600"]}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": PARTY, "labels": {"app.kubernetes.io/name": name}},
            "spec": {
                "automountServiceAccountToken": False,
                "terminationGracePeriodSeconds": 0,
                "imagePullSecrets": [{"name": secret} for secret in secrets],
                "containers": [{**container, "securityContext": hardened}],
            },
        }
    )


def waits_for(name: str) -> str:
    """Return why a pod's container waits, the empty text if it runs or nothing is known of it yet."""
    statuses = pod_of(name, PARTY)["status"].get("containerStatuses", [])
    return "".join(status["state"].get("waiting", {}).get("message", "") for status in statuses)


def test_the_node_pulls_with_the_pull_secret_and_not_without(mirrored: Stack) -> None:
    image = mirrored.outputs()["images"]["gateway"]
    kubectl("create", "--filename", "-", given=pulling("stranger", image, []))
    kubectl("create", "--filename", "-", given=pulling("friend", image, ["fate-mirror"]))
    try:
        until("the friend runs", lambda: is_ready(pod_of("friend", PARTY)))
        until("the stranger is refused", lambda: "401 Unauthorized" in waits_for("stranger"))
    finally:
        kubectl("delete", "pod", "stranger", "friend", "--namespace", PARTY)


def test_the_second_preview_is_empty_after_a_refresh(mirrored: Stack) -> None:
    mirrored.pulumi("preview", "--refresh", "--diff", "--expect-no-changes")


def test_the_mirror_s_password_stands_nowhere_in_plain(mirrored: Stack) -> None:
    kinds = "configmaps,pods,statefulsets,events"
    places = {
        "objects": kubectl("get", kinds, "--namespace", MIRROR, "--output", "yaml"),
        "state": "".join(
            file.read_text()
            for file in (mirrored.project.folder / "state").rglob("mirrored*.json*")
            if file.is_file()
        ),
        "outputs": json.dumps(mirrored.outputs()),
        "log": kubectl("logs", "--namespace", MIRROR, "statefulset/registry"),
    }
    assert places["state"], "the state was not looked at"
    assert [place for place, text in places.items() if password() in text] == []


def test_a_deleted_mirror_is_back_with_its_images(mirrored: Stack) -> None:
    before, gone = blobs(), pod_of("registry", MIRROR)["metadata"]
    kubectl("delete", "pod", gone["name"], "--namespace", MIRROR)
    until("a new registry is ready", lambda: _replaced(gone["uid"]))
    assert blobs() == before
    assert set(json.loads(answer("/v2/_catalog", "fate", password())[1])["repositories"]) == HELD
    mirrored.pulumi("preview", "--refresh", "--expect-no-changes")


def _replaced(uid: str) -> bool:
    pod = pod_of("registry", MIRROR)
    return pod["metadata"]["uid"] != uid and is_ready(pod)


def test_what_the_mirror_holds_outlives_destroy(mirrored: Stack) -> None:
    before, images = blobs(), mirrored.outputs()["images"]
    claims = {claim["metadata"]["uid"] for claim in objects("persistentvolumeclaims", MIRROR)}
    assert len(claims) == 1
    mirrored.pulumi("destroy", "--yes", "--skip-preview")
    assert objects("pods", MIRROR) == []
    assert objects("secrets", MIRROR) == []
    assert {claim["metadata"]["uid"] for claim in objects("persistentvolumeclaims", MIRROR)} == claims
    mirrored.up()
    assert blobs() == before, "nothing was pushed anew"
    assert mirrored.outputs()["images"] == images


@pytest.fixture
def upstream() -> Iterator[TinyRegistry]:
    """Serve one image where pods reach it: at the address of Docker's own bridge."""
    registry = TinyRegistry("172.17.0.1")
    config = {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 2, "digest": EMPTY}
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []}
    body = json.dumps(manifest).encode()
    for reference in ("1", f"sha256:{sha256(body).hexdigest()}"):
        registry.manifests[reference] = (MANIFEST, body)
    yield registry
    registry.shutdown()
    registry.server_close()


def test_a_cache_fetches_from_its_upstream_who_has_a_login(
    project: Project, registry_image: str, upstream: TinyRegistry
) -> None:
    """Only the mirror is brought up: no party could run the upstream's one image."""
    given = values(registry_image, port=30512, upstream=f"http://172.17.0.1:{upstream.server_port}")
    stack = project.stack("cached", given | {"images": {"from": "registry", "prefix": "a.example/fate"}})
    with_namespaces_removed("cached")
    try:
        stack.up("--target", "**RegistryMirror**", "--target", "**pulumi:providers**")
        key = stack.pulumi("config get", "fate:secret-key").stdout.strip()
        login, there = ("fate", derive(key, "mirror", PASSWORD)), "/v2/fate/tiny/manifests/1"
        assert answer(there, address="localhost:30512")[0] == 401
        status, body = answer(there, *login, address="localhost:30512")
        assert (status, body.encode()) == (200, upstream.manifests["1"][1])
    finally:
        stack.sweep()
        with_namespaces_removed("cached", wait=False)
