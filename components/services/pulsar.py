"""The party's Pulsar: the data plane of the federation, a broker and its store in one process.

FATE makes a tenant, namespaces and topics through the administration, and each party's broker carries what
its own workers send on to the peer's (FATE 2.2.0, fate/arch/federation/backends/pulsar). For that a broker
must know its peers as clusters. FATE would make a cluster from its route table, where it looks a number up
among texts and never finds a party; but it makes none that is there. So `peers.sh` makes them when the
broker starts, and takes away those that are peers no longer; the broker counts as healthy when all are
there.

FATE's client brings no password to the administration. It therefore listens at the address that the
container has in the party's own network alone; on a cluster the NetworkPolicy keeps all others out. Peers'
brokers bring none either: whoever may dial the port of peers may read and write. No TLS is ended here.

What Pulsar 3.0.7 was seen to need: a store that answers on loopback (its way within one process breaks at
the first message that is read from the disk), a name of the store that ends with a port (or its second
start fails), bounds for all that waits in direct memory (or a broker of little memory stops answering under
load).
"""

from collections.abc import Mapping
from pathlib import Path

from components.services.catalogued import catalogued
from components.services.context import PartyContext
from components.services.properties import rendered
from components.services.service import Command, File, Probe, Service
from config import catalogue
from config.external import ExternalPulsar

FACTS = catalogue().services["pulsar"]
PORT, ADMIN = FACTS.ports["pulsar"].number, FACTS.ports["admin"].number
TLS_PORT = 6651
"""Which FATE is told of, and nothing listens on."""
DATA = FACTS.volumes["pulsar"].path
TENANT = "fl-tenant"
"""FATE's own, in which brokers of parties meet, whoever runs them."""
OWN_OF_JAVA = 256
"""MiB that Java takes besides heap and buffers: classes, compiled code, stacks, RocksDB."""
SCRIPTS = {
    "/etc/fate/pulsar.sh": "pulsar.sh",
    "/etc/fate/peers.sh": "pulsar_peers.sh",
}
CONF, RENDERED = "/etc/fate/standalone.conf", "/tmp/standalone.conf"


def for_flow(context: PartyContext) -> dict[str, object]:
    """Return Pulsar as FATE-Flow's `service_conf.yaml` has it."""
    others, there = context.settings.outside.get("pulsar"), context.address("pulsar", "pulsar")
    own = (context.settings.id, TENANT)
    cluster, tenant = (others.cluster, others.tenant) if isinstance(others, ExternalPulsar) else own
    return {
        "host": there.host,
        "port": there.port,
        "mng_port": context.address("pulsar", "admin").port,
        "cluster": cluster,
        "tenant": tenant,
        "topic_ttl": 30,
        "route_table": None,
        "mode": str(context.settings.mode),
    }


def route_table(context: PartyContext) -> Mapping[str, object]:
    """Return the tree of `pulsar_route_table.yaml`: FATE-Flow plans no task without it; FATE ignores it."""
    return {party: _end(*there) for party, there in context.met_at("pulsar", "pulsar").items()}


def peers(context: PartyContext) -> str:
    """Render what `peers.sh` registers: a line for each peer, its id and the URL of its broker."""
    return "".join(
        f"{route.party} pulsar://{route.addresses['pulsar'].host}:{route.addresses['pulsar'].port}\n"
        for route in sorted(context.routes, key=lambda route: route.party)
    )


