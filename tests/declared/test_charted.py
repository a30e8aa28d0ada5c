"""A party that a chart declares: the values that `fate chart values` prints, and no secret in them."""

import copy
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from clients.charts import chart_at
from components.runtimes.names import PULL_SECRET
from config import DistributionMirror, load
from tests.charts import CHART as FOLDER
from tests.charts import needs_helm, rendered, stack_in, text_of
from tests.declared.kubernetes_stacks import stack
from tests.declared.program import SECRET_KEY, Declared, declare
from tests.declared.test_chart import EXAMPLES, STACK, native, parties, plain_text
from tests.security.manifests import plain
from tests.unit.harbor_examples import on_a_cluster

NODE_PORTS = EXAMPLES["node ports"]
CHART = "helm.sh/v4:Chart"
MADE_BESIDE = {"Namespace", "Secret", "Chart"}


def of_charts(keys: Mapping[str, Any], **chart: object) -> dict[str, Any]:
    """Return a stack whose parties on a cluster a chart declares."""
    made = copy.deepcopy(dict(keys))
    for place in (made, *made["parties"]):
        if place.get("runtime", {}).get("kind") == "kubernetes":
            place["runtime"]["chart"] = dict(chart)
    own = made["runtime"].get("chart") is not None and all("runtime" in each for each in made["parties"])
    if own:
        del made["runtime"]["chart"]
    return made


def of_a_mirror_elsewhere(keys: Mapping[str, Any]) -> bool:
    return not isinstance(load(keys).mirror, DistributionMirror)


CHARTED = {name: of_charts(keys) for name, keys in EXAMPLES.items() if of_a_mirror_elsewhere(keys)}


@pytest.fixture(scope="module", params=CHARTED)
def charted(request: pytest.FixtureRequest) -> tuple[dict[str, Any], Declared]:
    keys = CHARTED[request.param]
    return keys, declare(keys, stack=STACK)


def values_of(declared: Declared) -> dict[str, Any]:
    """Return the values of each party's chart."""
    charts = {name: inputs["values"] for name, inputs in declared.of(CHART).items()}
    return {name.removeprefix("party-").removesuffix("-chart"): values for name, values in charts.items()}


def secrets_of(objects: list[Any]) -> dict[str, Any]:
    found = {each["metadata"]["name"]: each["data"] for each in objects if each["kind"] == "Secret"}
    assert found, "a party has passwords"
    return found


def test_the_values_are_those_that_are_printed(
    charted: tuple[dict[str, Any], Declared], tmp_path: Path
) -> None:
    keys, declared = charted
    file, found = stack_in(tmp_path, keys, STACK, SECRET_KEY), values_of(declared)
    assert set(found) == {party for party, _ in parties(keys)}, "a chart a party on a cluster"
    for party, values in found.items():
        assert values == yaml.safe_load(text_of(file, party)), party


def test_no_secret_is_among_them(charted: tuple[dict[str, Any], Declared]) -> None:
    _, declared = charted
    objects = [plain(r.inputs) for r in declared.resources if r.typ.startswith("kubernetes:core/")]
    told = json.dumps(values_of(declared))
    for content in secrets_of(objects).values():
        for encoded in content.values():
            assert encoded not in told, "base64 hides nothing"
            assert plain_text(encoded) not in told
    assert SECRET_KEY not in told


def test_two_declarations_are_equal(charted: tuple[dict[str, Any], Declared]) -> None:
    keys, declared = charted
    assert values_of(declare(keys, stack=STACK)) == values_of(declared)


def test_what_stands_beside_the_chart_is_what_stands_there_without_it() -> None:
    declared = declare(of_charts(NODE_PORTS), stack=STACK)
    objects = [plain(r.inputs) for r in declared.resources if r.typ.startswith("kubernetes:core/")]
    assert secrets_of(objects) == secrets_of(native(NODE_PORTS)[0])
    kinds = {r.typ.rpartition(":")[2] for r in declared.resources if r.typ.startswith("kubernetes:")}
    assert kinds == MADE_BESIDE, "the chart makes all else"


