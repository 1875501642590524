#!/usr/bin/env bash
# Chromium for the browser tests. `find` prints its path; `install` gets it through apt when root. Where apt has the headless
# shell, the same browser without windows, that one is taken.
set -euo pipefail

find_chromium() {
  local name
  for name in "${CHROMIUM:-}" chromium-headless-shell chromium chromium-browser google-chrome-stable google-chrome; do
    [ -n "$name" ] && command -v "$name" && return 0
  done
  return 1
}

has_apt() { [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; }
get() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" fonts-liberation >/dev/null; }

case "${1:-install}" in
  find) find_chromium ;;
  install)
    path=$(find_chromium) || path=""
    # A whole Chromium does; where every second counts, its headless shell is fetched all the same.
    if [ -n "$path" ] && { [ -z "${CI:-}" ] || [ "${path##*-}" = shell ] || ! has_apt; }; then
      echo "Chromium is here: $path"
      exit 0
    fi
    if ! has_apt; then
      echo "Chromium is not here. Install it with your system's packages (Debian: sudo apt-get install chromium), or set CHROMIUM=/path/to/it." >&2
      exit 1
    fi
    echo "Installing Chromium through apt"
    apt-get update -qq && get chromium-headless-shell 2>/dev/null || [ -n "$path" ] || get chromium
    find_chromium
    ;;
esac