def standalone_conf(context: PartyContext) -> str:
    """Render `standalone.conf`: of the buffers beside the heap, no part may take more than an eighth."""
    part = max(1, _half(context) // 8)
    keys = {
        "clusterName": context.settings.id,
        **_addresses(),
        **_store(part),
        "systemTopicEnabled": "false",
        "topicLevelPoliciesEnabled": "false",
        "webSocketServiceEnabled": "false",
        "loadBalancerEnabled": "false",
        "maxMessageSize": 134217728,
        "nettyMaxFrameSizeBytes": 134228968,
        "maxMessagePublishBufferSizeInMB": part,
        "managedLedgerCacheSizeMB": part,
        "managedLedgerMaxReadsInFlightSizeInMB": part,
        "replicationProducerQueueSize": 20,
    }
    overrides = context.configuration("pulsar", "standalone.conf")
    return rendered(keys, overrides)


def service(context: PartyContext) -> Service:
    """Make the Pulsar of one party: on a busy machine it takes two minutes to start, and is waited for."""
    folder = context.layout("pulsar").paths["conf"]
    started = ("sh", "/etc/fate/pulsar.sh", CONF, RENDERED, TENANT, context.settings.id)
    return catalogued(
        "pulsar",
        context,
        command=(*started, "--", *_program(context)),
        probe=Probe(Command(("sh", "/etc/fate/peers.sh", "registered")), timeout=15, start_period=150),
        environment={"HOME": DATA},
        files=(
            *(File.named(path, _text(name)) for path, name in SCRIPTS.items()),
            File.named(CONF, standalone_conf(context)),
            File.named("/etc/fate/peers", peers(context)),
            File(f"{folder}/log4j2.xml", _text("pulsar_log4j2.xml")),
        ),
    )


def _addresses() -> dict[str, object]:
    """Return where the broker listens: to peers at all addresses, with its administration at one.

    In its own metadata it is called localhost, whatever address its container has at this start.
    """
    return {
        "brokerServicePort": "",
        "webServicePort": ADMIN,
        "bindAddress": "@@address@@",
        "bindAddresses": f"party:pulsar://0.0.0.0:{PORT}",
        "advertisedAddress": "localhost",
        "advertisedListeners": f"party:pulsar://localhost:{PORT},party:http://@@address@@:{ADMIN}",
        "internalListenerName": "party",
    }


def _store(part: int) -> dict[str, object]:
    """Return the keys of the store. It writes without waiting for the disk, as Pulsar's own standalone does.

    What a machine that loses its power loses then are messages of jobs, which it has lost with their workers.
    """
    return {
        "bookieId": "localhost:3181",
        "listeningInterface": "lo",
        "allowLoopback": "true",
        "managedLedgerDefaultEnsembleSize": 1,
        "managedLedgerDefaultWriteQuorum": 1,
        "managedLedgerDefaultAckQuorum": 1,
        "ledgerStorageClass": "org.apache.bookkeeper.bookie.storage.ldb.DbLedgerStorage",
        "dbStorage_writeCacheMaxSizeMb": part,
        "dbStorage_readAheadCacheMaxSizeMb": max(1, part // 2),
        "journalSyncData": "false",
        "journalMaxSizeMB": 128,
        "journalMaxBackups": 1,
        "logSizeLimit": 268435456,
        "gcWaitTime": 300000,
        "diskUsageThreshold": 0.98,
        "diskUsageWarnThreshold": 0.97,
    }


def _program(context: PartyContext) -> tuple[str, ...]:
    """Return the command. What Java leaves of the memory is half heap, half buffers beside it.

    Code is compiled once, quickly: that halves what a start takes of a processor (14 to 7 s of it).
    """
    java, *rest = context.program("pulsar")
    half = _half(context)
    return (
        java,
        "-XX:TieredStopAtLevel=1",
        f"-Xmx{half}m",
        f"-XX:MaxDirectMemorySize={half}m",
        *rest,
        "--config",
        RENDERED,
        "--metadata-dir",
        f"{DATA}/metadata",
        "--bookkeeper-dir",
        f"{DATA}/bookkeeper",
    )


def _half(context: PartyContext) -> int:
    return (context.memory("pulsar") - OWN_OF_JAVA) // 2


def _text(name: str) -> str:
    return Path(__file__).with_name(name).read_text()


def _end(host: str, port: int) -> Mapping[str, object]:
    return {"host": host, "port": port, "sslPort": TLS_PORT, "proxy": ""}
