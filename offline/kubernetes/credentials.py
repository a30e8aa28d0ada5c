"""Who we are to an API server: a token, a password, a certificate, or what a login program gives."""

import base64
import json
import os
import ssl
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from offline.kubernetes.kubeconfig import Access, Entry
from offline.protocol.failures import Refusal

LOGIN_LIMIT = 120


def user_of(access: Access) -> Entry:
    """Return what proves who we are: the context's user, with what its login program gives."""
    if "auth-provider" in access.user:
        name = access.user["auth-provider"].get("name")
        raise Refusal(
            f"context {access.context!r} logs in by auth-provider {name!r}, which Kubernetes has removed. "
            "Use a login program (`exec`) or a token."
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
        context = ssl.create_default_context()
        authority = _bytes(access, access.cluster, "certificate-authority")
        if authority:
            context.load_verify_locations(cadata=authority.decode())
        if access.cluster.get("insecure-skip-tls-verify"):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        certificate = _bytes(access, user, "client-certificate")
        if certificate:
            _present(context, certificate, _bytes(access, user, "client-key") or b"")
    except (ssl.SSLError, ValueError) as failure:
        raise Refusal(f"a certificate of context {access.context!r} cannot be used: {failure}") from failure
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
        raise Refusal(f"context {access.context!r} names the file {name!r}: {reason}") from failure


def _login(access: Access, program: Mapping[str, Any]) -> dict[str, Any]:
    """Run a login program, and return what it gives, in the words of a kubeconfig."""
    command = [str(program.get("command")), *map(str, program.get("args") or ())]
    version = program.get("apiVersion", "client.authentication.k8s.io/v1")
    asked = {"kind": "ExecCredential", "apiVersion": version, "spec": {"interactive": False}}
    extra = {each["name"]: each["value"] for each in program.get("env") or ()}
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **extra, "KUBERNETES_EXEC_INFO": json.dumps(asked)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LOGIN_LIMIT,
            check=True,
        )
        given = json.loads(done.stdout)["status"]
    except FileNotFoundError as failure:
        hint = program.get("installHint") or "Install it, or log in another way."
        raise Refusal(
            f"context {access.context!r} logs in by {command[0]!r}, which is missing. {hint}"
        ) from failure
    except subprocess.CalledProcessError as failure:
        words = failure.stderr.decode(errors="replace").strip()
        raise Refusal(f"{command[0]!r}, the login of context {access.context!r}, failed: {words}") from None
    except (subprocess.TimeoutExpired, ValueError, KeyError, OSError) as failure:
        kind = type(failure).__name__
        raise Refusal(f"{command[0]!r}, the login of context {access.context!r}, failed: {kind}") from None
    names = {
        "token": "token",
        "clientCertificateData": "client-certificate-data",
        "clientKeyData": "client-key-data",
    }
    found = {ours: given[theirs] for theirs, ours in names.items() if given.get(theirs)}
    for name in ("client-certificate-data", "client-key-data"):
        if name in found:
            found[name] = base64.b64encode(found[name].encode()).decode()
    return found
