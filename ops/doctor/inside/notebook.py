"""Whether the notebook lets its user in, nobody else, and reaches FATE-Flow; asked in its own container."""

from __future__ import annotations

import http.cookiejar
import json
import urllib.error
import urllib.parse
import urllib.request

from ops.doctor.inside.party import ailment, parsed, reason, request

PASSWORD = "/run/secrets/notebook-password"
CONTENTS = "/api/contents?content=1"


def main(port: int, flow: str) -> dict[str, str]:
    """Ask without a password, log in with it, and ask FATE-Flow at the address that notebooks use."""
    base = f"http://127.0.0.1:{port}"
    try:
        status = request(base + CONTENTS)[0]
        if status != 403:
            return ailment("notebook-open", f"{CONTENTS} is answered with {status} to whoever asks")
        listed = _listed(base)
    except OSError as error:
        return ailment("notebook-silent", f"{base}: {reason(error)}")
    if listed is None:
        return ailment("notebook-refuses", "it does not let in with the password that it was given")
    return _with_flow(flow, listed)


def _listed(base: str) -> int | None:
    """Return how many notebooks and folders lie on the volume; None where the password is refused."""
    cookies = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(cookies)
    )
    opener.open(f"{base}/login", timeout=8).read()
    with open(PASSWORD) as file:
        form = {"password": file.read().strip()}
    form.update({cookie.name: cookie.value or "" for cookie in cookies if cookie.name == "_xsrf"})
    try:
        opener.open(f"{base}/login", urllib.parse.urlencode(form).encode(), timeout=8).read()
        return len(json.loads(opener.open(base + CONTENTS, timeout=8).read())["content"])
    except urllib.error.HTTPError:
        return None


def _with_flow(flow: str, listed: int) -> dict[str, str]:
    try:
        status, text = request(f"{flow}/v2/server/fateflow")
    except OSError as error:
        return ailment("notebook-without-flow", f"{flow}: {reason(error)}")
    if parsed(text).get("code") != 0:
        return ailment("notebook-without-flow", f"{flow} answers {status}")
    entries = "1 entry" if listed == 1 else f"{listed} entries"
    return {"detail": f"lets in with the password alone, {entries} on its volume, and reaches FATE-Flow"}
