#!/bin/sh
# tests/limited.sh SECONDS COMMAND [ARGUMENT]... : runs the command in a process group of its own, and ends all of that
# group after so many seconds, or when this is interrupted. Status: the command's, or 124 where its time was over.
set -u
seconds=$1
shift

# In the background, as a shell answers no signal while it waits for a command in front. A signal may come at any moment,
# also before the number of the group is known.
group='' over=''
trap 'over=yes; [ -z "$group" ] || kill "$group"' INT TERM HUP
started=$(date +%s)
timeout -k 5 "$seconds" "$@" <&0 &
group=$!
[ -z "$over" ] || kill "$group"
wait "$group"
status=$?
if [ -n "$over" ]; then
    wait "$group"
    exit 130
fi
# 137: it did not heed SIGTERM either, or it was killed by somebody else long before.
[ "$status" -eq 137 ] && [ $(($(date +%s) - started)) -ge "$seconds" ] && status=124
exit "$status"
