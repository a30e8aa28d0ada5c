"""Services as native objects of one Kubernetes cluster.

Makes namespaces, claims, workloads and what guards them from neutral `Service` values. It makes no provider
(that is the stack's), builds no image, and knows no service by name. Case by case reasons:
facts/providers-observed.md; what each service needs in a hardened pod: facts/fate-on-kubernetes.md.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi import CustomTimeouts, Input, Output, ResourceOptions
from pulumi_kubernetes import apps, core, meta, policy

from components.runtimes import kubernetes_policies as policies
from components.runtimes.claims import Kept, claim_size
from components.runtimes.kubernetes_exposure import expose
from components.runtimes.kubernetes_logins import Account, docker_config
from components.runtimes.kubernetes_pods import file_keys, pod_template
from components.runtimes.kubernetes_scope import NO_AWAIT, Scope
from components.runtimes.names import ACCOUNT, PULL_SECRET, Names, Part
from components.runtimes.ownership import Ownership
from components.runtimes.runtime import Login, Owner, PartyPlacement, Run
from components.services.service import Service
from config import KubernetesSettings
from config.catalogue import claim_name


class Cluster:
    """One Kubernetes cluster, as one party's or the stack's settings see it."""

    def __init__(
        self,
        names: Names,
        ownership: Ownership,
        settings: KubernetesSettings,
        provider: pulumi.ProviderResource,
        kept: Kept,
    ) -> None:
        self.names = names
        self.ownership = ownership
        self.kept = kept
        self.settings = settings
        self.provider = provider

    def place(
        self, parent: pulumi.Resource, prefix: str, owner: Owner, logins: Sequence[Login] = ()
    ) -> "KubernetesPlacement":
        """Open a namespace that admits what its Pod Security level does, and lets nothing in or out."""
        scope = self.scope(parent, prefix, owner)
        guards = [_account(scope), policies.deny_all(scope)]
        pull_secrets = list(self.settings.pull_secrets)
        if logins:
            guards.append(pull_secret_of(scope, logins))
            pull_secrets.append(PULL_SECRET)
        return KubernetesPlacement(scope, guards, pull_secrets)

    def place_party(
        self, parent: pulumi.Resource, prefix: str, owner: Owner, logins: Sequence[Login] = ()
    ) -> PartyPlacement:
        """Open the place of a party."""
        return self.place(parent, prefix, owner, logins)

    def scope(self, parent: pulumi.Resource, prefix: str, owner: Owner) -> Scope:
        """Return what all objects of one owner share, its namespace made if it is to be."""
        namespace = self.names.namespace(self.settings, owner.party, owner.part)
        scope = Scope(self.ownership, self.settings, parent, prefix, owner, namespace, self.kept)
        if self.settings.create_namespace:
            scope.before.append(_namespace(scope))
        return scope

    def domain(self, party: str) -> str:
        """Return what makes the name of a party's service absolute."""
        return self.names.domain(self.settings, party)

    def address(self, party: str | None, part: Part = "mirror") -> Mapping[str, object]:
        """Return the context, the namespace and the kubeconfig."""
        return self.names.place(self.settings, party, part)


