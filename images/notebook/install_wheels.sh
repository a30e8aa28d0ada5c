#!/bin/sh
# install_wheels.sh SOURCE SECRETS OUT: the packages of SOURCE/requirements.lock, below OUT as Debian's Python looks for them.
# SECRETS may hold machine.crt and pip.conf; nothing of them is left where this ends.
set -eu
source=$1 secrets=$2 out=$3
trusted=$(mktemp)
trap 'rm -f "$trusted"' EXIT
cat /etc/ssl/certs/ca-certificates.crt "$secrets/machine.crt" >"$trusted" 2>/dev/null || true
export PIP_CERT=$trusted PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
if [ -f "$secrets/pip.conf" ]; then export PIP_CONFIG_FILE="$secrets/pip.conf"; fi
python3 -m pip install --require-hashes --no-deps --no-compile --no-build-isolation --progress-bar off \
    --ignore-installed --break-system-packages --no-warn-script-location --root "$out" -r "$source/requirements.lock"
