"""Keys and certificates that follow from a stack's secret key: always the same, and of no use to another."""

import time
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from components.services.derived_keys import rsa_key, server_certificate

KEY, ANOTHER = "k" * 32, "l" * 32
HOST = "harbor.bank.example"


def rsa_private(secret_key: str, name: str = "token") -> rsa.RSAPrivateKey:
    key = load_pem_private_key(rsa_key(secret_key, name).encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def certificate(text: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(text.encode())


def test_two_derivations_are_alike_to_the_byte() -> None:
    first = rsa_key(KEY, "token"), server_certificate(KEY, "mirror", HOST)
    rsa_key.cache_clear()
    server_certificate.cache_clear()
    assert (rsa_key(KEY, "token"), server_certificate(KEY, "mirror", HOST)) == first, (
        "or every preview would show a change"
    )


def test_what_was_derived_once_is_what_every_version_of_this_program_derives() -> None:
    modulus = rsa_private(KEY).public_key().public_numbers().n
    assert f"{modulus:x}"[:32] == "c9c1fcc7a88ee13a596dd59959e01ce5", (
        "every robot and every engine would have to trust anew"
    )
    told = certificate(server_certificate(KEY, "mirror", HOST).authority).fingerprint(SHA256()).hex()[:32]
    assert told == "273412940c26f0ba0e8c7b1e42a66658"


@pytest.mark.parametrize(("secret_key", "name"), [(ANOTHER, "token"), (KEY, "other")])
def test_another_stack_key_or_name_gives_an_unrelated_key(secret_key: str, name: str) -> None:
    one, other = (key.private_numbers() for key in (rsa_private(KEY), rsa_private(secret_key, name)))
    assert not {one.p, one.q} & {other.p, other.q}


def test_the_rsa_key_is_one_that_harbor_takes() -> None:
    assert rsa_key(KEY, "token").startswith("-----BEGIN RSA PRIVATE KEY-----\n"), "PKCS #8 gives no token"
    assert rsa_private(KEY).key_size == 2048


def test_the_rsa_key_signs_alike_and_verifies() -> None:
    key, another = rsa_private(KEY), rsa_private(ANOTHER)
    signature = key.sign(b"a token", padding.PKCS1v15(), SHA256())
    assert signature == key.sign(b"a token", padding.PKCS1v15(), SHA256())
    key.public_key().verify(signature, b"a token", padding.PKCS1v15(), SHA256())
    with pytest.raises(InvalidSignature):
        another.public_key().verify(signature, b"a token", padding.PKCS1v15(), SHA256())


def test_finding_an_rsa_key_takes_less_of_the_processor_than_a_second() -> None:
    began = time.process_time()
    for name in ("a", "b", "c", "d"):
        rsa_key.__wrapped__(KEY, name)
    assert (time.process_time() - began) / 4 < 1, "every preview waits for it"


def test_the_authority_vouches_for_the_server_and_for_nobody_else_s() -> None:
    made, another = server_certificate(KEY, "mirror", HOST), server_certificate(ANOTHER, "mirror", HOST)
    certificate(made.certificate).verify_directly_issued_by(certificate(made.authority))
    with pytest.raises(InvalidSignature):
        certificate(another.certificate).verify_directly_issued_by(certificate(made.authority))


def test_the_certificate_is_the_key_s_and_the_host_s() -> None:
    made = server_certificate(KEY, "mirror", HOST)
    key = load_pem_private_key(made.key.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert certificate(made.certificate).public_key() == key.public_key(), "nginx would not start"
    names = certificate(made.certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert names.value.get_values_for_type(x509.DNSName) == [HOST], "engines look at nothing else"


def test_a_host_that_is_an_address_is_certified_as_one() -> None:
    made = certificate(server_certificate(KEY, "mirror", "192.0.2.10").certificate)
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert names.value.get_values_for_type(x509.IPAddress) == [IPv4Address("192.0.2.10")]


def test_only_the_authority_may_sign_and_it_signs_no_authorities() -> None:
    made = server_certificate(KEY, "mirror", HOST)
    root, leaf = (
        certificate(each).extensions.get_extension_for_class(x509.BasicConstraints).value
        for each in (made.authority, made.certificate)
    )
    assert (root.ca, root.path_length, leaf.ca) == (True, 0, False)


def test_certificates_are_valid_from_a_day_that_never_moves() -> None:
    for each in (
        server_certificate(KEY, "mirror", HOST).authority,
        server_certificate(KEY, "m", HOST).authority,
    ):
        assert certificate(each).not_valid_before_utc == datetime(2025, 1, 1, tzinfo=UTC)
        left = certificate(each).not_valid_after_utc - datetime.now(UTC)
        assert left > timedelta(days=825), "those who pull would soon be refused"


def test_no_two_certificates_of_an_authority_have_one_serial() -> None:
    hosts = (HOST, "another.bank.example")
    serials = {
        certificate(server_certificate(KEY, "mirror", host).certificate).serial_number for host in hosts
    }
    serials.add(certificate(server_certificate(KEY, "mirror", HOST).authority).serial_number)
    assert len(serials) == 3
