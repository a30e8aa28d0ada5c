"""A service that nobody has heard of: one file of facts and one of code, and no other line is changed."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.doctor.checks import Patient, planned
from ops.doctor.outputs import FORMERLY, StackOutputs, parse
from ops.doctor.reach import State
from ops.preview.as_json import as_json
from ops.preview.cli import previewed
from tests.declared.preview_repository import ENGINES, ROOT, History, cluster_values, values

FACTS = """\
rank: 50
what: writes down what was agreed
when: {engines.federation: [rabbitmq]}
absent: it has nobody to agree with
loss: nothing is agreed meanwhile
needs: [database]
calls: [fateflow]
ports:
  http: {number: 9999}
volumes:
  pages: {path: /var/lib/ledger, size: 3Gi}
memory: {limit: 64, least: 48, seen: it took 47 MiB}
environment: {HOME: it writes there}
files:
  ledger.conf: {keys: {lines: number, owner: text}, ours: {owner: "leave it out"}}
images:
  packages:
    layout: {user: 10077, program: [nginx, -q], scratch: [/tmp]}
    releases: {2.2.0: {name: nginx, tag: "1.22"}}
"""
CODE = '''\
"""The party's ledger."""

from components.services.catalogued import catalogued
from components.services.context import PartyContext
from components.services.service import File, Probe, Service, Tcp


def service(context: PartyContext) -> Service:
    """Make the ledger of one party."""
    lines = context.configuration("ledger", "ledger.conf").get("lines", 10)
    return catalogued(
        "ledger",
        context,
        command=context.program("ledger"),
        probe=Probe(Tcp(9999)),
        environment={"HOME": "/tmp"},
        files=(File.named("/etc/fate/ledger.conf", f"lines = {lines}\\n"),),
    )
