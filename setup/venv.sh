#!/usr/bin/env bash
# The virtual environment, from the lock. Nothing to do while the lock is the one it was made from.
# Where a bundle's wheels were unpacked, it is made of them and of nothing else: what runs, without checks and tests.
. "$(dirname "$0")/say.sh"

lock=requirements-dev.txt
carried=.local/wheels
from=()
remedy="What pip says stands above."
if [ -d "$carried" ]; then
    lock=requirements.txt
    from=(--no-index --find-links "$carried")
    remedy+=" Unpack the bundle's wheels anew, or pack them on a machine with this Python and architecture."
fi
stamp=.venv/made-from
wanted=$(sha256sum "$lock" | cut -d' ' -f1)
[ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && exit 0

python=$(command -v "${FATE_PYTHON:-python3.11}" || command -v python3) || fail "no python3" "Install Python 3.11 or newer."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$("$python" --version) is too old" "Install Python 3.11 or newer."
say "virtual environment from $lock"
"$python" -m venv .venv ||
    fail "the virtual environment could not be made" "On Debian: apt-get install python3-venv"
# Without bytecode: most of it is never imported, and what is compiles itself then.
.venv/bin/pip install --no-compile --quiet --disable-pip-version-check "${from[@]}" --require-hashes -r "$lock" ||
    fail "what $lock names could not be installed" "$remedy"
echo "$wanted" >"$stamp"