@dataclass(frozen=True)
class KubernetesPlacement:
    """Where the services of one owner run: its namespace, and what every pod in it waits for."""

    scope: Scope
    guards: Sequence[pulumi.Resource]
    pull_secrets: Sequence[str]
    running: dict[str, pulumi.CustomResource] = field(default_factory=dict)
    addresses: dict[str, Output[str]] = field(default_factory=dict)
    openings: list[pulumi.Resource] = field(default_factory=list)

    @property
    def names(self) -> Mapping[str, Output[str]]:
        """Return the name of every service's workload."""
        return {
            service: workload.id.apply(lambda id: id.rpartition("/")[2])
            for service, workload in self.running.items()
        }

    def pulled(self, service: str, reference: Input[str]) -> Input[str]:
        """Return the reference: the cluster's nodes pull it."""
        return reference

    def run_all(self, runs: Sequence[Run]) -> None:
        """Make services, one after the other."""
        for each in runs:
            self.run(each.service, each.image, each.secrets, each.revision)

    def run(
        self,
        service: Service,
        image: Input[str],
        secrets: Mapping[str, Output[str]],
        revision: Input[str] | None = None,
    ) -> pulumi.CustomResource:
        """Make one service: its files, secrets, claims, Service and policy, then its workload.

        The workload is a StatefulSet where the service keeps something, else a Deployment. It rolls when a
        file of it or the `revision` of its secrets changes; its claims stay. It does not wait for what the
        service needs: the pod's own start script does, while its image is pulled and others start.
        """
        scope = self.scope
        after = list(self.guards)
        after += [_files(scope, service)] if service.files else []
        after += [secrets_of(scope, service.name, secrets)] if service.secrets else []
        claims = [_claim(scope, service, volume.name) for volume in service.volumes]
        after += claims
        after += [_service(scope, service), policies.allow(scope, service)]
        template = pod_template(scope, service, image, revision, self.pull_secrets)
        options = _awaited(scope, after, claims)
        workload = (_stateful if service.volumes else _stateless)(scope, service, template, options)
        self.running[service.name] = workload
        for opening in expose(scope, service, workload):
            self.openings.append(opening.resource)
            if opening.address is not None:
                self.addresses[service.name] = opening.address
        return workload


def _namespace(scope: Scope) -> core.v1.Namespace:
    """Make the namespace. `destroy` leaves it, for to delete it would delete the claims in it."""
    level = scope.settings.security
    enforced = {f"pod-security.kubernetes.io/{mode}": level for mode in ("enforce", "audit", "warn")}
    return core.v1.Namespace(
        f"{scope.prefix}-namespace",
        metadata=meta.v1.ObjectMetaArgs(name=scope.namespace, labels={**scope.labels(), **enforced}),
        opts=ResourceOptions(parent=scope.parent, retain_on_delete=True),
    )


def _account(scope: Scope) -> core.v1.ServiceAccount:
    """Make the account that pods run as: it holds no right, and no pod gets its token."""
    return core.v1.ServiceAccount(
        f"{scope.prefix}-account",
        metadata=scope.about(ACCOUNT),
        automount_service_account_token=False,
        opts=scope.options(),
    )


def pull_secret_of(scope: Scope, logins: Sequence[Login]) -> core.v1.Secret:
    """Make the Secret that images are pulled with."""
    accounts = [Output.all(login.address, login.user, login.password) for login in logins]
    return core.v1.Secret(
        f"{scope.prefix}-pull-secret",
        metadata=scope.about(PULL_SECRET),
        type="kubernetes.io/dockerconfigjson",
        data={".dockerconfigjson": Output.all(*accounts).apply(_login_text)},
        opts=scope.options(after=[resource for login in logins for resource in login.after]),
    )


def _login_text(accounts: Sequence[Sequence[str]]) -> str:
    return _encoded(docker_config(Account(*each) for each in accounts))


def _encoded(text: str) -> str:
    """Return text as the API takes bytes: in base64."""
    return base64.b64encode(text.encode()).decode()


def _files(scope: Scope, service: Service) -> core.v1.ConfigMap:
    return core.v1.ConfigMap(
        f"{scope.prefix}-{service.name}-files",
        metadata=scope.about(service.name, service.name),
        data=file_keys(service.files),
        opts=scope.options(),
    )


def secrets_of(
    scope: Scope, service: str, secrets: Mapping[str, Output[str]], kind: str = "Opaque"
) -> core.v1.Secret:
    """Make the Secret of a service's passwords."""
    return core.v1.Secret(
        f"{scope.prefix}-{service}-secrets",
        metadata=scope.about(service, service),
        type=kind,
        data={name: secrets[name].apply(_encoded) for name in sorted(secrets)},
        opts=scope.options(),
    )


