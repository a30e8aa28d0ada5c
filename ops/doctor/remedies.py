"""Symptom to likely cause and remedy.

Source: facts/fate-from-pypi.md ("What failure looks like", "Traps") and failures provoked on running parties.
Names in braces are filled in with the words of the party at hand (`words.py`). What is said otherwise of a
party on Kubernetes stands in `kubernetes_remedies.py`, of what others run in `outside.py`.
"""

import re
from collections.abc import Mapping
from typing import Any

from ops.doctor.kubernetes_remedies import ON_KUBERNETES
from ops.doctor.outside import elsewhere
from ops.doctor.symptoms import Ailment, Finding, Symptom

REPAIR = "pulumi up --refresh"

FINDINGS: Mapping[Symptom, Finding] = {
    Symptom.NO_ENGINE: Finding(
        "The container engine of party {party} does not answer, or this account may not use it.",
        "Start the engine (systemctl start docker), or join its group (usermod -aG docker); for ssh:// see "
        "that `ssh` reaches the machine without a password.",
    ),
    Symptom.MISSING: Finding(
        "The container of {service} of party {party} was removed by hand, or `pulumi up` never finished.",
        f"Make it again: {REPAIR}. Its volumes are still there.",
    ),
    Symptom.STOPPED: Finding(
        "{container} was stopped by hand, or its process ended.",
        f"See why: {{container:logs}}. Start it: {{container:start}}, or {REPAIR}.",
    ),
    Symptom.PAUSED: Finding(
        "{container} was paused by hand: it takes connections and answers none.",
        "Let it go on: fate repair --stack {stack}",
    ),
    Symptom.UNSEEN: Finding(
        "Something was changed behind Pulumi's back, by hand or in a crash; `pulumi preview --refresh` "
        "cannot see it.",
        "Put it back: fate repair --stack {stack}",
    ),
    Symptom.NO_STATE: Finding(
        "The stack's state cannot be read, so nobody knows what was declared.",
        "See what is wrong with it: fate repair --stack {stack} --dry-run",
    ),
    Symptom.STARTING: Finding(
        "{container} has not become healthy yet: the machine is busy, or what it waits for is down.",
        "See what it waits for: {container:logs}. Then ask again.",
    ),
    Symptom.UNHEALTHY: Finding(
        "{container} runs, but its health check fails: it hangs, or what it needs is down.",
        "See why: {container:logs}. Start it anew: {container:restart}.",
    ),
    Symptom.NOT_ASKED: Finding(
        "FATE-Flow of party {party} does not run, and this is asked from inside it.",
        "First repair fateflow of party {party}.",
    ),
    Symptom.NO_ANSWER: Finding(
        "A question inside {fateflow} was not answered in time, or its image lacks what the question needs.",
        "See whether the machine is overloaded: docker stats. Ask again.",
    ),
    Symptom.FATEFLOW_SILENT: Finding(
        "FATE-Flow of party {party} runs, but does not listen: it is still starting, or its address in "
        "service_conf.yaml is not the container's own.",
        "See its start: {fateflow:logs}. fateflow.host must lead to the container itself.",
    ),
    Symptom.FATEFLOW_FAULT: Finding(
        "FATE-Flow answers with a fault of its own; most often its database is out of reach.",
        "See the fault: {fateflow:exec} tail -50 fate_flow/logs/fate_flow/ERROR.log",
    ),
    Symptom.VERSION_DIFFERS: Finding(
        "The container runs another release than the stack says: `pulumi up` was not run after a change.",
        "Type: pulumi up",
    ),
    Symptom.DATABASE_SILENT: Finding(
        "The database of party {party} is out of FATE-Flow's reach: it is down, or their network is cut.",
        f"See the database: {{database:logs}}. Repair container and network: {REPAIR}",
    ),
    Symptom.DATABASE_REFUSES: Finding(
        "FATE-Flow's password or database name is not the one that the database holds: one of the two was "
        "not started again after a rotation, or the data volume belongs to a stack with another secret key.",
        "Start the database, then FATE-Flow anew: {database:restart}; {fateflow:restart}",
    ),
    Symptom.DATABASE_EMPTY: Finding(
        "FATE-Flow has not made its tables: its first start failed, or it writes to another database.",
        "Start FATE-Flow anew and see its log: {fateflow:restart}; {fateflow:logs}",
    ),
    Symptom.BROKER_SILENT: Finding(
        "The management API of party {party}'s broker does not answer: RabbitMQ is down, still starting, or "
        "the plugin rabbitmq_management is off.",
        "See its log: {broker:logs}. Start it anew: {broker:restart}",
    ),
    Symptom.BROKER_REFUSES: Finding(
        "FATE-Flow's broker password is not the broker's: one of the two was not started again after a "
        "rotation. Every job would fail after some 20 s.",
        "Start both anew: {broker:restart}; {fateflow:restart}",
    ),
    Symptom.BROKER_NOT_ADMINISTERED: Finding(
        "FATE makes users, virtual hosts and upstreams for each task, which only an administrator may.",
        "Give the account the tag administrator (the broker's definitions.json); {broker:restart}",
    ),
    Symptom.BROKER_WITHOUT_FEDERATION: Finding(
        "The broker runs without the plugins rabbitmq_federation and rabbitmq_federation_management: jobs "
        "would stay `running` for ever.",
        "Enable both in the broker's enabled_plugins, then {broker:restart}",
    ),
    Symptom.BROKER_ALARM: Finding(
        "The broker has stopped taking messages for want of memory or disk: jobs would stay `running`.",
        "Make room on the disk (docker system df), or raise the broker's memory in the stack.",
    ),
    Symptom.PULSAR_SILENT: Finding(
        "The administration of party {party}'s Pulsar does not answer: it is down, or still starting.",
        f"See its log: {{pulsar:logs}}. Start it anew: {{pulsar:restart}}, or {REPAIR}",
    ),
    Symptom.PULSAR_UNWELL: Finding(
        "Pulsar runs, but stores no message: its disk is full, or its memory was too little for what waited "
        "in it. Jobs would stay `running`.",
        "See which: {pulsar:logs}; {pulsar:exec} df -h. Make room, or raise the memory of the service pulsar "
        "in the stack. Start it anew: {pulsar:restart}",
    ),
    Symptom.PEER_UNREGISTERED: Finding(
        "The Pulsar of party {party} does not know the broker of party {peer}, or knows another: it is no "
        "peer in the stack, or somebody changed it. Jobs would fail with `'NoneType' object has no attribute "
        "'get'`.",
        "Name the peer under fate:parties of party {party}, then: pulumi up. Each start registers the peers "
        "anew: {pulsar:restart}",
    ),
    Symptom.GATEWAY_SILENT: Finding(
        "The gateway of party {party} is down, or FATE-Flow's network to it is cut. No job can start.",
        f"See its log: {{gateway:logs}}. Start it: {{gateway:start}}, or {REPAIR}",
    ),
    Symptom.NO_ROUTE: Finding(
        "The gateway of party {party} has no route to that party: it is no peer in the stack, or the gateway "
        "was not made again after the peer was added. A job would be refused with code 1002.",
        "Name the peer under fate:parties of party {party}, then: pulumi up",
    ),
    Symptom.OSX_SILENT: Finding(
        "The OSX of party {party} is down, or FATE-Flow's network to it is cut. No job can start.",
        f"See its log: {{osx:logs}}. Start it anew: {{osx:restart}}, or {REPAIR}",
    ),
    Symptom.OSX_UPSTREAM: Finding(
        "The OSX of party {party} runs, but does not reach the FATE-Flow behind it.",
        f"See its log: {{osx:logs}}. Put the party's network right: {REPAIR}",
    ),
    Symptom.NODE_UNREGISTERED: Finding(
        "The node manager has not told the cluster manager of itself, or writes to another one: a job would "
        "wait for ever.",
        "Start the cluster manager anew, and it: {clustermanager:restart}; {container:restart}",
    ),
    Symptom.NODE_UNHEALTHY: Finding(
        "The node manager was replaced with an empty volume, or stopped answering, and the cluster manager "
        "keeps it out: jobs fail with `no health server node`. Tables that lay on another volume are gone.",
        "Start the cluster manager anew: {clustermanager:restart}",
    ),
    Symptom.NODE_LOST: Finding(
        "A node manager of party {party} was away or started anew while the job ran, and took its processes "
        "along.",
        "See in the row of each nodemanager whether it is back; then run the doctor again.",
    ),
    Symptom.CLUSTERMANAGER_SILENT: Finding(
        "Eggroll's cluster manager of party {party} was away or started anew while the job ran.",
        "See its log: {clustermanager:logs}. When its row is well, start the node managers anew, where the "
        "job's processes stay and take memory from the next; then run the doctor again.",
    ),
    Symptom.GATEWAY_UPSTREAM: Finding(
        "The gateway of party {party} runs, but does not reach the party's own FATE-Flow.",
        f"See whether both are on one network: docker network ls; then {REPAIR}",
    ),
    Symptom.BOARD_SILENT: Finding(
        "FATEBoard of party {party} does not answer as FATEBoard does: it is still starting, or hangs.",
        "See its log: {container:logs}. Start it anew: {container:restart}",
    ),
    Symptom.BOARD_OPEN: Finding(
        "FATEBoard of party {party} has lost the application.properties of its working folder, and then lets "
        "in a user without a name.",
        f"Close it now: {{container:restart}}. If it stays open, make it anew: {REPAIR}",
    ),
    Symptom.BOARD_REFUSES: Finding(
        "FATEBoard of party {party} was not started again after a rotation, or its application.properties "
        "was changed in the container.",
        "Start it anew: {container:restart}",
    ),
    Symptom.BOARD_WITHOUT_FLOW: Finding(
        "FATEBoard of party {party} does not reach FATE-Flow, and shows no job: FATE-Flow is down, or their "
        "network is cut.",
        f"See the row fateflow. Repair container and network: {REPAIR}",
    ),
    Symptom.NOTEBOOK_SILENT: Finding(
        "Jupyter in the notebook of party {party} does not answer: it is still starting, or a notebook has "
        "taken its memory.",
        "See its log: {container:logs}. Start it anew: {container:restart}",
    ),
    Symptom.NOTEBOOK_OPEN: Finding(
        "The notebook of party {party} runs what anybody sends: its configuration was changed in the "
        "container.",
        f"Close it now: {{container:restart}}. If it stays open, make it anew: {REPAIR}",
    ),
    Symptom.NOTEBOOK_REFUSES: Finding(
        "The notebook of party {party} was not started again after a rotation, or its password was changed "
        "in the container.",
        "Start it anew: {container:restart}",
    ),
    Symptom.NOTEBOOK_WITHOUT_FLOW: Finding(
        "Notebooks of party {party} do not reach FATE-Flow, and can send no job: FATE-Flow is down, or their "
        "network is cut.",
        f"See the row fateflow. Repair container and network: {REPAIR}",
    ),
    Symptom.PEER_SILENT: Finding(
        "The way into party {peer}, or FATE-Flow at its end, does not answer: it is down, its address or "
        "port is wrong, or a firewall is between.",
        "If {peer} is in this stack, repair what is named there. Else ask its operator to run the doctor "
        "and compare host and ports of the peer with the peer's sheet: pulumi stack output ports",
    ),
    Symptom.EXCHANGE_LACKS: Finding(
        "The exchange does not lead to party {peer}: it was not told of it, or not made again after it "
        "was. A job would be refused.",
        "Name the party below fate:exchange.parties in the stack of the exchange, then there: pulumi up",
    ),
    Symptom.EXCHANGE_SILENT: Finding(
        "The exchange that party {party} is behind, or party {peer} on its other side, does not answer: "
        "one of them is down, an address or port is wrong, or a firewall is between.",
        "See the rows of the exchange, here or by the doctor on its own stack: they tell which side it is.",
    ),
    Symptom.NO_BROKER_ROUTE: Finding(
        "FATE-Flow of party {party} does not know the broker of party {peer}: jobs would fail after 20 s.",
        "Name the peer under fate:parties of party {party}, then: pulumi up",
    ),
    Symptom.PEER_BROKER_SILENT: Finding(
        "The broker of party {peer} is down, its address or port is wrong, or a firewall is between. Jobs "
        "would fail, or stay `running` for ever.",
        "If {peer} is in this stack, repair its broker. Else compare host and port of the peer's broker with "
        "the peer's sheet: pulumi stack output ports",
    ),
    Symptom.PEER_BROKER_STRANGE: Finding(
        "At the address of party {peer}'s broker something else listens, or a proxy answers in its place.",
        "Correct the port of the peer's broker: the one that peers dial (5672 of RabbitMQ, 6650 of Pulsar), "
        "not its administration's.",
    ),
    Symptom.SPARK_SILENT: Finding(
        "Spark's master of party {party} is down, or FATE-Flow's network to it is cut. Tasks would wait.",
        f"See its log: {{sparkmaster:logs}}. Start it anew: {{sparkmaster:restart}}, or {REPAIR}",
    ),
    Symptom.SPARK_WORKERS_MISSING: Finding(
        "A worker of party {party} has not come to Spark's master, or was lost: it is down, it still starts, "
        "or the two hold different secrets. Jobs have fewer cores, or stay `running` for ever.",
        "See the workers among the checks; then start the master anew, and they register: "
        "{sparkmaster:restart}",
    ),
    Symptom.SPARK_NO_ROOM: Finding(
        "A job asks for executors that are larger than every worker: Spark would never start one, and the "
        "job would stay `running`.",
        "Raise memory of sparkworker in the stack, or lower spark.executor.memory or executor-cores of "
        "fateflow's files, then: pulumi up",
    ),
    Symptom.HDFS_SILENT: Finding(
        "The name node of party {party} is down or still starting. No table can be read or written.",
        f"See its log: {{namenode:logs}}. Start it anew: {{namenode:restart}}, or {REPAIR}",
    ),
    Symptom.HDFS_DATANODES_MISSING: Finding(
        "A data node of party {party} is down; or the name node's volume was emptied, and the data node has "
        "blocks of the former file system (`Incompatible clusterIDs` in its log).",
        f"Start what is down: {REPAIR}. After a lost volume of the name node, restore it; only if no table "
        "is to be kept, remove the volumes of the data nodes, too",
    ),
    Symptom.HDFS_SAFE_MODE: Finding(
        "The name node waits until data nodes have told of their blocks; until then nothing can be written.",
        "Ask again in a minute. If it stays so, blocks are missing: see the data nodes among the checks.",
    ),
    Symptom.HDFS_BLOCKS_MISSING: Finding(
        "Parts of tables are on no data node: a data node's volume was lost or emptied.",
        "Bring the volume back, or upload again the tables that fail to be read.",
    ),
    Symptom.HDFS_REFUSES: Finding(
        "HDFS does not let FATE write: no table can be stored.",
        "Let FATE's user write below /fate.",
    ),
    Symptom.HDFS_DATANODES_UNREACHED: Finding(
        "The name node answers, and its data nodes do not, at the addresses that it has for them.",
        "Open the way from party {party} to every data node.",
    ),
    Symptom.HARBOR_SILENT: Finding(
        "The Harbor that party {party} pulls from does not answer this machine: it is down, its name leads "
        "elsewhere, or a firewall is between. What runs goes on; nothing can be pulled.",
        f"See that its host and port are reached from here. Where this stack makes it, start it: {REPAIR}",
    ),
    Symptom.HARBOR_UNTRUSTED: Finding(
        "What answers as Harbor shows another certificate than the stack knows the authority of: a proxy is "
        "between, or a certificate of yours was exchanged.",
        "Correct ca-file below fate:mirror, then: pulumi up. Engines and nodes must trust the authority too.",
    ),
    Symptom.HARBOR_UNWELL: Finding(
        "Harbor answers, but a part of it is broken, whatever its /health says: its database, its token key "
        "or its registry.",
        f"See its containers and their logs; where this stack makes it: {REPAIR}",
    ),
    Symptom.HARBOR_REFUSES: Finding(
        "Harbor does not let the robot of party {party} pull: its time is over, it was disabled or given "
        "another secret by hand, or the project was exchanged.",
        "Have the robot put right: pulumi up --refresh. Where its secret was changed, delete it in Harbor "
        "before, for that is told to nobody.",
    ),
    Symptom.HARBOR_LACKS: Finding(
        "The image was deleted from Harbor, or a retention took it: party {party} could not be started "
        "elsewhere.",
        "Have it copied or pushed again: pulumi up --refresh; or push it with the robot `push`",
    ),
    Symptom.HARBOR_BROKEN: Finding(
        "Harbor's storage gives other bytes than were put there: its volume is damaged.",
        "Look at the disk; delete the repository in Harbor, then have it copied again: pulumi up --refresh",
    ),
    Symptom.HARBOR_PUSHED: Finding(
        "The robot of party {party} was given more rights by hand: whoever has its secret can change what "
        "all parties run.",
        "Take them away: pulumi up --refresh",
    ),
    Symptom.HARBOR_COPIES: Finding(
        "A replication failed: its upstream was down, refused the login or its limit of pulls was reached, "
        "or the project's quota is full.",
        "See the run's log in Harbor below Replications; run it again there once that is mended. Copies that "
        "are there stay",
    ),
    Symptom.JOB_REFUSED: Finding(
        "FATE-Flow did not take the job: a party refused it or could not be asked.",
        "See which party in the detail, and its row among the checks.",
    ),
    Symptom.JOB_HANGS: Finding(
        "The parties take each other's calls, but their workers only wait: data does not flow. Most often a "
        "broker's upstream leads to a closed port.",
        "See what the rows to the peer say on both sides; then start the brokers anew: {carrier:restart}",
    ),
    Symptom.JOB_QUEUED: Finding(
        "The job never began: another one has the processors of a party. One without a process, which "
        "FATE-Flow was taking when it ended, keeps them for ever.",
        "Wait for that job. Without a process it is stopped, and no other, by: fate repair --stack {stack}. "
        "Another that nobody wants: in FATEBoard or by FATE-Flow's API, POST /v2/job/stop, with its job_id.",
    ),
    Symptom.JOB_SLOW: Finding(
        "The job was still at work: this machine is too busy or too slow for the limit.",
        "See what else it does: docker stats. Give the job more time: --job-timeout 900",
    ),
    Symptom.JOB_LEFT: Finding(
        "FATE-Flow of party {party} went silent while the job ran. The job keeps its processors at every "
        "party until its FATE-Flow is back and it ends or is stopped.",
        f"Start it: {{fateflow:restart}}, or {REPAIR}. It fails the job when its processes are gone; else "
        "stop it, in FATEBoard or by FATE-Flow's API: POST /v2/job/stop, with its job_id.",
    ),
    Symptom.JOB_CANCELED: Finding("Somebody stopped the job.", "Run the doctor again."),
    Symptom.JOB_FAILED: Finding(
        "A task failed in a way that the doctor does not know; what this side logged stands below.",
        "Read it all: {fateflow:exec} sh -c 'tail -n 100 fate_flow/logs/{job}/*/*/*/root/ERROR'",
    ),
    Symptom.JOB_WITHOUT_AUC: Finding(
        "The job succeeded, but its evaluation told no AUC: the model folder was not written.",
        "See that the disk has room (df -h) and the volume of fate_flow/model is mounted.",
    ),
    Symptom.TABLE_MISSING: Finding(
        "A party of the job lacks the doctor's table, or the table's file is gone from its volume.",
        "Upload it on both sides: fate doctor --stack NAME --upload",
    ),
    Symptom.UPLOAD_FAILED: Finding(
        "The doctor's table could not be stored: the disk is full, or service_conf.yaml lacks `storage`.",
        "See the disk (df -h), then: {fateflow:exec} tail -50 fate_flow/logs/fate_flow/ERROR.log",
    ),
    Symptom.UNPICKLING_REFUSED: Finding(
        "Debian 12's Python 3.11.2 pickles enums in a way that FATE refuses to read, and the image lacks the "
        "cure (fate_enum_fix.pth).",
        "Use the image that this program builds, or one with Python 3.11.7 or later.",
    ),
    Symptom.LIBRARY_MISSING: Finding(
        "The image of FATE-Flow lacks a library that the algorithm needs.",
        "Build the image again: pulumi up, after `docker rmi` of the faulty one.",
    ),
    Symptom.OUT_OF_MEMORY: Finding(
        "What computes was killed for want of memory: SecureBoost needs 950 MiB in a FATE-Flow container, "
        "and with Eggroll 350 MiB a process in a node manager, beside 200 for itself.",
        "Raise memory of the service fateflow, or nodemanager, in the stack, then: pulumi up",
    ),
    Symptom.DISK_FULL: Finding(
        "The disk of the container engine is full.",
        "Make room: docker system df; docker image prune. Then start the job again.",
    ),
    Symptom.INTERRUPTED: Finding("You pressed Ctrl-C.", "The job was stopped. Run the doctor again."),
}

