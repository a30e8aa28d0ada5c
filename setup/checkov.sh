#!/usr/bin/env bash
# checkov, for tests/security, in an environment of its own: what it needs does not go with what Pulumi needs.
. "$(dirname "$0")/say.sh"

lock=tests/security/requirements.txt
folder=.local/checkov
stamp=$folder/made-from
wanted=$(sha256sum "$lock" | cut -d' ' -f1)
[ -x "$folder/bin/checkov" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && exit 0

[ -x .venv/bin/uv ] || fail "no .venv/bin/uv" "Make the virtual environment first: make venv"
say "checkov in $folder, from $lock"
.venv/bin/uv venv --quiet --clear --python .venv/bin/python "$folder"
.venv/bin/uv pip install --quiet --python "$folder/bin/python" --require-hashes -r "$lock" ||
    fail "checkov could not be installed" "What uv says stands above; tests/security needs it. Run this again where packages can be fetched."
echo "$wanted" >"$stamp"
