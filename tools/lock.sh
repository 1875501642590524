#!/usr/bin/env bash
# Resolves pyproject.toml anew into requirements.lock (what runs) and requirements-dev.lock (what works on it).
# Keeps pinned versions that still fit; `make lock UPGRADE=--upgrade` takes the newest. No address of any registry gets in.
set -euo pipefail
cd "$(dirname "$0")/.."
flags=(--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet)
.venv/bin/uv pip compile pyproject.toml --extra postgres --extra redis "${flags[@]}" ${UPGRADE:-} -o requirements.lock
.venv/bin/uv pip compile pyproject.toml --all-extras --group dev "${flags[@]}" ${UPGRADE:-} -c requirements.lock -o requirements-dev.lock
if grep -nE 'https?://|find-links|file:' requirements.lock requirements-dev.lock; then
  echo "an address got into a lock file" >&2
  exit 1
fi
