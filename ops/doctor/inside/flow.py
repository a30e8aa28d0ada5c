"""One call of FATE-Flow's HTTP API."""

from __future__ import annotations

import json
from typing import Any

from ops.doctor.inside.party import address, ailment, encoded, parsed, reason, request

LIMIT = 60


def main(method: str, path: str, payload: dict[str, object]) -> dict[str, Any]:
    """Return FATE-Flow's answer as it is: `code` is 0 where the call did what it says."""
    url = f"{address()}/v2{path}"
    try:
        status, text = _get(url, payload) if method == "GET" else _post(url, payload)
    except OSError as error:
        return ailment("fateflow-silent", f"{url}: {reason(error)}")
    answer = parsed(text)
    if "code" not in answer:
        return ailment("fateflow-fault", f"{url} answers {status}: {text.strip()[:200]}")
    return answer


def _get(url: str, parameters: dict[str, object]) -> tuple[int, str]:
    return request(f"{url}?{encoded(parameters)}", limit=LIMIT)


def _post(url: str, body: dict[str, object]) -> tuple[int, str]:
    return request(url, {"Content-Type": "application/json"}, body=json.dumps(body).encode(), limit=LIMIT)
