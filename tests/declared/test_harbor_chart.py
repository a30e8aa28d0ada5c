"""A stack with a Harbor on a cluster: what stands around its chart, in which order, where no secret is."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from components.services.harbor_charted import COMPONENTS, chosen_by
from components.services.harbor_secrets import values
from config import HarborMirror, load
from tests.declared.program import SECRET_KEY, Declared, declare
from tests.security.manifests import plain
from tests.unit.harbor_chart_examples import BALANCED, BY_INGRESS, charted, lying, outside
from tests.unit.harbor_examples import DATABASE, HOST, REDIS, SECRETS, TLS

CHART = "helm.sh/v4:Chart"
AT = "fate-bank-mirror"
COPYING = charted(replicate={"from": {"url": "https://hub.bank.example:5000"}})


@pytest.fixture(scope="module")
def declared() -> Declared:
    return declare(COPYING, "bank")


def given(stack: dict[str, Any]) -> Declared:
    """Declare a stack whose secrets are open."""
    opened = {**stack, "secrets": {name: f"given-{name}" for name in SECRETS}}
    return declare(opened, "bank", secret_keys=("fate:secret-key", "fate:secrets"))


def chart(declared: Declared) -> Mapping[str, Any]:
    return declared.of(CHART)["mirror-chart"]


def policy(declared: Declared, service: str) -> Mapping[str, Any]:
    spec: Mapping[str, Any] = declared.of("NetworkPolicy")[f"mirror-{service}-policy"]["spec"]
    return spec


def secrets(declared: Declared) -> dict[str, dict[str, str]]:
    """Return what stands in the Secrets of Harbor's namespace, by their names."""
    found = [plain(each) for name, each in declared.of("Secret").items() if name.startswith("mirror-")]
    return {
        each["metadata"]["name"]: {k: base64.b64decode(v).decode() for k, v in each["data"].items()}
        for each in found
    }


