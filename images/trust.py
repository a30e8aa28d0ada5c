"""What this machine must trust or ask to reach package registries, handed to single steps of builds.

Some networks sign TLS anew with a certificate of their own, or offer mirrors of the registries. A build knows
neither. Both are written to the git-ignored folder `secrets/`, outside of every build's context, and are
secrets of the builds that need them: no digest, context, layer, history or cache holds them. Hosts and
credentials stay in this checkout.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from images.recipes import SECRETS

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


CERTIFICATES, PIP, MAVEN, CARGO = HANDED_OVER = ("machine.crt", "pip.conf", "settings.xml", "cargo.toml")


def hand_over(folder: Path = SECRETS) -> None:
    """Write this machine's certificates, and what pip, Maven and Cargo are told of registries here.

    The files are empty where Debian's own trust and the clients' own registries suffice: a build names them.
    """
    beside = (path for path in sorted(folder.glob("*.crt")) if path.name != CERTIFICATES)
    bundle = "\n".join((_machine_bundle(), *(path.read_text("latin-1") for path in beside)))
    _write(folder / CERTIFICATES, "\n".join(extra_certificates(bundle, _DEBIANS_OWN)))
    _write(folder / PIP, pip_configuration(_pip_config_list()))
    _write(folder / MAVEN, _text(Path.home() / ".m2" / "settings.xml"))
    _write(folder / CARGO, _text(_cargo_home() / "config.toml"))


def hand_over_once(folder: Path = SECRETS) -> None:
    """Do so where nobody did yet: what lies there is not asked for again."""
    if not all((folder / name).is_file() for name in HANDED_OVER):
        hand_over(folder)


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


def _cargo_home() -> Path:
    return Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")


def _text(file: Path) -> str:
    return file.read_text() if file.is_file() else ""


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text() != text:
        path.touch(mode=0o600)
        path.write_text(text)
