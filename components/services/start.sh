#!/bin/sh
# start.sh SOURCE=TARGET... -- COMMAND...
# Copies each SOURCE to TARGET with the secrets and the name server filled in, then becomes COMMAND.
# The values pass through a file that only this user can read, never through a process list.
set -eu
umask 077
script=$(mktemp)
if [ -d /run/secrets ]; then
    for secret in /run/secrets/*; do
        [ -f "$secret" ] || continue
        printf 's/@@secret:%s@@/%s/g\n' "${secret##*/}" "$(cat "$secret")" >>"$script"
    done
fi
while read -r keyword address _; do
    [ "$keyword" = nameserver ] || continue
    printf 's/@@resolver@@/%s/g\n' "$address" >>"$script"
    break
done </etc/resolv.conf
while [ "$1" != -- ]; do
    target=${1#*=}
    sed -f "$script" "${1%%=*}" >"$target"
    if grep -o '@@[a-z:-]*@@' "$target" >&2; then
        echo "start.sh: $target wants these, and /run/secrets or /etc/resolv.conf lacks them" >&2
        exit 78
    fi
    shift
done
shift
rm "$script"
umask 022
exec "$@"
