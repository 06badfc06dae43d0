#!/bin/bash
# Turns on the hooks of .githooks/ in this clone.
set -euo pipefail
cd "$(dirname "$0")/.."
git config core.hooksPath .githooks
echo 'hooks of .githooks/ are on'
