"""A small API server: discovery, objects in memory, server-side apply without merging of lists."""

import copy
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

Body = dict[str, Any]
KINDS = {
    "/api/v1": [
        ("configmaps", "ConfigMap", True),
        ("namespaces", "Namespace", False),
        ("persistentvolumeclaims", "PersistentVolumeClaim", True),
        ("pods", "Pod", True),
        ("secrets", "Secret", True),
        ("services", "Service", True),
    ],
    "/apis/apps/v1": [("deployments", "Deployment", True), ("statefulsets", "StatefulSet", True)],
    "/apis/storage.k8s.io/v1": [("storageclasses", "StorageClass", False)],
}
Answers = Callable[[str, str], tuple[int, Body] | None]


class KubernetesApi:
    """What the tests see of the server: its objects, what was asked, and answers of their own."""

    def __init__(self) -> None:
        self.objects: dict[str, Body] = {"/api/v1/namespaces/fate": {"kind": "Namespace"}}
        self.asked: list[str] = []
        self.answers: Answers = lambda method, path: None
        self.complete: Callable[[Body], None] = lambda body: None
        self.address = ""

    def kubeconfig(self, folder: Path) -> str:
        """Write a kubeconfig for this server, and return its path."""
        file = folder / "kubeconfig"
        entries = {
            "clusters": [{"name": "c", "cluster": {"server": self.address}}],
            "users": [{"name": "u", "user": {"token": "t"}}],
            "contexts": [{"name": "test", "context": {"cluster": "c", "user": "u", "namespace": "fate"}}],
        }
        file.write_text(json.dumps({**entries, "current-context": "test"}))
        return str(file)

    def answer(self, method: str, target: str, content: bytes) -> tuple[int, Body]:
        """Answer one request."""
        address = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        self.asked.append(f"{method} {target}")
        own = self.answers(method, target)
        if own:
            return own
        if address.path in KINDS:
            return 200, {
                "resources": [
                    dict(zip(("name", "kind", "namespaced"), kind, strict=True))
                    for kind in KINDS[address.path]
                ]
            }
        if "watch" in query:
            return 200, {}
        if method == "POST":
            return self._make(address.path, json.loads(content), query)
        if method == "PATCH":
            body = json.loads(content)
            patched = isinstance(body, list)
            return self._patch(address.path, body) if patched else self._apply(address.path, body, query)
        return self._look(method, address.path)

    def _make(self, collection: str, body: Body, query: dict[str, str]) -> tuple[int, Body]:
        path = f"{collection}/{body['metadata']['name']}"
        if path in self.objects:
            plural, name = path.split("/")[-2:]
            return 409, {"message": f'{plural} "{name}" already exists', "reason": "AlreadyExists"}
        return self._apply(path, body, query, "Update")

    def _patch(self, path: str, operations: list[Body]) -> tuple[int, Body]:
        """Replace an object's managers, which is the only thing that is ever patched."""
        self.objects[path]["metadata"]["managedFields"] = operations[0]["value"]
        return 200, self.objects[path]

    def _look(self, method: str, path: str) -> tuple[int, Body]:
        found = self.objects.get(path)
        if found is None:
            listed = [each for name, each in self.objects.items() if name.rpartition("/")[0] == path]
            kind = path.rpartition("/")[2] in {name for kinds in KINDS.values() for name, *_ in kinds}
            return (200, {"items": listed}) if kind else missing(path)
        if method == "DELETE":
            del self.objects[path]
        return 200, found

    def _apply(
        self, path: str, body: Body, query: dict[str, str], operation: str = "Apply"
    ) -> tuple[int, Body]:
        namespace = re.match(r".*(/namespaces/([^/]+))/.", path)
        if namespace and f"/api/v1{namespace[1]}" not in self.objects:
            return 404, {
                "message": f'namespaces "{namespace[2]}" not found',
                "details": {"kind": "namespaces"},
            }
        made = {"uid": f"uid-{len(self.objects)}", "generation": 1, "resourceVersion": "1"}
        before = self.objects.get(path, {"metadata": made})
        after = merge(copy.deepcopy(before), body)
        after["metadata"]["managedFields"] = [
            {"manager": query["fieldManager"], "operation": operation, "fieldsV1": owned(body)}
        ]
        self.complete(after)
        if query.get("dryRun") != "All":
            self.objects[path] = after
        return 200, after


def missing(path: str) -> tuple[int, Body]:
    *_, plural, name = path.split("/")
    return 404, {"message": f'{plural} "{name}" not found', "reason": "NotFound"}


def merge(old: Body, new: Body) -> Body:
    for name, value in new.items():
        old[name] = merge(old.get(name) or {}, value) if isinstance(value, dict) else value
    return old


def owned(value: object) -> Body:
    """Return fieldsV1 of a value; lists of named elements are merged by name."""
    if isinstance(value, dict):
        return {f"f:{name}": owned(part) for name, part in value.items()}
    if isinstance(value, list) and all(isinstance(each, dict) and "name" in each for each in value):
        return {f"k:{json.dumps({'name': each['name']})}": owned(each) for each in value}
    return {}


@contextmanager
def serving() -> Iterator[KubernetesApi]:
    """Serve until the tests are done."""
    api = KubernetesApi()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            code, body = api.answer(self.command, self.path, content)
            data = json.dumps(body).encode()
            self.send_response(code)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_DELETE = answer

        def log_message(self, format: str, *args: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

    server = Server(("127.0.0.1", 0), Handler)
    api.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield api
    server.shutdown()
    thread.join()
    server.server_close()
