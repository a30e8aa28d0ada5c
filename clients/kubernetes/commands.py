"""A command in a pod, at the other end of a websocket that speaks `v4.channel.k8s.io`."""

import json
import ssl
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from clients.kubernetes.api_server import ApiServer
from clients.kubernetes.failures import Refused, Unreachable, Untrusted

PROTOCOL = "v4.channel.k8s.io"
STDIN, STDOUT, STDERR, ERROR = range(4)


class Ended(NamedTuple):
    """What became of a command: what it wrote, both outputs in their order, and how it ended.

    `status` is a Status of Kubernetes; None where the command did not end in time, or the connection broke.
    """

    said: bytes
    status: Mapping[str, Any] | None
    in_time: bool


def run(server: ApiServer, pod: str, container: str, argv: Sequence[str], text: bytes, limit: float) -> Ended:
    """Run a command in a container of the pod at a path, and let it read a text; leave it after `limit`."""
    from websocket import WebSocketException

    wanted = [("container", container), ("stdin", "true"), ("stdout", "true"), ("stderr", "true")]
    wanted += [("command", part) for part in argv]
    try:
        session = _opened(server, f"{pod}/exec?{urlencode(wanted)}")
        try:
            session.send_binary(bytes([STDIN]) + text)
            return _followed(session, limit)
        finally:
            session.shutdown()
    except ssl.SSLError as failure:
        raise Untrusted(failure) from failure
    except (WebSocketException, OSError) as failure:
        if status := getattr(failure, "status_code", None):
            body = getattr(failure, "resp_body", None) or str(failure).partition(" -+-+- ")[0].encode()
            raise Refused(int(status), body) from None
        raise Unreachable(failure) from failure


def _opened(server: ApiServer, path: str) -> Any:  # noqa: ANN401 the library is not typed
    from websocket import create_connection

    login, proxy = server.connection, server.proxy
    trust = {"context": login.context, "server_hostname": server.access.cluster.get("tls-server-name")}
    way: dict[str, Any] = {"http_no_proxy": ["*"]}
    if proxy:
        address = urlsplit(proxy)
        way = {"proxy_type": "http", "http_proxy_host": address.hostname, "http_proxy_port": address.port}
    return create_connection(
        f"ws{server.access.server.removeprefix('http')}{path}",
        timeout=server.limits[1],
        header=login.headers,
        subprotocols=[PROTOCOL],
        sslopt=trust,
        **way,
    )


def _followed(session: Any, limit: float) -> Ended:  # noqa: ANN401 the library is not typed
    """Read what a command writes until it has ended, and with it the connection."""
    from websocket import ABNF, WebSocketConnectionClosedException, WebSocketTimeoutException

    channels = {STDOUT: (said := bytearray()), STDERR: said, ERROR: (ended := bytearray())}
    deadline = time.monotonic() + limit
    try:
        while True:
            session.settimeout(max(deadline - time.monotonic(), 0.001))
            kind, frame = session.recv_data()
            if kind == ABNF.OPCODE_CLOSE:
                break
            if frame:
                channels.get(frame[0], bytearray()).extend(frame[1:])
    except WebSocketTimeoutException:
        return Ended(bytes(said), None, in_time=False)
    except (WebSocketConnectionClosedException, ConnectionError):
        pass
    return Ended(bytes(said), json.loads(ended) if ended else None, in_time=True)
