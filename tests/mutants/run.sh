#!/bin/sh
# SPDX-License-Identifier: MIT
# Breaks the code on purpose, one place at a time, and demands that the tests notice: tests/mutants/list.txt says where.
# Each mutant is built in a scratch copy of the tree, and only what depends on the changed file is built again. A mutant
# that can't be applied, or that survives, fails the run. Arguments are names: only those mutants are tried.
set -u
top=$(pwd)
list=$top/tests/mutants/list.txt
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM

cp -r Makefile app crypto docs net tests vectors "$scratch/"
cd "$scratch" || exit 1
echo "mutants: building the unchanged tree"
make -s -j2 OPT=-O1 test >unchanged.log 2>&1 || { tail -n 20 unchanged.log; echo "mutants: the unchanged tree fails"; exit 1; }

survivors=
count=0

# Replaces the one line of the file that is `from` (blanks at its ends apart) by `to`; fails where there is not exactly one.
apply() {
    # Through the environment: awk takes the backslashes in a -v value for escapes.
    from=$2 to=$3 awk '
        BEGIN { from = ENVIRON["from"]; to = ENVIRON["to"] }
        { line = $0; sub(/^[ \t]+/, "", line); sub(/[ \t]+$/, "", line) }
        line == from { print to; n++; next }
        { print }
        END { exit n != 1 }' "$1" >changed && cp changed "$1"
}

try() {
    [ -z "$only" ] || case " $only " in *" $name "*) ;; *) return ;; esac
    count=$((count + 1))
    cp "$file" original
    if ! apply "$file" "$from" "$to"; then
        cp original "$file"
        echo "NOT APPLIED  $name: $file has not exactly one line: $from"
        survivors="$survivors $name"
        return
    fi
    if ! make -s -j2 OPT=-O1 $(for t in $tests; do echo "build/tests/$t"; done) >mutant.log 2>&1; then
        echo "NOT BUILT    $name: $(grep -m1 error: mutant.log)"
        survivors="$survivors $name"
    else
        killer=
        for t in $tests; do
            tests/limited.sh "${TEST_SECONDS:-120}" "build/tests/$t" >mutant.log 2>&1 </dev/null || { killer=$t; break; }
        done
        if [ -n "$killer" ]; then
            echo "noticed      $name ($killer)"
        else
            echo "SURVIVED     $name: $tests passed though $what"
            survivors="$survivors $name"
        fi
    fi
    cp original "$file"
}

only=$*
name=
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
    '') [ -z "$name" ] || try; name= ;;
    esac
done <"$list"
[ -z "$name" ] || try

[ -n "$survivors" ] && echo "mutants:$survivors survived" >&2 && exit 1
[ "$count" -gt 0 ] || { echo "mutants: none was tried" >&2; exit 1; }
echo "mutants: all $count were noticed"
