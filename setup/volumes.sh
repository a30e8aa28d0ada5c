#!/usr/bin/env bash
# volumes.sh STACK: name the data volumes that a destroyed stack leaves, and how to delete them.
. "$(dirname "$0")/say.sh"

stack=${1:?usage: setup/volumes.sh STACK}
kept=$(docker volume ls --quiet --filter "label=fate.stack=$stack")
[ -n "$kept" ] || exit 0
say "these data volumes stay; the next up finds the old jobs in them:"
sed 's/^/      /' <<<"$kept"
say "to delete them, and with them every job, model and table of stack $stack:"
echo "      docker volume rm $(tr '\n' ' ' <<<"$kept")"
