#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the Debian packages named as arguments that are missing; says what it does. Without root it prints what is
# needed and stops with status 1; elsewhere than on Debian too, with that system's own names where they are known here.
set -eu

# What each Debian package is elsewhere; `-`: part of the system, or of what is named beside it.
NAMES='
debian           alpine        fedora          arch       opensuse        macos    freebsd  openbsd  netbsd
gcc              build-base    gcc             base-devel gcc             -        -        -        -
libc6-dev        linux-headers -               -          -               -        -        -        -
libgmp-dev       gmp-dev       gmp-devel       gmp        gmp-devel       gmp      gmp      gmp      gmp
libcmocka-dev    cmocka-dev    libcmocka-devel cmocka     libcmocka-devel cmocka   cmocka   cmocka   cmocka
libedit-dev      libedit-dev   libedit-devel   libedit    libedit-devel   libedit  -        -        -
'

# This system, by its name above; nothing where it has none. Whatever calls itself like one of them is taken for it, as
# ID_LIKE says.
system() {
    case $(uname -s) in
    Darwin) echo macos ;;
    FreeBSD | DragonFly) echo freebsd ;;
    OpenBSD) echo openbsd ;;
    NetBSD) echo netbsd ;;
    Linux)
        for name in $(sed -n 's/^ID=//p; s/^ID_LIKE=//p' "${OS_RELEASE:-/etc/os-release}" 2>/dev/null | tr -d "\"'"); do
            case $name in
            alpine | fedora | arch | opensuse) echo "$name"; return ;;
            rhel) echo fedora; return ;;
            opensuse-* | suse) echo opensuse; return ;;
            esac
        done ;;
    esac
}

# What installs packages there.
installer() {
    case $1 in
    alpine) echo "apk add" ;;
    fedora) echo "dnf install" ;;
    arch) echo "pacman -S --needed" ;;
    opensuse) echo "zypper install" ;;
    macos) echo "brew install" ;;
    freebsd) echo "pkg install gmake" ;;
    openbsd) echo "pkg_add gmake" ;;
    netbsd) echo "pkgin install gmake" ;;
    esac
}

# What make is told there: where the packages are, and that what only Linux has is not.
make_there() {
    case $1 in
    macos) echo "make PORTABLE=1 HARDENED= CFLAGS=-I\$(brew --prefix)/include LDFLAGS=-L\$(brew --prefix)/lib" ;;
    freebsd | openbsd) echo "gmake PORTABLE=1 CFLAGS=-I/usr/local/include LDFLAGS=-L/usr/local/lib" ;;
    netbsd) echo "gmake PORTABLE=1 CFLAGS=-I/usr/pkg/include LDFLAGS='-L/usr/pkg/lib -Wl,-rpath,/usr/pkg/lib'" ;;
    *) echo make ;;
    esac
}

# Column $1 of the packages named after it: what is known; those that are not go to a second line.
translate() {
    echo "$NAMES" | awk -v there="$1" -v packages="$2" '
        $1 == "debian" { for (i = 1; i <= NF; i++) if ($i == there) column = i }
        NF > 1 { name[$1] = $column }
        END {
            n = split(packages, package, " ")
            for (i = 1; i <= n; i++)
                if (!(package[i] in name)) unknown = unknown " " package[i]
                else if (name[package[i]] != "-") known = known " " name[package[i]]
            print substr(known, 2)
            print substr(unknown, 2)
        }'
}

elsewhere() {
    there=$(system)
    if [ -z "$there" ]; then
        echo "deps: this is no Debian system; install what corresponds to these Debian packages, then go on without deps:"
        echo "deps:   $*"
        return
    fi
    names=$(translate "$there" "$*")
    known=$(echo "$names" | sed -n 1p)
    unknown=$(echo "$names" | sed -n 2p)
    echo "deps: this is no Debian system, and was never tried; install these, as root where that is needed:"
    echo "deps:   $(installer "$there") $known"
    [ -z "$unknown" ] || echo "deps: and what corresponds to these Debian packages, where there is such a thing: $unknown"
    echo "deps: then go on without deps: $(make_there "$there")"
}

if ! command -v dpkg-query >/dev/null 2>&1; then
    elsewhere "$@" >&2
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
