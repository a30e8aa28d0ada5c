"""The properties of a container, with the official plugin's defaults, and what it does when one changes."""

import re

from diff.shape import (
    Property,
    Shape,
    block,
    number,
    record,
    record_set,
    records,
    switch,
    table,
    text,
    text_set,
    texts,
)
from diff.values import Refusal

SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
NANO = 1_000_000_000
SMALL = (("ms", 1_000_000), ("µs", 1_000), ("ns", 1))
APPLIED = frozenset(
    {"cpuSet", "cpuShares", "maxRetryCount", "memory", "memoryReservation", "memorySwap", "restart"}
)
"""What is told as an update and changes the container while it runs."""
NOTED = frozenset(
    {
        "attach",
        "containerReadRefreshTimeoutMilliseconds",
        "destroyGraceSeconds",
        "logs",
        "mustRun",
        "removeVolumes",
        "start",
        "wait",
        "waitTimeout",
    }
)
"""What is told as an update and says what the plugin itself does later."""
DROPPED = frozenset({"cpuPeriod", "cpuQuota", "healthcheck", "init", "rm", "tmpfs"})
"""What is told as an update, though the container stays as it is."""


def label_set() -> Property:
    """Return the property of a resource that has its labels."""
    return record_set(label=text(required=True), value=text(required=True))


def nanoseconds(duration: str) -> int:
    """Return a duration in nanoseconds."""
    parts = re.findall(r"([\d.]+)(h|ms|m|s|us|µs|ns)", duration)
    if duration == "0":
        return 0
    if not parts or "".join(amount + unit for amount, unit in parts) != duration:
        raise Refusal(f"{duration!r} is not a valid duration. Write for example '5s' or '1m30s'.")
    return round(sum(float(amount) * SECONDS[unit] for amount, unit in parts) * 1e9)


def as_duration(amount: int) -> str:
    """Return nanoseconds as Go writes them: from hours on all units down to seconds, below by one unit."""
    if amount == 0:
        return "0s"
    if amount < NANO:
        unit, size = next((unit, size) for unit, size in SMALL if amount >= size)
        return f"{amount / size:g}{unit}"
    minutes, seconds = divmod(amount, 60 * NANO)
    hours, minutes = divmod(minutes, 60)
    below = f"{seconds / NANO:.9f}".rstrip("0").rstrip(".") + "s"
    if hours:
        return f"{hours}h{minutes}m{below}"
    return f"{minutes}m{below}" if minutes else below


def _time() -> Property:
    return text("0s").updatable()


_SHAPE = record(
    name=text(),
    image=text(required=True),
    command=texts().keeping(),
    entrypoints=texts().keeping(),
    envs=text_set().keeping(),
    user=text().keeping(),
    workingDir=text().keeping(),
    hostname=text().keeping(),
    labels=label_set().keeping(),
    networkMode=text("bridge"),
    networksAdvanced=record_set(
        name=text(required=True),
        aliases=text_set(),
        driverOpts=text_set(),
        gwPriority=number(),
        ipv4Address=text(),
        ipv6Address=text(),
        linkLocalIps=text_set(),
        macAddress=text(),
    ),
    ports=records(
        internal=number(required=True),
        external=number().keeping(),
        ip=text("0.0.0.0"),
        protocol=text("tcp"),
    ),
    hosts=record_set(host=text(required=True), ip=text(required=True)),
    volumes=record_set(
        containerPath=text(),
        fromContainer=text(),
        hostPath=text(),
        readOnly=switch(),
        selinuxRelabel=text(),
        volumeName=text(),
    ),
    uploads=record_set(
        content=text(),
        contentBase64=text(),
        executable=switch(False),
        file=text(required=True),
        permissions=text(),
        source=text(),
        sourceHash=text(),
    ),
    tmpfs=table(),
    healthcheck=block(
        tests=texts().updatable(),
        interval=_time(),
        timeout=_time(),
        startPeriod=_time(),
        startInterval=_time(),
        retries=number(0).updatable(),
    ).keeping(),
    wait=switch(False),
    waitTimeout=number(60),
    mustRun=switch(True),
    start=switch(True),
    attach=switch(False),
    logs=switch(False),
    rm=switch(False),
    removeVolumes=switch(True),
    containerReadRefreshTimeoutMilliseconds=number(15000),
    restart=text("no"),
    maxRetryCount=number(),
    stopTimeout=number().keeping(),
    stopSignal=text().keeping(),
    destroyGraceSeconds=number(),
    memory=number(),
    memoryReservation=number(0),
    memorySwap=number(),
    cpuShares=number(),
    cpuSet=text(),
    cpus=text(),
    gpus=text(),
    cpuPeriod=number(),
    cpuQuota=number(),
    shmSize=number().keeping(),
    ulimits=record_set(hard=number(required=True), name=text(required=True), soft=number(required=True)),
    capabilities=record(adds=text_set(), drops=text_set()),
    securityOpts=text_set().keeping(),
    init=switch().keeping(),
    readOnly=switch(False),
    logDriver=text().keeping(),
    logOpts=table(),
).fields

SHAPE: Shape = {
    name: prop.updatable() if name in APPLIED | NOTED | DROPPED else prop for name, prop in _SHAPE.items()
}
