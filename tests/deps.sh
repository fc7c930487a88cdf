#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the Debian packages named as arguments that are missing; says what it does. Without root, or elsewhere than on
# Debian, it prints what is needed and stops with status 1.
set -eu

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "deps: this is no Debian system; install what corresponds to these Debian packages, then go on without deps:" >&2
    echo "deps:   $*" >&2
    exit 1
fi

missing=
for package; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
if [ -z "$missing" ]; then
    echo "deps: nothing to do, these are installed: $*"
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "deps: missing:$missing; install them as root, then run make again:" >&2
    echo "  sudo apt-get install -y --no-install-recommends$missing" >&2
    exit 1
fi
echo "deps: installing$missing"
apt-get update -qq || echo "deps: apt-get update failed; trying with the lists that are here"
# shellcheck disable=SC2086  # a list of package names
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
echo "deps: installed$missing"
