#!/usr/bin/env bash
# Everything that is checked besides tests. Stops at the first that fails, and names it.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
step() { echo "check: $1"; shift; "$@"; }
step "style" $bin/ruff check --quiet src lab tests tools bench
step "format" $bin/ruff format --quiet --check src lab tests tools bench
step "types" $bin/mypy
step "import contracts" $bin/lint-imports --no-cache
step "shipped guides" $bin/crashcart guide lint --shipped
step "generated pages" $bin/python tools/write_docs.py --check
step "lab words in packs" $bin/python lab/tools/check_words.py
step "order, truth and outside view of faults" $bin/python lab/tools/check_rules.py
step "problems of the two guides" $bin/python tools/write_problems.py --check
step "every case against every guide" $bin/python tools/confusion.py
