"""How the official Docker plugin answers a change of each resource type that the program declares."""

from collections.abc import Sequence

from diff.comparison import Comparison
from diff.differences import Change
from diff.docker.container_shape import SHAPE, as_duration, label_set, nanoseconds
from diff.rules import ResourceRules
from diff.shape import Kind, block, number, record, record_set, records, switch, table, text, texts
from diff.state import FAILED
from diff.values import Plain, Unknown

TIMES = ("interval", "timeout", "startPeriod", "startInterval")
NOT_LOOKED_AT = {"entrypoints": Change.ADD, "networkDatas": Change.ADD}
"""What the state of a container lacks that was made and did not start."""
BUILD = block(
    additionalContexts=texts(),
    authConfigs=texts(),
    buildArgs=table(),
    buildId=text(),
    buildLogFile=text(),
    builder=text(),
    cacheFroms=texts(),
    cacheTos=texts(),
    cgroupParent=text(),
    context=text(required=True),
    cpuPeriod=number(),
    cpuQuota=number(),
    cpuSetCpus=text(),
    cpuSetMems=text(),
    cpuShares=number(),
    dockerfile=text("Dockerfile"),
    extraHosts=texts(),
    forceRemove=switch(),
    isolation=text(),
    label=table().updatable(),
    labels=table(),
    memory=number(),
    memorySwap=number(),
    networkMode=text(),
    noCache=switch(),
    platform=text(),
    pullParent=switch(),
    remoteContext=text(),
    remove=switch(True).updatable(),
    secrets=records(id=text(required=True), src=text(), env=text()).updatable(),
    securityOpts=texts(),
    sessionId=text(),
    shmSize=number(),
    squash=switch(),
    suppressOutput=switch(),
    target=text(),
    ulimits=texts(),
    useLegacyBuilder=switch(False),
    version=text(),
)


class ContainerRules(ResourceRules):
    """Limits change in place, most else replaces it, some is told and dropped."""

    token = "docker:index/container:Container"
    named = True
    deletes_first = True
    computed = ("bridge", "containerLogs", "exitCode", "hostname", "networkDatas")
    shape = SHAPE

    def compared(self, state: Plain, inputs: Plain) -> Comparison:
        """Replace what did not start; nothing is known of it but that."""
        found = super().compared(state, inputs)
        if FAILED not in state:
            return found
        rows = {name: change for name, change in NOT_LOOKED_AT.items() if name not in state}
        changes = {**found.changes, **{name: {name: change} for name, change in rows.items()}}
        return Comparison(changes, found.replacing | {"entrypoints"})

    def settled(self, inputs: Plain) -> Plain:
        """Return the state with the health check's times as the engine tells them."""
        state = super().settled(inputs)
        check = state.get("healthcheck")
        if isinstance(check, dict):
            times = {name: check[name] for name in TIMES if not isinstance(check.get(name), Unknown)}
            spelled = {name: as_duration(nanoseconds(value)) for name, value in times.items()}
            state["healthcheck"] = {**check, **spelled}
        return state


class NetworkRules(ResourceRules):
    """Every change replaces it."""

    token = "docker:index/network:Network"
    named = True
    computed = ("scope",)
    shape = record(
        name=text(),
        driver=text().keeping(),
        internal=switch().keeping(),
        attachable=switch(),
        ipv6=switch(),
        options=table().keeping(),
        labels=label_set(),
        ipamDriver=text("default"),
        ipamOptions=table(),
        ipamConfigs=record_set(subnet=text(), gateway=text(), ipRange=text(), auxAddress=table()).keeping(),
    ).fields


class VolumeRules(ResourceRules):
    """Every change replaces it."""

    token = "docker:index/volume:Volume"
    named = True
    computed = ("mountpoint",)
    shape = record(name=text(), driver=text().keeping(), driverOpts=table(), labels=label_set()).fields


class RemoteImageRules(ResourceRules):
    """An image that is built or pulled."""

    token = "docker:index/remoteImage:RemoteImage"
    computed = ("imageId", "repoDigest")
    shape = record(
        name=text(required=True),
        build=BUILD,
        triggers=table(),
        platform=text(),
        keepLocally=switch().updatable(),
        forceRemove=switch().updatable(),
    ).fields

    def compared(self, state: Plain, inputs: Plain) -> Comparison:
        """Tell, where anything else changes, every option of an unchanged build that is left out."""
        found = super().compared(state, inputs)
        build = state.get("build")
        if not found.changes or "build" in found.changes or not build or "build" not in inputs:
            return found
        rows = {
            f"build.{name}": Change.ADD
            for name, prop in BUILD.fields.items()
            if name not in build and prop.kind in (Kind.NUMBER, Kind.SWITCH, Kind.TABLE)
        }
        replacing = {path for path in rows if not BUILD.fields[path.removeprefix("build.")].in_place}
        return Comparison(
            {**found.changes, "build": rows}, found.replacing | (replacing if found.replacing else set())
        )


class RegistryImageRules(ResourceRules):
    """An image that is pushed."""

    token = "docker:index/registryImage:RegistryImage"
    named = True
    computed = ("sha256Digest",)
    shape = record(
        name=text(required=True),
        triggers=table(),
        authConfig=block(
            address=text(required=True).updatable(),
            username=text().updatable(),
            password=text(sensitive=True).updatable(),
        ),
        keepRemotely=switch(False).updatable(),
        insecureSkipVerify=switch(False).updatable(),
    ).fields


RULES: Sequence[ResourceRules] = (
    ContainerRules(),
    NetworkRules(),
    RegistryImageRules(),
    RemoteImageRules(),
    VolumeRules(),
)
