#!/usr/bin/env bash
# Runs the programs of benchmarks/ one after another (or those named: BENCH="pages races"). Ends with 1 when one missed a limit.
set -uo pipefail
cd "$(dirname "$0")/.."
programs=(${BENCH:-hello pages registration check_in order_list order_export order_import documents footprint trade_lists trade_door placing rush onsale tables_rush tables_viewers picker_frames races money_walk})
missed=()
echo "$(date +%F), $(nproc) cores, $(.venv/bin/python --version)"
for program in "${programs[@]}"; do
  .venv/bin/python -m "benchmarks.$program" || missed+=("$program")
done
[ ${#missed[@]} -eq 0 ] || { echo "Over a limit or broken: ${missed[*]}" >&2; exit 1; }
