#!/usr/bin/env bash
# Pulumi for this checkout: what is installed, else what can be downloaded, else what can be built here.
. "$(dirname "$0")/say.sh"

exec .venv/bin/python -m setup.toolchain
