#!/usr/bin/env bash
# unsalted.sh STACK: let git look past the salt that Pulumi writes into a stack's file, where no secret stands there for
# it to open. Nothing is lost with such a salt: Pulumi finds it in the stack's state, too.
. "$(dirname "$0")/say.sh"

file=Pulumi.${1:?usage: setup/unsalted.sh STACK}.yaml
unsalted='awk "{ line[NR] = \$0 } /secure:/ { kept = 1 }
END { for (n = 1; n <= NR; n++) if (kept || line[n] !~ /^encryptionsalt:/) print line[n] }"'

git ls-files --error-unmatch "$file" >/dev/null 2>&1 || exit 0
[ "$(git config filter.unsalted.clean)" = "$unsalted" ] || git config filter.unsalted.clean "$unsalted" || exit 0
# The size alone makes git call the file changed; adding what does not differ tells it the new size.
if git diff --quiet -- "$file"; then git add -- "$file"; fi
