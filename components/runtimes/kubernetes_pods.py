"""The pod of one service, hardened: it fits Pod Security `restricted` and has a read-only root."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from pulumi import Input
from pulumi_kubernetes import core, meta

from components.runtimes.kubernetes_keys import keys_of_files, names_of_folders
from components.runtimes.kubernetes_scope import Scope
from components.runtimes.names import ACCOUNT, GPU
from components.runtimes.probes import command_of
from components.services.service import Command, File, Http, Probe, Resources, Service, Tcp
from config import Scheduling
from config.catalogue import claim_name

FILES, SECRETS = "files", "secrets"
SECRETS_FOLDER = "/run/secrets"
COPIED = "/copied"
STARTING = 5
"""Seconds between the questions whether a service has started; once it has, it is asked less often."""
HUNG_AFTER = 10
"""Failed probes, half a minute apart, after which a service counts as hung and its container starts anew.

Generous, because FATE-Flow answers late while its jobs keep the processor busy, and a restart ends them.
"""
COPYING = Resources(memory=64)
"""What copying folders of an image may take."""


class Question(NamedTuple):
    """How often a probe asks, how long it waits, and how many failures it puts up with; in seconds."""

    interval: int
    timeout: int
    failures: int


class Questions(NamedTuple):
    """Those of a container: whether it has started, whether it takes work, whether it hangs."""

    startup: Question
    readiness: Question
    liveness: Question


def pod_template(
    scope: Scope,
    service: Service,
    image: Input[str],
    revision: Input[str] | None,
    pull_secrets: Sequence[str],
) -> core.v1.PodTemplateSpecArgs:
    """Return the pod. Its annotations change with its files and with the `revision` of its secrets."""
    scheduling = scope.settings.scheduling
    annotations: dict[str, Input[str]] = {"fate.files": digest(service.files)}
    if revision is not None:
        annotations["fate.secrets"] = revision
    return core.v1.PodTemplateSpecArgs(
        metadata=meta.v1.ObjectMetaArgs(
            labels={**scope.selector(service.name), **scope.labels()}, annotations=annotations
        ),
        spec=core.v1.PodSpecArgs(
            service_account_name=ACCOUNT,
            automount_service_account_token=False,
            enable_service_links=False,
            share_process_namespace=True,
            security_context=_pod_security(service.user),
            image_pull_secrets=[core.v1.LocalObjectReferenceArgs(name=name) for name in pull_secrets] or None,
            termination_grace_period_seconds=30,
            init_containers=[_copying(service, image)] if service.copied else None,
            containers=[_container(service, image)],
            volumes=_volumes(service),
            node_selector=dict(scheduling.node_selector) or None,
            tolerations=_tolerations(scheduling) or None,
            affinity=_affinity(scheduling),
            priority_class_name=scheduling.priority_class,
        ),
    )


def file_keys(files: Sequence[File]) -> dict[str, str]:
    """Return the text of each file by its key in a ConfigMap."""
    keys = keys_of_files(file.path for file in files)
    return {keys[file.path]: file.text for file in files}


def digest(files: Sequence[File]) -> str:
    """Return 12 hexadecimal characters that change with any file."""
    return hashlib.sha256(json.dumps(file_keys(files)).encode()).hexdigest()[:12]


def _container(service: Service, image: Input[str]) -> core.v1.ContainerArgs:
    asked = questions(service.probe)
    return core.v1.ContainerArgs(
        name=service.name,
        image=image,
        image_pull_policy="IfNotPresent",
        command=list(service.command),
        env=[core.v1.EnvVarArgs(name=k, value=v) for k, v in sorted(service.environment.items())] or None,
        ports=[core.v1.ContainerPortArgs(name=p.name, container_port=p.number) for p in service.ports],
        security_context=_container_security(service),
        resources=_resources(service.resources),
        startup_probe=_probe(service, asked.startup),
        readiness_probe=_probe(service, asked.readiness),
        liveness_probe=_probe(service, asked.liveness),
        volume_mounts=_mounts(service),
    )


def _copying(service: Service, image: Input[str]) -> core.v1.ContainerArgs:
    """Return what copies folders of the image to where the service finds them, and may write."""
    folders = folders_of(service)
    copies = [f"cp -R {path}/. {COPIED}/{folders[path]}/" for path in service.copied]
    return core.v1.ContainerArgs(
        name="copying",
        image=image,
        image_pull_policy="IfNotPresent",
        command=["sh", "-ec", "; ".join(copies)],
        security_context=_container_security(service),
        resources=_resources(COPYING),
        volume_mounts=[
            core.v1.VolumeMountArgs(name=folders[path], mount_path=f"{COPIED}/{folders[path]}")
            for path in service.copied
        ],
    )


def _pod_security(user: int) -> core.v1.PodSecurityContextArgs:
    """Return the pod's security context.

    `OnRootMismatch`: a change of modes at every start would open RabbitMQ's cookie to its group, and RabbitMQ
    would refuse it.
    """
    return core.v1.PodSecurityContextArgs(
        run_as_non_root=True,
        run_as_user=user,
        run_as_group=user,
        fs_group=user,
        fs_group_change_policy="OnRootMismatch",
        seccomp_profile=core.v1.SeccompProfileArgs(type="RuntimeDefault"),
    )


def _container_security(service: Service) -> core.v1.SecurityContextArgs:
    return core.v1.SecurityContextArgs(
        allow_privilege_escalation=False,
        read_only_root_filesystem=service.read_only_root,
        capabilities=core.v1.CapabilitiesArgs(drop=["ALL"]),
    )


def limits_and_requests(limits: Resources) -> dict[str, dict[str, str]]:
    """Return limits, and half of the memory and little of the processor as what a node must have free.

    GPUs are a limit alone: the API server has their request from it.
    """
    processor = {"cpu": str(limits.cpus)} if limits.cpus else {}
    accelerator = {GPU: str(limits.gpus)} if limits.gpus else {}
    return {
        "limits": {"memory": f"{limits.memory}Mi", **processor, **accelerator},
        "requests": {"memory": f"{limits.memory // 2}Mi", "cpu": "100m"},
    }


def _resources(limits: Resources) -> core.v1.ResourceRequirementsArgs:
    both = limits_and_requests(limits)
    return core.v1.ResourceRequirementsArgs(limits=both["limits"], requests=both["requests"])


def questions(probe: Probe) -> Questions:
    """Return when each of the three probes asks."""
    return Questions(
        Question(STARTING, probe.timeout, probe.start_period // STARTING + 1),
        Question(probe.interval, probe.timeout, probe.retries),
        Question(30, 20, HUNG_AFTER),
    )


def asked_by(service: Service) -> Http | Tcp | Command:
    """Return what the kubelet asks by itself, or else a command, which costs the node ten times as much.

    A kubelet reads no answer, only its status, and asks a pod's own address.
    """
    check = service.probe.check
    if isinstance(check, Tcp) or (isinstance(check, Http) and check.status_tells):
        return check
    return Command(command_of(check, service.tools))


def _probe(service: Service, question: Question) -> core.v1.ProbeArgs:
    asked = asked_by(service)
    return core.v1.ProbeArgs(
        exec_=core.v1.ExecActionArgs(command=list(asked.words)) if isinstance(asked, Command) else None,
        tcp_socket=core.v1.TCPSocketActionArgs(port=asked.port) if isinstance(asked, Tcp) else None,
        http_get=core.v1.HTTPGetActionArgs(path=asked.path, port=asked.port)
        if isinstance(asked, Http)
        else None,
        period_seconds=question.interval,
        timeout_seconds=question.timeout,
        failure_threshold=question.failures,
    )


def _mounts(service: Service) -> list[core.v1.VolumeMountArgs]:
    keys = keys_of_files(file.path for file in service.files)
    mounts = [
        core.v1.VolumeMountArgs(name=FILES, mount_path=path, sub_path=key, read_only=True)
        for path, key in keys.items()
    ]
    if service.secrets:
        mounts.append(core.v1.VolumeMountArgs(name=SECRETS, mount_path=SECRETS_FOLDER, read_only=True))
    folders = folders_of(service)
    return mounts + [core.v1.VolumeMountArgs(name=name, mount_path=path) for path, name in folders.items()]


def _volumes(service: Service) -> list[core.v1.VolumeArgs]:
    volumes, folders = [], folders_of(service)
    if service.files:
        source = core.v1.ConfigMapVolumeSourceArgs(name=service.name)
        volumes.append(core.v1.VolumeArgs(name=FILES, config_map=source))
    if service.secrets:
        secret = core.v1.SecretVolumeSourceArgs(secret_name=service.name, default_mode=0o440)
        volumes.append(core.v1.VolumeArgs(name=SECRETS, secret=secret))
    for volume in service.volumes:
        claim = core.v1.PersistentVolumeClaimVolumeSourceArgs(
            claim_name=claim_name(service.name, volume.name)
        )
        volumes.append(core.v1.VolumeArgs(name=folders[volume.path], persistent_volume_claim=claim))
    empty = core.v1.EmptyDirVolumeSourceArgs()
    return volumes + [core.v1.VolumeArgs(name=folders[path], empty_dir=empty) for path in service.scratch]


def folders_of(service: Service) -> dict[str, str]:
    """Return the name of the volume that lies at each folder a service writes to."""
    written = (*(volume.path for volume in service.volumes), *service.scratch)
    return names_of_folders(written, taken=(FILES, SECRETS))


def _affinity(scheduling: Scheduling) -> Any:  # noqa: ANN401 - written as Kubernetes writes it
    return dict(scheduling.affinity) or None


def _tolerations(scheduling: Scheduling) -> list[core.v1.TolerationArgs]:
    return [
        core.v1.TolerationArgs(
            key=toleration.key,
            operator=toleration.operator,
            value=toleration.value,
            effect=toleration.effect,
            toleration_seconds=toleration.toleration_seconds,
        )
        for toleration in scheduling.tolerations
    ]
