#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/order.sh PROGRAM... : the test programs, one a line, in the order in which to believe what they say: first those
# of the lowest parts, as what stands on a wrong part fails with it. A part comes after all that it includes; where that
# leaves a choice, the chapters of docs/walkthrough come in their order, then the rest of crypto, net, app/message and the
# programs. A test of several parts comes after the last of them; test_<part>_<what> is one of the tests of its part.
set -u

chapters=$(for chapter in docs/walkthrough/[0-9]*.md; do
    basename "$chapter" .md | sed 's/^[0-9]*-//; s/-and-/ /g'
done)

printf '%s\n' "$@" | awk -v chapters="$chapters" '
    function base(path) { sub(/.*\//, "", path); return path }
    function visit(part,    names, n, i) {
        if (part in place) return
        place[part] = 0 # under way: a second visit goes no further
        n = split(includes[part], names, " ")
        for (i = 1; i <= n; i++) visit(names[i])
        place[part] = ++places
    }
    function place_of(program,    names, n, i, own, last) {
        for (i = 1; i <= n_parts; i++)
            if ("test_" base(parts[i]) == program) return place[parts[i]]
        n = split(includes["tests/" program], names, " ")
        for (i = 1; i <= n; i++) {
            if (index(program "_", "test_" base(names[i]) "_") == 1 && length(names[i]) > length(own)) own = names[i]
            if (place[names[i]] > last) last = place[names[i]]
        }
        return (own ? place[own] : last) + 0
    }
    FILENAME == "-" { program[++programs] = $0; next }
    FNR == 1 {
        part = FILENAME
        sub(/\.[ch]$/, "", part)
        if (FILENAME !~ /^tests/) parts[++n_parts] = part
    }
    /^#include "(crypto|net|app)\// { split($0, quoted, "\""); sub(/\.h$/, "", quoted[2])
                                      includes[part] = includes[part] " " quoted[2] }
    END {
        n = split(chapters, chapter, /[ \n]+/)
        for (i = 1; i <= n; i++) visit("crypto/" chapter[i])
        for (i = 1; i <= n_parts; i++) visit(parts[i])
        for (i = 1; i <= programs; i++) print place_of(base(program[i])), program[i]
    }' - crypto/*.[ch] net/*.[ch] app/message/*.[ch] app/*/*.[ch] app/*/*/*.[ch] tests/test_*.c |
    sort -k 1,1n -k 2 | cut -d ' ' -f 2-
