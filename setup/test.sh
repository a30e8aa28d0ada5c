#!/usr/bin/env bash
# test.sh [PYTEST ARGUMENTS]: the whole suite, on a cluster of this machine's where it can have one. A cluster
# that was not there before is taken away again.
. "$(dirname "$0")/say.sh"

setup/checkov.sh
had_one=no
[ ! -e .local/cluster/kubeconfig ] || had_one=yes
if [ "$(id -u)" != 0 ]; then
    say "not root: what needs a Kubernetes cluster is skipped"
elif ! command -v go >/dev/null; then
    say "no Go: what needs a Kubernetes cluster is skipped"
elif [ ${#PWD} -gt 47 ]; then
    say "the path of this checkout is too long for a cluster's sockets: what needs one is skipped"
else
    make cluster
fi
. setup/activate
ended=0
python -m pytest tests "$@" || ended=$?
if [ "$had_one" = no ] && [ -e .local/cluster ]; then make cluster-down; fi
exit "$ended"
