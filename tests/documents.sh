#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the commands of the documents named as arguments: the blocks of each that open with ```sh, in their order, in one
# bash at the top of the tree, as a reader pastes them. Each block has to succeed and to leave the shell as it was, so
# that it works alone as well; together they leave no process behind, and no file but what is built. Blocks that open
# otherwise (```console, ```) are there to be looked at, but for ```output: that is what the block before it must print,
# errors and all. In it a line of three dots stands for any lines, and three dots in a line for anything there.
# --self-test shows that blocks which break these rules are found.
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chmod 711 "$scratch" # for apt-get, which fetches as a user of its own

# What bash gets on its standard input: the blocks as they stand, and calls of these two between them. A block that reads
# its own input eats what follows, and then the last line does not come. The names of variables are compared: a block
# that used a value that another one left would fail when it comes first.
prelude() {
    cat <<'END'
state() {
    compgen -v | grep -vxE 'BASH_.*|FUNCNAME|LINENO|OPTIND|PIPESTATUS|_|before'
    compgen -A function
    trap
    umask
    pwd
    jobs -p
}
begin() {
    true | true
    before=$(state)
    echo "$1" >&3
    echo ":::: $1"
    set -eu
}
end() {
    set +eu
    echo ":::: end"
    [ "$(state)" = "$before" ] && return
    echo 'this block leaves in the shell (parentheses around it would help):'
    diff <(echo "$before") <(state) | grep '^[<>]'
    exit 1
}
END
}

