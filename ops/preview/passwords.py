"""Passwords inside addresses: they are no secrets to Pulumi, so nothing else hides them."""

import re

PASSWORD = re.compile(r"""(?<=[^\s/:@"']:)[^\s/@"']+(?=@(?!@|sha\d+:))""")
"""What stands between a user and a host. The digest of an image, and `@@secret:name@@`, only look alike."""


def without_passwords(text: str) -> str:
    """Return a text in which no address shows a password."""
    return PASSWORD.sub("[secret]", text)
