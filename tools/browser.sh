#!/usr/bin/env bash
# Chromium for the browser tests. `find` prints its path; `install` gets it through apt when root.
set -euo pipefail

find_chromium() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome-stable google-chrome; do
    [ -n "$name" ] && command -v "$name" && return 0
  done
  return 1
}

case "${1:-install}" in
  find) find_chromium ;;
  install)
    if path=$(find_chromium); then echo "Chromium is here: $path"; exit 0; fi
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
      echo "Chromium is not here. Install it with your system's packages (Debian: sudo apt-get install chromium), or set CHROMIUM=/path/to/it." >&2
      exit 1
    fi
    echo "Installing Chromium through apt"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null
    find_chromium
    ;;
esac
