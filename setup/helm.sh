#!/usr/bin/env bash
# helm, built from its Go module: the stand-in Kubernetes plugin renders charts with it, and `make bench` compares with it.
. "$(dirname "$0")/say.sh"

folder=$(nice .venv/bin/python -m offline.cluster program helm | tee >(grep '^==>' >&2) | tail -n 1)
mkdir -p .local/bin
ln -sfn "$folder/helm" .local/bin/helm