'''
STACKS = {"engine": values(), "pods": cluster_values()}


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    made = History.at(tmp_path_factory.mktemp("novel"))
    for name, keys in STACKS.items():
        made.stack(name, keys)
    made.commit("Without it")
    (made.folder / "config/catalogue/ledger.yaml").write_text(FACTS)
    (made.folder / "components/services/ledger.py").write_text(CODE)
    made.git("checkout", "--quiet", "-b", "novel")
    made.commit("With it")
    return made


@pytest.fixture(scope="module")
def told(history: History) -> dict[str, dict[str, Any]]:
    """Return what the preview tells of each stack when the service comes."""
    report = json.loads(as_json(previewed(history.folder, "main", "novel", ())))
    return {stack["name"]: stack for stack in report["stacks"]}


@pytest.fixture
def change(history: History) -> Iterator[History]:
    """Give each test the folder with the service in it, to change."""
    yield history
    history.git("reset", "--quiet", "--hard")
    history.git("clean", "--quiet", "-fdx")


def made(stack: Mapping[str, Any]) -> dict[str, str]:
    return {
        step["name"]: step["type"].rpartition(":")[2]
        for step in stack["steps"]
        if step["operation"] == "create" and step["name"].startswith("party-9999-ledger")
    }


def test_it_is_declared_on_an_engine(told: dict[str, dict[str, Any]]) -> None:
    assert made(told["engine"]) == {
        "party-9999-ledger": "Container",
        "party-9999-ledger-image": "RemoteImage",
        "party-9999-ledger-pages": "Volume",
    }


def test_it_is_declared_on_a_cluster(told: dict[str, dict[str, Any]]) -> None:
    assert made(told["pods"]) == {
        "party-9999-ledger": "StatefulSet",
        "party-9999-ledger-files": "ConfigMap",
        "party-9999-ledger-pages": "PersistentVolumeClaim",
        "party-9999-ledger-policy": "NetworkPolicy",
        "party-9999-ledger-service": "Service",
    }


def test_it_is_drawn(told: dict[str, dict[str, Any]]) -> None:
    assert "ledger" in told["engine"]["topology"]


def test_what_its_loss_means_is_said_in_its_own_words(change: History) -> None:
    changed = values()
    changed["parties"][0]["services"] = {"ledger": {"configuration": {"ledger.conf": {"lines": 11}}}}
    change.stack("engine", changed)
    report = json.loads(as_json(previewed(change.folder, "novel", "worktree", ["engine"])))
    sentences = [danger["sentence"] for danger in report["dangers"]]
    assert sentences == ["ledger of party 9999 restarts: nothing is agreed meanwhile"]


class Well:
    """An engine on which every container is healthy, and none can be asked more."""

    def state(self, service: str) -> State:
        """Return a healthy state."""
        return State(running=True, health="healthy", note="", started=datetime.now(UTC))


def test_the_doctor_asks_for_it(history: History) -> None:
    report = previewed(history.folder, "main", "novel", ["engine"])
    outputs = _outputs(report.stacks[0].after)
    services = outputs.services_of("9999")
    assert services == (*FORMERLY, "ledger"), "the order of the stack's own list"
    patient = Patient("9999", outputs.parties["9999"], Well(), services, ())  # type: ignore[arg-type]
    (check,) = [check for check in planned(patient, "2.2.0") if check.name == "ledger"]
    assert check.run().ok


def _outputs(told: Mapping[str, Any]) -> StackOutputs:
    """Return a stack's outputs as they are when it is up: the preview knows no container's name."""
    named = {s["name"]: s["name"] for s in told["services"] if s["name"] != "registry"}
    parties = {id: {**party, "containers": named, "api": None} for id, party in told["parties"].items()}
    return parse(json.dumps({**told, "parties": parties}, default=str), "the preview")


def command(history: History, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a module of this checkout on the program in the folder."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=history.folder,
        env={**os.environ, "PYTHONPATH": f"{history.folder}:{ROOT}", "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("override", "refusal"),
    [
        ({"memory": 47}, "47 MiB is too little for ledger: it took 47 MiB"),
        ({"environment": {"HOME": "/"}}, "HOME is set by this program"),
        ({"configuration": {"ledger.conf": {"owner": "me"}}}, "owner is written by this program"),
        (
            {"configuration": {"ledger.conf": {"lines": "many"}}},
            "is not a value for lines, which takes a number",
        ),
    ],
)
def test_what_cannot_be_set_of_it_is_refused(
    change: History, override: dict[str, object], refusal: str
) -> None:
    changed = values()
    changed["parties"][0]["services"] = {"ledger": override}
    change.stack("engine", changed)
    refused = command(change, "ops", "check", "Pulumi.engine.yaml")
    assert refused.returncode != 0
    assert refusal in refused.stdout + refused.stderr


def test_a_party_that_cannot_have_it_is_told_why(change: History) -> None:
    alone = {
        "id": "9999",
        "engines": ENGINES | {"federation": "standalone"},
        "services": {"ledger": {"cpus": 1.0}},
    }
    change.stack("engine", values(parties=[alone]))
    refused = command(change, "ops", "check", "Pulumi.engine.yaml")
    assert 'party "9999" has no ledger: it has nobody to agree with' in refused.stdout + refused.stderr


def test_it_stands_in_the_schema_and_in_the_reference(history: History) -> None:
    (history.folder / "docs").mkdir(exist_ok=True)
    assert command(history, "config", "schema").returncode == 0
    assert command(history, "config", "reference").returncode == 0
    schema = json.loads((history.folder / "config/schema/stack.schema.json").read_text())
    assert "ledger" in schema["$defs"]["PartySettings"]["properties"]["services"]["properties"]
    page = (history.folder / "docs/services.md").read_text()
    assert "Keys of ledger.conf (ledger)" in page
    assert "| nothing is agreed meanwhile |" in page
    assert "ledger-pages" in json.dumps(schema), "a claim of its size can be set"
    shutil.rmtree(history.folder / "docs")


def test_it_stands_in_the_values_of_a_chart(history: History, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 32)
    words = ("values", "Pulumi.pods.yaml", "--party", "9999", "--secret-key-file", str(tmp_path / "key"))
    printed = command(history, "ops", "chart", *words)
    assert printed.returncode == 0, printed.stderr
    ledger = yaml.safe_load(printed.stdout)["services"]["ledger"]
    assert ledger["claims"]["ledger-pages"]["size"] == "3Gi"
    assert ledger["files"]["ledger.conf"]["text"].endswith("lines = 10\n")