def test_the_chart_waits_for_its_namespace_and_its_secrets() -> None:
    declared = declare(of_charts(NODE_PORTS), stack=STACK)
    [chart] = [request for request in declared.requests if request.type.endswith(CHART)]
    waited = {urn.rpartition("::")[2] for urn in chart.dependencies}
    made = {"namespace", "database-secrets", "broker-secrets", "fateflow-secrets"}
    assert waited == {f"party-9999-{name}" for name in made}
    assert not chart.custom, "its objects are the resources"
    assert chart.remote, "and the plugin makes them"


def test_outputs_name_the_workloads_as_ever() -> None:
    told = declare(of_charts(NODE_PORTS), stack=STACK).outputs["parties"]["9999"]
    assert told["containers"] == {name: name for name in ("database", "broker", "gateway", "fateflow")}


def test_the_operator_s_values_lie_over_those_of_the_stack() -> None:
    own = {"services": {"gateway": {"replicas": 3}}, "scheduling": {"nodeSelector": {"pool": "fate"}}}
    values = values_of(declare(of_charts(NODE_PORTS, values=own)))["9999"]
    assert values["services"]["gateway"]["replicas"] == 3
    assert values["services"]["gateway"]["image"], "what they do not name stays"
    assert values["scheduling"] == {"nodeSelector": {"pool": "fate"}}


def test_a_null_takes_a_value_away() -> None:
    own = {"services": {"gateway": {"outside": None}}}
    values = values_of(declare(of_charts(NODE_PORTS, values=own)))["9999"]
    assert "outside" not in values["services"]["gateway"]


def test_a_copy_of_the_chart_may_lie_elsewhere_also_as_an_archive(tmp_path: Path) -> None:
    archive = tmp_path / "fate-party-0.1.0.tgz"
    archive.write_bytes(chart_at(FOLDER).archive)
    for ref in (archive, shutil.copytree(FOLDER, tmp_path / "copy")):
        declared = declare(of_charts(NODE_PORTS, ref=str(ref), version=chart_at(FOLDER).version))
        assert [inputs["chart"] for inputs in declared.of(CHART).values()] == [str(ref)]


def test_kubefate_s_chart_is_refused_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: fate\nversion: v2.0.0\n")
    with pytest.raises(pulumi.RunError, match="writes passwords from its values into ConfigMaps"):
        declare(of_charts(NODE_PORTS, ref=str(tmp_path)))


@needs_helm
def test_helm_makes_the_same_of_values_that_are_laid_over_here_and_there(tmp_path: Path) -> None:
    own = {"services": {"gateway": {"replicas": 2, "command": ["sh"], "ports": {"more": 9301}}}}
    keys = of_charts(NODE_PORTS, values=own)
    files = {name: tmp_path / f"{name}.yaml" for name in ("laid", "printed", "own")}
    files["laid"].write_text(json.dumps(values_of(declare(keys, stack=STACK))["9999"]))
    files["printed"].write_text(text_of(stack_in(tmp_path / "stack", keys, STACK, SECRET_KEY), "9999"))
    files["own"].write_text(json.dumps(own))
    namespace = dict(parties(keys))["9999"]
    assert rendered([files["laid"]], namespace) == rendered([files["printed"], files["own"]], namespace)


def services(**keys: object) -> dict[str, Any]:
    return {"values": {"services": {"gateway": keys}}}


