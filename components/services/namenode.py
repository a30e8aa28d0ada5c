"""The party's name node: which files HDFS has, and of which blocks each is made."""

import shlex

from components.services import hadoop
from components.services.catalogued import catalogued
from components.services.context import PartyContext
from components.services.service import Http, Probe, Service
from components.services.start import START, started
from config import catalogue

FACTS = catalogue().services["namenode"]
VOLUME = FACTS.volumes["name"].path
NAMES, UNFINISHED = f"{VOLUME}/names", f"{VOLUME}/unfinished"
STATUS = "/jmx?qry=Hadoop:service=NameNode,name=NameNodeStatus"


def service(context: PartyContext) -> Service:
    """Make the name node of one party. There is no second one: its loss is that of all tables.

    It formats an empty volume alone, and never one that has names on it. Where the volume was emptied, that
    makes another file system, which data nodes with blocks of the former refuse: `Incompatible clusterIDs`.
    """
    conf = context.layout("namenode").paths["conf"]
    return catalogued(
        "namenode",
        context,
        command=started({}, ("sh", "-c", _formatting(context.program("namenode")))),
        probe=Probe(Http(FACTS.ports["web"].number, STATUS, '"State" : "active"')),
        environment={"HOME": "/tmp", "HADOOP_CONF_DIR": conf, "HADOOP_USER_NAME": hadoop.USER},
        files=(
            START,
            hadoop.site_file(context, "namenode", conf, hadoop.CORE, hadoop.core(context)),
            hadoop.site_file(context, "namenode", conf, hadoop.HDFS, _hdfs(context)),
        ),
    )


def _formatting(program: tuple[str, ...]) -> str:
    """Return the shell's words: a format that was cut short is made anew, one that ended stays for ever."""
    format_it = shlex.join(
        [*program, "-D", f"dfs.namenode.name.dir=file://{UNFINISHED}", "-format", "-nonInteractive"]
    )
    return (
        f"[ -d {NAMES} ] || {{ rm -rf {UNFINISHED} && {format_it} && mv {UNFINISHED} {NAMES}; }}"
        f" && exec {shlex.join(program)}"
    )


def _hdfs(context: PartyContext) -> hadoop.Site:
    """Return the properties of `hdfs-site.xml`. It listens on every address: its name may be a Service's.

    It takes writes as soon as it was told of every block. Hadoop would have it wait 30 s more, in which a
    cluster of hundreds of data nodes comes to rest.
    """
    return {
        "dfs.namenode.name.dir": f"file://{NAMES}",
        "dfs.namenode.rpc-address": f"namenode:{FACTS.ports['rpc'].number}",
        "dfs.namenode.rpc-bind-host": "0.0.0.0",
        "dfs.namenode.http-address": f"0.0.0.0:{FACTS.ports['web'].number}",
        "dfs.namenode.datanode.registration.ip-hostname-check": False,
        "dfs.namenode.safemode.extension": 0,
        "dfs.replication": hadoop.copies(context),
    }
