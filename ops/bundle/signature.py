"""Whose bundle it is: a signature over the file of checksums, by an SSH key and OpenSSH's own tool.

Source: ssh-keygen(1), `-Y sign` and `-Y verify`. The namespace keeps a signature that a key made of
something else from counting here.
"""

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ops.bundle.faults import BundleFault

NAMESPACE = "fate-bundle"


def sign(checksums: bytes, key: Path) -> bytes:
    """Return the signature of the checksums by a private key. Raises BundleFault."""
    if not key.is_file():
        raise BundleFault(
            f"--sign-key {key}: there is no such file. `ssh-keygen -t ed25519 -f FILE` makes a key."
        )
    done = _run(["-Y", "sign", "-q", "-n", NAMESPACE, "-f", str(key)], checksums)
    if done.returncode or not done.stdout.startswith(b"-----BEGIN SSH SIGNATURE"):
        raise BundleFault(f"--sign-key {key} signs nothing: {_said(done)}. Name a private SSH key.")
    return done.stdout


def verify(checksums: bytes, signature: bytes, public_key: Path) -> None:
    """Raise BundleFault unless the owner of a public key signed these checksums."""
    try:
        key = " ".join(public_key.read_text().split()[:2])
    except (OSError, UnicodeDecodeError) as error:
        raise BundleFault(f"--signed-by {public_key} cannot be read: {error}") from None
    with tempfile.TemporaryDirectory() as folder:
        signers, signed = Path(folder, "signers"), Path(folder, "signature")
        signers.write_text(f"{NAMESPACE} {key}\n")
        signed.write_bytes(signature)
        words = [
            "-Y",
            "verify",
            "-q",
            "-n",
            NAMESPACE,
            "-I",
            NAMESPACE,
            "-f",
            str(signers),
            "-s",
            str(signed),
        ]
        done = _run(words, checksums)
    if done.returncode:
        raise BundleFault(
            f"the bundle is not signed by the key in {public_key}: {_said(done)}. Nothing of it was used. Ask"
            " whoever made it for their public key, or for the bundle anew."
        )


def check_unbroken(checksums: bytes, signature: bytes) -> None:
    """Raise BundleFault where a signature, whosever it is, is not one of these checksums."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(signature)
        file.flush()
        done = _run(["-Y", "check-novalidate", "-q", "-n", NAMESPACE, "-s", file.name], checksums)
    if done.returncode:
        raise BundleFault(
            f"the bundle's signature is damaged or of another bundle: {_said(done)}. Nothing of it was used."
        )


def _run(words: Sequence[str], given: bytes) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["ssh-keygen", *words], input=given, capture_output=True, check=False)
    except FileNotFoundError:
        raise BundleFault(
            "there is no ssh-keygen on this machine, which signs and verifies: install OpenSSH's client."
        ) from None


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    told = (done.stderr or done.stdout).decode(errors="replace").strip()
    return told.splitlines()[-1] if told else f"ssh-keygen ended with {done.returncode}"
