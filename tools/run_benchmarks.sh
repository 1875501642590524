#!/usr/bin/env bash
# Runs benchmarks/bench_*.py one after another (or those named: BENCH="pages races"), each with its own output.
set -euo pipefail
cd "$(dirname "$0")/.."
shopt -s nullglob
programs=(benchmarks/bench_*.py)
if [ -n "${BENCH:-}" ]; then
  programs=()
  for name in $BENCH; do programs+=("benchmarks/bench_$name.py"); done
fi
[ ${#programs[@]} -gt 0 ] || { echo "There are no programs in benchmarks/." >&2; exit 1; }
for program in "${programs[@]}"; do
  echo "== $program"
  .venv/bin/python -m "benchmarks.$(basename "$program" .py)"
done
