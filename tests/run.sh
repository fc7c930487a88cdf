#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the test programs named as arguments, two at a time, from the top of the tree, in the order of tests/order.sh: the
# lowest part first. A line for each program as soon as it ends; for one that fails, what its failing tests printed. At
# the end the names of those that failed, again the lowest first, and the first vector that differs: a wrong primitive
# takes down everything that stands on it. All the output stays beside the programs.
#
#   TEST_SECONDS  a program that runs for longer is ended, and counts as failed; 120 where it is not set
#   EMULATOR      a command and its arguments, for programs of another machine; or nothing
set -u
export EMULATOR="${EMULATOR:-}"
seconds=${TEST_SECONDS:-120}

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# Ends what runs. A signal that comes while a program is being started waits until its number is known. A shell that has
# just forked loses a signal, so each program gets it until it is gone.
first='' second='' # the process of each of the two that run
starting='' interrupted=''
stop() {
    trap '' INT TERM HUP
    for each in $first $second; do kill "$each" 2>/dev/null; done
    for each in $first $second; do
        while kill "$each" 2>/dev/null; do sleep 0.05; done
    done
    exit 130
}
trap 'if [ -n "$starting" ]; then interrupted=yes; else stop; fi' INT TERM HUP

# What a log says of the tests that failed, without CMocka's lines about the others.
failures_of() {
    awk '/^\[ RUN / { run = $0; next }
         /^\[       OK / { run = ""; next }
         / listed below:$/ { exit }
         /^\[==========\]/ || /^\[  PASSED  \]/ || /^$/ { next }
         { if (run != "") print run; run = ""; print }
         END { if (run != "") print run }' "$1" | sed 's/^/    /'
}

# The test that a program was in when it ended.
last_of() {
    sed -n 's/^\[ RUN      \] //p' "$1" | tail -n 1
}

# The failing tests of a program, a line each, from its log and its status.
names_of() {
    sed -n "s/^\[  FAILED  \] \([a-z_0-9]*\)\$/  $1: \1/p" "$2" | awk '!seen[$0]++'
    if [ "$3" -eq 124 ]; then
        echo "  $1: $(last_of "$2") was ended after $seconds seconds"
    elif [ "$3" -ge 128 ]; then
        echo "  $1: $(last_of "$2") was ended by signal $(($3 - 128))"
    fi
}

# The first vector that a log says something about: file, record and field, what was expected, what came.
vector_of() {
    awk 'found && !/^  (expected|got)/ { exit }
         found || /^(at )?vectors\// { sub(/^at /, ""); print "  " $0; found = 1 }' "$1"
}

# start PLACE PROGRAM: when the program has ended, the place and its name come through the pipe.
start() {
    starting=yes
    {
        limited='' over=''
        trap 'over=yes; [ -z "$limited" ] || kill "$limited" 2>/dev/null' INT TERM HUP
        # shellcheck disable=SC2086  # a command and its arguments
        tests/limited.sh "$seconds" $EMULATOR "$2" >"$2.log" 2>&1 </dev/null 3>&- 4<&- &
        limited=$!
        [ -n "$over" ] || wait "$limited"
        status=$?
        while [ -n "$over" ] && kill "$limited" 2>/dev/null; do sleep 0.05; done
        [ -z "$over" ] || exit 130
        echo "$status" >"$2.status"
        echo "$1 $2" >&3
    } &
    if [ "$1" -eq 1 ]; then first=$!; else second=$!; fi
    starting=
    [ -z "$interrupted" ] || stop
}

# Waits for the next program to end, and says how it did.
one_ended() {
    read -r place ended <&3
    if [ "$place" -eq 1 ]; then first=; else second=; fi
    tell "$ended"
}

tell() {
    name=$(basename "$1")
    status=$(cat "$1.status")
    if [ "$status" -eq 0 ]; then
        printf 'ok      %-28s %s tests\n' "$name" "$(grep -c '^\[       OK \]' "$1.log")"
        grep '^skipped:' "$1.log" | sort -u | sed 's/^/        /'
    else
        if [ "$status" -eq 124 ]; then
            printf 'FAILED  %s (still running after %s seconds)\n' "$name" "$seconds"
        else
            printf 'FAILED  %s (status %s)\n' "$name" "$status"
        fi
        failures_of "$1.log"
        failed=$((failed + 1))
    fi
}

# All hold both ends open, so that none waits to open it; only this shell prints, one program after the other.
mkfifo "$scratch/ended"
exec 3<>"$scratch/ended"
tests/order.sh "$@" >"$scratch/order"
failed=0
while read -r program <&4; do
    [ -z "$first" ] || [ -z "$second" ] || one_ended
    if [ -z "$first" ]; then start 1 "$program"; else start 2 "$program"; fi
done 4<"$scratch/order"
while [ -n "$first$second" ]; do one_ended; done
wait

if [ "$failed" -ne 0 ]; then
    printf '\n%s of %s test programs failed; begin with the first, what stands on it may be right:\n' "$failed" "$#"
    told=
    while read -r program; do
        status=$(cat "$program.status")
        [ "$status" -eq 0 ] && continue
        names_of "$(basename "$program")" "$program.log" "$status"
        [ -n "$told" ] || told=$(vector_of "$program.log")
    done <"$scratch/order"
    [ -z "$told" ] || printf 'the first vector that differs:\n%s\n' "$told"
    exit 1
fi >&2
echo "all $# test programs passed"
