#!/usr/bin/env bash
# Renew the pins: exact versions with hashes, and no address of any index.
set -euo pipefail
cd "$(dirname "$0")/../requirements"
command -v uv >/dev/null || { echo "pins: uv is needed: pip install uv" >&2; exit 2; }
for name in core run dev; do
  uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header "$name.in" -o "$name.txt"
done
