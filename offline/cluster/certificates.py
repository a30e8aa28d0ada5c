"""The cluster's certificates, made by openssl: an authority, and two that it signs.

Kept as long as the cluster: `up` makes them once, `down` deletes them.
"""

from pathlib import Path

from offline.cluster.addresses import API_SERVICE, DOMAIN, NODE, NODE_ADDRESS
from offline.cluster.commands import run

DAYS = "3650"
API_NAMES = (
    "DNS:localhost",
    "DNS:kubernetes",
    "DNS:kubernetes.default",
    "DNS:kubernetes.default.svc",
    f"DNS:kubernetes.default.svc.{DOMAIN}",
    f"DNS:{NODE}",
    "IP:127.0.0.1",
    f"IP:{NODE_ADDRESS}",
    f"IP:{API_SERVICE}",
)


def ensure(folder: Path) -> None:
    """Make the authority, the API server's two certificates, and the key of the service accounts' tokens."""
    if (folder / "accounts.pub").exists():
        return
    _authority(folder)
    _signed(folder, "server", "/CN=kube-apiserver", f"subjectAltName={','.join(API_NAMES)}")
    _signed(folder, "client", "/O=system:masters/CN=kube-apiserver", "extendedKeyUsage=clientAuth")
    run("openssl", "genrsa", "-out", str(folder / "accounts.key"), "2048")
    run(
        "openssl", "rsa", "-in", str(folder / "accounts.key"), "-pubout", "-out", str(folder / "accounts.pub")
    )


def _authority(folder: Path) -> None:
    run(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"),
        *("-days", DAYS, "-subj", "/CN=fate-cluster"),
        *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
        *("-keyout", str(folder / "ca.key"), "-out", str(folder / "ca.crt")),
    )


def _signed(folder: Path, name: str, subject: str, extension: str) -> None:
    run(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"),
        *("-days", DAYS, "-subj", subject, "-addext", extension),
        *("-addext", "basicConstraints=critical,CA:FALSE"),
        *("-CA", str(folder / "ca.crt"), "-CAkey", str(folder / "ca.key")),
        *("-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.crt")),
    )
