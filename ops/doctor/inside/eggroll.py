"""What Eggroll's cluster manager has written down of the node managers: an open port tells nothing."""

from __future__ import annotations

import contextlib
import importlib

from ops.doctor.inside.party import ailment, conf, mysql

ASKED = "SELECT status FROM server_node WHERE node_type = 'NODE_MANAGER' AND host = %s"
"""Source: facts/official-layout.md, "nodemanager"."""


def main(node: str) -> dict[str, str]:
    """Say whether a node manager is registered and healthy."""
    account = conf()["database"]["mysql"]
    pymysql = importlib.import_module("pymysql")
    try:
        connection = mysql(account)
    except pymysql.err.OperationalError as error:
        return ailment("database-silent", f"{account['host']}: {error.args[1]}")
    with contextlib.closing(connection), connection.cursor() as cursor:
        try:
            cursor.execute(ASKED, (node,))
        except pymysql.err.ProgrammingError as error:
            return ailment("database-empty", f"{account['host']}: {error.args[1]}")
        found = [str(row[0]) for row in cursor.fetchall()]
    if not found:
        return ailment("node-unregistered", f"Eggroll knows no node manager {node}")
    if "HEALTHY" not in found:
        return ailment("node-unhealthy", f"Eggroll has {node} as {', '.join(found)}")
    return {"detail": "registered and healthy"}
