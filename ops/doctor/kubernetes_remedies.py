"""Symptom to likely cause and remedy, where a party on Kubernetes needs other words than one on Docker.

Names in braces are filled in with the words of the party at hand (`words.py`).
"""

from collections.abc import Mapping

from ops.doctor.symptoms import Finding, Symptom

REPAIR = "pulumi up --refresh"

ON_KUBERNETES: Mapping[Symptom, Finding] = {
    Symptom.CONTEXT_MISSING: Finding(
        "This machine's kubeconfig lacks the context that party {party} runs in, or cannot be read.",
        "See what there is: {kubeconfig} config get-contexts. Then set KUBECONFIG, or correct `context` or "
        "`kubeconfig` of the party's runtime.",
    ),
    Symptom.CLUSTER_SILENT: Finding(
        "The API server of party {party}'s cluster does not answer: it is down, the kubeconfig's address is "
        "wrong, or a VPN or a firewall is between.",
        "See the address: {kubectl} config view --minify. Ask it yourself: {kubectl} get pods",
    ),
    Symptom.CLUSTER_UNTRUSTED: Finding(
        "The kubeconfig does not trust the certificate that the API server shows: the cluster was made anew, "
        "its address is another's, or a proxy is between.",
        "Fetch the cluster's kubeconfig anew. See what it trusts: {kubectl} config view --minify",
    ),
    Symptom.CLUSTER_REFUSES: Finding(
        "The API server does not know this account: its token or certificate has expired.",
        "Log in to the cluster anew, then see that this works: {kubectl} get pods",
    ),
    Symptom.FORBIDDEN: Finding(
        "This account lacks a right in the namespace. The doctor needs `list` on pods, and both `get` and "
        "`create` on pods/exec.",
        "Let an administrator of the cluster give them: kubectl --namespace {namespace} apply --filename "
        "ops/doctor/role.yaml; kubectl --namespace {namespace} create rolebinding fate-doctor "
        "--role fate-doctor --user NAME",
    ),
    Symptom.NODE_SILENT: Finding(
        "The API server does not reach the node on which the pod of {service} runs.",
        "See the node: {cluster} get nodes --output wide. Its kubelet's port 10250 must be open to the API "
        "server.",
    ),
    Symptom.MISSING: Finding(
        "The workload {container} was removed or scaled to nothing by hand, no pod of it was admitted, or "
        "`pulumi up` never finished.",
        "See why: {kubectl} get deployments,statefulsets,events. Make it again: "
        f"{REPAIR}. Its claims are still there.",
    ),
    Symptom.STOPPED: Finding(
        "The container of {service} ended, or its node took it away.",
        "See why: {container:logs}; {container:describe}. Make it anew: {container:restart}, or " + REPAIR,
    ),
    Symptom.STARTING: Finding(
        "{container} has not become ready yet: its node is busy, or what it waits for is down.",
        "See what it waits for: {container:logs}; {container:describe}. Then ask again.",
    ),
    Symptom.UNHEALTHY: Finding(
        "{container} runs, but its probe fails: it hangs, or what it needs is down.",
        "See why: {container:describe}; {container:logs}. Start it anew: {container:restart}",
    ),
    Symptom.IMAGE_NOT_PULLED: Finding(
        "The node cannot pull the image of {service}: there is none of this name and digest, its registry is "
        "out of the node's reach, or it wants a password.",
        "See the registry's words: {container:describe}. Correct fate:images, fate:mirror or the runtime's "
        "`pull-secrets`, then: pulumi up",
    ),
    Symptom.CONTAINER_NOT_MADE: Finding(
        "The node cannot make the container of {service}: a Secret or ConfigMap is missing, or its image "
        "does not run as the pod says.",
        f"See the node's words: {{container:describe}}. Make what is missing again: {REPAIR}",
    ),
    Symptom.CRASHES: Finding(
        "{container} starts and ends again and again; its last words tell why.",
        f"Read them: {{container:previous}}. Repair what they name, then: {REPAIR}",
    ),
    Symptom.MEMORY_EXCEEDED: Finding(
        "{container} was killed because it took more memory than its limit.",
        "Raise its memory in the stack (services: {{{service}: {{memory: ...}}}}), then: pulumi up",
    ),
    Symptom.UNSCHEDULABLE: Finding(
        "No node takes the pod of {service}: none has the memory and processors that it asks for, or "
        "`scheduling` of the runtime fits none.",
        "See what the nodes have left: {cluster} describe nodes. Correct memory or "
        "`scheduling` in the stack, then: pulumi up",
    ),
    Symptom.CLAIM_UNBOUND: Finding(
        "A claim of {service} has no volume: its storage class is not there, or has no room.",
        "See which: {kubectl} get persistentvolumeclaims; {cluster} get storageclasses. "
        "Correct `storage` of the runtime, then: pulumi up",
    ),
    Symptom.NO_ANSWER: Finding(
        "A question inside {fateflow} was not answered in time, or its image lacks what the question needs.",
        "See whether its node is overloaded (with a metrics server): {kubectl} top pods. Ask again.",
    ),
    Symptom.DATABASE_SILENT: Finding(
        "The database of party {party} is out of FATE-Flow's reach: it is down, or a NetworkPolicy or the "
        "cluster's DNS is between.",
        "See both: {database:logs}; {kubectl} get endpointslices,networkpolicies. Repair them: " + REPAIR,
    ),
    Symptom.BROKER_ALARM: Finding(
        "The broker has stopped taking messages for want of memory or disk: jobs would stay `running`.",
        "Raise the broker's memory, or the size of its claim (`storage` of the runtime), then: pulumi up",
    ),
    Symptom.GATEWAY_SILENT: Finding(
        "The gateway of party {party} is down, or a NetworkPolicy or the cluster's DNS is between FATE-Flow "
        "and it. No job can start.",
        "See both: {gateway:logs}; {kubectl} get endpointslices,networkpolicies. Repair them: " + REPAIR,
    ),
    Symptom.GATEWAY_UPSTREAM: Finding(
        "The gateway of party {party} runs, but does not reach the party's own FATE-Flow.",
        "See what is between: {gateway:logs}; {kubectl} get endpointslices,networkpolicies. Repair it: "
        + REPAIR,
    ),
    Symptom.JOB_SLOW: Finding(
        "The job was still at work: its node is too busy or too slow for the limit, or FATE-Flow's limit of "
        "processors is too low.",
        "See what is used (with a metrics server): {kubectl} top pods. Give the job more time: "
        "--job-timeout 900",
    ),
    Symptom.LIBRARY_MISSING: Finding(
        "The image of FATE-Flow lacks a library that the algorithm needs.",
        "Name an image that has it under fate:images, or build it again, then: pulumi up",
    ),
    Symptom.DISK_FULL: Finding(
        "A volume of party {party}, or its node's disk, is full.",
        "See which: {fateflow:exec} df -h. Raise the claim's size (the runtime's `storage`), then: pulumi up",
    ),
}
