#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds what needs no GMP against musl, the libc of Alpine, and runs its unit tests: Debian has that libc, but neither GMP
# nor CMocka for it. What needs GMP is what includes gmp.h, however indirectly, and whoever calls that: a test which can't
# be linked for want of it is left out. In CMocka's place stands tests/musl/cmocka.c. Run from the top of the tree.
set -eu

BUILD=${BUILD:-build}/musl
# Where the parts are, and what their tests use of others.
FOLDERS="crypto net app/message app/terminal"
BESIDES="app/server/store/totp_seal.c app/workbench/labs/record_unnumbered.c app/workbench/rng_fixed.c tests/musl/cmocka.c"
# Of these a test must have run, or all else is worth nothing.
MUST="aes base64 cbc etm frame hkdf hmac hostname name pbkdf2 pkcs7 poller record rng sha256 sock text totp"

tests/deps.sh musl-tools libcmocka-dev
mkdir -p "$BUILD/include" "$BUILD/tests"
cp /usr/include/cmocka.h "$BUILD/include" # the only header of Debian's own that is taken

# Whether a source gets along without GMP.
without_gmp() {
    ! musl-gcc -M -MG -I. -I"$BUILD/include" -D_DEFAULT_SOURCE "$1" | tr ' ' '\n' | grep -q '\(^\|/\)gmp\.h'
}

# The objects of these sources, as the Makefile compiles them.
compile() {
    # shellcheck disable=SC2046  # a list of plain names
    make -s -j2 STRICT=1 LIBEDIT=no LIBCRYPTO=no LIBNETTLE=no LIBGCRYPT=no BUILD="$BUILD" CC=musl-gcc CFLAGS="-I$BUILD/include" \
        $(printf "$BUILD/obj/%s.o\n" "$@")
}

# Whether what a linker said is only that GMP, or who needs it, is not there. Prints what else it said.
for_want_of_gmp() {
    said=$(grep -o 'undefined reference to .*' "$1" | sort -u | grep -vE "\`(__gmpz?_|bignum_|dh_|ring_|rsa_)" || true)
    [ -z "$said" ] && grep -q 'undefined reference' "$1"
}

sources=
for source in $(for folder in $FOLDERS tests; do ls "$folder"/*.c; done) $BESIDES; do
    case $source in tests/test_*) continue ;; esac
    ! without_gmp "$source" || sources="$sources ${source%.c}"
done
# shellcheck disable=SC2086  # a list of plain names
compile $sources
rm -f "$BUILD/all.a"
# shellcheck disable=SC2046,SC2086
ar rcs "$BUILD/all.a" $(printf "$BUILD/obj/%s.o\n" $sources)

tests='' left=''
for part in $(for folder in $FOLDERS; do ls "$folder"/*.[ch]; done); do
    part=${part##*/} part=${part%.?}
    for test in tests/test_"$part".c tests/test_"$part"_*.c; do
        [ -e "$test" ] || continue
        case $tests$left in *" ${test%.c} "*) continue ;; esac
        if without_gmp "$test"; then tests="$tests ${test%.c} "; else left="$left ${test%.c} "; fi
    done
done
# shellcheck disable=SC2086
compile $tests

programs=
for test in $tests; do
    program=$BUILD/$test
    if musl-gcc -pie -pthread -o "$program" "$BUILD/obj/$test.o" "$BUILD/all.a" -lm 2>"$program.link"; then
        programs="$programs $program"
    elif ! for_want_of_gmp "$program.link"; then
        cat "$program.link" >&2
        exit 1
    fi
done
for part in $MUST; do
    case "$programs " in
    *"/test_$part "*) ;;
    *) echo "musl: the test of $part can't be built without GMP any more" >&2; exit 1 ;;
    esac
done
# shellcheck disable=SC2086
tests/run.sh $programs
echo "musl: what needs no GMP of $FOLDERS passed"
