#!/usr/bin/env bash
# `all`: every test. `quick`: SQLite, no browser, no process races, no packaging.
# In CI, and with SWAPMEET_REQUIRE_BROWSER=1, a missing browser or node and any skipped test is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
what="${1:-all}"
workers="${WORKERS:-2}"
ran=()

strict() { case "${CI:-}${SWAPMEET_REQUIRE_BROWSER:-}" in *1* | *true* | *yes*) return 0 ;; *) return 1 ;; esac; }
missing() { # what, how to get it
  if strict; then echo "ERROR: $1, and nothing may be skipped here. $2" >&2; exit 1; fi
  echo "#### $1: those tests are SKIPPED. $2 ####" >&2
}

if command -v node >/dev/null; then
  output=$(node --test --test-reporter=spec tests/js/*.test.mjs) || { echo "$output"; exit 1; }
  count=$(sed -n 's/^. pass //p' <<< "$output")
  echo "JavaScript: $count passed"
  ran+=("$count JavaScript tests (node)")
else
  missing "node is not here" "Install Node.js 20 or newer."
fi

if [ "$what" = quick ]; then
  .venv/bin/python -m pytest -q -n "$workers" --dist loadfile --db sqlite \
    --ignore tests/browser --ignore tests/concurrency --ignore tests/packaging --ignore tests/migrations
  ran+=("Python on SQLite")
else
  flags=()
  if bash tools/browser.sh install >/dev/null; then
    ran+=("in Chromium")
  else
    missing "Chromium is not here" "Run make browser."
    flags+=(--ignore tests/browser)
  fi
  # The order of tests/conftest.py, long files first, and not that of the number of tests in a file.
  .venv/bin/python -m pytest -q -n "$workers" --dist loadfile --no-loadscope-reorder "${flags[@]}"
  ran=("Python on SQLite and PostgreSQL" "${ran[@]}")
fi
printf 'Ran: %s' "${ran[0]}"; printf ', %s' "${ran[@]:1}"; echo
