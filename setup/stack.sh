#!/usr/bin/env bash
# stack.sh STACK [--shared | --private]: the stack's state, and its one secret, if it has none yet.
# --shared puts the secret, encrypted, into the stack's file, to be committed for everyone who uses the stack.
# --private takes it out of there again, into .local/, which is this checkout's alone.
. "$(dirname "$0")/say.sh"

usage="usage: setup/stack.sh STACK [--shared | --private]"
stack=${1:?$usage}
place=${2:-}
file=Pulumi.$stack.yaml
kept=.local/secret-keys/$stack
own_passphrase=${PULUMI_CONFIG_PASSPHRASE:-}${PULUMI_CONFIG_PASSPHRASE_FILE:-}
for checkout in "$PWD" "$(pwd -P)"; do # setup/activate names the checkout's passphrase before there is one
    [ "$own_passphrase" != "$checkout/.local/passphrase" ] || own_passphrase=
done

case $place in "" | --shared | --private) ;; *) fail "$place is no option" "$usage" ;; esac
[ -f "$file" ] || fail "no file $file" "Stacks here: $(ls Pulumi.*.yaml | tr '\n' ' ')"

in_file() { grep -q '^ *fate:secret-key:' "$file"; }
write() { pulumi config set --stack "$stack" --secret fate:secret-key; }
keep() {
    (umask 077 && mkdir -p "$(dirname "$kept")" && cat >"$kept.part" && [ -s "$kept.part" ])
    [ ! -s "$kept" ] || mv "$kept" "$kept.before"
    mv "$kept.part" "$kept"
}
new_key() { head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

# Whether what is sealed in the stack's file can be opened by others too: by their passphrase, or a key service.
opens_elsewhere() { [ -n "$own_passphrase" ] || grep -q '^secretsprovider:.*://' "$file"; }

make_key() {
    local state
    state=$(pulumi stack export --stack "$stack") || fail "the state of stack $stack cannot be read" \
        "What pulumi says stands above. No secret is made for a stack that may be up."
    [[ $state != *'"urn"'* ]] || fail "stack $stack is up, and its secret is neither in $file nor in $kept" \
        "Pull the commit that holds it, or copy .local/secret-keys/$stack from where the stack was made."
    if [ "$place" != --private ] && opens_elsewhere; then
        new_key | write
        say "made the secret of stack $stack, encrypted, in $file: commit it"
    else
        new_key | keep
        say "made the secret of stack $stack, in $kept: keep a copy where you keep passwords"
        [ "$place" != --shared ] || share
    fi
}

# The state was sealed by the checkout's passphrase, and is sealed anew by the one that others have.
seal_anew() {
    local passphrase=${PULUMI_CONFIG_PASSPHRASE:-}
    [ -n "$passphrase" ] || passphrase=$(cat "$PULUMI_CONFIG_PASSPHRASE_FILE")
    printf '%s\n' "$passphrase" | env --unset PULUMI_CONFIG_PASSPHRASE \
        PULUMI_CONFIG_PASSPHRASE_FILE="$PWD/.local/passphrase" \
        pulumi stack change-secrets-provider passphrase --stack "$stack" --non-interactive
}

share() {
    opens_elsewhere || fail "others cannot open what this checkout's own passphrase seals" \
        "Set PULUMI_CONFIG_PASSPHRASE to one that everyone who uses the stack has; docs/secrets.md says how."
    write <"$kept" 2>/dev/null || { seal_anew && write <"$kept"; }
    [ "$(pulumi config get --stack "$stack" fate:secret-key)" = "$(cat "$kept")" ] ||
        fail "$file does not hold the secret of stack $stack" "It still is in $kept. Run this again."
    rm "$kept"
    say "the secret of stack $stack is now in $file, encrypted: commit it"
}

unshare() {
    pulumi config get --stack "$stack" fate:secret-key | keep
    pulumi config rm --stack "$stack" fate:secret-key
    say "the secret of stack $stack is now in $kept: keep a copy where you keep passwords"
}

mkdir -p .local/state
if [ -z "$own_passphrase" ] && [ ! -s .local/passphrase ]; then
    (umask 077 && head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >.local/passphrase)
    say "made .local/passphrase: it opens this checkout's secrets; keep a copy where you keep passwords"
fi
. setup/activate
pulumi stack select "$stack" >/dev/null 2>&1 || pulumi stack init "$stack" >/dev/null
if in_file; then
    [ "$place" != --private ] || unshare
elif [ -s "$kept" ]; then
    [ "$place" != --shared ] || share
else
    make_key
fi
setup/unsalted.sh "$stack"
