#!/bin/sh
# start.sh [HOST:PORT | SOURCE=TARGET]... -- COMMAND...
# Waits until each HOST:PORT answers and copies each SOURCE to TARGET, then becomes COMMAND. In a file the secrets, the name
# server and the own address are filled in, which /tmp/own-address tells probes; a folder is copied as it is.
# The values pass through a file that only this user can read, never through a process list.
set -eu
umask 077
script=$(mktemp)
filling=$(mktemp)
# A secret of several lines is a file of its own, and stands in no other. The signs of a given one are written as the
# target's format takes them, and as sed does.
fill_in_secrets() {
    case $1 in
        *.yaml) quoted="s/'/''/g" ;;
        *.json) quoted='s/[\\"]/\\&/g' ;;
        *.properties) quoted='s/\\/\\\\/g' ;;
        *) quoted= ;;
    esac
    for secret in /run/secrets/*; do
        [ -f "$secret" ] && [ "$(wc -l <"$secret")" -le 1 ] || continue
        printf 's/@@secret:%s@@/%s/g\n' "${secret##*/}" "$(sed -e "$quoted" -e 's/[\\/&]/\\&/g' "$secret")"
    done
}
# nginx wants an IPv6 name server in brackets and knows no zone such as %eth0.
while read -r keyword address _; do
    [ "$keyword" = nameserver ] || continue
    case $address in
        *%*) continue ;;
        *:*) address="[$address]" ;;
    esac
    printf 's/@@resolver@@/%s/g\n' "$address" >>"$script"
    break
done </etc/resolv.conf
# A dual-stack host has several addresses: the first IPv4 one is dialled, else the first of all.
own=
for address in $(hostname -i); do
    case $address in
        127.* | ::1 | *%*) continue ;;
        *:*) own=${own:-$address} ;;
        *)
            own=$address
            break
            ;;
    esac
done
own=${own:-127.0.0.1}
printf 's/@@address@@/%s/g\n' "$own" >>"$script"
printf '%s\n' "$own" >/tmp/own-address
# Images that are not built here may lack busybox, and then have bash.
answers() {
    if command -v busybox >/dev/null; then
        busybox nc -w 2 "$1" "$2" -e true
    else
        timeout 2 bash -c ": </dev/tcp/$1/$2" 2>/dev/null
    fi
}
while [ "$1" != -- ]; do
    if [ "${1#*=}" = "$1" ]; then
        until answers "${1%:*}" "${1#*:}"; do
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
    mkdir -p "${target%/*}"
    fill_in_secrets "$target" >"$filling"
    sed -f "$filling" -f "$script" "${1%%=*}" >"$target"
    if grep -o '@@[a-z:-]*@@' "$target" >&2; then
        echo "start.sh: $target wants these, and /run/secrets or /etc/resolv.conf lacks them" >&2
        exit 78
    fi
    shift
done
shift
rm "$script" "$filling"
umask 022
exec "$@"
