"""The cluster's certificates are taken by who has to: TLS to and from the API server, accounts' tokens."""

import ssl
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from offline.cluster import certificates
from offline.cluster.layout import API_SERVICE, NODE, NODE_ADDRESS

KEYS = ("ca.key", "server.key", "client.key", "accounts.key")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    certificates.ensure(folder)
    return folder


def _openssl(*words: str | Path) -> str:
    return subprocess.run(["openssl", *words], check=True, capture_output=True, text=True).stdout


def _met(made: Path, host: str, *, with_client: bool = True) -> dict[str, object]:
    """Return the certificate of a caller that the API server has met under a name, by a whole handshake."""
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(made / "ca.crt"))
    server.load_cert_chain(made / "server.crt", made / "server.key")
    server.verify_mode = ssl.CERT_REQUIRED
    client = ssl.create_default_context(cafile=str(made / "ca.crt"))
    if with_client:
        client.load_cert_chain(made / "client.crt", made / "client.key")
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(down, up, server_hostname=host),
        server.wrap_bio(up, down, server_side=True),
    ]
    waiting = list(ends)
    while waiting:
        end = waiting.pop(0)
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            waiting.append(end)
    return dict(ends[1].getpeercert() or {})


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
        NODE,
        "127.0.0.1",
        NODE_ADDRESS,
        API_SERVICE,
    ],
)
def test_the_api_server_is_met_under_each_of_its_names(made: Path, host: str) -> None:
    caller = _met(made, host)
    assert caller["subject"] == (
        (("organizationName", "system:masters"),),
        (("commonName", "kube-apiserver"),),
    ), "the kubelet reads the caller's name and group from this"


def test_the_api_server_is_nobody_elses_name(made: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        _met(made, "kubernetes.example")


def test_a_caller_without_a_certificate_is_refused(made: Path) -> None:
    with pytest.raises(ssl.SSLError):
        _met(made, NODE, with_client=False)


@pytest.mark.parametrize("name", ["ca", "server", "client"])
def test_openssl_reads_each_certificate_and_takes_it_for_ten_years(made: Path, name: str) -> None:
    file = made / f"{name}.crt"
    assert _openssl("verify", "-x509_strict", "-CAfile", made / "ca.crt", file).endswith(": OK\n")
    found = x509.load_pem_x509_certificate(file.read_bytes())
    assert found.issuer.rfc4514_string() == "CN=fate-cluster"
    assert (found.not_valid_after_utc - found.not_valid_before_utc).days == 3650
    constraints = found.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca) == (True, name == "ca"), "only the authority is one"
    key = serialization.load_pem_private_key((made / f"{name}.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.curve.name == "secp256r1"
    assert key.public_key() == found.public_key(), "a certificate and its key belong together"


def test_the_key_of_the_accounts_is_the_pair_of_what_checks_their_tokens(made: Path) -> None:
    key = serialization.load_pem_private_key((made / "accounts.key").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    assert key.key_size == 2048
    assert _openssl("pkey", "-in", made / "accounts.key", "-pubout") == (made / "accounts.pub").read_text()


def test_nobody_else_reads_a_private_key(made: Path) -> None:
    assert {file.name for file in made.iterdir()} == {
        *KEYS,
        "ca.crt",
        "server.crt",
        "client.crt",
        "accounts.pub",
    }
    assert {(made / name).stat().st_mode & 0o777 for name in KEYS} == {0o600}


def test_what_is_made_is_kept(made: Path) -> None:
    before = {file.name: file.read_bytes() for file in made.iterdir()}
    certificates.ensure(made)
    assert {file.name: file.read_bytes() for file in made.iterdir()} == before
