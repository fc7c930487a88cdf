#!/bin/sh
# SPDX-License-Identifier: MIT
# Breaks the code on purpose, one place at a time, and demands that the tests notice: tests/mutants/list.txt says where.
# Mutants are tried in scratch copies of the tree, two at a time (JOBS), and only what depends on the changed file is
# built again. A mutant that can't be applied, or that survives, fails the run. Arguments are names: only those mutants
# are tried.
set -u
top=$(pwd)
list=$top/tests/mutants/list.txt
jobs=${JOBS:-2}
only=$*
scratch=$(mktemp -d)
workers=
trap 'rm -rf "$scratch"' EXIT
trap 'kill $workers 2>/dev/null; wait; exit 1' INT TERM

# --- One mutant ------------------------------------------------------------------------------------------------------

# Replaces the one line of the file that is `from` (blanks at its ends apart) by `to`; fails where there is not just one.
apply() {
    # Through the environment: awk takes the backslashes in a -v value for escapes.
    from=$2 to=$3 awk '
        BEGIN { from = ENVIRON["from"]; to = ENVIRON["to"] }
        { line = $0; sub(/^[ \t]+/, "", line); sub(/[ \t]+$/, "", line) }
        line == from { print to; n++; next }
        { print }
        END { exit n != 1 }' "$1" >changed && cp changed "$1"
}

survived() {
    echo "$name" >>survivors
    echo "$1"
}

# Whether the test passes. In the background, so that a signal ends it too.
passes() {
    tests/limited.sh "${TEST_SECONDS:-120}" "build/tests/$1" >mutant.log 2>&1 </dev/null &
    running=$!
    wait "$running"
}

try() {
    echo "$name" >>tried
    cp "$file" original
    if ! apply "$file" "$from" "$to"; then
        cp original "$file"
        survived "NOT APPLIED  $name: $file has not exactly one line: $from"
        return
    fi
    if ! make -s OPT=-O1 $(for t in $tests; do echo "build/tests/$t"; done) >mutant.log 2>&1; then
        survived "NOT BUILT    $name: $(grep -m1 error: mutant.log)"
    else
        killer=
        for t in $tests; do
            passes "$t" || { killer=$t; break; }
        done
        if [ -n "$killer" ]; then
            echo "noticed      $name ($killer)"
        else
            survived "SURVIVED     $name: $tests passed though $what"
        fi
    fi
    cp original "$file"
}

# --- All of them -----------------------------------------------------------------------------------------------------

# What is read of the list was a whole mutant: it is tried if it is asked for, and this worker's turn.
whole() {
    number=$((number + 1))
    [ -z "$only" ] || case " $only " in *" $name "*) ;; *) return ;; esac
    [ $((number % jobs)) -ne "$1" ] || try
}

# Tries every mutant whose number leaves this rest.
work() {
    cd "$scratch/$1" || exit 1
    number=0 name= running=
    trap '[ -z "$running" ] || { kill "$running"; wait "$running"; } 2>/dev/null; exit 1' TERM
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        '#'*) ;;
        name\ *)
            [ -z "$name" ] || { echo "mutants: $list: a blank line is missing after: $name" >&2; exit 1; }
            name=${line#*= }
            ;;
        file\ *) file=${line#*= } ;;
        from\ *) from=${line#*= } ;;
        to\ *) to=${line#*=} to=${to# } ;;
        what\ *) what=${line#*= } ;;
        tests\ *) tests=${line#*= } ;;
        '') [ -z "$name" ] || whole "$1"; name= ;;
        esac
    done <"$list"
    [ -z "$name" ] || whole "$1"
    return 0
}

mkdir "$scratch/0"
cp -r Makefile app crypto docs net tests vectors "$scratch/0/"
cd "$scratch/0" || exit 1
echo "mutants: building the unchanged tree"
if ! make -s -j2 OPT=-O1 test >unchanged.log 2>&1; then
    tail -n 20 unchanged.log
    echo "mutants: the unchanged tree fails"
    exit 1
fi
touch survivors tried
for worker in $(seq $((jobs - 1))); do
    cp -a "$scratch/0" "$scratch/$worker" || exit 1 # with the times, or make would build all of it again
done
for worker in $(seq 0 $((jobs - 1))); do
    work "$worker" &
    workers="$workers $!"
done
for worker in $workers; do
    wait "$worker" || echo "(what a worker did not try)" >>survivors
done

survivors=$(cat "$scratch"/*/survivors)
count=$(cat "$scratch"/*/tried | wc -l)
[ -z "$survivors" ] || { echo "mutants: these survived:"; echo "$survivors"; exit 1; } >&2
[ "$count" -gt 0 ] || { echo "mutants: none was tried" >&2; exit 1; }
echo "mutants: all $count were noticed"
