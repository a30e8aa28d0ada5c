#!/bin/sh
# start.sh [HOST:PORT | SOURCE=TARGET]... -- COMMAND...
# Waits until each HOST:PORT answers and copies each SOURCE to TARGET, then becomes COMMAND. In a file the secrets, the name server and the
# own address are filled in; a folder is copied as it is.
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
printf 's/@@address@@/%s/g\n' "$(hostname -i)" >>"$script"
while [ "$1" != -- ]; do
    if [ "${1#*=}" = "$1" ]; then
        until busybox nc -w 2 "${1%:*}" "${1#*:}" -e true; do
            echo "start.sh: waiting for $1" >&2
            sleep 1
        done
        shift
        continue
    fi
    target=${1#*=}
    if [ -d "${1%%=*}" ]; then
        cp -R "${1%%=*}/." "$target"
        shift
        continue
    fi
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
