"""States as `pulumi stack export` tells them, for the tests of the repair and of what the doctor compares."""

from typing import Any

from ops.doctor.exported import Exported

ENGINE = "unix:///var/run/docker.sock"
DOCKER = "urn:pulumi:dev::fate::pulumi:providers:docker::docker"
KUBERNETES = "urn:pulumi:dev::fate::pulumi:providers:kubernetes::kubernetes"
CONTAINER, NETWORK, VOLUME = (
    f"docker:index/{kind.lower()}:{kind}" for kind in ("Container", "Network", "Volume")
)


def row(
    kind: str,
    title: str,
    id: str,
    /,
    outputs: Any = None,  # noqa: ANN401 - JSON
    **inputs: Any,  # noqa: ANN401 - JSON
) -> dict[str, Any]:
    """Return one resource of the engine or the cluster of these tests."""
    provider = KUBERNETES if kind.startswith("kubernetes:") else DOCKER
    urn = f"urn:pulumi:dev::fate::{kind}::{title}"
    return {"urn": urn, "type": kind, "id": id, "provider": f"{provider}::1", "inputs": inputs} | (
        {"outputs": outputs} if outputs else {}
    )


def labels(**values: str) -> list[dict[str, str]]:
    """Return labels as the Docker plugin's inputs have them."""
    return [{"label": f"fate.{key}", "value": value} for key, value in values.items()]


def container(name: str, id: str, service: str = "gateway", **inputs: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a container of party 9999."""
    own = labels(stack="dev", party="9999", service=service)
    return row(CONTAINER, f"party-9999-{service}", id, name=name, labels=own, **inputs)


def object_of(kind: str, name: str, **content: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return an object in the namespace of party 9999."""
    about = {
        "name": name,
        "namespace": "fate-dev-9999",
        "labels": {"fate.stack": "dev", "fate.party": "9999", "app.kubernetes.io/name": name},
    }
    return row(f"kubernetes:{kind}", f"party-9999-{name}", f"fate-dev-9999/{name}", metadata=about, **content)


def tree(
    *rows: dict[str, Any],
    pending: tuple[tuple[str, dict[str, Any]], ...] = (),
    kubeconfig: str = "/kubeconfig",
) -> dict[str, Any]:
    """Return a state of these resources, with the providers of one engine and one cluster."""
    docker = {"urn": DOCKER, "type": "pulumi:providers:docker", "id": "1"}
    cluster = {"urn": KUBERNETES, "type": "pulumi:providers:kubernetes", "id": "1"}
    providers = [
        docker | {"inputs": {"host": ENGINE, "sshOpts": '["-i", "key"]'}},
        cluster | {"inputs": {"context": "test", "kubeconfig": kubeconfig}},
    ]
    operations = [{"type": operation, "resource": one} for operation, one in pending]
    return {"deployment": {"resources": [*providers, *rows], "pending_operations": operations}}


def state(
    *rows: dict[str, Any],
    pending: tuple[tuple[str, dict[str, Any]], ...] = (),
    kubeconfig: str = "/kubeconfig",
) -> Exported:
    """Return such a state, read."""
    return Exported(tree(*rows, pending=pending, kubeconfig=kubeconfig))
