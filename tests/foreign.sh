#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the unit tests for other machines with Debian's cross compilers and runs them: aarch64 and s390x (big-endian)
# under qemu, 32-bit x86 as it is, and this machine's own without anything that only it has (PORTABLE=1). GMP and CMocka
# come from the same release of Debian for each of them. Run from the top of the tree; arguments are names of machines.
# --where-packages-are, first: a machine whose packages can't be installed just now is named and passed over.
# FOLDERS="crypto net": only the tests of what is there.
# GRADE=1, for arm64: our own solutions of the exercises are graded there too, by a grader of that machine.
set -eu
ulimit -c 0 # or qemu leaves a core in the tree of each test that aborts as it should

BUILD=${BUILD:-build}
optional=
[ "${1:-}" != --where-packages-are ] || { optional=1; shift; }
MACHINES=${*:-arm64 s390x i386 portable}

# Installs the packages for that machine, which goes by Debian's name.
install() {
    [ "$1" != portable ] || return 0
    packages="gcc-$(triplet "$1" | tr _ -) libc6-dev-$1-cross libgmp-dev:$1 libcmocka-dev:$1 qemu-user"
    # shellcheck disable=SC2086  # a list of package names
    tests/deps.sh $packages
}

# All together, so that the lists are read only once.
add_architectures() {
    for machine in $MACHINES; do
        [ "$machine" != portable ] || continue
        triplet "$machine" >/dev/null
        if ! dpkg --print-foreign-architectures | grep -qx "$machine"; then
            [ "$(id -u)" -eq 0 ] || { echo "foreign: as root: dpkg --add-architecture $machine && apt-get update" >&2; exit 1; }
            echo "foreign: dpkg --add-architecture $machine"
            dpkg --add-architecture "$machine"
        fi
    done
}

triplet() {
    case $1 in
    arm64) echo aarch64-linux-gnu ;;
    s390x) echo s390x-linux-gnu ;;
    i386) echo i686-linux-gnu ;;
    *) echo "foreign: $1: only arm64, s390x, i386 and portable are known" >&2; exit 2 ;;
    esac
}

# Whether the kernel runs 32-bit programs of x86, as it can be told not to: by trying one, which has to be compiled.
runs_i386() {
    mkdir -p "$BUILD/foreign"
    echo 'int main(void) { return 0; }' | "$(triplet i386)-gcc" -static -x c -o "$BUILD/foreign/nothing" - 2>/dev/null &&
        "$BUILD/foreign/nothing" 2>/dev/null
}

# What runs a program of that machine; nothing where this one can.
emulator() {
    case $1,$(uname -m) in
    arm64,aarch64 | s390x,s390x | i386,x86_64 | i386,i?86) ;;
    arm64,*) echo qemu-aarch64 ;;
    *) echo "qemu-$1" ;;
    esac
}

build() {
    make -s -j2 STRICT=1 LIBEDIT=no LIBCRYPTO=no LIBNETTLE=no LIBGCRYPT=no "$@" test
}

test_on() {
    case $1 in
    portable) build BUILD="$BUILD/portable" PORTABLE=1 ;;
    *) build BUILD="$BUILD/foreign/$1" CC="$(triplet "$1")-gcc" AR="$(triplet "$1")-ar" EMULATOR="$(emulator "$1")" ;;
    esac
}

# --- Grading -----------------------------------------------------------------------------------------------------------

BINFMT=/proc/sys/fs/binfmt_misc
# An ELF program or library of aarch64, as qemu's own scripts/qemu-binfmt-conf.sh tells one.
MAGIC='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
MASK='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'

# The grader starts what it has linked, so the kernel has to know what runs that: until this script ends.
start_by_qemu() {
    [ -e $BINFMT/register ] || mount -t binfmt_misc binfmt_misc $BINFMT
    trap 'echo -1 >$BINFMT/glasschat-arm64' EXIT
    trap 'exit 1' INT TERM
    printf '%s' ":glasschat-arm64:M::$MAGIC:$MASK:$(command -v qemu-aarch64):" >$BINFMT/register
}

# In the place of each skeleton the file of ours that has its name.
hand_in() {
    mkdir -p "$1"
    for skeleton in docs/exercises/*/*.c; do
        name=${skeleton##*/}
        for part in crypto net app/peer; do # not folder: variables are global in this script
            [ ! -e "$part/$name" ] || cp "$part/$name" "$1"
        done
    done
}

# Constant time is left out: neither valgrind nor single steps pass through qemu.
grade_on() {
    folder=$BUILD/foreign/$1
    make -s -j2 STRICT=1 LIBEDIT=no LIBCRYPTO=no LIBNETTLE=no LIBGCRYPT=no BUILD="$folder" CC="$(triplet "$1")-gcc" AR="$(triplet "$1")-ar" \
        "$folder/glass" kit || return 1
    [ -n "$(emulator "$1")" ] && start_by_qemu
    hand_in "$folder/work"
    "$folder/glass" grade "$folder/work" || return 1
    "$folder/glass" grade --given "$folder/work" >"$folder/given" || { cat "$folder/given"; return 1; }
    cp docs/exercises/06-pkcs7/pkcs7.c "$folder/work"
    status=0
    "$folder/glass" grade --exercise 06 "$folder/work" >/dev/null || status=$?
    [ "$status" -eq 1 ] || { echo "foreign: $1: the skeleton of pkcs7 was graded with status $status, not 1"; return 1; }
}

add_architectures
failed= skipped=
for machine in $MACHINES; do
    echo "--- $machine"
    started=$(date +%s)
    if ! install "$machine"; then
        skipped="$skipped $machine"
        continue
    fi
    if [ "$machine" = i386 ] && ! runs_i386; then
        skipped="$skipped $machine"
        continue
    fi
    test_on "$machine" || failed="$failed $machine"
    [ -z "${GRADE:-}" ] || grade_on "$machine" || failed="$failed $machine"
    echo "--- $machine took $(($(date +%s) - started)) s"
done
[ -z "$failed" ] || { echo "foreign: failed:$failed" >&2; exit 1; }
[ -z "$skipped" ] || echo "foreign: NOT RUN, as their packages can't be installed, or this kernel does not run them:$skipped" >&2
[ -z "$skipped" ] || [ -n "$optional" ] || exit 1
echo "foreign: all unit tests${FOLDERS:+ of $FOLDERS} passed on: $MACHINES${skipped:+, without$skipped}"
