#!/usr/bin/env bash
# test.sh [PYTEST ARGUMENTS]: the whole suite. A cluster that is not there yet is made for it, and taken away after it;
# where this machine cannot have one, what needs it is skipped with the reason.
. "$(dirname "$0")/say.sh"

# Why this machine cannot have the cluster; nothing where it can.
impossible() {
    [ "$(id -u)" = 0 ] || { echo "only root can make one"; return; }
    command -v go >/dev/null || { echo "its programs are built from Go modules, and there is no Go here"; return; }
    [ ${#PWD} -le 47 ] || echo "its sockets need a checkout whose path has 47 characters at most"
}

# The types of a fresh checkout take one processor as long as the other needs for all of this.
make check &
checking=$!
setup/checkov.sh
setup/workflow-linters.sh
setup/mermaid.sh
reason=$(impossible)
if [ -n "$reason" ]; then
    say "no cluster: $reason. What needs one is skipped"
else
    [ -e .local/cluster/kubeconfig ] || trap '.venv/bin/python -m offline.cluster down' EXIT
    setup/cluster.sh
    .venv/bin/python -m offline.cluster up
    setup/helm.sh
fi
wait "$checking"
. setup/activate
# More at a time than there are processors: a federation waits as long as it computes. tests/conftest.py says what goes
# one after another.
python -m pytest tests --numprocesses 3 --no-loadscope-reorder "$@"
