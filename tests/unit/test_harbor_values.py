"""A Harbor as the values of its own chart: what they are, and that nothing in them is secret or drawn."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from clients.charts import chart_at
from components.harbor_values import Release, harbor_values
from components.preflight.harbor_chart import harbor_chart_faults
from components.preflight.kubernetes_wanted import wanted_namespaces
from components.runtimes.names import Names
from components.services.harbor_charted import CLAIMS, COMPONENTS, RELEASE, chart_secrets, chosen_by
from components.services.harbor_secrets import values
from config import HarborMirror, KubernetesSettings, StackSettings, load
from config.harbor_chart_values import leaves, reserved
from tests.charts import ROOT, helm, needs_helm
from tests.conftest import Golden
from tests.unit.harbor_chart_examples import (
    ACCEPTED_CHARTED_HARBORS,
    BALANCED,
    BY_INGRESS,
    charted,
    lying,
    outside,
    valued,
)
from tests.unit.harbor_examples import DATABASE, REDIS, SECRETS

CHART = ROOT / "tests" / "harbor" / "chart"
KEY = "k" * 40
LABELS = {"fate.stack": "bank"}
GOLDEN = {
    "node-port": charted(),
    "ingress": charted(BY_INGRESS, port=None),
    "elsewhere": outside(database=DATABASE, redis=REDIS),
}
OPERATORS = frozenset({"resources", "nodeSelector", "tolerations", "affinity", "priorityClassName"})
"""What follows from the stack, and an operator may say otherwise for one component."""


def read(stack: Mapping[str, object]) -> tuple[StackSettings, HarborMirror, KubernetesSettings]:
    settings = load(stack)
    assert isinstance(settings.mirror, HarborMirror)
    assert isinstance(settings.runtime, KubernetesSettings)
    return settings, settings.mirror, settings.runtime


def told(stack: Mapping[str, object]) -> dict[str, Any]:
    _, mirror, cluster = read(stack)
    revisions = {name: f"of-{name}" for name in chart_secrets(mirror)}
    return harbor_values(Release(mirror, cluster, LABELS, revisions))


def rendered(stack: Mapping[str, object], folder: Path, *words: str) -> str:
    file = folder / "values.yaml"
    file.write_text(json.dumps(told(stack)))
    return helm("template", RELEASE, str(CHART), "--values", str(file), *words).stdout


@pytest.mark.parametrize("name", GOLDEN)
def test_the_values_are_these(name: str, golden: Golden) -> None:
    golden(f"harbor/chart-{name}.yaml", yaml.safe_dump(json.loads(json.dumps(told(GOLDEN[name])))))


@pytest.mark.parametrize("name", ACCEPTED_CHARTED_HARBORS)
def test_no_secret_is_among_them(name: str) -> None:
    _, mirror, _ = read(ACCEPTED_CHARTED_HARBORS[name])
    found = values(KEY, "mirror", mirror, {secret: f"given-{secret}" for secret in SECRETS})
    shown = json.dumps(told(ACCEPTED_CHARTED_HARBORS[name]))
    for secret, value in found.items():
        assert value.strip() not in shown, f"{secret.name} stands in the values"


@pytest.mark.parametrize("name", ACCEPTED_CHARTED_HARBORS)
def test_what_follows_from_the_stack_is_no_value_of_the_operator_s(name: str) -> None:
    stack = {**ACCEPTED_CHARTED_HARBORS[name]}
    stack["mirror"] = {**stack["mirror"], "chart": {**stack["mirror"]["chart"], "values": {}}}
    for at, value in leaves(told(stack)):
        free = OPERATORS & set(at)
        assert bool(reserved(at, value or None)) is not bool(free), f"{'.'.join(at)} could be said twice"


def test_the_operator_s_values_lie_over_those_of_the_stack() -> None:
    made = told(valued(core={"replicas": 2, "resources": {"limits": {"memory": "1Gi"}}}))["core"]
    assert made["replicas"] == 2
    assert made["resources"]["limits"] == {"memory": "1Gi"}
    assert made["resources"]["requests"]["memory"] == "256Mi", "what they do not name stays"
    assert made["existingSecret"] == "harborcore"


def test_a_digest_is_part_of_the_tag_for_the_chart_puts_a_colon_before_it() -> None:
    stack = ACCEPTED_CHARTED_HARBORS["a Harbor on a cluster with all that is its operator's"]
    repository, tag = (told(stack)["core"]["image"][key] for key in ("repository", "tag"))
    assert repository == "registry.bank.example/goharbor/harbor-core"
    assert tag.startswith("v2.15.2@sha256:"), "a reference with both is pulled by its digest"


def test_every_pod_has_limits_an_account_without_rights_and_says_whose_it_is() -> None:
    made = told(charted())
    for service, component in COMPONENTS.items():
        of = made[component]
        placed = of.get("internal", of)
        container = {"harborregistry": of.get("registry"), "harborregistryctl": of.get("controller")}
        assert (container.get(service) or placed)["resources"]["limits"]["memory"], f"{service} has no limit"
        assert placed["serviceAccountName"] == "fate", f"{service} runs as the namespace's own account"
        assert of["podLabels"].items() >= LABELS.items(), f"{service} does not say whose it is"


def test_every_pod_that_reads_a_secret_starts_anew_with_another() -> None:
    made = told(charted())
    for service in chart_secrets(read(charted())[1]):
        marks = made[COMPONENTS[service]]["podAnnotations"]
        assert marks["fate.secrets"] == f"of-{service}", "the chart sees no change of a Secret by name"
    assert told(charted(host="other.bank.example"))["nginx"]["podAnnotations"]["fate.host"] == (
        "other.bank.example"
    ), "another name has another certificate, which nginx reads when it starts"


def test_pods_of_what_others_run_are_not_told_of() -> None:
    made = told(outside(database=DATABASE, redis=REDIS))
    assert made["database"]["external"]["existingSecret"] == "harbordatabase"
    assert set(made["persistence"]["persistentVolumeClaim"]) == {"registry", "jobservice"}
    assert made["redis"]["external"]["addr"] == "redis.bank.example:6379"
    assert "password" not in made["redis"]["external"], "the chart would write it into ConfigMaps"
    named = {each["name"]: each for each in made["core"]["extraEnvVars"]}
    way = "redis://:$(FATE_REDIS_PASSWORD)@redis.bank.example:6379/0?idle_timeout_seconds=30"
    assert named["_REDIS_URL_CORE"]["value"] == way, "the pod fills the password in"
    assert next(iter(named)) == "FATE_REDIS_PASSWORD", "what refers to it comes after it"


def test_a_redis_that_asks_for_nothing_is_given_nothing() -> None:
    made = told(outside(redis={"host": "redis.bank.example"}))
    assert "extraEnvVars" not in made["core"] | made["jobservice"] | made["registry"]["registry"]


def test_claims_that_are_taken_over_are_not_awaited() -> None:
    claims = told(charted())["persistence"]["persistentVolumeClaim"]
    for claim in (claims["registry"], claims["jobservice"]["jobLog"]):
        assert claim["annotations"] == {"pulumi.com/skipAwait": "true"}, "up after a destroy would fail"


def test_policies_choose_pods_by_the_labels_of_the_chart() -> None:
    assert chosen_by("harborregistryctl") == chosen_by("harborregistry"), "they are one pod"
    assert chosen_by("harborproxy") == {"app": "harbor", "release": RELEASE, "component": "nginx"}


@needs_helm
@pytest.mark.parametrize("name", ACCEPTED_CHARTED_HARBORS)
def test_a_chart_draws_nothing_and_two_renders_are_alike(name: str, tmp_path: Path) -> None:
    stack = ACCEPTED_CHARTED_HARBORS[name]
    assert rendered(stack, tmp_path) == rendered(stack, tmp_path), "the second preview would not be empty"


@needs_helm
def test_the_pods_of_a_chart_have_the_labels_that_policies_choose_by(tmp_path: Path) -> None:
    objects = list(yaml.safe_load_all(rendered(charted(), tmp_path)))
    pods = [each["spec"]["template"]["metadata"]["labels"] for each in objects if "template" in str(each)]
    for service in COMPONENTS:
        assert any(chosen_by(service).items() <= labels.items() for labels in pods), service


@needs_helm
@pytest.mark.parametrize(
    ("way", "missing"),
    [
        ("existingSecretSecretKey", "existingSecretSecretKey is missing"),
        ("core.existingXsrfSecret", "core.existingXsrfSecret is missing"),
        ("core.secretName", "core.secretName is missing"),
        ("registry.credentials.existingSecret", "registry.credentials.existingSecret is missing"),
        ("database.internal.extraEnvVars", "would stand in values, or be known"),
        ("expose.tls.certSource", "a certificate would be drawn"),
    ],
)
def test_the_chart_of_these_tests_fails_where_a_value_would_be_drawn(
    way: str, missing: str, tmp_path: Path
) -> None:
    """Or the test above could not fail."""
    made = json.loads(json.dumps(told(charted())))
    *above, last = way.split(".")
    of = made
    for key in above:
        of = of[key]
    del of[last]
    (tmp_path / "values.yaml").write_text(json.dumps(made))
    words = ("template", RELEASE, str(CHART), "--values", str(tmp_path / "values.yaml"))
    ended = helm(*words, check=False)
    assert ended.returncode != 0
    assert missing in ended.stderr


@pytest.mark.parametrize("exposed", [{}, BALANCED, BY_INGRESS], ids=["ports", "balancer", "ingress"])
def test_a_cluster_is_asked_for_what_is_made_there(exposed: dict[str, Any]) -> None:
    settings, _, _ = read(charted(exposed, port=None if exposed else 30443))
    [harbor, _] = wanted_namespaces(settings, Names("fate", "bank"))
    assert harbor.namespace == "fate-bank-mirror"
    assert harbor.claims == {
        CLAIMS["harborregistry"]: "100Gi",
        CLAIMS["harborjobservice"]: "1Gi",
        CLAIMS["harbordatabase"]: "10Gi",
        CLAIMS["harborcache"]: "1Gi",
    }
    assert set(harbor.templated) == {CLAIMS["harbordatabase"], CLAIMS["harborcache"]}
    assert harbor.names_of("deployments") == set(), "those of the chart do not say whose they are"
    assert harbor.names_of("secrets") >= {"harborcore", "harborproxy"}
    assert ("ingresses" in str(harbor.kinds)) is (exposed is BY_INGRESS)
    assert ("endpoints" in str(harbor.looked_at)) is (exposed is BALANCED)


def told_of(ref: Path, **chart: object) -> list[str]:
    return [str(fault) for fault in harbor_chart_faults(read(lying(str(ref), **chart))[1])]


def test_a_chart_may_lie_here_also_as_an_archive(tmp_path: Path) -> None:
    archive = tmp_path / "harbor-1.19.0.tgz"
    archive.write_bytes(chart_at(CHART).archive)
    for lies in (archive, shutil.copytree(CHART, tmp_path / "copy")):
        assert told_of(lies, version="1.19.0") == []


@pytest.mark.parametrize(
    ("ref", "chart", "words"),
    [
        (ROOT / "nowhere", {}, "chart.ref: .*is no chart, neither its folder nor its archive"),
        (ROOT / "charts" / "fate-party", {}, "is fate-party .*, no chart of Harbor 2.15.2"),
        (CHART, {"version": "1.19.1"}, 'chart.version: "1.19.1" is not the version of .*, which is 1.19.0'),
    ],
    ids=["none", "another", "another version"],
)
def test_what_is_no_chart_of_that_harbor_is_said_before_anything_is_made(
    ref: Path, chart: dict[str, object], words: str
) -> None:
    [fault] = told_of(ref, **chart)
    assert re.search(words, fault), fault
