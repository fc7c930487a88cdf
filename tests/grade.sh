#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/grade.sh STEM FILE... : runs the tests of crypto/STEM.c with each of the files in its place. Prints a line
# for each, `ok` or `FAILED` and the first thing that is wrong; all the output stays in build/grade. The tree is not
# changed. STEM may be any file of crypto/ without its .c: aes_ref is tested by tests/test_aes.c. CFLAGS=-march=native
# is for code with special instructions. Status 0 if all files pass, else 1.
#
# CAUTION: this runs what is handed in, under a bound on time and memory and nothing else: use a machine to spare.
set -u
build=${BUILD:-build}
seconds=${GRADE_SECONDS:-60}

usage() {
    echo "grade: $1; usage: tests/grade.sh STEM FILE..., from the top of the tree" >&2
    exit 2
}

[ "$#" -ge 2 ] || usage "a stem and at least one file are wanted"
stem=$1
shift
[ -e "crypto/$stem.c" ] || usage "there is no crypto/$stem.c"
for file; do
    [ -r "$file" ] || usage "$file can't be read"
done
test=test_$stem
while [ ! -e "tests/$test.c" ]; do
    case $test in
    test_*_*) test=${test%_*} ;;
    *) usage "no test is for crypto/$stem.c" ;;
    esac
done

out=$build/grade
mkdir -p "$out"
make -s BUILD="$build" "$build/tests/$test" >"$out/make.log" 2>&1 || {
    tail -n 5 "$out/make.log" >&2
    echo "grade: the tree itself does not build: see $out/make.log" >&2
    exit 1
}
# What the tests share: as an archive, out of which a test takes what it uses. The rest of it needs the client.
rm -f "$out/help.a"
for source in tests/*.c; do
    case $source in tests/test_*) ;; *) ar qc "$out/help.a" "$build/obj/${source%.c}.o" ;; esac
done
ranlib "$out/help.a"

# The tree without the file that is replaced: a function that was not handed in is missing.
cp "$build/crypto.a" "$out/crypto.a"
ar d "$out/crypto.a" "$stem.o"

# What failed first, in one line, out of what a test program printed.
first_failure() {
    run=$(sed -n 's/^\[  FAILED  \] \([a-z_0-9]*\)$/\1/p' "$1" | head -n 1)
    [ -n "$run" ] || run=$(sed -n 's/^\[ RUN      \] //p' "$1" | tail -n 1)
    where=$(grep -m 1 -E '^(at )?vectors/' "$1")
    crash=$(grep -m 1 -oE 'Test failed with exception:.*|[^ ]*: Assertion .*|^Aborted|^Killed' "$1")
    printf '%s%s%s%s%s\n' "$run" "${where:+: }" "$where" "${crash:+: }" "$crash"
}

failed=0
number=0
for file; do
    number=$((number + 1))
    mine=$out/$number
    log=$mine.log
    program=$mine.test
    rm -f "$mine".*
    # shellcheck disable=SC2086  # a list of options
    if ! ${CC:-cc} -std=c11 -D_DEFAULT_SOURCE -I. -O2 -g -Wall -Wextra ${CFLAGS:-} -pthread -x c "$file" -x none -o "$program" \
        "$build/obj/tests/$test.o" "$out/help.a" "$build/workbench.a" "$build/message.a" "$build/net.a" "$out/crypto.a" \
        -lcmocka -lgmp >"$log" 2>&1; then
        printf 'FAILED  %s: does not compile: %s\n' "$file" \
            "$(grep -m 1 -oE '[^ ]*: (fatal )?error: .*|multiple definition of.*;|undefined reference to .*' "$log")"
    elif sh -c 'ulimit -v 4000000; ulimit -c 0; exec tests/limited.sh "$@"' grade "$seconds" "$program" >"$log" 2>&1; then
        printf 'ok      %s: %s tests\n' "$file" "$(grep -c '^\[       OK \]' "$log")"
        continue
    else
        status=$?
        if [ "$status" -eq 124 ]; then
            printf 'FAILED  %s: %s: still running after %s seconds\n' "$file" "$(first_failure "$log")" "$seconds"
        else
            printf 'FAILED  %s: %s\n' "$file" "$(first_failure "$log")"
        fi
    fi
    printf '        all of it: %s\n' "$log"
    failed=$((failed + 1))
done
[ "$failed" -eq 0 ] || { echo "grade: $failed of $# files failed" >&2; exit 1; }
