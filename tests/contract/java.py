#!/usr/bin/python3
"""Stands in for the Java of Eggroll's managers and of OSX, which no package registry has.

It takes the command line that the real ones take, reads the files that they read, and does to others what was
seen of them: ports, the table of nodes, the passing on of calls (facts/official-layout.md). It computes
nothing, so no job runs through it.
"""

import glob
import importlib
import json
import os
import socket
import sys
import threading
import time
from concurrent import futures
from typing import Any, NoReturn

CLASSES = ("clustermanager.Bootstrap", "nodemanager.Bootstrap", "broker.Bootstrap")


def stop(reason: str) -> NoReturn:
    """End as Java does for want of something."""
    print(reason, file=sys.stderr, flush=True)
    sys.exit(1)


def properties(path: str) -> dict[str, str]:
    """Return the keys of a file of properties."""
    if not os.path.exists(path):
        stop(f"java.io.FileNotFoundException: {path} (No such file or directory)")
    with open(path) as file:
        lines = [line.strip() for line in file]
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def classes_are_found(words: list[str]) -> None:
    """Stop where an entry of the class path leads to nothing: the class would not be found."""
    for entry in words[words.index("-cp") + 1].split(":"):
        if entry and not glob.glob(entry):
            stop(f"java.lang.NoClassDefFoundError: nothing at {entry} from {os.getcwd()}")


def option(words: list[str], name: str) -> str:
    """Return what follows an option."""
    return words[words.index(name) + 1]


def listen(port: int) -> None:
    """Take connections and say nothing."""
    server = socket.create_server(("0.0.0.0", port))

    def accept() -> None:
        while True:
            connection, _ = server.accept()
            connection.close()

    threading.Thread(target=accept, daemon=True).start()


def database(keys: dict[str, str]) -> Any:  # noqa: ANN401 - the image's PyMySQL has no types
    """Connect as the cluster manager does."""
    pymysql = importlib.import_module("pymysql")
    prefix = "eggroll.resourcemanager.clustermanager.jdbc."
    address, _, schema = keys[prefix + "url"].partition("//")[2].partition("?")[0].partition("/")
    host, _, port = address.partition(":")
    try:
        return pymysql.connect(
            host=host,
            port=int(port),
            user=keys[prefix + "username"],
            password=keys[prefix + "password"],
            database=schema,
            autocommit=True,
        )
    except pymysql.err.OperationalError as error:
        stop(f"com.mysql.cj.jdbc.exceptions.CommunicationsException: {error.args[0]}")


def clustermanager(words: list[str]) -> None:
    """Open the port once the database has its tables; write down each node manager that calls."""
    keys = properties(option(words, "-c"))
    connection = database(keys)
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM server_node")
        cursor.execute("SELECT COUNT(*) FROM node_resource")
    server = socket.create_server(("0.0.0.0", int(option(words, "-p"))))
    while True:
        peer, _ = server.accept()
        with peer, peer.makefile() as told:
            match told.readline().split():
                case ["node", host, port]:
                    written(connection, host, port)


def written(connection: Any, host: str, port: str) -> None:  # noqa: ANN401 - as above
    """Write down that a node manager is healthy."""
    connection.ping(reconnect=True)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM server_node WHERE host = %s", (host,))
        cursor.execute(
            "INSERT INTO server_node (name, host, port, node_type, status)"
            " VALUES ('', %s, %s, 'NODE_MANAGER', 'HEALTHY')",
            (host, port),
        )


def nodemanager(words: list[str]) -> None:
    """Open the port, then tell the cluster manager."""
    file = option(words, "-c")
    keys = properties(file)
    properties(file.replace("eggroll.properties", "node-extend-env.properties"))
    if any("jdbc" in key for key in keys):
        stop("a node manager was told the database's account, and would write it to its log")
    data = keys["eggroll.data.dir"]
    open(os.path.join(data, "NodeManagerMeta"), "a").close()
    port = int(option(words, "-p"))
    listen(port)
    prefix = "eggroll.resourcemanager."
    manager = keys[prefix + "clustermanager.host"], int(keys[prefix + "clustermanager.port"])
    while True:
        try:
            with socket.create_connection(manager, 5) as told:
                told.sendall(f"node {keys[prefix + 'nodemanager.host']} {port}\n".encode())
        except OSError as error:
            print(error, file=sys.stderr, flush=True)
        time.sleep(10)


def megabytes(words: list[str], option: str) -> int:
    """Return the size that an option names."""
    return next(int(word[len(option) : -1]) for word in words if word.startswith(option))


def broker(words: list[str]) -> None:
    """Pass calls on: those for its own party to FATE-Flow, others to the OSX that the table names."""
    folder = os.path.join(option(words, "-c"), "broker")
    keys = properties(os.path.join(folder, "broker.properties"))
    if int(keys.get("mapped.file.size", 128 * 2**20)) >= megabytes(words, "-Xmx") * 2**20:
        stop("java.lang.OutOfMemoryError: Java heap space")
    with open(os.path.join(folder, "route_table.json")) as file:
        table = json.load(file)
    if not table.get("self_party"):
        stop("org.fedai.osx.core.exceptions.SysException: self_party is empty")
    os.makedirs(os.path.join(os.path.expanduser("~"), ".fate"), exist_ok=True)
    forward(int(keys["grpc.port"]), table)


def forward(port: int, table: dict[str, Any]) -> None:
    """Serve FATE's unary calls."""
    grpc: Any = importlib.import_module("grpc")
    importlib.import_module("fate_flow.proto.rollsite.basic_meta_pb2")
    calls: Any = importlib.import_module("fate_flow.proto.rollsite.proxy_pb2_grpc")

    class Passing(calls.DataTransferServiceServicer):  # type: ignore[misc] # gRPC tells no types
        def unaryCall(self, request: Any, context: Any) -> Any:  # noqa: ANN401 - as gRPC calls it
            party = request.header.dst.partyId
            routes = table["route_table"]
            ends = routes.get(party) or routes.get("default") or {}
            own = party in table["self_party"]
            end = (ends.get("fateflow" if own else "default") or [None])[0]
            if end is None:
                context.abort(grpc.StatusCode.NOT_FOUND, f"party {party}: no router info is found")
            with grpc.insecure_channel(f"{end['ip']}:{end['port']}") as channel:
                stub = calls.DataTransferServiceStub(channel)
                return stub.unaryCall(request, timeout=10, metadata=context.invocation_metadata())

    server = grpc.server(futures.ThreadPoolExecutor(8))
    calls.add_DataTransferServiceServicer_to_server(Passing(), server)
    server.add_insecure_port(f"0.0.0.0:{port}")
    server.start()
    server.wait_for_termination()


def main(words: list[str]) -> None:
    """Become what the class names."""
    classes_are_found(words)
    (named,) = [word for word in words if word.endswith(CLASSES)]
    {"clustermanager": clustermanager, "nodemanager": nodemanager, "broker": broker}[named.split(".")[-2]](
        words
    )


main(sys.argv[1:])
