"""The configuration files of the cluster's parts: pure functions from typed values to text."""

import json
from typing import Any

from offline.cluster.layout import (
    API_URL,
    BRIDGE,
    CONTEXT,
    DNS_SERVICE,
    DOMAIN,
    ETCD_URL,
    NODE_ADDRESS,
    PAUSE_IMAGE,
    PODS,
    SERVICES,
    Home,
)

CNI_PROGRAMS = "/usr/lib/cni"
PLAIN_REGISTRIES = (f"{NODE_ADDRESS}:5000", "172.17.0.1:5000", "localhost:5000")


def containerd(home: Home, *, lower_scores: bool) -> str:
    """Return config.toml. Without `lower_scores` no container asks for a better OOM score than containerd's.

    Asking for one takes CAP_SYS_RESOURCE; where that is missing, every sandbox would fail.
    """
    return f"""\
version = 2
root = "{home.data}/containerd"
state = "{home.root}/run/containerd"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
]

[grpc]
address = "{home.containerd}"

[plugins."io.containerd.internal.v1.opt"]
path = "{home.data}/opt"

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{PAUSE_IMAGE}"
restrict_oom_score_adj = {str(not lower_scores).lower()}
netns_mounts_under_state_dir = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{CNI_PROGRAMS}"
conf_dir = "{home.files}/cni"

[plugins."io.containerd.grpc.v1.cri".registry]
config_path = "{home.files}/registries"

[plugins."io.containerd.grpc.v1.cri".containerd]
default_runtime_name = "runc"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
Root = "{home.root}/run/runc"
"""


def plain_registry(name: str) -> str:
    """Return the hosts.toml of a registry on this machine that speaks plain HTTP."""
    return f"""\
server = "http://{name}"

[host."http://{name}"]
capabilities = ["pull", "resolve"]
"""


def pod_network(home: Home) -> str:
    """Return the CNI list: a bridge with one address a pod, and ports that pods publish on the node."""
    bridge = {
        "type": "bridge",
        "bridge": BRIDGE,
        "isGateway": True,
        "ipMasq": True,
        "hairpinMode": True,
        "ipam": {
            "type": "host-local",
            "dataDir": f"{home.data}/addresses",
            "ranges": [[{"subnet": PODS, "gateway": NODE_ADDRESS}]],
            "routes": [{"dst": "0.0.0.0/0"}],
        },
    }
    ports = {"type": "portmap", "capabilities": {"portMappings": True}, "snat": True}
    return _json({"cniVersion": "0.4.0", "name": CONTEXT, "plugins": [bridge, ports]})


def kubelet(home: Home, *, lower_scores: bool) -> str:
    """Return the KubeletConfiguration: limits on disk and memory as low as tests need them."""
    score = {} if lower_scores else {"oomScoreAdj": 0}
    return _json(
        {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": NODE_ADDRESS,
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": True},
                "x509": {"clientCAFile": f"{home.files}/ca.crt"},
            },
            "authorization": {"mode": "Webhook"},
            "cgroupDriver": "cgroupfs",
            "clusterDNS": [DNS_SERVICE],
            "clusterDomain": DOMAIN,
            "containerRuntimeEndpoint": f"unix://{home.containerd}",
            "evictionHard": {
                "memory.available": "50Mi",
                "nodefs.available": "1%",
                "imagefs.available": "1%",
                "nodefs.inodesFree": "1%",
            },
            "failSwapOn": False,
            "imageGCHighThresholdPercent": 100,
            "imageGCLowThresholdPercent": 99,
            "podLogsDir": f"{home.logs}/pods",
            "serializeImagePulls": False,
            "tlsCertFile": f"{home.files}/server.crt",
            "tlsPrivateKeyFile": f"{home.files}/server.key",
            "volumePluginDir": f"{home.data}/plugins",
            **score,
        }
    )


def kube_proxy(home: Home, node_ports: list[str], *, lower_scores: bool) -> str:
    """Return the KubeProxyConfiguration: NodePorts answer at the addresses of `node_ports` alone."""
    score = {} if lower_scores else {"oomScoreAdj": 0}
    return _json(
        {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "mode": "iptables",
            "bindAddress": NODE_ADDRESS,
            "healthzBindAddress": "127.0.0.1:10256",
            "metricsBindAddress": "127.0.0.1:10249",
            "clientConnection": {"kubeconfig": str(home.kubeconfig)},
            "nodePortAddresses": node_ports,
            # Zero leaves the machine's own limits alone.
            "conntrack": {
                "maxPerCore": 0,
                "min": 0,
                "tcpEstablishedTimeout": "0s",
                "tcpCloseWaitTimeout": "0s",
            },
            "iptables": {"minSyncPeriod": "100ms", "syncPeriod": "30s"},
            **score,
        }
    )


def coredns(home: Home, *, upstream: bool) -> str:
    """Return the Corefile; with `upstream`, other names are asked of the machine's resolver."""
    forward = "\n    forward . /etc/resolv.conf" if upstream else ""
    return f"""\
.:53 {{
    bind {NODE_ADDRESS}
    errors
    kubernetes {DOMAIN} in-addr.arpa {{
        endpoint {API_URL}
        kubeconfig {home.kubeconfig} {CONTEXT}
        ttl 5
        fallthrough in-addr.arpa
    }}{forward}
    cache 5
}}
"""


def has_upstream(resolver: str) -> bool:
    """Say whether a resolv.conf names a server to ask."""
    return any(line.split()[:1] == ["nameserver"] for line in resolver.splitlines())


def api_server(home: Home) -> list[str]:
    """Return the API server's arguments."""
    files = home.files
    return [
        f"--advertise-address={NODE_ADDRESS}",
        "--allow-privileged",
        "--authorization-mode=RBAC",
        f"--bind-address={NODE_ADDRESS}",
        "--endpoint-reconciler-type=lease",
        f"--etcd-servers={ETCD_URL}",
        f"--kubelet-certificate-authority={files}/ca.crt",
        f"--kubelet-client-certificate={files}/client.crt",
        f"--kubelet-client-key={files}/client.key",
        "--kubelet-preferred-address-types=InternalIP",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={files}/accounts.pub",
        f"--service-account-signing-key-file={files}/accounts.key",
        f"--service-cluster-ip-range={SERVICES}",
        f"--tls-cert-file={files}/server.crt",
        f"--tls-private-key-file={files}/server.key",
        f"--token-auth-file={files}/tokens.csv",
    ]


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2) + "\n"
