"""Two parties that Helm installs from a stack's file work together, change by one line, and lose nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.chart.outputs import outputs_text
from ops.chart.secrets import secret_manifests
from ops.chart.stack import StackFile, charted
from ops.chart.writing import manifests_text
from tests.charts import CHART, HELM, needs_helm, stack_in, text_of
from tests.cluster.conftest import CLUSTER, ENGINES, OF_PODS
from tests.cluster.kubectl import CONTEXT, KUBECONFIG, kubectl, objects, pod_of
from tests.cluster.test_main_job import jobs_of
from tests.project import ROOT, Stack

pytestmark = needs_helm

SECRET_KEY = "only-for-the-chart-" + "k" * 32
PARTIES = ("9999", "10000")
SERVICES = ("fateflow", "database", "broker", "gateway")
KEYS: dict[str, Any] = {
    "release": "2.2.0",
    "runtime": CLUSTER,
    "images": {"from": "packages"},
    "mirror": OF_PODS,
    "parties": [{"id": party, "engines": ENGINES} for party in PARTIES],
}
LIMIT = "300s"


def namespace_of(party: str) -> str:
    return f"fate-chart-{party}"


@dataclass(frozen=True)
class Releases:
    """The releases of the parties, and the folder of their values."""

    stack: StackFile

    def file(self, name: str) -> Path:
        return self.stack.file.with_name(name)

    def helm(self, verb: str, party: str, *words: str) -> str:
        """Run helm on a party's release, as its operator does."""
        command = [str(HELM), verb, f"party-{party}", *words, "--wait", "--timeout", LIMIT]
        where = ["--namespace", namespace_of(party), "--kube-context", CONTEXT]
        ended = subprocess.run(
            [*command, *where],
            env={**os.environ, "KUBECONFIG": str(KUBECONFIG)},
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        assert ended.returncode == 0, f"helm {verb}: {ended.stdout}{ended.stderr}"
        return ended.stdout

    def install(self, party: str) -> None:
        self.helm("install", party, str(CHART), "--values", str(self.file(f"{party}.yaml")))

    def upgrade(self, party: str, *more: Path) -> None:
        files = (self.file(f"{party}.yaml"), *more)
        given = [word for file in files for word in ("--values", str(file))]
        self.helm("upgrade", party, str(CHART), *given)

    def doctor(self) -> dict[str, Any]:
        """Return what the doctor tells, after a job between the parties."""
        file = self.file("told.json")
        file.write_text(outputs_text(self.stack))
        words = ("doctor", "--outputs", str(file), "--jobs", "toy", "--json")
        ended = subprocess.run(
            [sys.executable, "-m", "ops", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        told: dict[str, Any] = json.loads(ended.stdout)
        return told


@pytest.fixture(scope="module")
def releases(pods: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Releases]:
    """Install two parties, each in a namespace that admits only what is restricted."""
    folder = tmp_path_factory.mktemp("chart")
    stack = stack_in(folder, KEYS, "chart", SECRET_KEY, {OF_PODS["stack"]: pods.outputs()})
    made = Releases(stack)
    removed(wait=True)
    try:
        for party in PARTIES:
            prepared(made, party)
        for party in PARTIES:
            made.install(party)
        yield made
    finally:
        removed(wait=False)


def prepared(releases: Releases, party: str) -> None:
    namespace = namespace_of(party)
    kubectl("create", "namespace", namespace)
    kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
    manifests = manifests_text(secret_manifests(charted(releases.stack, party)))
    kubectl("apply", "--server-side", "--filename", "-", given=manifests)
    releases.file(f"{party}.yaml").write_text(text_of(releases.stack, party))


def removed(wait: bool) -> None:
    names = [namespace_of(party) for party in PARTIES]
    kubectl("delete", "namespace", *names, "--ignore-not-found", f"--wait={str(wait).lower()}")


def uids(kind: str, party: str) -> dict[str, str]:
    listed = objects(kind, namespace_of(party))
    return {each["metadata"]["name"]: each["metadata"]["uid"] for each in listed}


def pods_of(party: str) -> dict[str, str]:
    """Return the id of each service's newest pod."""
    return {service: pod_of(service, namespace_of(party))["metadata"]["uid"] for service in SERVICES}


def test_the_doctor_runs_a_job_between_the_parties(releases: Releases) -> None:
    told = releases.doctor()
    assert {job["job"]: job["ok"] for job in told["jobs"]} == {"toy": True}
    assert jobs_of(namespace_of("9999")), "FATE-Flow itself remembers it"


def test_an_upgrade_without_a_change_starts_nothing_anew(releases: Releases) -> None:
    before = pods_of("9999")
    releases.upgrade("9999")
    assert pods_of("9999") == before


def test_an_upgrade_with_a_changed_line_starts_one_service_anew(releases: Releases) -> None:
    before, own = pods_of("9999"), releases.file("own.yaml")
    values = yaml.safe_load(releases.file("9999.yaml").read_text())
    text = values["services"]["gateway"]["files"]["nginx.conf"]["text"]
    changed = {"gateway": {"files": {"nginx.conf": {"text": f"{text}# one more line\n"}}}}
    own.write_text(yaml.safe_dump({"services": changed}))
    releases.upgrade("9999", own)
    after = pods_of("9999")
    assert [service for service in SERVICES if after[service] != before[service]] == ["gateway"]


def test_what_was_uninstalled_comes_back_with_its_jobs(releases: Releases) -> None:
    namespace = namespace_of("9999")
    jobs, claims = jobs_of(namespace), uids("persistentvolumeclaims", "9999")
    assert jobs, "the doctor's job has run"
    releases.helm("uninstall", "9999")
    assert uids("persistentvolumeclaims", "9999") == claims, "the claims stay"
    assert not uids("statefulsets", "9999"), "and nothing else"
    releases.install("9999")
    assert uids("persistentvolumeclaims", "9999") == claims, "they are taken again"
    assert jobs_of(namespace) >= jobs
