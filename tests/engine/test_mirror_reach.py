"""How the real engine reaches a registry: without TLS, or by a certificate that only it trusts."""

import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.errors import DockerException

from bench.stand_in import registry_that_says_yes
from components.preflight.mirror import Engine, check_held
from config import ConfigurationFault, DockerSettings
from tests.engine.tiny_registry import TinyRegistry

CERTIFICATES = Path("/etc/docker/certs.d")


@pytest.fixture(scope="module")
def bridge() -> Iterator[str]:
    """Give an address of this machine that is not loopback: that of a network of the engine."""
    try:
        client = docker.DockerClient(base_url=DockerSettings().host, timeout=10)
        network = client.networks.create("fate-test-mirror-reach")
    except DockerException as reason:
        pytest.skip(f"no Docker engine here: {reason}")
    network.reload()
    yield network.attrs["IPAM"]["Config"][0]["Gateway"]
    network.remove()
    client.close()


@pytest.fixture
def registry(bridge: str) -> Iterator[TinyRegistry]:
    served = TinyRegistry(bridge)
    yield served
    served.shutdown()
    served.server_close()


def refusal(address: str) -> str:
    with pytest.raises(ConfigurationFault) as refused:
        check_held({"gateway": f"{address}/fate/nginx:1"}, [Engine(DockerSettings())])
    return str(refused.value)


def test_an_engine_takes_plain_http_from_its_own_machine() -> None:
    with registry_that_says_yes() as address:
        check_held({"gateway": f"{address}/nginx:1"}, [Engine(DockerSettings())])


def test_a_registry_without_tls_is_refused_with_what_the_engine_must_be_told(
    registry: TinyRegistry, bridge: str
) -> None:
    address = f"{bridge}:{registry.server_port}"
    message = refusal(address)
    assert "cannot be reached by the Docker engine at unix:///var/run/docker.sock: " in message
    assert f'write "insecure-registries": ["{address}"] into the daemon.json of the engine' in message


@pytest.mark.skipif(os.geteuid() != 0, reason="only root tells an engine whom to trust")
def test_a_registry_that_only_the_engine_trusts_is_asked(
    registry: TinyRegistry, bridge: str, tmp_path: Path
) -> None:
    address = f"{bridge}:{registry.server_port}"
    certificate = secured(registry, bridge, tmp_path)
    message = refusal(address)
    assert "x509: " in message
    assert f"/etc/docker/certs.d/{address}/ca.crt" in message
    trusted = CERTIFICATES / address
    trusted.mkdir(parents=True)
    try:
        shutil.copy(certificate, trusted / "ca.crt")
        assert "lacks fate/nginx:1, the image of gateway" in refusal(address)
    finally:
        shutil.rmtree(trusted)


def secured(registry: TinyRegistry, address: str, folder: Path) -> Path:
    """Give a registry a certificate that nobody else has signed, and return it."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subject = ["-subj", "/CN=fate", "-addext", f"subjectAltName=IP:{address}", "-days", "1", "-nodes"]
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", *subject]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    registry.socket = context.wrap_socket(registry.socket, server_side=True)
    return certificate
