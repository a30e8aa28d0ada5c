#!/bin/sh
# peers.sh register TENANT PARTY | peers.sh registered
# Peers are clusters of the party's Pulsar, by the lines `PARTY URL` of /etc/fate/peers.
# register: waits for the broker, makes its clusters and TENANT's be these, and goes on until it is so.
# registered: tells whether the broker stores and delivers a message, and has each peer where the file says.
set -eu
host=$(cat /tmp/own-address) port=8080 peers=/etc/fate/peers

asked() {
    timeout 10 busybox wget -q -O - "http://$host:$port/admin/v2/$1" 2>/dev/null
}

# sent METHOD PATH JSON: busybox knows no request with a body but POST of a form.
sent() {
    answer=$(
        printf '%s /admin/v2/%s HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n%s' "$1" "$2" "${#3}" "$3" |
            busybox nc -w 10 "$host" "$port" | sed -n '1s/\r//p'
    ) || answer=
    case $answer in
        'HTTP/1.1 2'*) ;;
        *)
            echo "peers.sh: $1 $2: ${answer:-no answer}" >&2
            return 1
            ;;
    esac
}

listed() {
    grep -v '^#' "$peers" || true
}

# Asks for no cluster that is not there: the broker would log where it looked in 80 lines.
url_of() {
    case ",$clusters," in
        *",$1,"*) asked "clusters/$1" | sed -n 's/.*"brokerServiceUrl":"\([^"]*\)".*/\1/p' ;;
    esac
}

are_registered() {
    clusters=$(asked clusters | tr -d '[]"')
    listed | while read -r party url; do
        if [ "$(url_of "$party")" != "$url" ]; then
            echo "peers.sh: party $party is not registered at $url"
            exit 1
        fi
    done
}

make_so() {
    clusters=$(asked clusters | tr -d '[]"')
    listed | while read -r party url; do
        case ",$clusters," in
            *",$party,"*) [ "$(url_of "$party")" = "$url" ] || sent POST "clusters/$party" "{\"brokerServiceUrl\":\"$url\"}" ;;
            *) sent PUT "clusters/$party" "{\"brokerServiceUrl\":\"$url\"}" ;;
        esac
    done
    allowed=$(listed | sed 's/ .*//; s/.*/,"&"/' | tr -d '\n')
    rights="{\"adminRoles\":[],\"allowedClusters\":[\"$2\"$allowed]}"
    case ",$(asked tenants | tr -d '[]"')," in
        *",$1,"*) sent POST "tenants/$1" "$rights" ;;
        *) sent PUT "tenants/$1" "$rights" ;;
    esac
    for cluster in $(echo "$clusters" | tr ',' ' '); do
        case ",\"$2\"$allowed," in
            *",\"$cluster\","*) ;;
            *) sent DELETE "clusters/$cluster" '' ;;
        esac
    done
}

case $1 in
    register)
        until [ "$(asked brokers/health)" = ok ]; do sleep 1; done
        until make_so "$2" "$3"; are_registered >&2; do sleep 5; done
        echo "peers.sh: registered $(listed | wc -l) peers of party $3"
        ;;
    registered)
        [ "$(asked brokers/health)" = ok ] || exit 1
        are_registered
        ;;
esac
