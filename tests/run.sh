#!/bin/sh
# Runs the test programs named as arguments, two at a time, from the top of the tree. One line a program; of a
# program that fails, what its failing tests printed, and at the end the name of each, those of the lowest floor first:
# a wrong primitive takes everything down that stands on it. What was printed stays beside the programs, in full.
set -u

failed=0
crypto='' net='' app=''

# What a log says of the tests that failed, without CMocka's lines about the others.
failures_of() {
    awk '/^\[ RUN / { run = $0; next }
         /^\[       OK / { run = ""; next }
         / listed below:$/ { exit }
         /^\[==========\]/ || /^\[  PASSED  \]/ || /^$/ { next }
         { if (run != "") print run; run = ""; print }
         END { if (run != "") print run }' "$1" | sed 's/^/    /'
}

# EMULATOR: a command and its arguments, for programs of another machine; or nothing.
export EMULATOR="${EMULATOR:-}"
# shellcheck disable=SC2016  # the inner shell expands
printf '%s\n' "$@" | xargs -P 2 -n 1 sh -c '$EMULATOR "$0" >"$0.log" 2>&1; echo $? >"$0.status"'

for program; do
    log=$program.log
    name=$(basename "$program")
    status=$(cat "$program.status")
    if [ "$status" -eq 0 ]; then
        skipped=$(grep -c '^skipped:' "$log")
        passed=$(grep -c '^\[       OK \]' "$log")
        printf 'ok      %-28s %s tests\n' "$name" "$passed"
        [ "$skipped" -eq 0 ] || grep '^skipped:' "$log" | sort -u | sed 's/^/        /'
    else
        printf 'FAILED  %s (status %s)\n' "$name" "$status"
        failures_of "$log"
        failed=$((failed + 1))
        names=$(sed -n "s/^\[  FAILED  \] \([a-z_0-9]*\)\$/  $name: \1/p" "$log" | awk '!seen[$0]++')
        [ "$status" -lt 128 ] || names="$names${names:+
}  $name: ended by signal $((status - 128))"
        if [ -e "crypto/${name#test_}.h" ]; then
            crypto="$crypto$names
"
        elif [ -e "net/${name#test_}.h" ]; then
            net="$net$names
"
        else
            app="$app$names
"
        fi
    fi
done
if [ "$failed" -ne 0 ]; then
    printf '\n%s of %s test programs failed; begin with the first, what stands on it may be right:\n%s' \
        "$failed" "$#" "$crypto$net$app" >&2
    exit 1
fi
echo "all $# test programs passed"
