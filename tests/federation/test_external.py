"""Two parties whose databases and one broker others run: FATE sends and fetches on the same one."""

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.kubectl import until
from tests.federation.conftest import ENGINES, VALUES
from tests.federation.test_main_job import docker
from tests.project import Project, Stack

HOST = "172.17.0.1"
DATABASE, BROKER = "fate-tests-database", "fate-tests-broker"
PORTS = {"database": 19306, "broker": 19672, "management": 19673}
PASSWORDS = {"db": "the-database's-of-others", "mq": "the-broker's-of-others"}
SOCKET = "/tmp/mariadbd.sock"
STARTED = (
    "mariadb-install-db --no-defaults --auth-root-authentication-method=normal --datadir=/tmp/data >/dev/null"
    f" && exec mariadbd --no-defaults --datadir=/tmp/data --socket={SOCKET} --bind-address=0.0.0.0"
)
PLUGINS = "[rabbitmq_management,rabbitmq_federation,rabbitmq_federation_management]."
SERVED = (
    f"echo '{PLUGINS}' >/tmp/plugins"
    " && RABBITMQ_ENABLED_PLUGINS_FILE=/tmp/plugins exec /usr/lib/rabbitmq/bin/rabbitmq-server"
)


def party(id: str) -> dict[str, Any]:
    account = {"host": HOST, "user": "fate"}
    database = {**account, "port": PORTS["database"], "database": f"of_{id}", "password": {"secret": "db"}}
    broker = {**account, "port": PORTS["broker"], "management-port": PORTS["management"]}
    external = {"database": database, "broker": {**broker, "password": {"secret": "mq"}}}
    return {"id": id, "engines": ENGINES, "mode": "client", "external": external}


def run(name: str, like: str, ports: dict[int, int], command: str) -> None:
    """Start what others run, from the image of a service of the stack `trial`."""
    image = docker("inspect", "-f", "{{.Image}}", f"fate-trial-9999-{like}").strip()
    published = [f"--publish={HOST}:{outside}:{inside}" for inside, outside in ports.items()]
    docker("rm", "--force", name)
    docker("run", "--detach", "--init", f"--name={name}", *published, image, "sh", "-c", command)


def answers(name: str, *command: str, given: str = "") -> bool:
    words = ["docker", "exec", "--interactive", name, *command]
    return subprocess.run(words, input=given, text=True, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def of_others(trial: Stack) -> Iterator[None]:
    """Run a database and a broker that no stack made."""
    del trial
    run(DATABASE, "database", {3306: PORTS["database"]}, STARTED)
    run(BROKER, "broker", {5672: PORTS["broker"], 15672: PORTS["management"]}, SERVED)
    try:
        until("the database answers", lambda: answers(DATABASE, "mariadb", "-S", SOCKET, "-u", "root"))
        until("the broker answers", lambda: answers(BROKER, "rabbitmqctl", "await_startup"))
        for words in (
            ("add_user", "fate", PASSWORDS["mq"]),
            ("set_user_tags", "fate", "administrator"),
            ("set_permissions", "-p", "/", "fate", ".*", ".*", ".*"),
        ):
            assert answers(BROKER, "rabbitmqctl", *words), words
        yield
    finally:
        docker("rm", "--force", DATABASE, BROKER)


@pytest.fixture(scope="module")
def client(project: Project, of_others: None) -> Iterator[Stack]:
    mirror = {"kind": "stack", "stack": "organization/fate/trial"}
    parties = [party(id) for id in ("9999", "10000")]
    stack = project.stack("client", {**VALUES, "mirror": mirror, "parties": parties})
    for name, value in PASSWORDS.items():
        stack.pulumi("config set --secret --path", f"fate:secrets.{name}", value)
    try:
        yield stack
    finally:
        stack.sweep()


def test_what_fate_sql_prints_makes_the_schemas_and_the_account(client: Stack) -> None:
    printed = client.project.run("python", "-m", "ops", "sql", client.file.name).stdout
    assert re.findall(r"CREATE DATABASE IF NOT EXISTS `(\w+)`", printed) == ["of_9999", "of_10000"]
    statements = printed.replace("'PASSWORD'", "'" + PASSWORDS["db"].replace("'", "''") + "'")
    assert answers(DATABASE, "mariadb", "-S", SOCKET, "-u", "root", given=statements)


def test_a_job_passes_by_one_broker(client: Stack) -> None:
    client.up()
    ended = client.doctor("--json", "--jobs", "toy")
    told = json.loads(ended.stdout)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert [job["ok"] for job in told["jobs"]] == [True]
    asked = {check["check"] for check in told["checks"]}
    assert {"database", "broker"} <= asked, "the doctor logs in to what others run"
    made = docker("ps", "--all", "--filter", "label=fate.stack=client", "--format", "{{.Names}}").split()
    assert not [name for name in made if name.endswith(("-database", "-broker"))], "neither is made here"


def test_the_second_preview_is_empty_after_a_refresh(client: Stack) -> None:
    client.pulumi("preview", "--refresh", "--diff", "--expect-no-changes")


def test_what_others_run_and_is_down_is_named_before_anything_is_made(client: Stack) -> None:
    docker("stop", "--time=1", BROKER)
    try:
        refused = client.pulumi("preview", check=False)
        assert refused.returncode != 0
        assert f"fate:parties[0].external.broker: nothing answers at {HOST}:{PORTS['broker']}" in (
            refused.stdout + refused.stderr
        )
    finally:
        docker("start", BROKER)
