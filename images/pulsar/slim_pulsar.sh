#!/bin/sh
# slim_pulsar.sh FOLDER: RocksDB's library out of its jar, which has one for each kind of machine, to FOLDER/native: at every start
# it would be unpacked into /tmp, from where a hardened container runs nothing.
set -eu
case $(uname -m) in
    x86_64) own=librocksdbjni-linux64.so ;;
    *) own=librocksdbjni-linux-$(uname -m).so ;;
esac
mkdir "$1/native"
unzip -p "$1"/rocksdbjni-*.jar "$own" >"$1/native/librocksdbjni.so"
strip --strip-unneeded "$1/native/librocksdbjni.so"
zip -q -d "$1"/rocksdbjni-*.jar 'librocksdbjni-*'
