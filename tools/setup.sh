#!/usr/bin/env bash
# Make .venv as the pinned requirements say: `tools/setup.sh run` for the demo, `tools/setup.sh dev` for tests and checks too.
# Does nothing when .venv is up to date. Installs Debian's python3-venv when it is missing, and says so.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-dev}
built=(pyproject.toml lab/pyproject.toml hatch_build.py src/crashcart/logs/loops/loops.c)
wanted=$(cat requirements/"$what".txt "${built[@]}" | sha256sum | cut -c1-16)
stamp=.venv/.crashcart-$what
[ "$what" = run ] && [ -f .venv/.crashcart-dev ] && stamp=.venv/.crashcart-dev && wanted=$(cat requirements/dev.txt "${built[@]}" | sha256sum | cut -c1-16)
[ "$(cat "$stamp" 2>/dev/null || true)" = "$wanted" ] && exit 0

python=""
for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
  [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 || continue
  "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && python=$candidate && break
done
if [ -z "$python" ]; then
  echo "setup: Python 3.11 or newer is needed, and none was found. Install one, or name it: PYTHON=/path/to/python make demo" >&2
  exit 2
fi

if [ ! -x .venv/bin/pip ]; then
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "setup: Debian's python3-venv is missing; installing it with apt-get" >&2
    sudo=""; [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq && $sudo apt-get install -y -qq python3-venv >&2
  fi
  echo "setup: making .venv with $("$python" --version)" >&2
  "$python" -m venv .venv
fi
# The log engine has inner loops in C; without a compiler it uses their twins in Python, and the tests that compare skip.
# The browser that looks at the lab's page, the program that reads its PDF, and the database that the pack for PostgreSQL
# is tried on (a cluster of the tests' own each time). Without them those tests skip.
debian() {
  command -v "$1" >/dev/null 2>&1 && return
  command -v apt-get >/dev/null 2>&1 || { echo "setup: $1 is missing, and the tests that need it will skip" >&2; return 0; }
  local sudo=""
  [ "$(id -u)" = 0 ] || { sudo -n true 2>/dev/null && sudo=sudo; } || { echo "setup: $1 is missing, and the tests that need it will skip; as root: apt-get install $2" >&2; return 0; }
  echo "setup: Debian's $2 is missing; installing it with apt-get" >&2
  { $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $2; } >/dev/null 2>&1 ||
    echo "setup: $2 could not be installed, and the tests that need $1 will skip" >&2
}
if [ "$what" = dev ]; then
  debian cc "gcc libc6-dev"
  debian chromium chromium
  debian pdftotext poppler-utils
  # For the time of its installing, Debian is told to start no server of its own on port 5432.
  alone=/etc/postgresql-common/createcluster.d/crashcart-setup.conf
  if ! command -v pg_createcluster >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    mkdir -p "${alone%/*}" && echo "create_main_cluster = false" >"$alone"
  fi
  debian pg_createcluster postgresql
  rm -f "$alone"
fi

echo "setup: installing the pinned packages of requirements/$what.txt (once; about a minute)" >&2
export PIP_DISABLE_PIP_VERSION_CHECK=1
.venv/bin/pip install --quiet --require-hashes -r requirements/"$what".txt 2> >(grep -vE "^WARNING: (Location|lxml)" >&2 || true)
.venv/bin/pip install --quiet --no-deps --no-build-isolation -e . -e lab 2> >(grep -v "^WARNING: Location" >&2 || true)
rm -f .venv/.crashcart-*
echo "$wanted" > .venv/.crashcart-"$what"