IN_LOGS: tuple[tuple[str, Symptom], ...] = (
    (r"builtins\.getattr|forbidden.*unpickl|global '.*' is forbidden", Symptom.UNPICKLING_REFUSED),
    (r"No space left on device|Disk quota", Symptom.DISK_FULL),
    (r"MemoryError|Cannot allocate memory|exit code -9|\bOOM\b", Symptom.OUT_OF_MEMORY),
    (r"no health server node", Symptom.NODE_LOST),
    (r"to endpoint: clustermanager\b", Symptom.CLUSTERMANAGER_SILENT),
    (r"ModuleNotFoundError|ImportError|cannot open shared object", Symptom.LIBRARY_MISSING),
    (r"ACCESS_REFUSED|401 Client Error|[Uu]nauthorized|not_authorised", Symptom.BROKER_REFUSES),
    (r"backends/pulsar[\s\S]*'NoneType' object has no attribute 'get'", Symptom.PEER_UNREGISTERED),
    (r"backends/pulsar[\s\S]*(:|port=)8080|host='pulsar'", Symptom.PULSAR_SILENT),
    (r"_pulsar\.[A-Z]\w+|Pulsar error", Symptom.PULSAR_UNWELL),
    (r"route[_ ]table|no route|KeyError: '?\d+", Symptom.NO_BROKER_ROUTE),
    (r"(:|port=)15672", Symptom.BROKER_SILENT),
    (r"AMQPConnectionError|(:|port=)5672|pika\.exceptions", Symptom.PEER_BROKER_SILENT),
    (r"task reader_0|[Nn]o ?[Ff]ound ?[Tt]able|table .*not (found|exist)", Symptom.TABLE_MISSING),
    (r"404 Client Error", Symptom.NO_ROUTE),
    (r"50[234] Server Error", Symptom.PEER_SILENT),
    (r"Max retries exceeded|Connection refused|Name or service not known", Symptom.GATEWAY_SILENT),
)


def found(fault: Ailment, words: Mapping[str, Any]) -> Finding:
    """Return cause and remedy of a fault, in the words of the party at hand."""
    table = ON_KUBERNETES if words["kubectl"] else {}
    own = table.get(fault.symptom) or FINDINGS[fault.symptom]
    finding, there = elsewhere(fault.symptom, words.get("external", {})) or (own, "")
    known = {**words, "there": there}
    return Finding(finding.cause.format_map(known), finding.remedy.format_map(known))


def read(log: str, otherwise: Symptom) -> Symptom:
    """Return the symptom that a job's log or FATE-Flow's message shows."""
    return next((symptom for pattern, symptom in IN_LOGS if re.search(pattern, log)), otherwise)
