"""Hadoop's `core-site.xml` and `hdfs-site.xml`, for the services of HDFS and for FATE-Flow, its client."""

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

from components.services.context import PartyContext, overlaid
from components.services.service import File
from config.external import ExternalHdfs

CORE, HDFS = "core-site.xml", "hdfs-site.xml"
USER = "fate"
"""Who may write everywhere in HDFS, which believes every name: only the party's own network guards it."""
MOST_COPIES = 3
"""Of a block, Hadoop's own default."""
FEW = 3
"""Data nodes, up to which Hadoop advises never to look for another one where one fails while writing."""

Site = Mapping[str, object]


def name_node(context: PartyContext) -> str:
    """Return the address of the party's name node, or of that which others run for it."""
    there = context.address("namenode", "rpc")
    return f"hdfs://{there.host}:{there.port}"


def user(context: PartyContext) -> str:
    """Return as whom FATE-Flow writes."""
    others = context.settings.outside.get("namenode")
    return others.user if isinstance(others, ExternalHdfs) else USER


def site_file(context: PartyContext, service: str, folder: str, name: str, own: Site) -> File:
    """Return a site file with the keys that the stack lays over it. Its first line names it."""
    path = f"{folder}/{name}"
    return File(path, f"<!-- {path} -->\n{site(overlaid(own, context.configuration(service, name)))}")


def site(properties: Site) -> str:
    """Render the properties of a site file, a line each."""
    return f"<configuration>\n{''.join(_lines(properties))}</configuration>\n"


def core(context: PartyContext) -> Site:
    """Return the properties of every `core-site.xml`."""
    return {"fs.defaultFS": name_node(context), "hadoop.tmp.dir": "/tmp"}


def client(context: PartyContext) -> Site:
    """Return the properties of a client's `hdfs-site.xml`, which follow the number of data nodes.

    FATE-Flow writes by pyarrow, which asks for three copies whatever the default: with few data nodes a block
    that it goes on writing must not wait for another one (facts/spark-pulsar-tls.md). Of an HDFS that others
    run nobody here knows how many it has.
    """
    if "namenode" in context.settings.outside:
        return {"dfs.client.use.datanode.hostname": False}
    few = len(context.settings.instances_of("datanode")) <= FEW
    return {
        "dfs.replication": copies(context),
        "dfs.client.block.write.replace-datanode-on-failure.policy": "NEVER" if few else "DEFAULT",
        "dfs.client.use.datanode.hostname": False,
    }


def copies(context: PartyContext) -> int:
    """Return how many copies of a block there are: no more than data nodes."""
    return min(len(context.settings.instances_of("datanode")), MOST_COPIES)


def _lines(properties: Site) -> Iterator[str]:
    for name, value in properties.items():
        text = str(value).lower() if isinstance(value, bool) else escape(str(value))
        yield f"  <property><name>{name}</name><value>{text}</value></property>\n"
