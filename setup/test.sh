#!/usr/bin/env bash
# test.sh [PYTEST ARGUMENTS]: the whole suite. What needs a Kubernetes cluster runs where `make cluster` was called
# before, and is skipped with its reason elsewhere.
. "$(dirname "$0")/say.sh"

setup/checkov.sh
[ -e .local/cluster/kubeconfig ] || say "no cluster here: what needs one is skipped; make cluster makes one"
. setup/activate
exec python -m pytest tests "$@"
