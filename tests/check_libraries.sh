#!/bin/sh
# SPDX-License-Identifier: MIT
# Shows that the Makefile finds each library that `glass bench` measures where its headers are, in a version that it
# knows, and no other; and that its option leaves it out. The headers are made here, and the compiler sees no others.
# From the top of the tree.
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM
failures=0

# header NAME TEXT: puts it where the compiler looks.
header() {
    mkdir -p "$scratch/include/$(dirname "$1")"
    printf '%b\n' "$2" >"$scratch/include/$1"
}

# finds WANTED OPTION...: these libraries are found, by the words that the Makefile has for them, and linked.
finds() {
    wanted=$1
    shift
    MAKEFLAGS="" make -s BUILD="$scratch/build" CC="gcc -nostdinc -I$scratch/include" "$@" "$scratch/build/config.stamp"
    found=$(sed -n 's/^-DHAVE_//p' "$scratch/build/found.cflags" | tr '\n' ' ')
    linked=$(tr '\n' ' ' <"$scratch/build/bench.libs")
    [ "$found: $linked" = "$wanted" ] || {
        echo "check_libraries: with '$*' it finds '$found: $linked' and not '$wanted'" >&2
        failures=$((failures + 1))
    }
}

finds ": "
header openssl/core_names.h ''
finds "LIBCRYPTO : -lcrypto "
finds ": " LIBCRYPTO=no
header nettle/version.h '#define NETTLE_VERSION_MAJOR 3\n#define NETTLE_VERSION_MINOR 8'
finds "LIBCRYPTO LIBNETTLE : -lcrypto -lhogweed -lnettle "
finds "LIBNETTLE : -lhogweed -lnettle " LIBCRYPTO=no
finds "LIBCRYPTO : -lcrypto " LIBNETTLE=no
header nettle/version.h '#define NETTLE_VERSION_MAJOR 3\n#define NETTLE_VERSION_MINOR 7'
finds "LIBCRYPTO : -lcrypto "
header nettle/version.h '#define NETTLE_VERSION_MAJOR 4\n#define NETTLE_VERSION_MINOR 0' # its digests have no length
finds "LIBCRYPTO : -lcrypto "
header gcrypt.h '#define GCRYPT_VERSION_NUMBER 0x010a01'
finds "LIBCRYPTO LIBGCRYPT : -lcrypto -lgcrypt "
finds ": " LIBCRYPTO=no LIBGCRYPT=no
header gcrypt.h '#define GCRYPT_VERSION_NUMBER 0x010700'
finds "LIBCRYPTO : -lcrypto "

[ "$failures" -eq 0 ] || exit 1
echo "check_libraries: each library is found where it is, and left out where that is asked for"
