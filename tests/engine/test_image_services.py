"""The images of HDFS, Pulsar, Spark and notebooks at work: hardened, nothing but their data writable.

Each with the smallest configuration that starts it; what parties hand in is tested with the parties.
"""

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import cast

import docker
import pytest
from docker.models.containers import Container

from images import debian, engine, recipes, trust

NAMES = ("fateflow-spark", "hadoop", "notebook", "pulsar")
SECONDS = 300
"""How long a service may take to answer on a machine that does much else."""

CORE_SITE = """<configuration>
  <property><name>fs.defaultFS</name><value>hdfs://namenode:8020</value></property>
  <property><name>dfs.namenode.name.dir</name><value>file:///hadoop/dfs/name</value></property>
  <property><name>dfs.datanode.data.dir</name><value>file:///hadoop/dfs/data</value></property>
  <property><name>dfs.permissions.enabled</name><value>false</value></property>
  <property><name>dfs.client.block.write.replace-datanode-on-failure.policy</name><value>NEVER</value></property>
</configuration>"""
HDFS = f"""mkdir /tmp/conf && echo '{CORE_SITE}' | tee /tmp/conf/core-site.xml >/tmp/conf/hdfs-site.xml
export CLASSPATH=/tmp/conf:${{CLASSPATH:-/opt/hadoop/lib/*}}
"""
NAME_NODE = "org.apache.hadoop.hdfs.server.namenode.NameNode"
DATA_NODE = "org.apache.hadoop.hdfs.server.datanode.DataNode"
WRITE_AND_READ = """
from pyarrow.fs import HadoopFileSystem
hdfs = HadoopFileSystem("namenode", 8020, replication=1)
with hdfs.open_output_stream("/fate/table") as table:
    table.write(b"a row")
print(hdfs.open_input_stream("/fate/table").read().decode())
"""
STANDALONE_CONF = """clusterName=standalone
managedLedgerDefaultEnsembleSize=1
managedLedgerDefaultWriteQuorum=1
managedLedgerDefaultAckQuorum=1
managedLedgerCacheSizeMB=16
dbStorage_writeCacheMaxSizeMb=16
dbStorage_readAheadCacheMaxSizeMb=16
"""
PULSAR = f"""echo '{STANDALONE_CONF}' >/tmp/standalone.conf
exec java @/pulsar/etc/java.options -Xmx128m -XX:MaxDirectMemorySize=128m \\
    org.apache.pulsar.PulsarStandaloneStarter --config /tmp/standalone.conf -nfw -nss
"""
PI = """
from operator import add
from random import random
from pyspark.sql import SparkSession
session = SparkSession.builder.getOrCreate()
context = session.sparkContext
points = context.parallelize(range(40000), 2).map(lambda _: random() ** 2 + random() ** 2)
inside = points.map(lambda square: int(square < 1)).reduce(add)
groups = context.parallelize(range(1000), 2).map(lambda i: (i % 7, i)).groupByKey(2).count()
session.range(10).write.parquet("file:///spark/table", compression="snappy")
total = session.read.parquet("file:///spark/table").groupBy().sum("id").first()[0]
print("found", round(inside / 10000), groups, total)
"""
SPARK = f"""cat >/tmp/pi.py <<'PI'{PI}PI
cd "$SPARK_HOME/bin" && master=spark://localhost:7077 deploy=org.apache.spark.deploy
./spark-class $deploy.master.Master --host localhost --port 7077 &
./spark-class $deploy.worker.Worker --work-dir /spark --cores 2 $master &
./spark-submit --master $master --conf spark.executor.memory=512m /tmp/pi.py
"""
NOTEBOOK = """cd /notebooks
hashed=$(python3 -c 'from jupyter_server.auth import passwd; print(passwd("a password", "sha256"))')
exec jupyter-lab --no-browser --ServerApp.ip=0.0.0.0 --PasswordIdentityProvider.hashed_password="$hashed"
"""


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    try:
        client = engine.connect()
    except engine.ImageError as reason:
        pytest.skip(str(reason))
    missing = [
        name
        for name in recipes.lineage(NAMES)[1:]
        if engine.image_size(client, recipes.image_reference(name)) is None
    ]
    if missing:
        trust.hand_over_once()
        debian.ensure_base(None, print)
    for name in missing:
        engine.build(client, name, print)
    yield client
    client.close()


