#!/usr/bin/env bash
# helm, which `make bench` compares with: built from its Go module where there is a cluster to measure on.
. "$(dirname "$0")/say.sh"

[ -e .local/cluster/kubeconfig ] || exit 0
command -v go >/dev/null || { say "no Go here: helm is not built, and up on Kubernetes not compared with it"; exit 0; }
folder=$(nice .venv/bin/python -m offline.cluster program helm | tee >(grep '^==>' >&2) | tail -n 1)
mkdir -p .local/bin
ln -sfn "$folder/helm" .local/bin/helm