# paste_of DOCUMENT: the whole paste, and each block in a file of its own; what it must print in another
paste_of() {
    rm -f "$scratch"/block-* "$scratch"/output-*
    awk -v blocks="$scratch/block-" -v outputs="$scratch/output-" '
        /^```sh$/ { file = blocks sprintf("%03d", ++n); next }
        /^```output$/ { file = outputs sprintf("%03d", n); printf "" >file; next }
        /^```/ { file = ""; next }
        file != "" { print >file }' "$1"
    prelude
    for block in "$scratch"/block-*; do
        [ -e "$block" ] || continue
        printf 'begin %s\n' "$block"
        cat "$block"
        printf '\nend\n'
    done
    echo 'echo done >&3'
}

# The processes of a session, without those that have ended. (A bare machine has no pgrep.)
session() {
    for stat in /proc/[0-9]*/stat; do
        read -r line 2>/dev/null <"$stat" || continue
        # shellcheck disable=SC2086  # what follows the name: state, parent, group, session
        set -- "${line%% *}" ${line##*) }
        [ "$5" != "$leader" ] || [ "$2" = Z ] || echo "$1"
    done
}

files() {
    find . "$scratch/tmp" "$scratch/home" \( -path ./build -o -path ./.git \) -prune -o -print | sort
}

# What is left when bash has ended: status 1 where there is something, which is told and removed.
look_around() {
    leader=$(cat "$scratch/leader")
    for try in 1 2 3 4 5 6 7 8 9 10; do
        left=$(session)
        [ -n "$left" ] || break
        sleep 0.2
    done
    files >"$scratch/after"
    new=$(comm -13 "$scratch/before" "$scratch/after")
    for pid in $left; do
        echo "left behind: process $pid, $(tr '\0' ' ' <"/proc/$pid/cmdline")"
        kill "$pid"
    done
    [ -z "$new" ] || echo "$new" | sed 's/^/left behind: file /'
    [ -z "$left$new" ]
}

# What the blocks printed is in the log, between lines that say whose it is. Says what differs from what the document
# promises: the first line of it, and everything that came.
compare_outputs() {
    differ=0
    for output in "$scratch"/output-*; do
        [ -e "$output" ] || continue
        block=$scratch/block-${output##*-}
        awk -v block=":::: $block" '$0 == ":::: end" { inside = 0 } inside; $0 == block { inside = 1 }' "$scratch/log" \
            >"$scratch/came"
        awk -v came="$scratch/came" '
            # pattern with "..." against text: each piece has to come after the one before, the ends at the ends
            function fits(pattern, text,    n, piece, i, at) {
                n = split(pattern, piece, /\.\.\./)
                if (n < 2) return pattern == text
                if (substr(text, 1, length(piece[1])) != piece[1]) return 0
                text = substr(text, length(piece[1]) + 1)
                for (i = 2; i < n; i++) {
                    if ((at = index(text, piece[i])) == 0) return 0
                    text = substr(text, at + length(piece[i]))
                }
                return length(text) >= length(piece[n]) && substr(text, length(text) - length(piece[n]) + 1) == piece[n]
            }
            # lines i.. of what must come, against lines j.. of what came
            function all(i, j) {
                for (; i <= want_len && want[i] != "..."; i++) {
                    if (i > furthest) furthest = i
                    if (j > got_len || !fits(want[i], got[j++])) return 0
                }
                if (i > want_len) return j > got_len
                for (; j <= got_len + 1; j++)
                    if (all(i + 1, j)) return 1
                return 0
            }
            { want[++want_len] = $0 }
            END {
                while ((getline line <came) > 0) got[++got_len] = line
                if (all(1, 1)) exit 0
                print "this should have come: " (furthest > 0 ? want[furthest] : "") "\nthis came:"
                for (j = 1; j <= got_len; j++) print "    | " got[j]
                exit 1
            }' "$output" && continue
        head -n 1 "$block" | sed 's/^/    of this block: /'
        differ=1
    done
    return "$differ"
}

# run DOCUMENT: a line for each block on standard output; of one that fails also its text and its last output
run() {
    rm -rf "$scratch/tmp" "$scratch/home"
    mkdir "$scratch/tmp" "$scratch/home"
    chmod 1777 "$scratch/tmp"
    paste_of "$1" >"$scratch/paste"
    [ -e "$scratch/block-001" ] || return 0
    files >"$scratch/before"
    : >"$scratch/begun"
    # shellcheck disable=SC2016  # $$ is the inner shell's
    TMPDIR=$scratch/tmp HOME=$scratch/home setsid -w sh -c 'echo $$ >"$1" && exec timeout "$2" bash' sh "$scratch/leader" \
        "$((600 * $(find "$scratch" -name 'block-*' | wc -l)))" <"$scratch/paste" >"$scratch/log" 2>&1 3>"$scratch/begun"
    status=$?
    last=$(tail -n 1 "$scratch/begun")
    for block in $(grep '^/' "$scratch/begun"); do
        [ "$status" -eq 0 ] && [ "$last" = "done" ] || [ "$block" != "$last" ] || continue
        sed "s|^|ok      $1: |" "$block" | head -n 1
    done
    if [ "$status" -ne 0 ] || [ "$last" != "done" ]; then
        echo "FAILED  $1, this block (status $status), or it read what follows it:"
        sed 's/^/    /' "$last"
        tail -n 30 "$scratch/log" | sed 's/^/    | /'
        look_around
        return 1
    fi
    look_around || { echo "FAILED  $1: its blocks leave that behind"; return 1; }
    compare_outputs || { echo "FAILED  $1: its blocks print something else than it says"; return 1; }
}

self_test() {
    broken=0
    expect() {
        printf '```sh\n%s\n```\n```sh\necho the second\n```\n' "$2" >"$scratch/document.md"
        (run "$scratch/document.md") >"$scratch/said" 2>&1
        [ $? -eq "$1" ] || { echo "self-test: wanted status $1 for: $2"; cat "$scratch/said"; broken=1; }
    }
    expect 0 'echo fine'
    expect 0 '(dir=$(mktemp -d); trap "rm -r $dir" EXIT; umask 077; echo secret >$dir/file)'
    expect 0 '(sleep 100 & kill $!)' # with a trap for EXIT a child that is killed at once may run it
    expect 1 'false'
    expect 1 'echo "$never_set"'
    expect 1 'exit 0'
    expect 1 'cat'
    expect 1 'dir=left'
    expect 1 'umask 077'
    expect 1 'cd /'
    expect 1 'trap "echo bye" EXIT'
    expect 1 'sleep 100 &'
    expect 1 '(sleep 100 &)'
    expect 1 '(echo secret >$(mktemp))'
    expect 1 '(touch $HOME/.left)'
    prints() { # status, output that is promised, what prints
        expect "$1" "$3
\`\`\`
\`\`\`output
$2"
    }
    prints 0 'one
two' 'echo one; echo two >&2'
    prints 1 'one' 'echo one; echo two'
    prints 1 'one
two' 'echo one'
    prints 1 'one' 'echo One'
    prints 0 'a ... c' 'echo a bb c'
    prints 1 'a ... c' 'echo a bb d'
    prints 1 'a...a' 'echo a'
    prints 0 'one
...
four' 'printf "%s\n" one two three four'
    prints 0 'one
...' 'echo one'
    prints 1 'one
...
five' 'printf "%s\n" one two three four'
    prints 0 '...
two
...
two' 'printf "%s\n" one two three two'
    prints 1 '' 'echo one'
    [ "$broken" -eq 0 ] && echo "documents: every rule catches what it should"
    return "$broken"
}

if [ "${1:-}" = --self-test ]; then
    self_test
    exit
fi
failed=0
for document; do
    run "$document" || failed=$((failed + 1))
done
[ "$failed" -eq 0 ] || { echo "documents: $failed documents failed" >&2; exit 1; }
