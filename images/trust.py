"""What this machine must trust or ask to reach the Python package index, handed to one build stage.

Some networks sign TLS anew with a certificate of their own, or offer a mirror of the index. `docker build`
knows neither. Both are written to the git-ignored folder `fateflow/trust/`, which the wheels' build stage
copies: not a part of the recipe's digest, of a build argument, nor of the finished image. Hosts and
credentials stay in this checkout.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from images.recipes import context

_MACHINE_BUNDLES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE")
_SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)
_DEBIANS_OWN = Path("/usr/share/ca-certificates")
_PIP_OPTIONS = ("index-url", "extra-index-url", "proxy", "trusted-host", "timeout", "retries")
_PIP_SECTIONS = ("global.", "install.", ":env:.")  # later ones win
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def hand_over(folder: Path | None = None) -> list[Path]:
    """Write this machine's certificates and pip options for the build; remove what no longer applies.

    Returns:
        The files that now lie in the folder, none where Debian's own trust and pip's own index suffice.

    """
    folder = folder or context("fateflow") / "trust"
    written = {
        folder / "machine.crt": "\n".join(extra_certificates(_machine_bundle(), _DEBIANS_OWN)),
        folder / "pip.conf": pip_configuration(_pip_config_list()),
    }
    for path, text in written.items():
        _write_or_remove(path, text)
    return [path for path, text in written.items() if text]


def extra_certificates(bundle: str, known: Path) -> list[str]:
    """Pick the certificates of a PEM bundle that no `.crt` file below `known` holds."""
    there = {
        _body(pem) for file in known.rglob("*.crt") for pem in _CERTIFICATE.findall(file.read_text("latin-1"))
    }
    return [pem for pem in _CERTIFICATE.findall(bundle) if _body(pem) not in there]


def pip_configuration(listed: str) -> str:
    """Make a pip.conf of those options of `pip config list` that decide where pip gets wheels from.

    Local folders (`find-links`) and certificates are left out: their paths mean nothing inside a build.
    """
    options: dict[str, str] = {}
    for section in _PIP_SECTIONS:
        for line in listed.splitlines():
            key, _, value = line.partition("=")
            if key.startswith(section) and key.removeprefix(section) in _PIP_OPTIONS:
                options[key.removeprefix(section)] = value.strip("'\"").replace("\\n", "\n    ")
    if not options:
        return ""
    return "[global]\n" + "".join(f"{option} = {value}\n" for option, value in sorted(options.items()))


def _body(pem: str) -> str:
    return "".join(pem.split("-----")[2].split())


def _machine_bundle() -> str:
    named = [os.environ[name] for name in _MACHINE_BUNDLES if os.environ.get(name)]
    for candidate in (*named, *_SYSTEM_BUNDLES):
        if Path(candidate).is_file():
            return Path(candidate).read_text("latin-1")
    return ""


def _pip_config_list() -> str:
    command = [sys.executable, "-m", "pip", "config", "list"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _write_or_remove(path: Path, text: str) -> None:
    if not text:
        path.unlink(missing_ok=True)
    elif not path.is_file() or path.read_text() != text:
        path.touch(mode=0o600)
        path.write_text(text)
