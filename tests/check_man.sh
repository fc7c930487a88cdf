#!/bin/sh
# SPDX-License-Identifier: MIT
# Holds the manual pages against the programs: each option and command that --help prints is in the page, with what its
# value can be and its default, and no other is; so are the chat's and the console's commands; and mandoc finds nothing
# wrong. At the end it shows that each rule catches something. From the top of the tree; BUILD=DIR says where
# the programs are.
set -u
BUILD=${BUILD:-build}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM
failures=0

complain() {
    echo "check_man: $*" >&2
    failures=$((failures + 1))
}

# compare PROGRAM PAGE: compares the table of app/completion.sh with the items (`.It`) of the page, both ways.
compare() {
    app/completion.sh --table "$BUILD/$1" >"$scratch/table" || { complain "$BUILD/$1 --help can't be read"; return; }
    awk -F '\t' -v name="$1" -v page="$2" '
        function bad(what) { print "check_man: " page ": " what >"/dev/stderr"; failed = 1 }
        function say(key,    part) { split(key, part, SUBSEP); return part[1] == "-" ? part[2] : part[1] " " part[2] }
        function has(text, word) { gsub(/[.,;:]? /, "  ", text); return index(text, " " word " ") }

        # The item that begins here is about this, too.
        function add(where, what) { told[where, what]; items = items (items == "" ? "" : "\n") where SUBSEP what }

        # glass lists --help after each command.
        FNR == NR && ($2 ~ /^[A-Z]/ || ($1 ~ / / && $2 == "--help")) { next }
        FNR == NR {
            help[$1, $2]
            kind[$1, $2] = $3
            if ($4 != "-") value[$1, $2] = $4
            next
        }

        # `.It Nm Cm rsa sign Fl -key Ar FILE` is an item about the commands rsa and rsa sign, and about an option. It
        # goes on in the next line after a backslash.
        /^\.It / {
            while (sub(/ *\\$/, "") && (getline more) > 0) $0 = $0 " " more
            n = split($0, word, " ")
            items = ""
            i = 2
            if (word[2] == "Nm") {
                at = name
                for (i = 4; i <= n && word[i] ~ /^[a-z0-9]+$/; i++) { add(at, word[i]); at = at " " word[i] }
            } else if (word[2] == "Cm")
                add(at, word[3])
            for (; i < n; i++)
                if (word[i] == "Fl" && word[i + 1] ~ /^-[a-z]/) add(name == "glass" ? at : "-", "-" word[i + 1])
        }
        /^\.(Sh|Ss)/ { at = name; items = "" }
        { count = split(items, item, "\n"); for (j = 1; j <= count; j++) text[item[j]] = text[item[j]] " " $0 " " }

        END {
            for (key in help) {
                if (!(key in told)) {
                    bad("has no item about " say(key) ", which --help has")
                    continue
                }
                if ((key in value) && !has(text[key], value[key]))
                    bad("does not say that " say(key) " is " value[key] " if not given")
                count = kind[key] ~ /[|]/ ? split(kind[key], choice, "|") : 0
                for (j = 1; j <= count; j++)
                    if (!index(text[key], choice[j])) bad("does not say that " say(key) " takes " choice[j])
            }
            for (key in told)
                if (!(key in help)) bad("has an item about " say(key) ", which --help has not")
            exit failed
        }' "$scratch/table" "$2" || failures=$((failures + 1))
}

# commands FOLDER PAGE: the lines of the table of commands in one of the folder's sources, and the page's items, each with
# what is typed behind the command. The words of other chats are none. An Op of mdoc reaches to the end of the line.
commands() {
    grep -rhoE --exclude=other_words.c '^ *\{"/[a-z0-9-]+", *"[^"]*"' "$1" | sed 's/.*{"\(.*\)", *"\(.*\)"/\1\2/' |
        sed 's/^\(\/[a-z0-9-]*\)\1/\1/; s/[:,].*//' | sort >"$scratch/table"
    sed -n 's/^\.It  *\(Ic\|Li\)  *\(\/[^/].*\)/\2/p' "$2" | sed 's/ , Ic exit\( , Ic quit\)*$//; s/ No @ Ns Ar / @/' |
        sed 's/ Ar / /g; s/ Cm / /g; s/ | /|/g; :more
             s/ Op \(.*\)/ [\1]/; t more' | sort >"$scratch/told"
    [ -s "$scratch/table" ] || complain "$1 has no table of commands any more, with lines like {\"/help\", \"...\"}"
    difference=$(comm -3 "$scratch/table" "$scratch/told" | tr -d '\t' | tr '\n' ' ')
    [ -z "$difference" ] || complain "$2: these commands are in $1 or in the page, and not in both: $difference"
}

# The version is app/version.h's: `make install` writes it there.
check_page() {
    grep -qx '\.Os glasschat @VERSION@' "$1" || complain "$1: has no line: .Os glasschat @VERSION@"
    if command -v mandoc >/dev/null; then
        mandoc -T lint -W warning "$1" >"$scratch/lint" || complain "$1: mandoc complains: $(cat "$scratch/lint")"
    else
        echo "skipped: what mandoc says of $1 (mandoc is not installed)"
    fi
}

# caught WHAT CHECK PROGRAM PAGE SED: with the page changed so, the check complains.
caught() {
    sed "$5" "$4" >"$scratch/page"
    cmp -s "$4" "$scratch/page" && complain "self-test: $4 can't be changed so any more: $1"
    before=$failures
    "$2" ${3:+"$3"} "$scratch/page" >/dev/null 2>&1
    if [ "$failures" -gt "$before" ]; then failures=$before; else complain "self-test: not noticed: $1"; fi
}

compare glasschatd docs/man/glasschatd.8
compare glasschat docs/man/glasschat.1
compare glass docs/man/glass.1
commands app/client docs/man/glasschat.1
commands app/server docs/man/glasschatd.8
for page in docs/man/*; do check_page "$page"; done

caught 'an option is missing' compare glasschat docs/man/glasschat.1 '/^\.It Fl -suite/d'
caught 'an option is gone' compare glasschat docs/man/glasschat.1 's/^\.It Fl -remember/&ed/'
caught 'a default is another one' compare glasschatd docs/man/glasschatd.8 's/8192/4096/'
caught 'a choice is missing' compare glasschatd docs/man/glasschatd.8 's/^\.Cm ffdhe2048/.Cm ffdhe1024/'
caught 'a verb is missing' compare glasschatd docs/man/glasschatd.8 's/Cm account unlock/Cm account/'
caught 'an option of another command' compare glass docs/man/glass.1 's/Cm rsa verify/& Fl -password-file Ar FILE/'
caught 'a mode is missing' compare glass docs/man/glass.1 '/^\.It Cm hellos/d'
caught 'a command of the chat is missing' commands app/client docs/man/glasschat.1 '/^\.It Ic \/who/d'
caught 'what a command takes' commands app/client docs/man/glasschat.1 's/^\.It Ic \/who Op Ar ROOM/.It Ic \/who/'
caught 'a version of its own' check_page '' docs/man/glass.1 's/@VERSION@/1.0/'
if command -v mandoc >/dev/null; then caught 'a list that does not end' check_page '' docs/man/glass.1 '/^\.El/d'; fi

[ "$failures" -eq 0 ] || exit 1
echo "check_man: the manual pages say what the programs do"
