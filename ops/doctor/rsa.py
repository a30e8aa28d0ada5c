"""RSA as a browser's script does it: a text under a server's public key, padded as PKCS #1 v1.5 says.

Only to encrypt; no library is asked, for the public key's two numbers are all that is needed.
"""

import base64
import secrets

SEQUENCE, BIT_STRING, INTEGER = 0x30, 0x03, 0x02
LEAST_PADDING = 8


def encrypted(text: str, public_key: str) -> str:
    """Return a text in base64, encrypted under a key in base64 of its SubjectPublicKeyInfo.

    Raises ValueError for what is no such key, or too short for the text.
    """
    modulus, exponent = _numbers(base64.b64decode(public_key, validate=True))
    length = (modulus.bit_length() + 7) // 8
    content = text.encode()
    room = length - 3 - len(content)
    if room < LEAST_PADDING:
        raise ValueError(f"a key of {length} bytes is too short for {len(content)}")
    padding = bytes(1 + secrets.randbelow(255) for _ in range(room))
    block = int.from_bytes(b"\0\2" + padding + b"\0" + content, "big")
    return base64.b64encode(pow(block, exponent, modulus).to_bytes(length, "big")).decode()


def _numbers(key: bytes) -> tuple[int, int]:
    """Return modulus and exponent of a key in DER."""
    whole, _ = _element(key, SEQUENCE)
    _, after = _element(whole, SEQUENCE)
    bits, _ = _element(after, BIT_STRING)
    pair, _ = _element(bits[1:], SEQUENCE)
    modulus, after = _element(pair, INTEGER)
    exponent, _ = _element(after, INTEGER)
    return int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big")


def _element(text: bytes, tag: int) -> tuple[bytes, bytes]:
    """Return the content of the first element, and what follows it."""
    if len(text) < 2 or text[0] != tag:
        raise ValueError("this is no public key")
    length, start = text[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(text[2:start], "big")
    if len(text) < start + length:
        raise ValueError("this is no whole public key")
    return text[start : start + length], text[start + length :]
