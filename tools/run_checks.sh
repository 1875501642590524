#!/usr/bin/env bash
# Everything that can be said about the code without running its tests. Each check runs, then the failed ones are named.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=()

check() { # name, command...
  local name="$1"
  shift
  if output=$("$@" 2>&1); then echo "ok    $name"; else echo "WRONG $name"; echo "$output"; failed+=("$name"); fi
}

types_fit() { cat "$scratch/types"; return "$types_status"; }
migrations_match() { env -u DATABASE_URL SWAPMEET_ENV=test SWAPMEET_INSTANCE="$scratch/instance" "$bin/swapmeet" db check; }

"$bin/mypy" > "$scratch/types" 2>&1 & # the longest by far: beside the others
types=$!
check "style (ruff check)" "$bin/ruff" check --quiet .
check "format (ruff format)" "$bin/ruff" format --check --quiet .
check "import contracts (import-linter)" "$bin/lint-imports" --no-logo
check "one door for writes" "$bin/python" tools/check_writes.py
check "sizes" "$bin/python" tools/check_sizes.py
check "no unused template" "$bin/python" tools/check_templates.py
check "vendored files" "$bin/python" tools/vendor_assets.py --check
check "migrations match the models" migrations_match
wait "$types"
types_status=$?
check "types (mypy --strict)" types_fit

if [ ${#failed[@]} -gt 0 ]; then
  echo "${#failed[@]} checks failed: ${failed[*]}" >&2
  exit 1
fi
