"""A one-node Kubernetes on this machine, built from Go modules, for tests and trials.

`python -m offline.cluster up|down|status|load`. It is real (API server, scheduler, kubelet, containers,
services, volumes, network policies), and it is nobody's production: one node, one etcd
without fsync, one admin token.
"""
