#!/usr/bin/env bash
# What the test cluster needs of this machine: Debian's packages, and Go to build the rest with.
. "$(dirname "$0")/say.sh"

[ "$(id -u)" = 0 ] || fail "the cluster makes network interfaces, mounts and cgroups, which only root may" \
    "Run it as root: sudo make cluster"

has() { PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null; }
missing=()
{ has containerd && has ctr && has containerd-shim-runc-v2 && has runc; } || missing+=(containerd runc)
[ -x /usr/lib/cni/bridge ] || missing+=(containernetworking-plugins)
has iptables || missing+=(iptables)
has conntrack || missing+=(conntrack)
{ has ip && has ss; } || missing+=(iproute2)
has mount || missing+=(mount)
if [ ${#missing[@]} -gt 0 ]; then
    command -v apt-get >/dev/null ||
        fail "missing: ${missing[*]}" "Install them; on Debian this does it by itself."
    say "installing Debian's ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

command -v go >/dev/null ||
    fail "the cluster's programs are built from Go modules, and there is no Go here" \
        "Install Go 1.26 or newer and put it on PATH."
wanted=1.26
found=$(cd / && GOTOOLCHAIN=local go env GOVERSION)
printf '%s\n' "go$wanted" "$found" | sort --version-sort --check=quiet ||
    fail "$found is too old" "Install Go $wanted or newer and put it on PATH."