@dataclass
class Place:
    """A network of one test's own, and what runs on it."""

    client: docker.DockerClient
    network: str
    kept: ExitStack

    def run(
        self, recipe: str, script: str, host: str, writable: Sequence[str] = (), memory: str = "640m"
    ) -> Container:
        """Start a container as nothing but its own user, on a root that cannot be written to."""
        user = self.client.images.get(recipes.image_reference(recipe)).attrs["Config"]["User"]
        container = self.client.containers.run(
            recipes.image_reference(recipe),
            ["sh", "-ec", script],
            detach=True,
            hostname=host,
            name=f"{self.network}-{host}",
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            read_only=True,
            mem_limit=memory,
            memswap_limit=memory,
            tmpfs={"/tmp": "noexec"} | {path: f"uid={user},gid={user},mode=0750" for path in writable},
            network=self.network,
            networking_config={self.network: self.client.api.create_endpoint_config(aliases=[host])},
        )
        self.kept.callback(container.remove, v=True, force=True)
        return container


@pytest.fixture
def place(client: docker.DockerClient) -> Iterator[Place]:
    name = f"fate-test-{secrets.token_hex(4)}"
    network = client.networks.create(name, internal=True)
    try:
        with ExitStack() as kept:
            yield Place(client, name, kept)
    finally:
        network.remove()


def told_within(container: Container, *command: str) -> str:
    """Return what a command tells that is run in a container."""
    return cast(bytes, container.exec_run(list(command)).output).decode(errors="replace")


def asked(container: Container, path: str, wanted: str) -> str:
    """Ask a service over HTTP from within until its answer holds what is wanted; return the answer."""
    answer = ""
    for _ in range(SECONDS):
        answer = told_within(container, "busybox", "wget", "-q", "-O", "-", f"http://localhost:{path}")
        if wanted in answer:
            return answer
        time.sleep(1)
    raise AssertionError(f"{path} never told {wanted}: {answer}\n{container.logs(tail=30).decode()}")


def ended(container: Container) -> str:
    """Wait for a container's end and return what it told."""
    code = container.wait(timeout=SECONDS)["StatusCode"]
    told: str = container.logs().decode()
    assert code == 0, told[-3000:]
    return told


def test_what_pyarrow_writes_to_hdfs_can_be_read(place: Place) -> None:
    format_and_run = f"{HDFS}java {NAME_NODE} -format -nonInteractive\nexec java -Xmx128m {NAME_NODE}"
    name_node = place.run("hadoop", format_and_run, "namenode", ["/hadoop/dfs/name"])
    place.run("hadoop", f"{HDFS}exec java -Xmx128m {DATA_NODE}", "datanode", ["/hadoop/dfs/data"])
    asked(name_node, "9870/jmx?qry=Hadoop:service=NameNode,name=FSNamesystemState", '"NumLiveDataNodes" : 1')
    reading = f"{HDFS}export LIBHDFS_OPTS=-Xmx128m\npython -c '{WRITE_AND_READ}'"
    assert "a row" in ended(place.run("fateflow-spark", reading, "client"))


def test_pulsar_is_healthy_within_half_a_gibibyte(place: Place) -> None:
    broker = place.run("pulsar", PULSAR, "broker", ["/pulsar/data"], "512m")
    assert asked(broker, "8080/admin/v2/brokers/health", "ok") == "ok"


def test_spark_s_master_and_worker_run_a_job(place: Place) -> None:
    told = ended(place.run("fateflow-spark", SPARK, "spark", ["/spark"], "2g"))
    assert "found 3 7 45" in told, told[-3000:]


def test_a_notebook_serves_whom_knows_its_password_alone(place: Place) -> None:
    notebook = place.run("notebook", NOTEBOOK, "notebook", ["/notebooks", "/home/notebook"])
    asked(notebook, "8888/api", '"version"')
    refused = told_within(notebook, "busybox", "wget", "-O", "-", "http://localhost:8888/api/contents")
    assert "403" in refused, "notebooks are read by whoever reaches the port"
