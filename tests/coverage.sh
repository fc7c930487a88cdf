#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints the line coverage of each file of crypto/ and net/, and of both together, from what a COVERAGE=1 build in folder
# $1 has counted; fails below $2 percent.
set -eu
build=$1
least=$2

find "$build/obj/crypto" "$build/obj/net" -name '*.gcno' | sort | while read -r notes; do
    source=$(echo "$notes" | sed "s|^$build/obj/||; s|\.gcno$|.c|")
    gcov -n -o "$(dirname "$notes")" "$notes" 2>/dev/null | awk -v source="$source" '
        $0 == "File '\''" source "'\''" { mine = 1; next }
        mine && /^Lines executed/ { split($0, a, /[:% ]+/); printf "%s %s %s\n", source, a[3], a[5]; exit }'
done | awk -v least="$least" '
    { printf "%6.2f %%  of %4d  %s\n", $2, $3, $1; lines += $3; hit += $2 * $3 / 100 }
    END { if (lines == 0) { print "coverage: nothing was counted"; exit 1 }
          printf "%6.2f %%  of %4d  crypto/ and net/ together (at least %s is wanted)\n", 100 * hit / lines, lines, least
          exit 100 * hit / lines < least }'
