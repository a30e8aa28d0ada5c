"""Which changes replace an object."""

from typing import Any

import pytest

from offline.kubernetes.configuration import Configuration, configured, parsed
from offline.kubernetes.replacement import replaces
from offline.protocol.failures import Refusal
from offline.protocol.values import UNKNOWN

STRICT = Configuration()
MUTABLE = Configuration(mutable_config_maps=True, mutable_secrets=True)


def of(api_version: str, kind: str, **body: object) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, **body}


@pytest.mark.parametrize(
    ("api_version", "kind", "path", "replaced"),
    [
        ("v1", "Namespace", "metadata.name", True),
        ("v1", "Namespace", "metadata.labels.a", False),
        ("apps/v1", "Deployment", "spec.selector.matchLabels.app", True),
        ("apps/v1", "Deployment", "spec.replicas", False),
        ("apps/v1", "Deployment", 'spec.template.metadata.annotations["fate.io/config"]', False),
        ("apps/v1", "StatefulSet", "spec.serviceName", True),
        ("apps/v1", "StatefulSet", "spec.volumeClaimTemplates[0].spec.storageClassName", True),
        ("apps/v1", "StatefulSet", "spec.template.spec.containers[0].image", False),
        ("apps/v1", "StatefulSet", "spec.persistentVolumeClaimRetentionPolicy", False),
        ("v1", "PersistentVolumeClaim", "spec.storageClassName", True),
        ("v1", "PersistentVolumeClaim", "spec.accessModes[0]", True),
        ("v1", "PersistentVolumeClaim", "spec.resources.requests.storage", False),
        ("v1", "PersistentVolumeClaim", "metadata.labels.a", False),
        ("v1", "Pod", "spec.containers[0].image", False),
        ("v1", "Pod", "spec.containers[0].env", True),
        ("v1", "Service", "spec.clusterIP", True),
        ("v1", "Service", "spec.ports[0].nodePort", False),
        ("batch/v1", "Job", "spec.template.spec.containers[0].image", True),
        ("batch/v1", "Job", "spec.completions", True),
        ("batch/v1", "Job", "spec.suspend", False),
        ("rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef.name", True),
        ("rbac.authorization.k8s.io/v1", "RoleBinding", "subjects[0].name", False),
        ("storage.k8s.io/v1", "StorageClass", "provisioner", True),
        ("policy/v1", "PodDisruptionBudget", "spec.minAvailable", False),
        ("networking.k8s.io/v1", "NetworkPolicy", "spec.podSelector.matchLabels.a", False),
        ("v1", "Secret", "type", True),
    ],
)
def test_a_change_replaces_where_the_server_does_not_make_it(
    api_version: str, kind: str, path: str, replaced: bool
) -> None:
    assert replaces(path, of(api_version, kind), of(api_version, kind), MUTABLE) is replaced


@pytest.mark.parametrize(("kind", "path"), [("ConfigMap", "data.a"), ("Secret", "stringData.a")])
def test_content_replaces_unless_it_is_mutable(kind: str, path: str) -> None:
    body = of("v1", kind)
    assert replaces(path, body, body, STRICT)
    assert not replaces(path, body, body, MUTABLE)
    fixed = of("v1", kind, immutable=True)
    assert replaces(path, fixed, fixed, MUTABLE), "the API server changes nothing of an immutable one"
    assert replaces("immutable", fixed, body, MUTABLE)
    assert not replaces("immutable", body, fixed, MUTABLE)


@pytest.mark.parametrize(
    ("old", "new", "replaced"),
    [("ClusterIP", "NodePort", False), ("ClusterIP", "ExternalName", True), ("ExternalName", None, True)],
)
def test_a_service_to_or_from_an_external_name_is_replaced(old: str, new: str | None, replaced: bool) -> None:
    before, after = (of("v1", "Service", spec={"type": each}) for each in (old, new))
    assert replaces("spec.type", before, after, STRICT) is replaced


def test_switches_come_as_text() -> None:
    assert parsed({"enablePatchForce": "true", "kubeconfig": "true"}) == {
        "enablePatchForce": True,
        "kubeconfig": "true",
    }
    assert configured({"enablePatchForce": "true", "enableSecretMutable": "false"}) == Configuration(
        force=True
    )


def test_a_configuration_that_is_not_known_reaches_nothing() -> None:
    assert not configured({"kubeconfig": UNKNOWN}).known


def test_a_kubeconfig_is_in_no_message() -> None:
    assert "token" not in repr(configured({"kubeconfig": "token: hunter2\n"}))


def test_client_side_apply_is_refused() -> None:
    with pytest.raises(Refusal, match=r"enableServerSideApply false: .* Leave it out"):
        configured({"enableServerSideApply": False})
