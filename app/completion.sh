#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints bash's completion for a program of this project, made of what the program's own --help says, so that the two
# can't differ: app/completion.sh build/glasschat. To try it: eval "$(app/completion.sh build/glasschat)". With --table
# first it prints what it read, a line a word, with tabs between four columns:
#   where   the program with its commands (`glass rsa sign`), or `-` for everywhere
#   what    an option, a command, or in capitals something that stands alone: FILE, HOST
#   kind    of a command `word`; of an option what its value is: file, dir, any, the words that it can be with | between
#           them, or `none`, where it takes no value
#   default what the help says is taken without the option, where it says so
set -eu

# read_help WHERE: reads a help text. There are lines of options, their values and what they are for; lines of commands;
# and usage, where every word counts.
read_help() {
    awk -v where="$1" '
        function row(where, what, kind, standard) {
            print where "\t" what "\t" kind "\t" (standard == "" ? "-" : standard)
        }

        # What stands in the place of a value, and what is said of the option, tell what it can be.
        function kind_of(value, about,    words) {
            if (value == "") return "none"
            if (value ~ /[|]/) return value
            if (value ~ /^[A-Z]$/ && match(about, /(^|: )[a-z0-9-]+(, [a-z0-9-]+)* or [a-z0-9-]+/)) {
                words = substr(about, RSTART, RLENGTH)
                sub(/^: /, "", words); gsub(/, | or /, "|", words)
                return words
            }
            return value ~ /^(FILE|KEYFILE|F)$/ ? "file" : value == "DIR" ? "dir" : "any"
        }

        function default_of(about) {
            if (match(about, /\([^ ]+\)$/)) return substr(about, RSTART + 1, RLENGTH - 2)
            return match(about, /; [0-9~][^ ]*$/) ? substr(about, RSTART + 2) : ""
        }

        # "--json FILE, --svg FILE" and what they are for
        function option_line(head, about,    token, n, i, value) {
            n = split(head, token, /,? +/)
            for (i = 1; i <= n; i++) {
                if (token[i] !~ /^--/) continue
                value = i < n && token[i + 1] !~ /^--/ ? token[i + 1] : ""
                row(top == "glass" ? where : "-", token[i], kind_of(value, about), default_of(about))
            }
        }

        # `glass rsa sign --key FILE [--password-file FILE] [FILE] >SIGNATURE`: a word in small letters before all else
        # is a command, and so is what follows a bar.
        function usage(line,    token, n, i, at, value, own) {
            n = split(line, token, " ")
            at = token[1]
            for (i = 2; i <= n; i++) {
                value = token[i]
                gsub(/^[<[]+|[]>.]+$/, "", value)
                if (token[i] ~ /^\[?--/) {
                    own = token[i] ~ /\]$/ || i == n ? "" : token[++i]
                    gsub(/\]/, "", own)
                    row(top == "glass" ? at : "-", value, kind_of(own, ""))
                } else if (token[i] == "COMMAND") {
                    return
                } else if (token[i] == "|") {
                    row(where, token[++i], "word"); i++
                } else if (token[i] ~ /^[a-z0-9]+$/) {
                    row(at, token[i], "word"); at = at " " token[i]
                } else if (value ~ /^(FILE|OUT)$/)
                    row(at, "FILE", "file")
                else if (value ~ /HOST/)
                    row(at, "HOST", "host")
            }
        }

        BEGIN { top = where; sub(/ .*/, "", top) }
        /^usage: / || /^       [a-z]/ { sub(/^(usage:)? +/, ""); usage($0); next }
        /^  --/ {
            sub(/^ +/, "")
            cut = match($0, /  +/) ? RSTART : length($0) + 1
            option_line(substr($0, 1, cut - 1), cut > length($0) ? "" : substr($0, cut + RLENGTH))
            next
        }
        /^  account / { # several on a line, where two belong together
            while (match($0, /account [a-z]+( NAME| --|  )/)) {
                split(substr($0, RSTART, RLENGTH), part, " ")
                row(where " account", part[2], "word")
                $0 = substr($0, RSTART + RLENGTH)
            }
            next
        }
        /^  [a-z][a-z0-9-]*  / { row(where, $1, "word") }'
}

# glass has more to say of each of its commands, and of what these can do.
read_glass() {
    printf '%s\t%s\tnone\t-\n' glass --help glass --version
    for command in $("$1" --help | read_help glass | awk '$3 == "word" { print $2 }'); do
        printf 'glass %s\t--help\tnone\t-\n' "$command"
        "$1" "$command" --help | read_help "glass $command" >"$scratch/command"
        cat "$scratch/command"
        for part in $(awk -F '\t' -v at="glass $command" '$1 == at && $3 == "word" { print $2 }' "$scratch/command"); do
            "$1" "$command" "$part" --help | read_help "glass $command" |
                awk -F '\t' -v at="glass $command $part" '$1 == at'
        done
    done
}

# table PROGRAM: all rows, each once.
table() {
    "$1" --help >"$scratch/help"
    read_help "$name" <"$scratch/help" >"$scratch/rows"
    [ "$name" != glass ] || read_glass "$1" >>"$scratch/rows"
    LC_ALL=C sort -u "$scratch/rows"
}

# The function that bash calls: $2 is what TAB completes; = and @ are words of their own in COMP_WORDS, and $2 has an @.
completion() {
    cat <<'END'
# Completion for PROGRAM, made by app/completion.sh of what `PROGRAM --help` says.
_PROGRAM()
{
    local cur=$2 before=$((COMP_CWORD - 1)) at=PROGRAM complete= word where what kind
    local value= operand= options= words= IFS=$' \t\n'
    COMPREPLY=()
    if [[ ${COMP_WORDS[before]} == = ]]; then before=$((before - 1)); fi

    # Which commands are there already, and whether another one may follow.
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [[ $complete || $_PROGRAM_table != *$'\n'"$at"$'\t'"$word"$'\tword'* ]]; then continue; fi
        if [[ $_PROGRAM_table == *$'\n'"$at $word"$'\t'* ]]; then at+=" $word"; else complete=yes; fi
    done

    while IFS=$'\t' read -r where what kind; do
        if [[ $where != "$at" && $where != - ]]; then continue; fi
        case $what in
        -*)
            options+=" $what"
            if [[ $what == "${COMP_WORDS[before]}" && $kind != none ]]; then value=$kind; fi
            ;;
        [A-Z]*) operand=$kind ;;
        *) if [[ ! $complete ]]; then words+=" $what"; fi ;;
        esac
    done <<<"$_PROGRAM_table"

    case $value in
    '') if [[ $cur == -* || ! $words$operand$complete ]]; then words=$options operand=; fi ;;
    file | dir | any) words= operand=$value ;;
    *) words=${value//|/ } operand= ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    case $operand in
    file) compopt -o default ;;
    dir) compopt -o dirnames ;;
    host) COMPREPLY=($(compgen -P "${cur%%[^@]*}" -A hostname -- "${cur#@}")) ;;
    esac
}

_PROGRAM_table='
END
    cut -f 1-3 | uniq
    printf "'\\ncomplete -F _PROGRAM PROGRAM\\n"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [ "${1:?which program?}" = --table ]; then
    name=$(basename "$2")
    table "$2"
else
    name=$(basename "$1")
    table "$1" >"$scratch/table"
    completion <"$scratch/table" | sed "s/PROGRAM/$name/g"
fi
