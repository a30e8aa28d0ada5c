"""What FATE-Flow itself knows of its party: its settings, and HTTP as it speaks it."""

from __future__ import annotations

import base64
import glob
import importlib
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import yaml

HOME = os.path.join(os.environ.get("FATE_PROJECT_BASE", "/data/projects/fate"), "fate_flow")
HEALTH = "/v2/server/fateflow"


def ailment(symptom: str, detail: str) -> dict[str, str]:
    """Return the answer that makes the doctor raise a fault."""
    return {"symptom": symptom, "detail": detail}


def conf(name: str = "service_conf") -> Any:  # noqa: ANN401 a YAML tree
    """Return the tree of one of FATE-Flow's configuration files, as it was rendered at its start."""
    with open(os.path.join(HOME, "conf", f"{name}.yaml")) as file:
        return yaml.safe_load(file) or {}


def mysql(account: dict[str, Any]) -> Any:  # noqa: ANN401 pymysql's connection, which tells no types
    """Connect to a MySQL or MariaDB by an account of these files. Raises what pymysql does."""
    return importlib.import_module("pymysql").connect(
        host=account["host"],
        port=int(account["port"]),
        user=account["user"],
        password=str(account["passwd"]),
        database=account["name"],
        connect_timeout=5,
    )


def address() -> str:
    """Return where FATE-Flow listens: the address that its workers call back."""
    flow = conf()["fateflow"]
    return f"http://{flow['host']}:{flow['http_port']}"


def request(
    url: str,
    headers: dict[str, str] | None = None,
    account: tuple[str, str] | None = None,
    body: bytes | None = None,
    limit: float = 5,
) -> tuple[int, str]:
    """Return status and text of an HTTP answer, whatever the status. Raises OSError without an answer."""
    asked = urllib.request.Request(url, data=body, headers=headers or {})
    if account:
        token = base64.b64encode(":".join(account).encode()).decode()
        asked.add_header("Authorization", f"Basic {token}")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(asked, timeout=limit) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


def reason(error: OSError) -> str:
    """Return why there was no answer, without the wrapping of urllib."""
    return str(getattr(error, "reason", error))


def without_secrets(text: str) -> str:
    """Return text with every password that this party holds blotted out."""
    for secret in sorted(_secrets(), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _secrets() -> set[str]:
    found = set()
    for file in glob.glob("/run/secrets/*"):
        with open(file) as opened:
            found.add(opened.read().strip())
    settings = conf()
    sections = [settings.get("database", {}), settings.get("federation", {})]
    for engine in (engine for section in sections for engine in section.values() if isinstance(engine, dict)):
        found.update(str(engine[key]) for key in ("passwd", "password") if engine.get(key))
    return {secret for secret in found if len(secret) > 5}


def encoded(parameters: dict[str, object]) -> str:
    """Return parameters as the query of a URL."""
    return urllib.parse.urlencode(parameters)


def parsed(text: str) -> dict[str, Any]:
    """Return a JSON object, or an empty one where the text is none."""
    try:
        tree = json.loads(text)
    except ValueError:
        return {}
    return tree if isinstance(tree, dict) else {}


def version_in(text: str) -> str | None:
    """Return the version that FATE-Flow told at `HEALTH`, None where the text is no such answer."""
    tree = parsed(text)
    if tree.get("code") != 0 or not tree.get("data"):
        return None
    server: dict[str, Any] = next(iter(tree["data"].values()))
    return str(server.get("version"))