def test_the_chart_is_that_of_the_repository_in_a_namespace_of_its_own(declared: Declared) -> None:
    made = chart(declared)
    assert made["chart"] == "harbor"
    assert made["repositoryOpts"] == {"repo": "https://helm.goharbor.io"}
    assert (made["version"], made["name"], made["namespace"]) == ("1.19.1", "fate-harbor", AT)
    place = declared.of("Namespace")["mirror-namespace"]
    level = place["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
    assert (place["metadata"]["name"], level) == (AT, "restricted")


def test_a_chart_of_a_registry_or_of_this_machine_is_asked_for_no_repository() -> None:
    there = charted(None, {"ref": "oci://registry.bank.example/charts/harbor"})
    made = chart(declare(there, "bank"))
    assert made["chart"] == "oci://registry.bank.example/charts/harbor"
    assert made["version"] == "1.19.1"
    assert "repositoryOpts" not in made
    here = chart(declare(lying("tests/harbor/chart", version="1.19.0"), "bank"))
    assert here["chart"] == "tests/harbor/chart"
    assert "version" not in here, "helm asks no folder for its version"


def test_no_value_of_the_chart_is_secret_or_one(declared: Declared) -> None:
    mirror = load(COPYING).mirror
    assert isinstance(mirror, HarborMirror)
    shown = json.dumps(chart(declared))
    assert "4dabf18193072939515e22adb298388d" not in shown, "one secret value hides every change of all"
    for secret, value in values(SECRET_KEY, "mirror", mirror, {}).items():
        assert value.strip() not in shown, secret.name
        assert base64.b64encode(value.encode()).decode() not in shown, "base64 hides nothing"


def test_the_secrets_have_the_keys_that_the_chart_reads(declared: Declared) -> None:
    found = secrets(declared)
    assert set(found["harborcore"]) == {
        "HARBOR_ADMIN_PASSWORD",
        "secret",
        "secretKey",
        "CSRF_KEY",
        "tls.key",
    }
    assert found["harborcore"]["tls.key"].startswith("-----BEGIN RSA PRIVATE KEY-----"), "Harbor takes PKCS1"
    assert len(found["harborcore"]["secretKey"]) == 16
    assert found["harborregistry"]["REGISTRY_HTPASSWD"].startswith("harbor_registry_user:$2")
    assert found["harborproxy-authority"]["ca.crt"] == declared.outputs["harbor"]["authority"]
    assert declared.of("Secret")["mirror-harborproxy-secrets"]["type"] == "kubernetes.io/tls"
    assert "harborcache" not in found, "the chart's own Redis takes no password"


def test_the_chart_waits_for_what_it_is_given_the_names_of(declared: Declared) -> None:
    [request] = [each for each in declared.requests if each.name == "mirror-chart"]
    waited = {urn.rpartition("::")[2] for urn in request.dependencies}
    for service in ("harborcore", "harborregistry", "harbordatabase", "harborproxy"):
        assert f"mirror-{service}-secrets" in waited, f"pods would wait for the Secret of {service}"
        assert f"mirror-{service}-policy" in waited, f"{service} would answer nobody yet"
    assert {"mirror-namespace", "mirror-account", "mirror-deny-all"} <= waited
    [provider] = [each for each in declared.requests if each.type == "pulumi:providers:fate-harbor"]
    asked = " ".join(provider.dependencies)
    assert "mirror-chart" in asked, "what is in Harbor is declared once Harbor is there"


def test_policies_open_what_harbor_s_parts_dial_and_no_more(declared: Declared) -> None:
    for service in COMPONENTS:
        assert policy(declared, service)["podSelector"] == {"matchLabels": chosen_by(service)}
    [of_database] = policy(declared, "harbordatabase")["ingress"]
    dialling = [each["podSelector"]["matchLabels"]["component"] for each in of_database["from"]]
    assert sorted(dialling) == ["core", "jobservice"]
    assert [each["port"] for each in of_database["ports"]] == [5432]
    [of_proxy] = policy(declared, "harborproxy")["ingress"]
    assert "from" not in of_proxy, "everybody pulls"
    assert [each["port"] for each in of_proxy["ports"]] == [8443]


def test_what_copies_reaches_the_upstream_and_nothing_else_does(declared: Declared) -> None:
    def outward(service: str) -> set[int]:
        free = [each for each in policy(declared, service)["egress"] if "to" not in each]
        return {int(port["port"]) for each in free for port in each["ports"]} - {53}

    assert outward("harborcore") == outward("harborjobservice") == {5000, 443}
    assert outward("harborregistry") == outward("harborproxy") == set()


def test_one_port_of_every_node_leads_in_and_that_by_tls(declared: Declared) -> None:
    [(name, outer)] = [
        (name, each) for name, each in declared.of("Service").items() if name.startswith("mirror")
    ]
    assert name == "mirror-harborproxy-peers"
    [port] = outer["spec"]["ports"]
    assert (outer["spec"]["type"], port["nodePort"], port["targetPort"]) == ("NodePort", 30443, 8443)
    assert outer["spec"]["selector"] == chosen_by("harborproxy")
    assert chart(declared)["values"]["expose"]["type"] == "clusterIP", "the chart opens no node"


def test_a_load_balancer_opens_the_port_that_the_stack_says() -> None:
    declared = declare(charted(BALANCED, port=None), "bank")
    spec = declared.of("Service")["mirror-harborproxy-peers"]["spec"]
    assert (spec["type"], [each["port"] for each in spec["ports"]]) == ("LoadBalancer", [443])
    assert declared.outputs["mirror"] == f"{HOST}/fate"


def test_behind_an_ingress_core_and_portal_are_dialled() -> None:
    declared = declare(charted(BY_INGRESS, port=None), "bank")
    told = chart(declared)["values"]
    assert told["expose"]["ingress"]["hosts"] == {"core": HOST}
    assert told["expose"]["ingress"]["className"] == "nginx"
    assert told["expose"]["tls"]["secret"] == {"secretName": "harborproxy"}
    assert "mirror-harborproxy-policy" not in declared.of("NetworkPolicy"), "there is no proxy of Harbor's"
    for service in ("harborcore", "harborportal"):
        assert any("from" not in each for each in policy(declared, service)["ingress"]), service
    assert not [name for name in declared.of("Service") if name.startswith("mirror-")]


def test_what_others_run_or_gave_is_named_and_not_made() -> None:
    stack = outside(database=DATABASE, redis=REDIS)
    stack["mirror"]["tls"] = TLS
    declared = given(stack)
    found, told = secrets(declared), chart(declared)["values"]
    assert found["harbordatabase"] == {"password": "given-db"}
    assert found["harborcache"] == {"password": "given-redis", "password-in-urls": "given-redis"}
    assert found["harborproxy"] == {"tls.crt": "given-certificate\n", "tls.key": "given-key\n"}
    assert "harborproxy-authority" not in found, "whom to trust, its giver knows"
    assert told["caSecretName"] == ""
    assert "given-" not in json.dumps(told)
    assert not {"mirror-harbordatabase-policy", "mirror-harborcache-policy"} & set(
        declared.of("NetworkPolicy")
    )
    ways = policy(declared, "harborcore")["egress"]
    assert [5432] in [[port["port"] for port in each["ports"]] for each in ways if "to" not in each]


def test_what_is_in_it_is_declared_as_of_one_on_docker(declared: Declared) -> None:
    assert declared.of("Project")["harbor-project"]["name"] == "fate"
    assert set(declared.of("Robot")) == {"harbor-robot-party-9999", "harbor-robot-push"}
    login = declared.of("Secret")["party-9999-pull-secret"]
    assert login["type"] == "kubernetes.io/dockerconfigjson", "the party's nodes pull by its robot"
    told = declared.outputs
    assert told["mirror"] == f"{HOST}:30443/fate"
    assert told["harbor"]["url"] == f"https://{HOST}:30443"
    assert told["harbor-login"]["user"] == "admin"
    [row] = [each for each in told["ports"] if each["service"] == "harborproxy"]
    assert (row["bind"], row["port"]) == ("0.0.0.0", 30443), "a firewall has to know"


def test_two_programs_declare_the_same(declared: Declared) -> None:
    again = declare(COPYING, "bank")
    first, second = ({r.name: r.inputs for r in each.resources} for each in (declared, again))
    assert first == second, "or the second preview would not be empty"


def test_a_chart_that_is_none_is_refused_before_anything_is_declared() -> None:
    with pytest.raises(pulumi.RunError, match=r"fate:mirror.chart.ref: .* is no chart"):
        declare(lying("charts/elsewhere"), "bank")
