"""Two parties on Spark, with tables in HDFS and in files: real jobs, and what losing a service leaves.

Of the second one others run Spark, HDFS and the broker.
"""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.combinations import others
from tests.project import Project, Stack

ENGINES = {"computing": "spark", "storage": "hdfs", "federation": "rabbitmq"}
VALUES: dict[str, Any] = {
    "release": "2.2.0",
    "runtime": {"kind": "docker"},
    "images": {"from": "packages"},
    "mirror": {"kind": "distribution", "port": 5058, "holds": ["pulsar"]},
    "parties": [
        {
            "id": "9999",
            "engines": ENGINES,
            "expose": {"host": others.HOST, "bind": others.HOST, "gateway-port": 19408, "broker-port": 19409},
        },
        {"id": "10000", "engines": ENGINES, "external": others.EXTERNAL},
    ],
}
IN_FILES = {"computing": "spark", "storage": "file", "federation": "pulsar"}
LOST = ("namenode", "datanode-1", "sparkmaster", "sparkworker-1")
READ = """
from hashlib import sha256
from pyarrow import fs
system = fs.HadoopFileSystem("namenode", 9000)
for found in system.get_file_info(fs.FileSelector("/", recursive=True)):
    if found.is_file:
        print(sha256(system.open_input_stream(found.path).read()).hexdigest(), found.path)
"""


@pytest.fixture(scope="module")
def spark(project: Project) -> Iterator[Stack]:
    with others.running(project):
        stack = project.stack("spark", VALUES)
        stack.pulumi("config set --secret --path", f"fate:secrets.{others.SECRET}", others.PASSWORD)
        others.answer()
        try:
            stack.up()
            yield stack
        finally:
            stack.sweep()


@pytest.fixture(scope="module")
def told(spark: Stack) -> dict[str, Any]:
    """Return what the doctor answers after a job, with a table stored before.

    SecureBoost, which takes Spark ten minutes beside two other streams of tests, is left to who has the time.
    """
    stored = spark.doctor("--upload", "--guest", "9999", "--job-timeout", "600")
    assert stored.returncode == 0, stored.stdout + stored.stderr
    ended = spark.doctor("--json", "--jobs", "toy", "--job-timeout", "600")
    answer: dict[str, Any] = json.loads(ended.stdout)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return answer


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout


def log_of(service: str) -> str:
    words = ["docker", "logs", container(service)]
    return subprocess.run(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
    ).stdout


def container(service: str, party: str = "9999") -> str:
    return f"fate-spark-{party}-{service}"


def stored() -> list[str]:
    """Return the digest and the path of every file that HDFS has."""
    return sorted(docker("exec", container("fateflow"), "python", "-c", READ).splitlines())


def test_a_job_runs_and_every_worker_and_data_node_is_counted(told: dict[str, Any]) -> None:
    (job,) = told["jobs"]
    assert job["ok"]
    details = {check["check"]: check["detail"] for check in told["checks"] if check["party"] == "9999"}
    assert details["sparkmaster"].startswith("1 worker, ")
    assert details["namenode"].startswith("1 data node, ")


def test_executors_of_others_take_tasks_and_fateflow_writes_in_their_hdfs(told: dict[str, Any]) -> None:
    checks = {check["check"]: check["detail"] for check in told["checks"] if check["party"] == "10000"}
    assert checks["namenode"].endswith("stores what FATE's user writes")
    ran = docker("exec", others.name_of("worker"), "sh", "-c", f"cat {others.APPLICATIONS}/app-*/*/stderr")
    assert "Finished task" in ran, "an executor of others has computed"
    runs = docker("ps", "--filter", "label=fate.stack=spark", "--format", "{{.Names}}")
    kinds = {name.removeprefix("fate-spark-10000-") for name in runs.split() if "-10000-" in name}
    assert kinds == {"fateflow", "gateway", "database"}, "nothing runs here of what others run"


def test_the_second_preview_is_empty_after_a_refresh(spark: Stack) -> None:
    spark.pulumi("preview", "--refresh", "--diff", "--expect-no-changes")


def test_no_secret_stands_in_a_process_list_or_a_log(spark: Stack, told: dict[str, Any]) -> None:
    secrets = docker("exec", container("sparkworker-1"), "sh", "-c", "cat /run/secrets/*").split()
    assert len(secrets) == 1
    for service in ("sparkmaster", "sparkworker-1", "fateflow"):
        places = log_of(service) + docker("top", container(service), "-eo", "pid,args")
        places += docker("inspect", container(service))
        assert secrets[0] not in places, service
    logs = docker("exec", container("fateflow"), "sh", "-c", f"grep -rl {secrets[0]} fate_flow/logs || true")
    assert logs == "", "the driver tells no secret"


def test_lost_services_come_back_with_every_table(spark: Stack, told: dict[str, Any]) -> None:
    before = stored()
    assert any("transformer" in line for line in before), f"the doctor stored its tables: {before}"
    for service in LOST:
        docker("rm", "--force", container(service))
    spark.up("--refresh")
    assert stored() == before
    ended = spark.doctor("--jobs", "none")
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_an_emptied_name_node_is_no_new_file_system_to_its_data_nodes(
    spark: Stack, told: dict[str, Any]
) -> None:
    """The last one: the tables of party 9999 are gone with it."""
    docker("exec", container("namenode"), "sh", "-c", "rm -rf /hadoop/dfs/name/names")
    docker("restart", container("namenode"))
    docker("restart", container("datanode-1"))
    ended = spark.doctor("--jobs", "none")
    assert ended.returncode != 0
    assert "Incompatible clusterIDs" in log_of("datanode-1")


def test_a_job_passes_with_tables_in_files_and_pulsar(project: Project, spark: Stack) -> None:
    parties = [{"id": id, "engines": IN_FILES} for id in ("9999", "10000")]
    mirror = {"kind": "stack", "stack": f"organization/fate/{spark.name}"}
    with project.brought_up("files", {**VALUES, "mirror": mirror, "parties": parties}) as stack:
        ended = stack.doctor("--json", "--jobs", "toy")
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert [job["ok"] for job in json.loads(ended.stdout)["jobs"]] == [True]
        stack.pulumi("preview", "--diff", "--expect-no-changes")
