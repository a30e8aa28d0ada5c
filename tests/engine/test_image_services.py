"""The images of Pulsar and notebooks at work: hardened, nothing but their data writable.

Each with the smallest configuration that starts it. What parties hand in is tested with the parties, and
Spark and HDFS are (tests/combinations/test_spark.py).
"""

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import cast

import docker
import pytest
from docker.models.containers import Container

from images import debian, engine, recipes, trust

NAMES = ("notebook", "pulsar")
SECONDS = 300
"""How long a service may take to answer on a machine that does much else."""

STANDALONE_CONF = """clusterName=standalone
managedLedgerDefaultEnsembleSize=1
managedLedgerDefaultWriteQuorum=1
managedLedgerDefaultAckQuorum=1
managedLedgerCacheSizeMB=16
dbStorage_writeCacheMaxSizeMb=16
dbStorage_readAheadCacheMaxSizeMb=16
"""
PULSAR = f"""echo '{STANDALONE_CONF}' >/tmp/standalone.conf
exec java @/pulsar/etc/java.options -Xmx128m -XX:MaxDirectMemorySize=128m \\
    org.apache.pulsar.PulsarStandaloneStarter --config /tmp/standalone.conf -nfw -nss
"""
NOTEBOOK = """cd /notebooks
hashed=$(python3 -c 'from jupyter_server.auth import passwd; print(passwd("a password", "sha256"))')
exec jupyter-lab --no-browser --ServerApp.ip=0.0.0.0 --PasswordIdentityProvider.hashed_password="$hashed"
"""


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    try:
        client = engine.connect()
    except engine.ImageError as reason:
        pytest.skip(str(reason))
    missing = [
        name
        for name in recipes.lineage(NAMES)[1:]
        if engine.image_size(client, recipes.image_reference(name)) is None
    ]
    if missing:
        trust.hand_over_once()
        debian.ensure_base(None, print)
    for name in missing:
        engine.build(client, name, print)
    yield client
    client.close()


@dataclass
class Place:
    """A network of one test's own, and what runs on it."""

    client: docker.DockerClient
    network: str
    kept: ExitStack

    def run(
        self, recipe: str, script: str, host: str, writable: Sequence[str] = (), memory: str = "640m"
    ) -> Container:
        """Start a container as nothing but its own user, on a root that cannot be written to."""
        user = self.client.images.get(recipes.image_reference(recipe)).attrs["Config"]["User"]
        container = self.client.containers.run(
            recipes.image_reference(recipe),
            ["sh", "-ec", script],
            detach=True,
            hostname=host,
            name=f"{self.network}-{host}",
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            read_only=True,
            mem_limit=memory,
            memswap_limit=memory,
            tmpfs={"/tmp": "noexec"} | {path: f"uid={user},gid={user},mode=0750" for path in writable},
            network=self.network,
            networking_config={self.network: self.client.api.create_endpoint_config(aliases=[host])},
        )
        self.kept.callback(container.remove, v=True, force=True)
        return container


@pytest.fixture
def place(client: docker.DockerClient) -> Iterator[Place]:
    name = f"fate-test-{secrets.token_hex(4)}"
    network = client.networks.create(name, internal=True)
    try:
        with ExitStack() as kept:
            yield Place(client, name, kept)
    finally:
        network.remove()


def told_within(container: Container, *command: str) -> str:
    """Return what a command tells that is run in a container."""
    return cast(bytes, container.exec_run(list(command)).output).decode(errors="replace")


def asked(container: Container, path: str, wanted: str) -> str:
    """Ask a service over HTTP from within until its answer holds what is wanted; return the answer."""
    answer = ""
    for _ in range(SECONDS):
        answer = told_within(container, "busybox", "wget", "-q", "-O", "-", f"http://localhost:{path}")
        if wanted in answer:
            return answer
        time.sleep(1)
    raise AssertionError(f"{path} never told {wanted}: {answer}\n{container.logs(tail=30).decode()}")


def test_pulsar_is_healthy_within_half_a_gibibyte(place: Place) -> None:
    broker = place.run("pulsar", PULSAR, "broker", ["/pulsar/data"], "512m")
    assert asked(broker, "8080/admin/v2/brokers/health", "ok") == "ok"


def test_a_notebook_serves_whom_knows_its_password_alone(place: Place) -> None:
    notebook = place.run("notebook", NOTEBOOK, "notebook", ["/notebooks", "/home/notebook"])
    asked(notebook, "8888/api", '"version"')
    refused = told_within(notebook, "busybox", "wget", "-O", "-", "http://localhost:8888/api/contents")
    assert "403" in refused, "notebooks are read by whoever reaches the port"
