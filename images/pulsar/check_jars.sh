#!/bin/sh
# check_jars.sh FOLDER LOCK: whether the jars in FOLDER, which lie as in a repository, are those of LOCK; any that is not in it,
# differs or is missing is named, and fails this.
set -eu
cd "$1"
unlisted=$(find . -name '*.jar' -printf '%P\n' | sort | while read -r jar; do grep -q -- "^[0-9a-f]*  $jar\$" "$2" || echo "$jar"; done)
for jar in $unlisted; do echo "$jar: not in ${2##*/}" >&2; done
sha256sum --check --strict --quiet "$2"
[ -z "$unlisted" ]
