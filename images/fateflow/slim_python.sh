#!/bin/sh
# slim_python.sh OUT FOLDER...: Python's packages below FOLDER without tests, sources and symbols, compiled for where they will
# lie: OUT is taken for the root. FATE's own `test` is a command of it, which its others import.
set -eu
out=$1
shift
find "$@" -type d \( -name tests -o -name test \) ! -path '*/projects/fate/*' -prune -exec rm -rf {} +
find "$@" -type f \( -name '*.pyi' -o -name '*.a' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.c' -o -name '*.h' \) -delete
find "$@" -name '*.so*' -size +100k -exec strip --strip-unneeded {} + 2>/dev/null
python3 -m compileall -q -j 0 -s "$out" -p / --invalidation-mode unchecked-hash "$@"
