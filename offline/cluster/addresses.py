"""Every name, network and port of the cluster, once."""

NODE = "node1"
BRIDGE = "cni0"
NODE_ADDRESS = "10.88.0.1"
PODS = "10.88.0.0/16"
SERVICES = "10.96.0.0/16"
API_SERVICE = "10.96.0.1"
DNS_SERVICE = "10.96.0.10"
DOMAIN = "cluster.local"

API_PORT = 6443
ETCD_PORT = 2379
ETCD_PEER_PORT = 2380
KUBELET_PORT = 10250
KUBELET_HEALTH_PORT = 10248
API_URL = f"https://{NODE_ADDRESS}:{API_PORT}"
ETCD_URL = f"http://127.0.0.1:{ETCD_PORT}"

# Ports that the cluster's own parts listen on, and what each is for.
PORTS = {
    API_PORT: "the API server",
    ETCD_PORT: "etcd",
    ETCD_PEER_PORT: "etcd's peers",
    KUBELET_PORT: "the kubelet",
    KUBELET_HEALTH_PORT: "the kubelet's health",
    10249: "kube-proxy's figures",
    10256: "kube-proxy's health",
    10257: "the controller manager",
    10259: "the scheduler",
}

CONTEXT = "fate-cluster"
READER_CONTEXT = "fate-cluster-reader"
STORAGE_CLASSES = ("local", "fast")
PROVISIONER = "fate-cluster/local"
PAUSE_IMAGE = "localhost/fate-cluster/pause:1"
