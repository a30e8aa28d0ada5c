"""Private keys and certificates that follow from the stack's one secret: made in each run, always the same.

Nothing of them is kept. Another stack key, or another name, gives unrelated ones. An RSA key of 2048 bits is
found in about a third of a second; every other step takes a few milliseconds.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from ipaddress import IPv4Address
from math import gcd, lcm, prod

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from config.text import is_address

BITS = 2048
EXPONENT = 65537
THREE = 3
"""The other factor of the keys by which OpenSSL is asked whether a number is prime."""
NOT_BEFORE = datetime(2025, 1, 1, tzinfo=UTC)
NOT_AFTER = datetime(2045, 1, 1, tzinfo=UTC)
"""Fixed, so that two runs make one certificate. When it ends, another stack key makes the next."""
P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""How many points NIST's curve P-256 has (FIPS 186)."""


@dataclass(frozen=True)
class ServerCertificate:
    """A server's certificate (PEM), its private key, and the authority that engines must trust."""

    certificate: str
    key: str
    authority: str


@cache
def rsa_key(secret_key: str, name: str) -> str:
    """Return an RSA private key as PKCS #1 (PEM): Harbor takes no PKCS #8 (facts/harbor-api.md)."""
    key = _rsa(secret_key, name)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


@cache
def server_certificate(secret_key: str, name: str, host: str) -> ServerCertificate:
    """Return the certificate of a host, signed by an authority that is named after it.

    `name` is whose they are, such as `mirror/harborproxy`. Both are valid from 2025 to 2045.
    """
    authority, server = _ec(secret_key, f"{name}/authority"), _ec(secret_key, f"{name}/server")
    issuer, subject = _called(f"FATE mirror {host}"), _called(host)
    root = _begun(issuer, issuer, authority.public_key(), _number(secret_key, f"{name}/authority"))
    leaf = _begun(subject, issuer, server.public_key(), _number(secret_key, f"{name}/server/{host}"))
    signed = leaf.add_extension(x509.SubjectAlternativeName([_alternative(host)]), critical=False)
    for extension, critical in _of_a_server(authority.public_key()):
        signed = signed.add_extension(extension, critical)
    for extension, critical in _of_an_authority(authority.public_key()):
        root = root.add_extension(extension, critical)
    return ServerCertificate(
        certificate=_signed(signed, authority),
        key=server.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode(),
        authority=_signed(root, authority),
    )


def _stream(secret_key: str, name: str) -> Iterator[bytes]:
    """Yield 32 bytes after 32 bytes: the HMAC-SHA256 of a name and a number under the stack's key."""
    number = 0
    while True:
        message = f"derived-keys/{name}/{number}".encode()
        yield hmac.new(secret_key.encode(), message, hashlib.sha256).digest()
        number += 1


def _number(secret_key: str, name: str) -> int:
    """Return a serial: 159 bits at most and not 0, as RFC 5280 wants it."""
    return int.from_bytes(next(_stream(secret_key, f"{name}/serial"))[:19], "big") | 1


def _ec(secret_key: str, name: str) -> ec.EllipticCurvePrivateKey:
    drawn = next(
        each for part in _stream(secret_key, name) if 0 < (each := int.from_bytes(part, "big")) < P256
    )
    return ec.derive_private_key(drawn, ec.SECP256R1())


def _rsa(secret_key: str, name: str) -> rsa.RSAPrivateKey:
    return _key_of(*sorted((_prime(secret_key, f"{name}/p"), _prime(secret_key, f"{name}/q")), reverse=True))


def _key_of(p: int, q: int) -> rsa.RSAPrivateKey:
    """Return the private key of two primes. Raises ValueError where one of them is none."""
    d = pow(EXPONENT, -1, lcm(p - 1, q - 1))
    parts = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
    return rsa.RSAPrivateNumbers(p, q, d, *parts, rsa.RSAPublicNumbers(EXPONENT, p * q)).private_key()


def _prime(secret_key: str, name: str) -> int:
    """Return the first prime after a number that the stream gives, its two highest bits set."""
    stream = _stream(secret_key, name)
    drawn = int.from_bytes(b"".join(next(stream) for _ in range(BITS // 2 // 256)), "big")
    candidate = drawn | 3 << BITS // 2 - 2 | 1
    while not (_may_be_prime(candidate) and _is_prime(candidate)):
        candidate += 2
    return candidate


def _may_be_prime(candidate: int) -> bool:
    return gcd(candidate, _small_primes()) == 1 and gcd(candidate - 1, EXPONENT) == 1


@cache
def _small_primes() -> int:
    """Return the product of the odd primes below 3000: five candidates of six share a factor with it."""
    return prod(n for n in range(3, 3000, 2) if all(n % m for m in range(3, int(n**0.5) + 1, 2)))


def _is_prime(candidate: int) -> bool:
    """Ask OpenSSL, which tests both factors of a private key: several times as fast as Python's numbers."""
    try:
        _key_of(candidate, THREE)
    except ValueError:
        return False
    return True


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _alternative(host: str) -> x509.GeneralName:
    return x509.IPAddress(IPv4Address(host)) if is_address(host) else x509.DNSName(host.rstrip("."))


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, serial: int
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key,
        serial_number=serial,
        not_valid_before=NOT_BEFORE,
        not_valid_after=NOT_AFTER,
    )


def _of_an_authority(key: ec.EllipticCurvePublicKey) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    return (
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (_usage(signs_certificates=True), True),
        (x509.SubjectKeyIdentifier.from_public_key(key), False),
    )


def _of_a_server(authority: ec.EllipticCurvePublicKey) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    return (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage(signs_certificates=False), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(authority), False),
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _signed(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> str:
    """Sign by RFC 6979: by itself ECDSA draws a number at random, and two runs would differ."""
    return builder.sign(key, SHA256(), ecdsa_deterministic=True).public_bytes(Encoding.PEM).decode()
