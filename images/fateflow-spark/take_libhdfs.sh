#!/bin/sh
# take_libhdfs.sh SOURCE SECRETS OUT: Hadoop's C client of HDFS, which pyarrow loads and no package has built. Its sources are
# in a crate that must have the checksum of SOURCE/crate.lock; no Rust is compiled, and of what the crate needs nothing is used.
# SECRETS may hold machine.crt and cargo.toml; nothing of them is left where this ends.
set -eu
source=$1 secrets=$2 out=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$source/Cargo.toml" "$work/"
cat /etc/ssl/certs/ca-certificates.crt "$secrets/machine.crt" >"$work/trusted" 2>/dev/null || true
mkdir "$work/cargo"
cp "$secrets/cargo.toml" "$work/cargo/config.toml" 2>/dev/null || true
CARGO_HOME=$work/cargo CARGO_HTTP_CAINFO=$work/trusted cargo fetch --quiet --manifest-path "$work/Cargo.toml"

cd "$work"/cargo/registry/cache/*/
sha256sum --check --strict --quiet "$source/crate.lock"
tar -x -z -C "$work" -f hdfs-sys-*.crate
cd "$work"/hdfs-sys-*/libhdfs
jdk=$(dirname "$(dirname "$(realpath "$(command -v javac)")")")
mkdir -p "$out/opt/hadoop/lib/native" "$out/usr/share/doc/libhdfs"
gcc -shared -fPIC -O2 -s -w -fcommon -o "$out/opt/hadoop/lib/native/libhdfs.so" \
    -I. -Ihdfs_3_3 -Ihdfs_3_3/include -Ihdfs_3_3/os/posix "-I$jdk/include" "-I$jdk/include/linux" \
    hdfs_3_3/*.c hdfs_3_3/os/posix/*.c "-L$jdk/lib/server" -ljvm -Wl,-rpath,/opt/java/lib/server -lpthread
cat >"$out/usr/share/doc/libhdfs/bom.cdx.json" <<'BOM'
{"components": [{"name": "hdfs-sys", "version": "0.3.1", "purl": "pkg:cargo/hdfs-sys@0.3.1", "licenses": [{"license": {"id": "Apache-2.0"}}]}]}
BOM
