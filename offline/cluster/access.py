"""Who may come in: an administrator, and a reader who may do nothing at all."""

import base64
import csv
import io
import secrets
from dataclasses import dataclass
from pathlib import Path

import yaml

from offline.cluster.layout import API_URL, CONTEXT, READER_CONTEXT, Home


@dataclass(frozen=True)
class Tokens:
    """The bearer tokens of the cluster's two users."""

    admin: str
    reader: str


def tokens_file(tokens: Tokens) -> str:
    """Return the API server's list of tokens: token, name, identity, groups."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow((tokens.admin, "admin", "admin", "system:masters"))
    rows.writerow((tokens.reader, "reader", "reader"))
    return text.getvalue()


def kubeconfig(authority: str, tokens: Tokens) -> str:
    """Return a kubeconfig with a context for each user, the administrator's being the current one."""
    users = ((CONTEXT, tokens.admin), (READER_CONTEXT, tokens.reader))
    encoded = base64.b64encode(authority.encode()).decode()
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": CONTEXT,
        "clusters": [
            {
                "name": CONTEXT,
                "cluster": {"server": API_URL, "certificate-authority-data": encoded},
            }
        ],
        "users": [{"name": name, "user": {"token": token}} for name, token in users],
        "contexts": [{"name": name, "context": {"cluster": CONTEXT, "user": name}} for name, _ in users],
    }
    return yaml.safe_dump(content, sort_keys=False)


def ensure(home: Home) -> None:
    """Write tokens and kubeconfig, unless they are there."""
    file = home.files / "tokens.csv"
    if not file.exists():
        _private(file, tokens_file(Tokens(secrets.token_hex(16), secrets.token_hex(16))))
    _private(home.kubeconfig, kubeconfig((home.files / "ca.crt").read_text(), read(home)))


def read(home: Home) -> Tokens:
    """Return the tokens that `ensure` wrote."""
    with (home.files / "tokens.csv").open() as file:
        found = {row[1]: row[0] for row in csv.reader(file)}
    return Tokens(found["admin"], found["reader"])


def _private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text)
