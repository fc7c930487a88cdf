#!/bin/sh
# Runs the test programs named as arguments, one after the other, from the top of the tree. One line a program; of a
# program that fails, what it printed, and at the end the name of each failing test. Logs stay beside the programs.
set -u

failed=0
names=
for program; do
    log=$program.log
    # shellcheck disable=SC2086  # EMULATOR: a command and its arguments, for programs of another machine; or nothing
    if ${EMULATOR:-} "$program" >"$log" 2>&1; then
        skipped=$(grep -c '^skipped:' "$log")
        passed=$(grep -c '^\[       OK \]' "$log")
        printf 'ok      %-28s %s tests\n' "$(basename "$program")" "$passed"
        [ "$skipped" -eq 0 ] || grep '^skipped:' "$log" | sort -u | sed 's/^/        /'
    else
        status=$?
        printf 'FAILED  %s (status %s)\n' "$(basename "$program")" "$status"
        sed 's/^/    /' "$log"
        failed=$((failed + 1))
        names="$names$(sed -n 's/^\[  FAILED  \] \([a-z_0-9]*\)$/  '"$(basename "$program")"': \1/p' "$log" | sort -u)
"
        [ "$status" -lt 128 ] || names="$names  $(basename "$program"): ended by signal $((status - 128))
"
    fi
done
if [ "$failed" -ne 0 ]; then
    printf '\n%s of %s test programs failed:\n%s' "$failed" "$#" "$names" >&2
    exit 1
fi
echo "all $# test programs passed"
