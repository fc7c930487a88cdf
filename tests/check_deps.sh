#!/bin/sh
# SPDX-License-Identifier: MIT
# Shows that `make deps` names the packages of systems other than Debian, which no machine here is: each is played by a
# uname and an os-release of its own. And that the make of the BSDs is told to use GNU make. From the top of the tree;
# needs bmake for the second.
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM
failures=0

complain() {
    echo "check_deps: $*" >&2
    failures=$((failures + 1))
}

# What deps.sh needs, and nothing of Debian's.
mkdir "$scratch/bin"
for tool in sh awk sed tr; do
    ln -s "$(command -v $tool)" "$scratch/bin/$tool"
done

# on SYSTEM OS-RELEASE PACKAGES...: what deps.sh says there; it must end with 1.
on() {
    printf '#!/bin/sh\necho %s\n' "$1" >"$scratch/bin/uname"
    chmod +x "$scratch/bin/uname"
    printf '%b' "$2" >"$scratch/os-release"
    shift 2
    said=$(PATH="$scratch/bin" OS_RELEASE="$scratch/os-release" sh tests/deps.sh "$@" 2>&1)
    [ $? -eq 1 ] || complain "deps.sh did not end with 1: $said"
}

# names SYSTEM OS-RELEASE WANTED...: each of these lines is said of what `make deps` installs.
names() {
    # shellcheck disable=SC2086  # a list of package names
    on "$1" "$2" $packages
    on=$1
    shift 2
    for wanted; do
        echo "$said" | grep -qxF "$wanted" || complain "on $on there is no '$wanted' in: $said"
    done
}

packages=$(MAKEFLAGS="" make -n deps | sed -n 's/^tests\/deps.sh //p')
[ -n "$packages" ] || complain "make deps does not run tests/deps.sh"

names Linux 'NAME="Alpine Linux"\nID=alpine\n' 'deps:   apk add build-base linux-headers gmp-dev cmocka-dev libedit-dev' \
    'deps: then go on without deps: make'
names Linux 'ID="rocky"\nID_LIKE="rhel centos fedora"\n' \
    'deps:   dnf install gcc gmp-devel libcmocka-devel libedit-devel'
names Linux "ID='fedora'\n" 'deps:   dnf install gcc gmp-devel libcmocka-devel libedit-devel'
names Linux 'ID=manjaro\nID_LIKE=arch\n' 'deps:   pacman -S --needed base-devel gmp cmocka libedit'
names Linux 'ID="opensuse-leap"\nID_LIKE="suse opensuse"\n' \
    'deps:   zypper install gcc gmp-devel libcmocka-devel libedit-devel'
names Linux 'ID=another\n' "deps:   $packages"
names Linux '' "deps:   $packages"
# shellcheck disable=SC2016  # for the reader's shell
names Darwin '' 'deps:   brew install gmp cmocka libedit' \
    'deps: then go on without deps: make PORTABLE=1 HARDENED= CFLAGS=-I$(brew --prefix)/include LDFLAGS=-L$(brew --prefix)/lib'
names FreeBSD '' 'deps:   pkg install gmake gmp cmocka' \
    'deps: then go on without deps: gmake PORTABLE=1 CFLAGS=-I/usr/local/include LDFLAGS=-L/usr/local/lib'
names OpenBSD '' 'deps:   pkg_add gmake gmp cmocka'
names NetBSD '' 'deps:   pkgin install gmake gmp cmocka'

on Linux 'ID=alpine\n' libgmp-dev valgrind tshark
echo "$said" | grep -qx 'deps: and what corresponds to these Debian packages.*: valgrind tshark' ||
    complain "what has no name there is left out: $said"
echo "$said" | grep -qx 'deps:   apk add gmp-dev' || complain "a part of the packages is not named: $said"

# Whatever is asked for, no line of the Makefile is read that BSD's make would complain of first.
if command -v bmake >/dev/null; then
    for goal in '' all deps test; do
        # shellcheck disable=SC2086  # none is no argument
        said=$(MAKEFLAGS="" bmake $goal 2>&1) && complain "bmake $goal does not fail"
        case $said in
        *"
"*) complain "bmake $goal says more than one line: $said" ;;
        *'use gmake') ;;
        *) complain "bmake $goal says: $said" ;;
        esac
    done
else
    echo "skipped: what BSD's make says (bmake is not installed)"
fi

[ "$failures" -eq 0 ] || exit 1
echo "check_deps: each system's packages are named, and BSD's make is told to use GNU make"
