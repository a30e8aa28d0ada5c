"""Who we are to an API server: a token, a password, a certificate, or what a login program gives."""

import base64
import json
import os
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clients.kubernetes.failures import LoginFailed, Unusable, UnusableCertificate
from clients.kubernetes.kubeconfig import Access, Entry

LOGIN_LIMIT = 120
GIVEN = {
    "token": "token",
    "clientCertificateData": "client-certificate-data",
    "clientKeyData": "client-key-data",
}
"""What a login program gives, and what a kubeconfig calls it."""


def user_of(access: Access) -> Entry:
    """Return what proves who we are: the context's user, with what its login gives."""
    if provider := access.user.get("auth-provider"):
        if provider.get("name") == "oidc" and access.files:
            return {**access.user, "token": _identity_token(access)}
        raise Unusable(
            f"context {access.context!r} logs in by auth-provider {provider.get('name')!r}, which Kubernetes "
            "has removed. Use a login program (`exec`) or a token."
        )
    program = access.user.get("exec")
    return {**access.user, **_login(access, program)} if program else access.user


def headers(access: Access, user: Entry) -> dict[str, str]:
    """Return the headers that prove who we are."""
    if token := user.get("token"):
        return {"authorization": f"Bearer {token}"}
    if file := user.get("tokenFile"):
        return {"authorization": f"Bearer {_read(access, file).decode().strip()}"}
    if "username" in user:
        pair = f"{user['username']}:{user.get('password', '')}".encode()
        return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {}


def tls(access: Access, user: Entry) -> ssl.SSLContext:
    """Return whom we trust, and our own certificate where there is one."""
    try:
        authority = _bytes(access, access.cluster, "certificate-authority")
        context = ssl.create_default_context(cadata=authority.decode() if authority else None)
        if access.cluster.get("insecure-skip-tls-verify"):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        certificate = _bytes(access, user, "client-certificate")
        if certificate:
            _present(context, certificate, _bytes(access, user, "client-key") or b"")
    except (ssl.SSLError, ValueError) as failure:
        raise UnusableCertificate(failure) from failure
    return context


def _present(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Load a certificate and its key, which Python takes from a file only."""
    with tempfile.NamedTemporaryFile(prefix="client-") as file:
        file.write(certificate + b"\n" + key)
        file.flush()
        context.load_cert_chain(file.name)


def _bytes(access: Access, entry: Entry, name: str) -> bytes | None:
    if encoded := entry.get(f"{name}-data"):
        return base64.b64decode(encoded)
    return _read(access, entry[name]) if entry.get(name) else None


def _read(access: Access, name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as failure:
        reason = failure.strerror
        raise Unusable(f"context {access.context!r} names the file {name!r}: {reason}") from failure


def _identity_token(access: Access) -> str:
    """Return the token of an OpenID Connect login, which the official library renews and writes back."""
    from kubernetes.client import Configuration
    from kubernetes.config import load_kube_config

    configuration = Configuration()
    try:
        load_kube_config(access.files, access.context, configuration)  # type: ignore[no-untyped-call]
        return str(configuration.api_key["BearerToken"]).removeprefix("Bearer ")
    except Exception as failure:
        raise _failed(access, "oidc", str(failure)) from None


def _login(access: Access, program: Mapping[str, Any]) -> dict[str, str]:
    """Run a login program, and return what it gives, in the words of a kubeconfig.

    It may ask a person where there is one: whoever reads our own output.
    """
    command, asks = [str(program.get("command")), *map(str, program.get("args") or ())], sys.stdout.isatty()
    extra = {each["name"]: each["value"] for each in program.get("env") or ()}
    extra["KUBERNETES_EXEC_INFO"] = json.dumps(_asked(access, program, asks))
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **extra},
            stdin=None if asks else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=None if asks else subprocess.PIPE,
            timeout=None if asks else LOGIN_LIMIT,
            check=True,
        )
        given = json.loads(done.stdout)["status"]
    except FileNotFoundError as failure:
        hint = program.get("installHint") or "Install it, or log in another way."
        words = f"context {access.context!r} logs in by {command[0]!r}, which is missing. {hint}"
        raise LoginFailed(words, str(failure)) from failure
    except subprocess.CalledProcessError as failure:
        said = (failure.stderr or b"").decode(errors="replace").strip()
        raise _failed(
            access, command[0], said, f"exec: process returned {failure.returncode}. {said}"
        ) from None
    except (subprocess.TimeoutExpired, ValueError, KeyError, OSError) as failure:
        raise _failed(access, command[0], type(failure).__name__, f"exec: {failure}") from None
    found = {ours: str(given[theirs]) for theirs, ours in GIVEN.items() if given.get(theirs)}
    return {
        name: base64.b64encode(value.encode()).decode() if name.endswith("-data") else value
        for name, value in found.items()
    }


def _asked(access: Access, program: Mapping[str, Any], asks: bool) -> dict[str, Any]:
    spec: dict[str, Any] = {"interactive": asks}
    if program.get("provideClusterInfo"):
        extensions = access.cluster.get("extensions") or ()
        name = "client.authentication.k8s.io/exec"
        own = [each["extension"] for each in extensions if each.get("name") == name]
        spec["cluster"] = {**access.cluster, **({"config": own[0]} if own else {})}
    version = program.get("apiVersion", "client.authentication.k8s.io/v1")
    return {"kind": "ExecCredential", "apiVersion": version, "spec": spec}


def _failed(access: Access, program: str, words: str, detail: str = "") -> LoginFailed:
    problem = f"{program!r}, the login of context {access.context!r}, failed: {words}"
    return LoginFailed(problem, detail or words)
