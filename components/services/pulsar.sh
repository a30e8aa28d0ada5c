#!/bin/sh
# pulsar.sh CONFIGURATION TARGET TENANT PARTY -- COMMAND...
# Copies CONFIGURATION to TARGET with the broker's own address filled in, which /tmp/own-address tells probes, lets PARTY's peers
# be registered as soon as the broker answers, and becomes COMMAND.
set -eu
# An engine's container stands in two networks: the party's is where the service's own name leads to the container itself.
own_address() {
    set -- $(hostname -i | tr ' ' '\n' | grep -v -e ':' -e '^127\.')
    if [ $# -lt 2 ]; then
        echo "${1:-127.0.0.1}"
        return
    fi
    until named=$(getent ahostsv4 pulsar); do
        echo "pulsar.sh: waiting for the name pulsar" >&2
        sleep 1
    done
    for address in "$@"; do
        case $named in "$address "*) break ;; esac
    done
    echo "$address"
}
own_address >/tmp/own-address
sed "s/@@address@@/$(cat /tmp/own-address)/g" "$1" >"$2"
(sh /etc/fate/peers.sh register "$3" "$4" &)
shift 5
exec "$@"
