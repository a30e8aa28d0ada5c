"""The properties of a container, with the official plugin's defaults."""

from offline.protocol.shape import (
    Shape,
    number,
    record,
    records,
    switch,
    table,
    text,
    text_set,
    texts,
)

IN_PLACE = frozenset(
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
LIMITS = frozenset(
    {
        "cpuPeriod",
        "cpuQuota",
        "cpuSet",
        "cpuShares",
        "cpus",
        "maxRetryCount",
        "memory",
        "memoryReservation",
        "memorySwap",
        "restart",
    }
)
"""What the engine can change while a container runs."""

_LABELS = records("label", label=text(required=True), value=text(required=True))

_SHAPE = record(
    name=text(),
    image=text(required=True),
    command=texts(),
    entrypoints=texts(),
    envs=text_set(),
    user=text(),
    workingDir=text(),
    hostname=text(),
    domainname=text(),
    labels=_LABELS,
    networkMode=text("bridge"),
    networksAdvanced=records(
        "name", name=text(required=True), aliases=text_set(), ipv4Address=text(), ipv6Address=text()
    ),
    ports=records(
        "internal",
        "external",
        "ip",
        "protocol",
        internal=number(required=True),
        external=number(),
        ip=text(),
        protocol=text(),
    ),
    hosts=records("host", "ip", host=text(required=True), ip=text(required=True)),
    dns=text_set(),
    dnsOpts=text_set(),
    dnsSearches=text_set(),
    volumes=records(
        "containerPath",
        "fromContainer",
        volumeName=text(),
        containerPath=text(),
        hostPath=text(),
        fromContainer=text(),
        readOnly=switch(),
    ),
    mounts=records(
        "target",
        target=text(required=True),
        type=text(required=True),
        source=text(),
        readOnly=switch(),
        bindOptions=record(propagation=text()),
        tmpfsOptions=record(mode=number(), sizeBytes=number()),
        volumeOptions=record(noCopy=switch(), driverName=text(), driverOptions=table(), labels=_LABELS),
    ),
    uploads=records(
        "file",
        file=text(required=True),
        content=text(),
        contentBase64=text(""),
        source=text(""),
        sourceHash=text(""),
        permissions=text(),
        executable=switch(False),
    ),
    tmpfs=table(),
    healthcheck=record(tests=texts(), interval=text(), timeout=text(), startPeriod=text(), retries=number()),
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
    stopTimeout=number(),
    stopSignal=text(),
    destroyGraceSeconds=number(),
    memory=number(),
    memoryReservation=number(),
    memorySwap=number(),
    cpuShares=number(),
    cpuSet=text(),
    cpus=text(),
    cpuPeriod=number(),
    cpuQuota=number(),
    shmSize=number(),
    ulimits=records("name", name=text(required=True), soft=number(required=True), hard=number(required=True)),
    capabilities=record(adds=text_set(), drops=text_set()),
    securityOpts=text_set(),
    groupAdds=text_set(),
    sysctls=table(),
    init=switch(),
    readOnly=switch(False),
    logDriver=text(),
    logOpts=table(),
).fields

SHAPE: Shape = {
    name: prop.updatable() if name in IN_PLACE | LIMITS else prop for name, prop in _SHAPE.items()
}
