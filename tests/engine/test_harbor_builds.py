"""An image that is built for a Harbor: the engine pushes it by one robot, and pulls it by another's login.

All but Harbor's own containers is real: the whole program, Pulumi, the engine, a registry with the bytes. In
their place is the stand-in of tests/harbor, with the certificate that follows from the secret key.
"""

import os
import ssl
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from bench.engine import connect, swept
from bench.upstream import NAME, own_network, running_registry
from bench.verdicts import CannotMeasureError
from components.services import harborproxy
from components.services.harbor_secrets import authority_of, robot_secret, values
from config import HarborMirror
from images.recipes import base_reference, recipe_digest, tag_of
from tests.engine.plugin_project import pulumi
from tests.harbor.state import ADMIN, State
from tests.harbor.whole import whole_harbor
from tests.project import ROOT, Project, Stack

STACK = "pushing"
PROGRAM = f"""
import runpy, sys
sys.path.insert(0, {str(ROOT)!r})
import pulumi
from components import filling
from components.services.harbor_secrets import authority_of

class UpAlready(pulumi.ComponentResource):
    def __init__(self, name, args, opts):
        super().__init__("fate:index:Harbor", name, None, opts)
        settings = args["settings"]
        authority = args["secret_key"].apply(lambda key: authority_of(key, name, settings))
        self.authority = pulumi.Output.unsecret(authority)
        self.address = pulumi.Output.from_input(settings.pull_address)
        self.url = f"https://{{settings.authority}}"
        self.login = dict(zip(("user", "password"), {ADMIN!r}))
        self.register_outputs({{}})

filling.Harbor = UpAlready
runpy.run_path({str(ROOT / "__main__.py")!r})
"""
NGINX = f"fate/nginx:{recipe_digest('nginx')}"


def stack_of(port: int) -> dict[str, object]:
    """Return a stack whose one image is small: an exchange, and its Harbor at a port of this machine.

    That is open already, so the stack says another address of loopback, where it would open it.
    """
    member = {"id": "9999", "host": "192.0.2.1", "broker-at": 29481}
    expose = {"host": "fate.exchange.example", "bind": "127.0.0.1", "gateway-port": 29480}
    return {
        "release": "2.2.0",
        "runtime": {"kind": "docker"},
        "images": {"from": "packages"},
        "mirror": {"kind": "harbor", "host": "127.0.0.1", "port": port, "bind": "127.0.0.2"},
        "exchange": {"kind": "gateway", "expose": expose, "parties": [member]},
        "parties": [],
    }


@pytest.fixture
def client() -> docker.DockerClient:
    try:
        return connect()
    except CannotMeasureError as reason:
        pytest.skip(str(reason))


@pytest.fixture
def behind(client: docker.DockerClient) -> Iterator[str]:
    """Give the registry behind Harbor."""
    try:
        with swept(client, NAME), own_network(client), running_registry(client, "behind", None) as behind:
            yield f"http://127.0.0.1:{behind.port}"
    except CannotMeasureError as reason:
        pytest.skip(str(reason))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    if pulumi() is None:
        pytest.skip("there is no pulumi here: `make pulumi`")
    project = Project.at(tmp_path)
    (tmp_path / "__main__.py").unlink()
    (tmp_path / "__main__.py").write_text(PROGRAM)
    return project


def certified(project: Project, key: str, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Return what Harbor's own certificate is, and have this machine trust who signed it.

    An engine asks no certificate of a registry on its own loopback.
    """
    settings = HarborMirror(host="127.0.0.1")
    own = values(key, "mirror", settings, {})
    file, trusted = project.folder / "harbor.pem", project.folder / "trusted.pem"
    file.write_text(own[harborproxy.certificate(settings)] + own[harborproxy.certificate_key(settings)])
    system = Path(os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().openssl_cafile)
    trusted.write_text(
        f"{system.read_text() if system.exists() else ''}\n{authority_of(key, 'mirror', settings)}"
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_what_is_built_is_pushed_by_one_robot_and_pulled_by_digest_with_another(
    project: Project, client: docker.DockerClient, behind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, key = State(late=1), Stack(project, STACK).secret_key
    with whole_harbor(state, behind, behind, certified(project, key, monkeypatch)) as url:
        host = url.removeprefix("https://")
        with project.brought_up(STACK, stack_of(int(host.rpartition(":")[2]))) as stack:
            reference = stack.outputs()["images"]["gateway"]
            assert reference.startswith(f"{host}/fate/nginx@sha256:")
            assert f"robot$fate+push push /v2/{NGINX.replace(':', '/manifests/')}" in state.asked

            forget(client, f"{host}/{NGINX}")
            stack.up("--refresh")
            (container,) = exchanges(client)
            digests = client.images.get(container.attrs["Image"]).attrs["RepoDigests"]
            assert reference in digests, "the exchange runs what was pushed"
            manifest = f"/v2/fate/nginx/manifests/{reference.partition('@')[2]}"
            assert f"robot$fate+exchange pull {manifest}" in state.asked, "an engine without it pulls it"
            assert not [each for each in state.asked if each.startswith("robot$fate+exchange push")]
            assert stack.steps() == {}, "the next preview is empty"

            kept = "".join(file.read_text() for file in (project.folder / "state").rglob("*.json"))
            secrets = [robot_secret(key, "harbor", robot) for robot in ("push", "exchange")]
            assert not [secret for secret in secrets if secret in kept], "no state has a robot's secret"
            forget(client, f"{host}/{NGINX}", own_tag("base"))


def exchanges(client: docker.DockerClient) -> list[Container]:
    found: list[Container] = client.containers.list(filters={"label": f"fate.stack={STACK}"})
    return found


def forget(client: docker.DockerClient, *tags: str) -> None:
    """Have the engine know images by these tags no more, nor by a digest; layers of others' stay."""
    for container in exchanges(client):
        container.remove(force=True)
    for tag in tags:
        client.images.remove(tag, force=True)


def own_tag(recipe: str) -> str:
    return f"{base_reference().partition(':')[0]}:{tag_of(recipe, f'fate-{STACK}')}"
