#!/bin/sh
# take_jars.sh SOURCE SECRETS FOLDER RECORD: the jars that SOURCE/pom.xml needs at run time, those of SOURCE/jars.lock and no
# others, flat in FOLDER; their bill of materials in RECORD. SECRETS may hold machine.crt and settings.xml; nothing of them is
# left where this ends.
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

sh "$source/check_jars.sh" "$work/jars" "$source/jars.lock"
cd "$work/jars"
mkdir -p "$folder" "$record"
find . -name '*.jar' -exec cp -t "$folder" {} +
cp bom.cdx.json "$record"