def _claim(scope: Scope, service: Service, volume: str) -> core.v1.PersistentVolumeClaim:
    """Make a claim. `destroy` leaves it, and the next `up` takes it again with its content.

    Where the stack allows claims to be replaced, nothing holds them back.
    """
    storage, name = scope.settings.storage, claim_name(service.name, volume)
    size = claim_size(scope.settings, service, volume)
    storage_class, stays = scope.storage_class(name)
    left_alone = ("spec.storageClassName",) if stays else ()
    return core.v1.PersistentVolumeClaim(
        f"{scope.prefix}-{name}",
        metadata=scope.about(name, service.name, NO_AWAIT),
        spec=core.v1.PersistentVolumeClaimSpecArgs(
            access_modes=[storage.access],
            storage_class_name=storage_class,
            resources=core.v1.VolumeResourceRequirementsArgs(requests={"storage": size}),
        ),
        opts=scope.options(retain=not storage.replace, left_alone=left_alone),
    )


def _service(scope: Scope, service: Service) -> core.v1.Service:
    """Make the name of a service. That of one which opens more ports leads to its pod, not to some ports."""
    return core.v1.Service(
        f"{scope.prefix}-{service.name}-service",
        metadata=scope.about(service.name, service.name, NO_AWAIT),
        spec=core.v1.ServiceSpecArgs(
            cluster_ip="None" if service.opens_more_to else None,
            selector=scope.selector(service.name),
            ports=[core.v1.ServicePortArgs(name=port.name, port=port.number) for port in service.ports],
        ),
        opts=scope.options(),
    )


def _pods_of(scope: Scope, service: Service) -> meta.v1.LabelSelectorArgs:
    return meta.v1.LabelSelectorArgs(match_labels=scope.selector(service.name))


def _stateful(
    scope: Scope,
    service: Service,
    template: core.v1.PodTemplateSpecArgs,
    options: ResourceOptions,
) -> pulumi.CustomResource:
    """Make a workload that never has two pods on one claim.

    Parallel, for with the default a pod that never gets ready also blocks the update that repairs it.
    """
    return apps.v1.StatefulSet(
        f"{scope.prefix}-{service.name}",
        metadata=scope.about(service.name, service.name),
        spec=apps.v1.StatefulSetSpecArgs(
            replicas=1,
            service_name=service.name,
            pod_management_policy="Parallel",
            selector=_pods_of(scope, service),
            template=template,
        ),
        opts=options,
    )


def _stateless(
    scope: Scope,
    service: Service,
    template: core.v1.PodTemplateSpecArgs,
    options: ResourceOptions,
) -> pulumi.CustomResource:
    """Make a workload that starts its new pods before it ends the old ones."""
    replicas = scope.settings.replicas_of(service.name)
    if replicas > 1:
        _disruption_budget(scope, service)
    return apps.v1.Deployment(
        f"{scope.prefix}-{service.name}",
        metadata=scope.about(service.name, service.name),
        spec=apps.v1.DeploymentSpecArgs(
            replicas=replicas, selector=_pods_of(scope, service), template=template
        ),
        opts=options,
    )


def _awaited(
    scope: Scope, after: Sequence[pulumi.Resource], claims: Sequence[pulumi.Resource]
) -> ResourceOptions:
    """Return a workload's options. It goes with its claims, which no pod may hold when they are replaced."""
    return ResourceOptions(
        parent=scope.parent,
        depends_on=list(after),
        custom_timeouts=CustomTimeouts(create=scope.limit, update=scope.limit),
        replace_with=list(claims) if scope.settings.storage.replace else None,
    )


def _disruption_budget(scope: Scope, service: Service) -> policy.v1.PodDisruptionBudget:
    return policy.v1.PodDisruptionBudget(
        f"{scope.prefix}-{service.name}-disruptions",
        metadata=scope.about(service.name, service.name),
        spec=policy.v1.PodDisruptionBudgetSpecArgs(max_unavailable=1, selector=_pods_of(scope, service)),
        opts=scope.options(),
    )
