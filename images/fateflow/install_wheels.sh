#!/bin/sh
# install_wheels.sh SOURCE SECRETS OUT: the locked wheels, stripped and compiled, in the official images' layout.
# SECRETS may hold machine.crt and pip.conf; nothing of them is left where this ends.
# FATE-Flow's conf comes to lie in /conf, for it belongs to the user of the image.
set -eu
source=$1 secrets=$2 out=$3
site=$out/usr/local/lib/python3.11/dist-packages home=$out/data/projects/fate
trusted=$(mktemp)
trap 'rm -f "$trusted"' EXIT
cat /etc/ssl/certs/ca-certificates.crt "$secrets/machine.crt" >"$trusted" 2>/dev/null || true
export PIP_CERT=$trusted PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
if [ -f "$secrets/pip.conf" ]; then export PIP_CONFIG_FILE="$secrets/pip.conf"; fi
python3 -m pip install --require-hashes --no-deps --no-compile --no-build-isolation --progress-bar off \
    --target "$site" -r "$source/requirements.lock"
cp "$source"/fate_enum_fix.* "$site/"

mkdir -p "$home/fate_flow/python" "$home/fate/python" "$out/usr/local/bin"
mv "$site/fate_flow" "$site/ofx" "$home/fate_flow/python/"
mv "$home/fate_flow/python/fate_flow/conf" /conf
cp "$home/fate_flow/python/fate_flow/fateflow.env" "$home/fate_flow/"
mv "$site/fate" "$home/fate/python/"
for client in flow pipeline; do
    sed '1s|^#!.*|#!/usr/bin/python3|' "$site/bin/$client" > "$out/usr/local/bin/$client"
    chmod 0755 "$out/usr/local/bin/$client"
done

cd "$site"
rm -rf bin share node_modules ut README.md COPYING isympy.py pydevd_plugins transformers/models/*/convert_*.py
find . -type d \( -name tests -o -name test \) -prune -exec rm -rf {} +
find . -type f \( -name '*.pyi' -o -name '*.a' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.c' -o -name '*.h' \) -delete
find . -name '*.so*' -size +100k -exec strip --strip-unneeded {} + 2>/dev/null
cd /
python3 -m compileall -q -j 0 -s "$out" -p / --invalidation-mode unchecked-hash "$site" "$home"
