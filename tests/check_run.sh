#!/bin/sh
# SPDX-License-Identifier: MIT
# Shows what `make test` says of broken code: copies of the tree in which SHA-256 has a typo, a function never returns, and
# one dies. From the top of the tree. TREE=DIR looks at another tree's runner.
set -u
top=${TREE:-$(pwd)}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM
failures=0

# Some of the programs, those that stand on others first: the runner has to find the order.
programs=
for name in etm_many record pem sha256_many hmac hkdf etm pkcs7 sha256 sha1 ct; do
    programs="$programs build/tests/test_$name"
done

complain() {
    echo "check_run: $*" >&2
    failures=$((failures + 1))
}

# expect WHAT PATTERN: the last run's output has such a line.
expect() {
    grep -qE "$2" "$scratch/out" || complain "$1: no line like: $2"
}

# broken WHAT FILE SED: runs the tests of a tree in which SED has changed the file, with 5 seconds for each program.
broken() {
    cp "$2" "$scratch/original"
    sed "$3" "$scratch/original" >"$2"
    cmp -s "$2" "$scratch/original" && { echo "check_run: $1: $2 can't be changed so any more" >&2; exit 1; }
    timeout 300 make -s -j2 OPT=-O1 TESTS="$programs" TEST_SECONDS=5 test >"$scratch/out" 2>&1
    status=$?
    cp "$scratch/original" "$2"
    [ "$status" -eq 2 ] || complain "$1: make test ended with status $status"
}

mkdir "$scratch/tree"
(cd "$top" && cp -r Makefile app crypto docs net tests vectors "$scratch/tree/")
cd "$scratch/tree" || exit 1

what='a typo in SHA-256'
broken "$what" crypto/sha256_ref.c 's/0x428a2f98/0x428a2f99/'
expect "$what" '^ok      test_pkcs7 '
expect "$what" '^FAILED  test_sha256 '
expect "$what" "^  vectors/sha256.txt, '.*', rounds: byte [0-9]+ differs"
expect "$what" '^    expected 2048 bytes \.\.[0-9a-f]+$'
expect "$what" '^    got      2048 bytes \.\.[0-9a-f]+$'
[ "$(sed -n '/^[0-9]* of [0-9]* test programs failed/{n;p;}' "$scratch/out" | cut -d : -f 1)" = '  test_sha256' ] ||
    complain "$what: the summary does not begin with test_sha256"

what='a function that never returns'
broken "$what" crypto/pkcs7.c '/assert(len <= SIZE_MAX/s/^/    while (*(volatile size_t *)\&len < SIZE_MAX) ;\n/'
expect "$what" '^FAILED  test_pkcs7 .still running after 5 seconds'
expect "$what" '^  test_pkcs7: test_[a-z_]+ was ended after 5 seconds$'
expect "$what" '^ok      test_sha256 '
expect "$what" '^[123] of 11 test programs failed'
[ "$(sed -n '/^FAILED  test_pkcs7/,$p' "$scratch/out" | grep -c '^ok')" -lt 9 ] ||
    complain "$what: nothing was said before it was ended"

what='a function that dies'
broken "$what" crypto/pkcs7.c '/assert(len <= SIZE_MAX/s/^/    __builtin_trap();\n/'
expect "$what" '^FAILED  test_pkcs7 '
expect "$what" '^  test_pkcs7: test_'
expect "$what" '^ok      test_sha256 '

what='a program that is killed'
broken "$what" crypto/pkcs7.c '/^#include <string.h>/s/$/\n#include <signal.h>/; /assert(len <= SIZE_MAX/s/^/    raise(SIGKILL);\n/'
expect "$what" '^  test_pkcs7: test_[a-z_]+ was ended by signal 9$'

what='one function of a program'
[ "$(TEST_FILTER='test_every_fl?pped*' build/tests/test_etm 2>/dev/null | grep '^\[ RUN')" = '[ RUN      ] test_every_flipped_bit' ] ||
    complain "$what: TEST_FILTER does not select it alone"

# Interrupting the runner ends what it started, even at the moment of starting it: a `timeout` that does not hear the
# first signal stands for a program that is deaf just then. Only the program, or that `timeout`, writes into the pipe,
# which is at its end once they are gone.
mkfifo "$scratch/started"
mkdir "$scratch/deaf"
printf '#!/bin/sh\nexec 9>"%s"\necho $$ >&9\nexec sleep 1000\n' "$scratch/started" >build/tests/test_sleeper
printf '#!/bin/sh\ntrap "" TERM\nexec 9>"%s"\necho $$ >&9\nsleep 1\ntrap - TERM\nexec "%s" "$@"\n' \
    "$scratch/started" "$(command -v timeout)" >"$scratch/deaf/timeout"
chmod +x build/tests/test_sleeper "$scratch/deaf/timeout"

# interrupted WHEN PATH
interrupted() {
    PATH=$2 tests/run.sh build/tests/test_sleeper >"$scratch/out" 2>&1 &
    runner=$!
    exec 5<"$scratch/started"
    read -r sleeper <&5
    kill "$runner"
    if ! timeout 60 cat <&5 >"$scratch/rest"; then
        complain "$1: the program goes on when its runner is ended"
        kill "$sleeper"
        kill -KILL "$runner" 2>/dev/null
    fi
    exec 5<&-
    wait "$runner"
}
interrupted 'before the program starts' "$scratch/deaf:$PATH"
for turn in 1 2 3 4 5 6 7 8 9 10; do
    interrupted "in the moment in which it starts, turn $turn" "$PATH"
done

[ "$failures" -eq 0 ] || exit 1
echo "check_run: typo, endless loop, death and interruption are told as they should be"
