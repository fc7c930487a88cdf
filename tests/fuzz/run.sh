#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the fuzz targets that are built in the folder $BUILD. Called by the Makefile, from the top of the tree:
#   run.sh fuzz SECONDS TARGET...    feed each with what libFuzzer makes up, two targets at a time, starting from its
#                                    corpus; what is found interesting goes to $BUILD/fuzz_TARGET.corpus
#   run.sh merge TARGET...           shrink that and the committed corpus to the inputs that are needed for what all of
#                                    them reach, small ones first, and put them in the committed corpus' place
#   run.sh replay TARGET...          give each the inputs of its committed corpus (built with replay.c)
set -u

corpus() { echo "tests/fuzz/corpus/$1"; }

# Two run at a time: the output of one that fails is shown whole, lest it be lost in the other's.
fuzz_one() {
    mkdir -p "$BUILD/fuzz_$2.corpus"
    if "$BUILD/fuzz_$2" -max_total_time="$1" -max_len=17000 -timeout=10 -artifact_prefix="$BUILD/fuzz_$2." \
        "$BUILD/fuzz_$2.corpus" "$(corpus "$2")" >"$BUILD/fuzz_$2.log" 2>&1; then
        echo "ok      $2: $(grep '^Done' "$BUILD/fuzz_$2.log")"
    else
        cat "$BUILD/fuzz_$2.log"
        echo "FAILED  $2: the input is beside $BUILD/fuzz_$2; add it to $(corpus "$2") with the fix"
        return 1
    fi
}

fuzz() {
    seconds=$1
    shift
    printf '%s\n' "$@" | xargs -P 2 -n 1 "$0" fuzz-one "$seconds"
}

# Inputs longer than 2 kB are not worth their room in the repository.
merge_one() {
    rm -rf "$BUILD/fuzz_$1.merged"
    mkdir -p "$BUILD/fuzz_$1.merged" "$BUILD/fuzz_$1.corpus" "$(corpus "$1")"
    "$BUILD/fuzz_$1" -set_cover_merge=1 -max_len=2048 "$BUILD/fuzz_$1.merged" "$(corpus "$1")" "$BUILD/fuzz_$1.corpus" \
        >"$BUILD/fuzz_$1.log" 2>&1 || { cat "$BUILD/fuzz_$1.log"; return 1; }
    rm -rf "$(corpus "$1")"
    mkdir -p "$(corpus "$1")"
    for input in "$BUILD/fuzz_$1.merged"/*; do
        cp "$input" "$(corpus "$1")/$(sha256sum "$input" | cut -c1-16)"
    done
    echo "merged  $1: $(find "$(corpus "$1")" -type f | wc -l) inputs, $(cat "$(corpus "$1")"/* | wc -c) bytes"
}

replay_one() {
    set -- "$1" "$(corpus "$1")"/*
    target=$1
    shift
    [ -e "$1" ] || { echo "FAILED  $target: it has no corpus"; return 1; }
    if "$BUILD/fuzz_$target" "$@" >"$BUILD/fuzz_$target.log" 2>&1; then
        echo "ok      $target: $# inputs"
        return 0
    fi
    cat "$BUILD/fuzz_$target.log"
    for input; do
        "$BUILD/fuzz_$target" "$input" >/dev/null 2>&1 || echo "FAILED  $target: $input"
    done
    return 1
}

what=$1
shift
case $what in
fuzz) fuzz "$@" ;;
fuzz-one) fuzz_one "$@" ;;
merge | replay)
    failed=0
    for target; do "${what}_one" "$target" || failed=1; done
    exit $failed
    ;;
esac