AT = "fate:runtime.chart"
OTHER = "tests/conformance/chart"
OF_GATEWAY = f"{AT}.values.services.gateway"
REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "a key that the chart has not": (
        services(replica=2),
        f"{OF_GATEWAY}.replica",
        "is no value of the chart",
    ),
    "a text for a number": (services(user="101"), f"{OF_GATEWAY}.user", "should be a valid integer"),
    "a value that is taken away and needed": (services(image=None), f"{OF_GATEWAY}.image", "is missing"),
    "an amount that is none": (
        services(resources={"limits": {"memory": "much"}}),
        f"{OF_GATEWAY}.resources.limits.memory",
        '"much"',
    ),
    "a service that the party has not": (
        {"values": {"services": {"gatewy": {"replicas": 2}}}},
        f"{AT}.values.services.gatewy",
        "no service of party 9999",
    ),
    "another namespace": (
        {"values": {"namespace": "elsewhere"}},
        f"{AT}.values.namespace",
        "the files of the services name fate-dev-9999",
    ),
    "pods that would share a claim": (
        {"values": {"services": {"database": {"replicas": 2}}}},
        f"{AT}.values.services.database.replicas",
        "to one claim",
    ),
    "services that are no keys": ({"values": {"services": [1]}}, f"{AT}.values.services", "is [1]"),
    "another chart": ({"ref": OTHER}, f"{AT}.ref", "is another chart than fate-party"),
    "no chart there": ({"ref": "charts/elsewhere"}, f"{AT}.ref", "is no chart"),
    "no chart in an archive": ({"ref": "Pulumi.yaml"}, f"{AT}.ref", "is no chart"),
    "another version than lies there": ({"version": "9.9.9"}, f"{AT}.version", "is not the version of"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_chart_refuses_is_refused_before_anything_is_declared(name: str) -> None:
    chart, place, problem = REFUSED[name]
    with pytest.raises(pulumi.RunError) as raised:
        declare(of_charts(NODE_PORTS, **chart))
    told = str(raised.value)
    assert told.startswith("1 fault in the stack's configuration:"), told
    assert f"{place}: " in told
    assert problem in told


def test_a_stack_without_a_chart_imports_nothing_of_charts() -> None:
    names = ("pulumi_kubernetes.helm", "components.runtimes.charted", "components.preflight.charts")
    kept = {name: sys.modules.pop(name) for name in [*sys.modules] if name.startswith(names)}
    try:
        declare(NODE_PORTS)
        assert not [name for name in sys.modules if name.startswith(names)]
    finally:
        sys.modules.update(kept)


def test_the_second_party_of_a_stack_may_have_none() -> None:
    partner = {"id": "10000", "engines": NODE_PORTS["parties"][0]["engines"]}
    keys = stack(party={"runtime": {"kind": "kubernetes", "context": "prod", "chart": {}}, "peers": []})
    keys["parties"].append({**partner, "peers": []})
    declared = declare(keys)
    assert set(values_of(declared)) == {"9999"}
    assert any(name.startswith("party-10000-") for name in declared.of("Deployment"))


def test_a_load_balancer_s_address_has_a_place_in_the_outputs() -> None:
    balanced = of_charts(EXAMPLES["a load balancer, sources named"])
    told = declare(balanced, stack=STACK).outputs["parties"]["9999"]["expose"]["addresses"]
    assert told == {"gateway": "", "broker": ""}, "no object of a chart is there without a plugin"


@pytest.mark.parametrize(
    ("status", "addresses"),
    [
        (None, []),
        ({"load_balancer": None}, []),
        ({"load_balancer": {"ingress": [{"ip": "192.0.2.9", "ip_mode": "VIP"}]}}, ["192.0.2.9"]),
        (
            {"load_balancer": {"ingress": [{"hostname": "lb.cloud.example", "ip": "192.0.2.9"}]}},
            ["lb.cloud.example"],
        ),
    ],
    ids=["none yet", "a cluster that gives none", "an address", "a name"],
)
def test_what_a_service_of_a_chart_was_given_is_read_as_pulumi_answers_it(
    status: dict[str, Any] | None, addresses: list[str]
) -> None:
    from components.runtimes.charted import given_to

    assert given_to(status) == addresses


def test_a_harbor_s_robot_pulls_for_a_chart_which_waits_for_it(tmp_path: Path) -> None:
    keys = of_charts(on_a_cluster(replicate={}))
    given = {name: f"opened-{name}" for name in keys["secrets"]}
    opened = {**keys, "secrets": given}
    declared = declare(opened, stack=STACK, secret_keys=("fate:secret-key", "fate:secrets"))
    for party, values in values_of(declared).items():
        assert values["pullSecrets"] == [PULL_SECRET], "as without a chart"
        assert f"party-{party}-pull-secret" in declared.of("Secret")
        [chart] = [r for r in declared.requests if r.name == f"party-{party}-chart"]
        waited = {urn.rpartition("::")[2] for urn in chart.dependencies}
        assert f"party-{party}-pull-secret" in waited
        assert values == yaml.safe_load(text_of(stack_in(tmp_path, keys, STACK, SECRET_KEY), party))
