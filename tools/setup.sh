#!/usr/bin/env bash
# Makes .venv from requirements-dev.lock (hashes checked) and installs this project into it as it stands.
# Needs only python3 (3.11 or newer) with pip. Uses uv, itself from the lock; where uv cannot be had, pip does the same.
set -euo pipefail
cd "$(dirname "$0")/.."
venv_python=.venv/bin/python

# Version managers often compile Python without optimization; it then needs up to half as much time again for everything. So where
# nothing is asked for and the system's own Python can make an environment, that one is taken instead of such a one.
best_python() {
  local system=/usr/bin/python3
  if ! python3 -c 'import sys, sysconfig; sys.exit("--enable-optimizations" not in sysconfig.get_config_var("CONFIG_ARGS"))' 2>/dev/null &&
    "$system" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "$system"
  else
    echo python3
  fi
}
python="${1:-$(best_python)}"

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Swapmeet needs Python 3.11 or newer; $python is $("$python" --version 2>&1). Try: make PYTHON=/path/to/python3.11" >&2
  exit 1
}

make_venv() {
  "$python" -m venv .venv 2>/dev/null && return
  # Some systems part ensurepip from python3: build the environment without it and let the system's pip fill it.
  rm -rf .venv
  "$python" -m venv --without-pip .venv
  "$python" -m pip --python "$venv_python" install --quiet pip
}

# The lines of one package in the lock, with their hashes; and the lock without them.
locked() { awk -v name="$1==" 'index($0, name) == 1 { on = 1 } on { print } on && !/\\$/ { exit }' requirements-dev.lock; }
others() { awk -v name="$1==" 'index($0, name) == 1 { off = 1 } !off { print } off && !/\\$/ { off = 0 }' requirements-dev.lock; }

[ -x "$venv_python" ] && "$venv_python" -m pip --version >/dev/null 2>&1 || { rm -rf .venv; echo "Making .venv"; make_venv; }

wanted=$(mktemp)
trap 'rm -f "$wanted"' EXIT
locked uv > "$wanted"
pip=("$venv_python" -m pip --disable-pip-version-check --quiet)
echo "Installing the locked requirements"
if [ -x .venv/bin/uv ] || "${pip[@]}" install --require-hashes --no-deps -r "$wanted" 2>/dev/null; then
  export UV_LINK_MODE="${UV_LINK_MODE:-copy}"
  .venv/bin/uv pip install --quiet --python "$venv_python" --require-hashes -r requirements-dev.lock
else
  echo "uv cannot be installed here; pip does its work"
  others uv > "$wanted"
  "${pip[@]}" install --require-hashes --no-deps -r "$wanted"
fi
"${pip[@]}" install --no-deps --no-build-isolation --editable .
# Compiled once, so that commands start fast also where Python may not write beside its modules (uv compiles nothing by itself).
"$venv_python" -m compileall -q -j 0 .venv/lib swapmeet >/dev/null || true
