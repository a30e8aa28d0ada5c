"""The cluster's certificates: an authority, two that it signs, and the key of the service accounts' tokens.

Kept as long as the cluster: `up` makes them once, `down` deletes them.
"""

import datetime
import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from offline.cluster.layout import API_SERVICE, DOMAIN, NODE, NODE_ADDRESS

VALID = datetime.timedelta(days=3650)
API_NAMES = (
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    f"kubernetes.default.svc.{DOMAIN}",
    NODE,
)
API_ADDRESSES = ("127.0.0.1", NODE_ADDRESS, API_SERVICE)
SIGNS = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)
CALLS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])


@dataclass(frozen=True)
class Holder:
    """Whom a certificate is for, with a new key."""

    common_name: str
    organization: str = ""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def name(self) -> x509.Name:
        """The certificate's subject."""
        common = x509.NameAttribute(NameOID.COMMON_NAME, self.common_name)
        if not self.organization:
            return x509.Name([common])
        return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.organization), common])


def ensure(folder: Path) -> None:
    """Make the authority, the API server's two certificates, and the key of the service accounts' tokens."""
    if (folder / "accounts.pub").exists():
        return
    authority = Holder("fate-cluster")
    _certify(folder, "ca", authority, authority, SIGNS)
    _certify(folder, "server", Holder("kube-apiserver"), authority, _api_names())
    _certify(folder, "client", Holder("kube-apiserver", "system:masters"), authority, CALLS)
    accounts = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    _write_key(folder / "accounts.key", accounts)
    (folder / "accounts.pub").write_bytes(
        accounts.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )


def _api_names() -> x509.SubjectAlternativeName:
    addresses = [x509.IPAddress(ipaddress.ip_address(address)) for address in API_ADDRESSES]
    return x509.SubjectAlternativeName([*map(x509.DNSName, API_NAMES), *addresses])


def _certify(
    folder: Path, file: str, holder: Holder, authority: Holder, extension: x509.ExtensionType
) -> None:
    """Write a holder's key and certificate. Whoever signs for itself is an authority, and nobody else is."""
    public, above, now = (
        holder.key.public_key(),
        authority.key.public_key(),
        datetime.datetime.now(datetime.UTC),
    )
    own = x509.BasicConstraints(ca=holder is authority, path_length=None)
    certificate = (
        x509.CertificateBuilder(
            authority.name, holder.name, public, x509.random_serial_number(), now, now + VALID
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above), critical=False)
        .add_extension(own, critical=True)
        .add_extension(extension, critical=isinstance(extension, x509.KeyUsage))
        .sign(authority.key, hashes.SHA256())
    )
    _write_key(folder / f"{file}.key", holder.key)
    (folder / f"{file}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _write_key(file: Path, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> None:
    """Write a private key that its owner alone may read."""
    file.touch(mode=0o600)
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
