#!/bin/sh
# take_jars.sh SOURCE SECRETS FOLDER RECORD: what SOURCE/pom.xml needs at run time, each jar with the path and the checksum of
# SOURCE/jars.lock, flat in FOLDER; their bill of materials in RECORD. A jar that is not in the lock or differs is named, and
# fails this. SECRETS may hold machine.crt and settings.xml; nothing of them is left where this ends.
set -eu
source=$1 secrets=$2 folder=$3 record=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp /etc/ssl/certs/java/cacerts "$work/trusted"
awk -v folder="$work" '/BEGIN CERTIFICATE/ { n++ } n { print >(folder "/" n ".pem") }' "$secrets/machine.crt"
for certificate in "$work"/*.pem; do
    [ -f "$certificate" ] || continue
    keytool -importcert -noprompt -file "$certificate" -alias "$certificate" -keystore "$work/trusted" -storepass changeit 2>&1
done
set -- "-Dmaven.repo.local=$work/repository" "-Djars=$work/jars"
if [ -s "$secrets/settings.xml" ]; then set -- "$@" "--settings=$secrets/settings.xml"; fi
MAVEN_OPTS="-Djavax.net.ssl.trustStore=$work/trusted" \
    mvn --batch-mode --quiet --file="$source/pom.xml" "$@" package

cd "$work/jars"
sed -n 's/^[0-9a-f]\{64\}  //p' "$source/jars.lock" | sort >"$work/locked"
find . -name '*.jar' -printf '%P\n' | sort | comm -23 - "$work/locked" >"$work/unknown"
if [ -s "$work/unknown" ]; then
    sed 's/$/: not in jars.lock/' "$work/unknown" >&2
    exit 1
fi
sha256sum --check --strict --quiet "$source/jars.lock"
mkdir -p "$folder" "$record"
find . -name '*.jar' -exec cp -t "$folder" {} +
cp bom.cdx.json "$record"
