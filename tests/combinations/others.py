"""A Spark, an HDFS and a RabbitMQ that no stack made, from the images that this project builds.

Those that tell whoever dials them their own address stand on the machine's own network, as on a machine of
others: the address of a container is reached by its neighbours alone.
"""

import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.cluster.kubectl import until
from tests.project import Project

HOST = "172.17.0.1"
MASTER, MASTER_WEB, WORKER_WEB, AMQP, MANAGEMENT = range(19410, 19415)
NAMES, NAMES_WEB, BLOCKS, BLOCKS_WEB, BLOCKS_IPC = range(19415, 19420)
DRIVER = 19420
SECRET, PASSWORD = "others", "the-secret-of-others"
KNOWN = {"secret": SECRET}
EXTERNAL: Mapping[str, Any] = {
    "spark": {
        "host": HOST,
        "port": MASTER,
        "secret": KNOWN,
        "driver": {"host": HOST, "port": DRIVER, "bind": HOST},
    },
    "hdfs": {"host": HOST, "port": NAMES, "datanode-port": BLOCKS},
    "broker": {
        "host": HOST,
        "port": AMQP,
        "management-port": MANAGEMENT,
        "user": "fate",
        "password": KNOWN,
    },
}
"""What a party says of them; its secret is `PASSWORD`."""
SPARK = "/usr/local/lib/python3.11/dist-packages/pyspark/bin/spark-class org.apache.spark.deploy"
HDFS = "java -Xmx192m org.apache.hadoop.hdfs.server"
APPLICATIONS = "/tmp/applications"
"""Where a worker keeps what its executors wrote."""
OF_SPARK = {
    "SPARK_CONF_DIR": "/tmp",
    "SPARK_DAEMON_MEMORY": "192m",
    "SPARK_WORKER_CORES": "4",
    "SPARK_WORKER_MEMORY": "3g",
}
OF_HDFS = {
    "HADOOP_USER_NAME": "fate",
    "HADOOP_CONF_DIR": "/tmp",
    "CLASSPATH": "/tmp:/opt/hadoop/etc:/opt/hadoop/lib/*",
}
AUTHENTICATED = f"spark.authenticate true\nspark.authenticate.secret {PASSWORD}\n"
PLUGINS = "[rabbitmq_management,rabbitmq_federation,rabbitmq_federation_management]."


def site(properties: Mapping[str, object]) -> str:
    """Render a site file of Hadoop's."""
    lines = (f"<property><name>{k}</name><value>{v}</value></property>" for k, v in properties.items())
    return f"<configuration>{''.join(lines)}</configuration>"


CORE = site({"fs.defaultFS": f"hdfs://{HOST}:{NAMES}"})
OF_NAMES = site({"dfs.namenode.name.dir": "/tmp/names", "dfs.namenode.http-address": f"{HOST}:{NAMES_WEB}"})
OF_BLOCKS = site(
    {
        "dfs.datanode.data.dir": "/tmp/blocks",
        "dfs.datanode.address": f"0.0.0.0:{BLOCKS}",
        "dfs.datanode.http.address": f"{HOST}:{BLOCKS_WEB}",
        "dfs.datanode.ipc.address": f"{HOST}:{BLOCKS_IPC}",
    }
)


@dataclass(frozen=True)
class Other:
    """A container: its image, its command, the files below /tmp that this finds, and where it listens."""

    image: str
    command: str
    files: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    network: tuple[str, ...] = ("--network=host",)


OTHERS = {
    "namenode": Other(
        "hadoop",
        f"{HDFS}.namenode.NameNode -format && exec {HDFS}.namenode.NameNode",
        {"core-site.xml": CORE, "hdfs-site.xml": OF_NAMES},
        OF_HDFS,
    ),
    "datanode": Other(
        "hadoop",
        f"exec {HDFS}.datanode.DataNode",
        {"core-site.xml": CORE, "hdfs-site.xml": OF_BLOCKS},
        OF_HDFS,
    ),
    "master": Other(
        "fateflow-spark",
        f"exec {SPARK}.master.Master --host {HOST} --port {MASTER} --webui-port {MASTER_WEB}",
        {"spark-defaults.conf": AUTHENTICATED},
        OF_SPARK,
    ),
    "worker": Other(
        "fateflow-spark",
        f"exec {SPARK}.worker.Worker --host {HOST} --webui-port {WORKER_WEB} --work-dir {APPLICATIONS}"
        f" spark://{HOST}:{MASTER}",
        {"spark-defaults.conf": AUTHENTICATED},
        OF_SPARK,
    ),
    "broker": Other(
        "rabbitmq",
        "exec /usr/lib/rabbitmq/bin/rabbitmq-server",
        {"plugins": PLUGINS, "rabbitmq.conf": f"default_user = fate\ndefault_pass = {PASSWORD}\n"},
        {"RABBITMQ_ENABLED_PLUGINS_FILE": "/tmp/plugins", "RABBITMQ_CONFIG_FILE": "/tmp/rabbitmq.conf"},
        (f"--publish={HOST}:{AMQP}:5672", f"--publish={HOST}:{MANAGEMENT}:15672"),
    ),
}


def name_of(other: str) -> str:
    """Return the name of its container."""
    return f"fate-tests-other-{other}"


@contextmanager
def running(project: Project) -> Iterator[None]:
    """Run them all, and take them away with all that they store."""
    images = _built(project)
    try:
        for name, other in OTHERS.items():
            _docker("rm", "--force", name_of(name))
            _docker("run", "--detach", "--init", f"--name={name_of(name)}", *_words(other, images))
        yield
    finally:
        _docker("rm", "--force", *map(name_of, OTHERS))


def answer() -> None:
    """Wait until whoever dials them gets through."""
    for port in (MASTER, WORKER_WEB, NAMES, BLOCKS, AMQP, MANAGEMENT):
        until(f"something answers at {HOST}:{port}", partial(_takes, port))


def _takes(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), 1).close()
    except OSError:
        return False
    return True


def _built(project: Project) -> Mapping[str, str]:
    """Return the images by name, built where the engine lacks them, as a stack would that comes up."""
    names = {other.image for other in OTHERS.values()}
    told = project.run("python", "-m", "ops", "images", "build", *names).stdout
    return {line.rpartition("/")[2].partition(":")[0]: line for line in told.splitlines()}


def _words(other: Other, images: Mapping[str, str]) -> list[str]:
    files = [f"cat >/tmp/{file} <<'END'\n{content}\nEND\n" for file, content in other.files.items()]
    environment = [f"--env={key}={value}" for key, value in {"HOME": "/tmp", **other.environment}.items()]
    return [*other.network, *environment, images[other.image], "sh", "-c", "".join(files) + other.command]


def _docker(*arguments: str) -> None:
    subprocess.run(["docker", *arguments], capture_output=True, check=True)
