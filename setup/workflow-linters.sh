#!/usr/bin/env bash
# actionlint, zizmor and shellcheck, for tests/security/test_workflows.py. What cannot be had here is said, and
# its test is skipped.
. "$(dirname "$0")/say.sh"

actionlint=1.7.12
lock=tests/security/workflow-linters.txt
folder=.local/workflow-linters
stamp=$folder/made-from

build_actionlint() {
    [ "$("$folder/bin/actionlint" -version 2>/dev/null | head -n 1)" = "v$actionlint" ] && return
    command -v go >/dev/null || { say "no actionlint: it is built from its Go module, and there is no Go here"; return; }
    say "actionlint $actionlint from its Go module"
    (cd / && GOBIN=$OLDPWD/$folder/bin GOFLAGS=-mod=mod go install "github.com/rhysd/actionlint/cmd/actionlint@v$actionlint" \
        2> >(grep -v '^go: downloading' >&2)) ||
        say "no actionlint: what Go says stands above"
}

install_zizmor() {
    local wanted
    wanted=$(sha256sum "$lock" | cut -d' ' -f1)
    [ -x "$folder/bin/zizmor" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return
    [ -x .venv/bin/uv ] || fail "no .venv/bin/uv" "Make the virtual environment first: make venv"
    say "zizmor and shellcheck in $folder, from $lock"
    .venv/bin/uv venv --quiet --clear --python .venv/bin/python "$folder"
    if .venv/bin/uv pip install --quiet --python "$folder/bin/python" --require-hashes -r "$lock"; then
        echo "$wanted" >"$stamp"
    else
        say "no zizmor: what uv says stands above"
    fi
}

install_zizmor
build_actionlint
