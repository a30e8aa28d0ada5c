"""What can be seen to be wrong. Causes and remedies stand in `remedies.py`."""

from enum import StrEnum
from typing import NamedTuple


class Symptom(StrEnum):
    """One kind of failure, by what shows of it."""

    NO_ENGINE = "no-engine"
    MISSING = "missing"
    STOPPED = "stopped"
    PAUSED = "paused"
    UNSEEN = "unseen"
    NO_STATE = "no-state"
    STARTING = "starting"
    UNHEALTHY = "unhealthy"
    NOT_ASKED = "not-asked"
    NO_ANSWER = "no-answer"

    CONTEXT_MISSING = "context-missing"
    CLUSTER_SILENT = "cluster-silent"
    CLUSTER_UNTRUSTED = "cluster-untrusted"
    CLUSTER_REFUSES = "cluster-refuses"
    FORBIDDEN = "forbidden"
    NODE_SILENT = "node-silent"
    IMAGE_NOT_PULLED = "image-not-pulled"
    CONTAINER_NOT_MADE = "container-not-made"
    CRASHES = "crashes"
    MEMORY_EXCEEDED = "memory-exceeded"
    UNSCHEDULABLE = "unschedulable"
    CLAIM_UNBOUND = "claim-unbound"

    FATEFLOW_SILENT = "fateflow-silent"
    FATEFLOW_FAULT = "fateflow-fault"
    VERSION_DIFFERS = "version-differs"
    DATABASE_SILENT = "database-silent"
    DATABASE_REFUSES = "database-refuses"
    DATABASE_EMPTY = "database-empty"
    BROKER_SILENT = "broker-silent"
    BROKER_REFUSES = "broker-refuses"
    BROKER_NOT_ADMINISTERED = "broker-not-administered"
    BROKER_WITHOUT_FEDERATION = "broker-without-federation"
    BROKER_ALARM = "broker-alarm"
    PULSAR_SILENT = "pulsar-silent"
    PULSAR_UNWELL = "pulsar-unwell"
    PEER_UNREGISTERED = "peer-unregistered"
    GATEWAY_SILENT = "gateway-silent"
    NO_ROUTE = "no-route"
    GATEWAY_UPSTREAM = "gateway-upstream"
    OSX_SILENT = "osx-silent"
    OSX_UPSTREAM = "osx-upstream"
    NODE_UNREGISTERED = "node-unregistered"
    NODE_UNHEALTHY = "node-unhealthy"
    NODE_LOST = "node-lost"
    CLUSTERMANAGER_SILENT = "clustermanager-silent"
    BOARD_SILENT = "board-silent"
    BOARD_OPEN = "board-open"
    BOARD_REFUSES = "board-refuses"
    BOARD_WITHOUT_FLOW = "board-without-flow"
    NOTEBOOK_SILENT = "notebook-silent"
    NOTEBOOK_OPEN = "notebook-open"
    NOTEBOOK_REFUSES = "notebook-refuses"
    NOTEBOOK_WITHOUT_FLOW = "notebook-without-flow"
    PEER_SILENT = "peer-silent"
    EXCHANGE_LACKS = "exchange-lacks"
    EXCHANGE_SILENT = "exchange-silent"
    NO_BROKER_ROUTE = "no-broker-route"
    PEER_BROKER_SILENT = "peer-broker-silent"
    PEER_BROKER_STRANGE = "peer-broker-strange"
    SPARK_SILENT = "spark-silent"
    SPARK_WORKERS_MISSING = "spark-workers-missing"
    SPARK_NO_ROOM = "spark-no-room"
    HDFS_SILENT = "hdfs-silent"
    HDFS_DATANODES_MISSING = "hdfs-datanodes-missing"
    HDFS_SAFE_MODE = "hdfs-safe-mode"
    HDFS_BLOCKS_MISSING = "hdfs-blocks-missing"
    HDFS_REFUSES = "hdfs-refuses"
    HDFS_DATANODES_UNREACHED = "hdfs-datanodes-unreached"

    HARBOR_SILENT = "harbor-silent"
    HARBOR_UNTRUSTED = "harbor-untrusted"
    HARBOR_UNWELL = "harbor-unwell"
    HARBOR_REFUSES = "harbor-refuses"
    HARBOR_LACKS = "harbor-lacks"
    HARBOR_BROKEN = "harbor-broken"
    HARBOR_PUSHED = "harbor-pushed"
    HARBOR_COPIES = "harbor-copies"

    JOB_REFUSED = "job-refused"
    JOB_HANGS = "job-hangs"
    JOB_QUEUED = "job-queued"
    JOB_SLOW = "job-slow"
    JOB_LEFT = "job-left"
    JOB_CANCELED = "job-canceled"
    JOB_FAILED = "job-failed"
    JOB_WITHOUT_AUC = "job-without-auc"
    TABLE_MISSING = "table-missing"
    UPLOAD_FAILED = "upload-failed"
    UNPICKLING_REFUSED = "unpickling-refused"
    LIBRARY_MISSING = "library-missing"
    OUT_OF_MEMORY = "out-of-memory"
    DISK_FULL = "disk-full"
    INTERRUPTED = "interrupted"


class Ailment(Exception):
    """A symptom together with what was seen, in words without a secret."""

    def __init__(self, symptom: Symptom, detail: str) -> None:
        super().__init__(detail)
        self.symptom = symptom
        self.detail = detail


class Finding(NamedTuple):
    """The likely cause of a symptom, and what to do."""

    cause: str
    remedy: str
