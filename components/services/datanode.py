"""A data node of the party: the blocks of HDFS's files."""

from components.services import hadoop
from components.services.catalogued import catalogued
from components.services.context import PartyContext
from components.services.service import Http, Probe, Service
from components.services.start import START, started
from config import catalogue

FACTS = catalogue().services["datanode"]
BLOCKS = f"{FACTS.volumes['data'].path}/blocks"
OWN_STATUS = "/jmx?qry=Hadoop:service=DataNode,name=DataNodeInfo"
REGISTERED = r'ActorState\\":\\"RUNNING'


def service(context: PartyContext) -> Service:
    """Make a data node. It is well where the name node has taken it in: never with blocks of another one."""
    conf = context.layout("datanode").paths["conf"]
    return catalogued(
        "datanode",
        context,
        command=started({}, context.program("datanode"), context.awaited("datanode")),
        probe=Probe(Http(FACTS.ports["web"].number, OWN_STATUS, REGISTERED)),
        environment={"HOME": "/tmp", "HADOOP_CONF_DIR": conf, "HADOOP_USER_NAME": hadoop.USER},
        files=(
            START,
            hadoop.site_file(context, "datanode", conf, hadoop.CORE, hadoop.core(context)),
            hadoop.site_file(context, "datanode", conf, hadoop.HDFS, _hdfs(context)),
        ),
    )


def _hdfs(context: PartyContext) -> hadoop.Site:
    ports = {name: f"0.0.0.0:{port.number}" for name, port in FACTS.ports.items()}
    return {
        "dfs.datanode.data.dir": f"file://{BLOCKS}",
        "dfs.datanode.hostname": context.instance,
        "dfs.datanode.address": ports["blocks"],
        "dfs.datanode.http.address": ports["web"],
        "dfs.datanode.ipc.address": ports["ipc"],
    }
