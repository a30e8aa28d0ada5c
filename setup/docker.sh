#!/usr/bin/env bash
# docker.sh [STACK]: the Docker engine of a stack, whatever DOCKER_HOST says: the one that answers, else Debian's
# docker.io where the stack names this machine's and we are root.
. "$(dirname "$0")/say.sh"

stack=${1:-dev}
DOCKER_HOST=$(.venv/bin/python -m setup.engine "$stack")
export DOCKER_HOST
answers() { .venv/bin/python -m setup.engine "$stack" --ping; }
wait_for_engine() {
    for _ in $(seq 60); do answers && return; sleep 0.5; done
    fail "the Docker engine does not answer at $DOCKER_HOST" "Look at $1"
}

if [ "$DOCKER_HOST" != unix:///var/run/docker.sock ]; then
    answers || fail "the Docker engine does not answer at $DOCKER_HOST" \
        "Start it, or correct host in Pulumi.$stack.yaml: docker --host $DOCKER_HOST info"
    exit 0
fi

missing=()
[ -x /usr/sbin/dockerd ] || [ -x /usr/bin/dockerd ] || answers || missing+=(docker.io iptables)
command -v debootstrap >/dev/null || missing+=(debootstrap)
[ -x /usr/sbin/sshd ] || [ -z "${WITH_SSHD:-}" ] || missing+=(openssh-server)
if [ ${#missing[@]} -gt 0 ] && { [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; }; then
    answers || fail "no Docker engine answers at $DOCKER_HOST" "Install one, or run this as root on Debian."
    say "not root: ${missing[*]} not installed; the base image must come from a hub"
    missing=()
fi
if [ ${#missing[@]} -gt 0 ]; then
    say "installing Debian's ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
answers && exit 0

[ "$(id -u)" = 0 ] || fail "the Docker engine does not answer at $DOCKER_HOST" \
    "Start it (systemctl start docker), or join its group: usermod -aG docker $(id -un)"
mkdir -p .local
if [ -d /run/systemd/system ]; then
    say "starting the Docker engine with systemctl"
    systemctl start docker
    wait_for_engine "journalctl -u docker"
else
    say "starting the Docker engine; its log is .local/dockerd.log"
    setsid nohup dockerd >.local/dockerd.log 2>&1 </dev/null &
    wait_for_engine .local/dockerd.log
fi
