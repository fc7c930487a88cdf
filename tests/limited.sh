#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/limited.sh SECONDS COMMAND [ARGUMENT]... : runs the command in a process group of its own, and ends all of that
# group after so many seconds, or when this is interrupted. Status: the command's, or 124 if its time ran out.
set -u
seconds=$1
shift

# In the background, as a shell handles no signal while it waits for a command in front. A signal may come at any
# moment, even before the number of the group is known.
group='' over=''
trap 'over=yes; [ -z "$group" ] || kill "$group" 2>/dev/null' INT TERM HUP
started=$(date +%s)
timeout -k 5 "$seconds" "$@" <&0 &
group=$!
[ -n "$over" ] || wait "$group"
status=$?

# One signal is not enough: a shell that has just forked loses it, and a `timeout` that does not know its child yet dies
# of it alone. So the group gets it until none is left, and SIGKILL after 5 seconds. (A zombie counts until its parent
# has waited for it, which this shell does when `sleep` ends; where nobody waits for orphans, it stays for good.)
if [ -n "$over" ]; then
    turns=0 signal=TERM
    while [ "$turns" -lt 120 ]; do
        [ "$turns" -lt 100 ] || signal=KILL
        left=
        kill -s "$signal" "$group" 2>/dev/null && left=yes
        kill -s "$signal" -- "-$group" 2>/dev/null && left=yes
        [ -n "$left" ] || break
        turns=$((turns + 1))
        sleep 0.05
    done
    exit 130
fi
# 137: it did not heed SIGTERM either, or it was killed by somebody else long before.
[ "$status" -eq 137 ] && [ $(($(date +%s) - started)) -ge "$seconds" ] && status=124
exit "$status"
