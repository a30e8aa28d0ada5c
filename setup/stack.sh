#!/usr/bin/env bash
# stack.sh NAME: the stack's state, and its one secret, if it has none yet.
. "$(dirname "$0")/say.sh"

stack=${1:?usage: setup/stack.sh STACK}
[ -f "Pulumi.$stack.yaml" ] || fail "no file Pulumi.$stack.yaml" "Stacks here: $(ls Pulumi.*.yaml | tr '\n' ' ')"
mkdir -p .local/state
if [ ! -s .local/passphrase ]; then
    (umask 077 && head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >.local/passphrase)
    say "made .local/passphrase: it opens this checkout's secrets; keep a copy where you keep passwords"
fi
. setup/activate
pulumi stack select "$stack" >/dev/null 2>&1 || pulumi stack init "$stack" >/dev/null
if ! grep -q '^ *fate:secret-key:' "Pulumi.$stack.yaml"; then
    head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' |
        pulumi config set --stack "$stack" --secret fate:secret-key
    say "made the secret of stack $stack, encrypted, in Pulumi.$stack.yaml"
fi
