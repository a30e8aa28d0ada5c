"""A Harbor by a chart of a registry on a real cluster: the component alone, with a chart that stands in.

It reads what Harbor's own reads. Its pods do nothing, but they start with the Secrets that they name, in a
namespace that admits few pods.
"""

import base64
import json
from collections.abc import Iterator

import pytest

from offline.kubernetes.helm import helm_is_missing
from ops.chart.push import pushed
from tests.cluster.kubectl import cluster_is_missing, kubectl, objects
from tests.engine.kubernetes_project import KubernetesProject, project
from tests.engine.plugin_project import CHECKOUT, pulumi
from tests.unit.strict_registry import strict_registry

pytestmark = pytest.mark.skipif(helm_is_missing() is not None, reason=str(helm_is_missing()))

AS_HERE = "enable_config_map_mutable enable_secret_mutable enable_patch_force upsert_existing_objects"
LYING = CHECKOUT / "tests" / "harbor" / "chart"
KEY = "test-only-" + "k" * 32
PARTS = ("core", "jobservice", "portal", "registry", "nginx", "database", "redis")
PROGRAM = """
import sys

sys.path.insert(0, settings["checkout"])

from components.harbor_mirror import Harbor
from components.runtimes.kubernetes import Cluster
from components.runtimes.names import Names
from components.runtimes.ownership import Ownership
from config import load

little = {"requests": {"cpu": "1m", "memory": "1Mi"}, "limits": {"memory": settings.get("memory", "16Mi")}}
part = {"resources": little}
chart = {"ref": settings["chart"], "version": "1.19.0", "plain-http": settings["chart"].startswith("oci://")}
stack = load({
    "release": "2.2.0",
    "runtime": {
        "kind": "kubernetes", "context": settings["context"], "kubeconfig": settings["kubeconfig"],
        "namespace": prefix, "start-limit": 60,
    },
    "images": {"from": "hub"},
    "mirror": {
        "kind": "harbor", "host": "harbor.bank.example", "port": 30992,
        "chart": {**chart, "values": {
            "image": settings["image"],
            **{name: part for name in ("core", "jobservice", "portal", "nginx")},
            "registry": {"registry": part, "controller": part},
            "database": {"internal": part}, "redis": {"internal": part},
        }},
    },
    "parties": [],
})
own = Ownership("plugged", "t", "0123abcd")
cluster = Cluster(Names("plugged", "t"), own, stack.runtime, provider, {})
key = Output.secret(settings["key"])
args = {"settings": stack.mirror, "runtime": cluster, "secret_key": key, "given_secrets": {}}
made = Harbor("mirror", args, ResourceOptions(providers=[provider], depends_on=[place]))
pulumi.export("address", made.address)
pulumi.export("authority", made.authority)
"""


@pytest.fixture(scope="module")
def harbor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubernetesProject]:
    if pulumi() is None:
        pytest.skip("no pulumi: run `make pulumi`")
    if reason := cluster_is_missing():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("project")
    with strict_registry() as held:
        pushed(LYING, f"{held.address}/charts", plain_http=True)
        chart = f"oci://{held.address}/charts/harbor"
        made = project(folder, PROGRAM, provider=AS_HERE, checkout=str(CHECKOUT), key=KEY, chart=chart)
        try:
            made.made()
            yield made
        finally:
            kubectl("delete", "namespace", made.prefix, at(made), "--ignore-not-found", "--wait=false")


def at(harbor: KubernetesProject) -> str:
    return f"{harbor.prefix}-mirror"


def name(harbor: KubernetesProject, part: str) -> str:
    return f"mirror:{at(harbor)}/fate-harbor-{part}"


def words(harbor: KubernetesProject) -> set[str]:
    """Return what stands in the Secrets of the stack, but for the certificate of the authority."""
    every = objects("secrets", at(harbor))
    held = [each.get("data") or {} for each in every if each["metadata"]["name"] != "harborproxy-authority"]
    return {base64.b64decode(value).decode().strip() for each in held for value in each.values()} - {""}


def test_every_pod_starts_with_the_secrets_that_it_names(harbor: KubernetesProject) -> None:
    pods = objects("pods", at(harbor))
    assert {each["metadata"]["labels"]["component"] for each in pods} == set(PARTS)
    assert harbor.outputs()["address"] == "harbor.bank.example:30992/fate"
    assert {each["metadata"]["labels"]["fate.stack"] for each in pods} == {"t"}, "each says whose it is"


def test_the_second_preview_and_a_refresh_are_empty(harbor: KubernetesProject) -> None:
    assert harbor.changes() == {}, "a value was drawn anew"
    assert harbor.drift() == ""


def test_a_chart_that_lies_here_makes_the_same_as_that_of_a_registry(harbor: KubernetesProject) -> None:
    with harbor.changed(chart=str(LYING)):
        assert harbor.changes() == {}


def test_no_secret_stands_where_it_can_be_read_and_another_key_starts_anew_who_reads_them(
    harbor: KubernetesProject,
) -> None:
    secrets = words(harbor)
    assert len(secrets) == 12, "five of core, three of the registry, two of a certificate, and two more"
    kinds = "configmaps,pods,deployments,statefulsets,services,networkpolicies,persistentvolumeclaims"
    with harbor.changed(key=KEY[::-1]):
        preview = harbor.diff()
    places = {
        "preview": preview,
        "state": harbor.state(),
        "objects": kubectl("get", kinds, "--namespace", at(harbor), "--output", "yaml"),
        "outputs": json.dumps(harbor.outputs()),
    }
    encoded = {base64.b64encode(each.encode()).decode() for each in secrets}
    shown = [place for place, text in places.items() if any(each in text for each in secrets | encoded)]
    assert shown == []
    for part in PARTS:
        reads = part not in ("portal", "redis")
        assert (f"id={at(harbor)}/fate-harbor-{part}]" in preview) is reads, f"{part} would not start anew"


def test_a_changed_value_is_that_value(harbor: KubernetesProject) -> None:
    with harbor.changed(memory="17Mi"):
        shown = harbor.diff()
    assert shown.count('"16Mi" => "17Mi"') == len(PARTS) + 1, "no secret hides it, and a registry has two"


def test_drift_is_named_and_repaired(harbor: KubernetesProject) -> None:
    kubectl("scale", "deployment/fate-harbor-portal", "--replicas", "2", "--namespace", at(harbor))
    kubectl("delete", "networkpolicy", "harbordatabase", "--namespace", at(harbor))
    named = harbor.changes("--refresh")
    assert named[name(harbor, "portal")] == "update"
    assert named["mirror-harbordatabase-policy"] == "create"
    harbor.made("--refresh")
    assert "harbordatabase" in kubectl("get", "networkpolicies", "--namespace", at(harbor))
    scaled = kubectl("get", "deployment/fate-harbor-portal", "--namespace", at(harbor), "--output", "json")
    assert json.loads(scaled)["spec"]["replicas"] == 1


def test_claims_stay_when_the_stack_goes(harbor: KubernetesProject) -> None:
    gone = harbor.run("destroy", "--yes", "--skip-preview", "--stack", "t")
    assert gone.code == 0, gone.text
    claims = {each["metadata"]["name"] for each in objects("persistentvolumeclaims", at(harbor))}
    assert claims == {
        "fate-harbor-registry",
        "fate-harbor-jobservice",
        "database-data-fate-harbor-database-0",
        "data-fate-harbor-redis-0",
    }
