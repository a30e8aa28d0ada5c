"""What HDFS's name node tells of its data nodes and blocks."""

from __future__ import annotations

import json
import os
import re
from typing import Any

from ops.doctor.inside.party import HOME, ailment, encoded, parsed, reason, request

STATUS: dict[str, object] = {"qry": "Hadoop:service=NameNode,name=NameNodeInfo"}
GIBIBYTE = 2**30


def main(datanodes: int, web: int) -> dict[str, str]:
    """Ask the name node, whose pages are at port `web`, for so many data nodes, and for all blocks."""
    base = f"http://{_host()}:{web}"
    try:
        beans = parsed(request(f"{base}/jmx?{encoded(STATUS)}")[1]).get("beans")
    except OSError as error:
        return ailment("hdfs-silent", f"{base}: {reason(error)}")
    if not beans:
        return ailment("hdfs-silent", f"{base} tells nothing of its data nodes: it is still starting")
    return _told(beans[0], datanodes)


def _told(seen: dict[str, Any], datanodes: int) -> dict[str, str]:
    live = len(json.loads(seen["LiveNodes"]))
    if live < datanodes:
        return ailment("hdfs-datanodes-missing", f"{live} of {datanodes} data nodes are alive")
    if seen["Safemode"]:
        return ailment("hdfs-safe-mode", " ".join(seen["Safemode"].split())[:200])
    if seen["NumberOfMissingBlocks"]:
        return ailment("hdfs-blocks-missing", f"{seen['NumberOfMissingBlocks']} blocks are on no data node")
    free = seen["Free"] / GIBIBYTE
    nodes = f"{live} data node" + ("" if live == 1 else "s")
    return {"detail": f"{nodes}, {seen['TotalBlocks']} blocks, {free:.0f} GiB free"}


def _host() -> str:
    """Return the host of the file system that FATE-Flow's own settings name."""
    with open(os.path.join(HOME, "conf", "core-site.xml")) as file:
        found = re.search(r"<name>fs\.defaultFS</name>\s*<value>hdfs://([^:/<]+)", file.read())
    return found[1] if found else "namenode"
