#!/bin/sh
# SPDX-License-Identifier: MIT
# Holds the tree to its own rules: floors, banned calls, sizes, stems, and documents that name things that are gone.
# Run from the top of the tree: tests/check_tree.sh. `--self-test` shows that each rule catches what it should.
set -u

failures=0
complain() {
    echo "check_tree: $*" >&2
    failures=$((failures + 1))
}

# The floor of a file, by its path. A file may include lower floors, its own stem, and inside a folder of app/ its
# neighbours, where check_circles finds the circles. (Into a variable: a shell for each of thousands of names takes a
# minute.)
floor() {
    case $1 in
    crypto/ct.*) floor=5 ;; # includes nothing
    crypto/bytes.* | crypto/cpu.* | crypto/break_even.* | crypto/unroll.*) floor=10 ;;
    crypto/base64.* | crypto/base32.* | crypto/pem_result.*) floor=15 ;;
    crypto/aes*.* | crypto/sha256*.* | crypto/sha1.* | crypto/sha512.* | crypto/bignum*.*) floor=20 ;;
    crypto/cbc.* | crypto/pkcs7.* | crypto/hmac.* | crypto/prf.* | crypto/rng*.*) floor=30 ;;
    crypto/dh_group.*) floor=30 ;;
    crypto/dh_comb.*) floor=35 ;;
    crypto/dh.* | crypto/dh_impl.* | crypto/dh_backends.* | crypto/rsa.* | crypto/hkdf.* | crypto/pbkdf2*.* | crypto/totp.* | crypto/etm*.*) floor=40 ;;
    crypto/der.* | crypto/ring.*) floor=45 ;;
    crypto/pem_text.* | crypto/pbes2.*) floor=47 ;;
    crypto/pem.*) floor=50 ;;
    net/err.* | net/trace.* | net/coredump.* | net/output.* | net/input.* | net/file.* | net/lines.* | net/why.*) floor=60 ;;
    net/hostname.* | net/home.*) floor=65 ;;
    net/frame.* | net/sock.* | net/poller*.*) floor=70 ;;
    net/certificate.*) floor=71 ;; # a user of err alone, used by all above
    net/fingerprint.*) floor=75 ;;
    net/known.*) floor=85 ;;
    net/record.*) floor=80 ;;
    net/ratchet.* | net/hello.* | net/key_schedule.*) floor=85 ;;
    net/handshake.* | net/trust.*) floor=90 ;;
    net/session.*) floor=100 ;;
    net/conn.*) floor=110 ;;
    app/version.h | app/message/*) floor=120 ;;
    app/peer/*) floor=122 ;; # between users: bytes in, bytes out
    app/dissect/*) floor=125 ;; # what bytes mean; all three programs tell it
    app/terminal/*) floor=130 ;;
    app/sandbox/*) floor=135 ;; # a mechanism; whose list it is, they include it
    app/workbench/main.c) floor=170 ;;
    *) floor_of_folder "${1%/*}" ;;
    esac
}

# The floors of the programs. A new folder has to be given one here.
floor_of_folder() {
    case $1 in
    app/server/base) floor=140 ;; # knows nothing of the chat
    app/server/store) floor=150 ;;
    app/server/operator) floor=160 ;;
    app/server) floor=170 ;;
    app/client/line) floor=160 ;; # what is typed, and shown meanwhile
    app/client) floor=170 ;;
    app/workbench/labs) floor=140 ;;
    app/workbench) floor=150 ;; # what the trades share
    app/workbench/explain) floor=155 ;; # what the commands show with --explain
    app/workbench/runner) floor=145 ;; # linked with a student's files, and no part of glass
    app/workbench/check) floor=160 ;;     # asks a runner, and compares
    app/workbench/exercises) floor=162 ;; # what is asked
    app/workbench/grade) floor=165 ;;
    app/workbench/practice) floor=166 ;; # grades at each save
    app/workbench/figures) floor=160 ;; # draws what the walkthrough tells
    app/workbench/primitives | app/workbench/bench | app/workbench/load | app/workbench/attacks) floor=160 ;; # none includes another
    *) floor=0 ;;
    esac
}

# The program that a file belongs to, into a variable; nothing where all share it. No program includes another's files.
program() {
    case $1 in
    app/server/*) program=server ;;
    app/client/*) program=client ;;
    app/workbench/*) program=workbench ;;
    *) program= ;;
    esac
}

# stem of a path: crypto/aes_ref.c and crypto/aes_impl.h belong to crypto/aes, and may include each other
STEM_SUFFIXES='_(impl|backends|ref|gmp|ifma|ni|vaes|bitslice|unrolled|many|x16|x2|armv8|epoll|poll|system_linux|system_posix)(_[a-z]*)*$'
stem() {
    echo "$1" | sed -E "s/\.[ch]$//; s/$STEM_SUFFIXES//"
}

check_floors() {
    for file in "$@"; do
        floor "$file"
        own=$floor
        program "$file"
        own_program=$program
        [ "$own" -gt 0 ] || { complain "$file: has no floor in tests/check_tree.sh; give it one"; continue; }
        for included in $(sed -n 's/^#include "\(.*\)"$/\1/p' "$file"); do
            floor "$included"
            program "$included"
            if [ "$floor" -eq 0 ]; then
                complain "$file: includes $included, which has no floor"
            elif [ -n "$program" ] && [ "$own_program" != "$program" ]; then
                complain "$file: includes $included of another program"
            elif [ "$own" -ge 120 ] && [ "${file%/*}" = "${included%/*}" ]; then
                : # inside a folder of app/ check_circles is enough
            elif [ "$floor" -ge "$own" ] && [ "$(stem "$file")" != "$(stem "$included")" ]; then
                complain "$file: includes $included, which is not below it"
            fi
        done
    done
}

# Two stems that include each other, however indirectly, in headers or sources: neither can be read, tested or removed
# alone.
check_circles() {
    edges=$(awk -v suffixes="$STEM_SUFFIXES" '
        function stem(path) { sub(/\.[ch]$/, "", path); sub(suffixes, "", path); return path }
        /^#include "/ { split($0, part, "\""); if (stem(FILENAME) != stem(part[2])) print stem(FILENAME), stem(part[2]) }
        ' "$@" | sort -u)
    found=$(echo "$edges" | tsort 2>&1 >/dev/null | sed -n 's/^tsort: \([a-z].*\)/\1/p' | tr '\n' ' ')
    [ -z "$found" ] || complain "these include each other in a circle: $found"
}

# Code without comments and strings, so that prose may name what code may not call.
CODE='function code(line,    out, i) {
    if (FNR == 1) inside = 0
    gsub(/"(\\.|[^"\\])*"/, "\"\"", line)
    while (length(line) > 0) {
        i = index(line, inside ? "*/" : "/*")
        if (!inside) out = out (i == 0 ? line : substr(line, 1, i - 1))
        if (i > 0) inside = !inside
        line = i == 0 ? "" : substr(line, i + 2)
    }
    return out
}'

# A complaint for each line of a text.
complain_each() {
    while IFS= read -r line; do
        [ -z "$line" ] || complain "$line"
    done <<END
$1
END
}

# calls "names" files...: the first call of one of these in the code of each file
calls() {
    names=$1
    shift
    names=$names awk "$CODE"'
        FNR == 1 { told = 0 }
        { line = code($0) }
        !told && line ~ "(^|[^a-zA-Z0-9_>.])(" ENVIRON["names"] ") *[(]" { print FILENAME ": " line; told = 1 }' "$@"
}

# check_banned "names" "why" files...
check_banned() {
    names=$1 why=$2
    shift 2
    complain_each "$(calls "$names" "$@" | sed "s|\$|  ($why)|")"
}

check_gmp() {
    for file in $(grep -l 'gmp\.h' "$@"); do
        case $file in
        crypto/bignum.* | crypto/dh.c | crypto/rsa.c | app/workbench/exercises/dh_numbers.c) ;;
        *) complain "$file: only bignum, dh, rsa and dh_numbers may see gmp.h" ;;
        esac
    done
}

# A loop that only gcc unrolls is a loop where clang builds it, and costs up to half of the speed: see crypto/unroll.h.
check_unroll() {
    complain_each "$(grep -HiE 'pragma.*unroll' "$@" | grep -v '^crypto/unroll\.h:' | sed 's|$|  (write UNROLL)|')"
}

# Words may come from a stranger: on their way to a terminal they pass app/terminal/display.c.
check_words() {
    why="(prints words, and not with display_line or line_show)"
    complain_each "$(grep -HE '(^|[^a-z_])v?f?printf\(.*%[-.*0-9]*s' "$@" | sed "s|\$|  $why|")"
    complain_each "$(calls 'perror|dprintf' "$@" | sed "s|\$|  $why|")"
}

check_lines() {
    complain_each "$(awk '
        length($0) > 120 { print FILENAME ": line longer than 120 columns: " substr($0, 1, 60) "..." }
        /(^|[^A-Za-z0-9_])(TODO|FIXME|XXX|HACK)([^A-Za-z0-9_]|$)/ { print FILENAME ": says that it is unfinished" }
        /\t/ { print FILENAME ": has a tab" }' "$@" | sort -u)"
}

# Sources look as .clang-format says. Other versions of clang-format than this one break some lines elsewhere.
FORMAT_VERSION=14
check_format() {
    clang-format --version 2>/dev/null | grep -q "version $FORMAT_VERSION\." ||
        { echo "skipped: format of sources (clang-format $FORMAT_VERSION is not installed)"; return; }
    found=$(clang-format --dry-run -Werror "$@" 2>&1 | grep -o '^[^ ]*: error' | cut -d: -f1 | sort -u)
    for file in $found; do
        complain "$file: is not as .clang-format says: clang-format -i $file"
    done
}

check_licence() {
    complain_each "$(awk '
        FNR == 1 { if (file != "" && !told) print file ": has no SPDX line at its top"; file = FILENAME; told = 0 }
        FNR <= 2 && /SPDX-License-Identifier: MIT/ { told = 1 }
        END { if (file != "" && !told) print file ": has no SPDX line at its top" }' "$@")"
}

# A file's first comment says what it is about: a header what it offers, a source the idea.
check_opening() {
    found=$(awk 'FNR == 1 { if (!told) print file; file = FILENAME; told = 0 } FNR == 2 { told = /^\/\*/ }
                 BEGIN { told = 1 } END { if (!told) print file }' "$@")
    for file in $found; do
        complain "$file: has no comment after its SPDX line that says what it is about"
    done
}

# A mutant whose line has been rewritten is found here, not after the tests have run for a quarter of an hour.
check_mutants() {
    awk '
        function try(    line, n) {
            while ((getline line <file) > 0) {
                sub(/^[ \t]+/, "", line); sub(/[ \t]+$/, "", line)
                n += line == from
            }
            close(file)
            if (n != 1) { print "check_tree: " FILENAME ": " name ": " file " has not exactly one line: " from; bad = 1 }
        }
        /^(name|file|from) *= / { value = $0; sub(/^[a-z]* *= /, "", value) }
        /^name/ { name = value }
        /^file/ { file = value }
        /^from/ { from = value; try() }
        END { exit bad }' "$1" >&2 || failures=$((failures + 1))
}

# Functions of more than 40 lines; needs ctags.
check_functions() {
    command -v ctags >/dev/null || { echo "skipped: length of functions (ctags is not installed)"; return; }
    ctags -f - --fields=+ne --c-kinds=f "$@" 2>/dev/null | awk -F'\t' '
        { start = end = 0
          for (i = 4; i <= NF; i++) { if ($i ~ /^line:/) start = substr($i, 6); if ($i ~ /^end:/) end = substr($i, 5) }
          if (end - start >= 40) { print "check_tree: " $2 ": " $1 " has " end - start + 1 " lines"; bad = 1 } }
        END { exit bad }' >&2 || failures=$((failures + 1))
}

# A function that no other file calls is static, or goes. A name in a header is a declaration; a second one is a use, in a
# macro, say. The exceptions: steps that the standard names, and what replaces a function of the C library.
UNUSED_ALLOWED='expect_equal ask_null ask_secret_inout ask_within main Cipher InvCipher RotWord getentropy'
check_unused() {
    command -v ctags >/dev/null || { echo "skipped: functions that nobody calls (ctags is not installed)"; return; }
    defined=$(printf '%s\n' "$@" | grep -E '^((crypto|net|app)/.*|tests/[^/]*)\.c$' |
        ctags -f - --c-kinds=f -L - 2>/dev/null | grep -v '[[:space:]]file:' | awk '{ print $2 ":" $1 }')
    found=$(awk -v allowed="$UNUSED_ALLOWED" -v defined="$defined" "$CODE"'
        BEGIN { n = split(defined, pair, "\n")
                for (i = 1; i <= n; i++) { split(pair[i], part, ":"); home[part[2]] = part[1] }
                n = split(allowed, word, " ")
                for (i = 1; i <= n; i++) delete home[word[i]] }
        { n = split(code($0), word, /[^a-zA-Z0-9_]+/)
          for (i = 1; i <= n; i++)
              if (word[i] in home && home[word[i]] != FILENAME && (FILENAME ~ /c$/ || ++named[word[i]] > 1))
                  delete home[word[i]] }
        END { for (name in home) print home[name] ":" name }' "$@")
    for name in $found; do
        complain "${name%%:*}: no other file calls ${name#*:}: make it static, or take it out"
    done
}

# Every stem of crypto/ and net/ has its header and its test; every primitive its chapter.
check_stems() {
    for header in crypto/*.h net/*.h; do
        case $header in *_impl.h | *_ref.h | *_rounds.h | *_chain.h | *_product.h | crypto/unroll.h) continue ;; esac
        name=$(basename "$header" .h)
        [ -e "tests/test_$name.c" ] || complain "$header: there is no tests/test_$name.c"
        for heading in Use Read; do
            grep -q "^ \* $heading " "$header" || complain "$header: has no heading '$heading ...'"
        done
        case $header in
        crypto/cpu.h | crypto/bignum.h | crypto/der.h) ;;
        crypto/*) grep -lq "crypto/$name" docs/walkthrough/*.md || complain "$header: no chapter of the walkthrough names it" ;;
        esac
    done
}

# A path, make target, test or option that a document names must be there.
check_documents() {
    targets=" $(sed -n 's/^\([a-z][a-z_.-]*\):.*/\1/p' Makefile | tr '\n' ' ')"
    tests=" $(grep -rhoE '(void|def) test_[a-z0-9_]+\(' tests | sed 's/.* //; s/($//' | tr '\n' ' ')"
    for document in "$@"; do
        folder=$(dirname "$document")
        for path in $(grep -oE '`[^` ]+`' "$document" | tr -d '`' |
            grep -E '^(crypto|net|app|tests|vectors|docs)/[a-zA-Z0-9_./-]+$'); do
            [ -e "$path" ] || complain "$document: names $path, which is not there"
        done
        for link in $(grep -oE '\]\([^)#]+' "$document" | cut -c3- | grep -v '^http'); do
            [ -e "$folder/$link" ] || complain "$document: links to $link, which is not there"
        done
        for target in $(grep -oE '(^|`| )make [a-z][a-z_.-]*' "$document" | sed 's/.*make //; s/[.]*$//' | sort -u); do
            case $target in
            sure | it | grow | their | a | the | them | sense | of | and | no | up | one | tags) ;; # English
            *)
                case $targets in
                *" $target "*) ;;
                *) complain "$document: names make $target, which is not there" ;;
                esac
                ;;
            esac
        done
        for test in $(grep -oE '`test_[a-z0-9_]+`' "$document" | tr -d '`' | sort -u); do
            case $tests in *" $test "*) continue ;; esac
            [ -e "tests/$test.c" ] || [ -e "tests/integration/$test.py" ] ||
                complain "$document: names the test $test, which is not there"
        done
        for test in $(grep -oE '`test_[a-z0-9_]+\.(py|c)`' "$document" | tr -d '`' | sort -u); do
            [ -e "tests/$test" ] || [ -e "tests/integration/$test" ] || complain "$document: names $test, which is not there"
        done
        for pair in $(tr '\n' ' ' <"$document" | grep -oE '`[a-z0-9_]+` in `tests/[a-z0-9_/]+\.(c|py)`' |
            sed 's/`\(.*\)` in `\(.*\)`/\2=\1/'); do
            grep -qE "(void|def) ${pair#*=}\(" "${pair%%=*}" 2>/dev/null ||
                complain "$document: names ${pair#*=} in ${pair%%=*}, which is not there"
        done
        grep -nE '\.(c|h|py|sh):[0-9]+|\blines? [0-9]+' "$document" | grep -v 'accounts line' | head -n 1 | grep -q . &&
            complain "$document: names a line number"
        long=$(awk '/^```/ { code = !code } !code && !/^\|/ && length($0) > 120 { print substr($0, 1, 60); exit }' "$document")
        [ -z "$long" ] || complain "$document: line longer than 120 columns: $long..."
    done
}

# A comment that names a test names its file too, and it is there. (It may go on in the next line.)
check_named() {
    for source in $(grep -lE 'tests/[a-z0-9_/]+\.(c|py)' "$@"); do
        for pair in $(tr '\n' ' ' <"$source" | sed 's/ \* / /g' |
            grep -oE 'tests/[a-z0-9_/]+\.(c|py): *test_[a-z0-9_]+' | sed 's/: */=/'); do
            grep -qE "(void|def) ${pair#*=}\(" "${pair%%=*}" 2>/dev/null ||
                complain "$source: names ${pair#*=} in ${pair%%=*}, which is not there"
        done
    done
}

# tests/README.md says what each file is for that tests share.
check_shared() {
    readme=$1
    shift
    for file in "$@"; do
        name=$(basename "$file")
        grep -qE "\`(${name%.*}\.[a-z]+|$name/?)\`" "$readme" || complain "$readme: does not say what $file is for"
    done
}

# A chapter of the walkthrough has its parts, in their order, a picture that is there, and three questions; and each name
# that an item of "Where to look" gives stands in a file that the item names before it.
check_chapters() {
    for chapter in "$@"; do
        parts=$(grep -E '^(\*You need\*|## (The idea|Where to look|Run it|Do it yourself|Three questions)$)' "$chapter" |
            sed 's/^\*You need.*/need/; s/^## //; s/ .*//' | tr '\n' ' ')
        [ "$parts" = "need The Where Run Do Three " ] || complain "$chapter: its parts are: $parts"
        tr '\n' ' ' <"$chapter" | grep -qE '\*You need\*.* minutes\. \*Beside it\*' ||
            complain "$chapter: does not say how many minutes it takes, and what to have beside it"
        picture=$(grep -oE '^!\[.+\]\(figures/[a-z0-9]+\.svg\)' "$chapter" | sed 's/.*(//; s/)//')
        [ -n "$picture" ] || complain "$chapter: has no picture"
        [ "$(sed -n '/^## Three questions/,$p' "$chapter" | grep -cE '^[123]\. ')" -eq 3 ] ||
            complain "$chapter: does not have three questions"
        complain_each "$(awk -v chapter="$chapter" '
            function in_a_file(name,    i, line, found) {
                for (i = 1; i <= files; i++) {
                    while (!found && (getline line <file[i]) > 0) found = line ~ ("(^|[^A-Za-z0-9_])" name "([^A-Za-z0-9_]|$)")
                    close(file[i])
                }
                return found
            }
            function item(text,    n, part, i) {
                files = 0
                n = split(text, part, "`")
                for (i = 2; i <= n; i += 2)
                    if (part[i] ~ /\//) file[++files] = part[i]
                    else if (files > 0 && part[i] ~ /^[A-Za-z_][A-Za-z0-9_]*$/ && !in_a_file(part[i]))
                        print chapter ": " part[i] " is not in " file[files]
            }
            /^## / { if (looking) item(text); text = ""; looking = /^## Where to look/; next }
            looking && /^- / { item(text); text = "" }
            looking { text = text " " $0 }' "$chapter")"
    done
}

# The map in tests/README.md has a row for each file of integration tests, and the parts that it names are there.
check_map() {
    map=$1
    shift
    for file in "$@"; do
        grep -qE "^\| \`$(basename "$file" .py)\` \| \`" "$map" || complain "$map: has no row for $file"
    done
    for part in $(sed -n 's/^| `test_[a-z0-9_]*` | \(`.*\) |$/\1/p' "$map" | tr -d '\`' | tr ' ' '\n' | sort -u); do
        [ -n "$(find crypto net app -name "$part.[ch]")" ] || [ -e "docs/site/$part.py" ] ||
            complain "$map: names the part $part, which is not there"
    done
}

# The words of a folder, for the README's map: the stems of its files, where line_plain.c belongs to the word line if
# there is a line.h and no line_plain.h. What looks like a suffix is none where it would leave no file (cmd_backends.c).
words_of() {
    for file in "$1"/*.[ch]; do
        word=$(stem "${file##*/}")
        [ -e "$1/$word.h" ] || [ -e "$1/$word.c" ] || word=$(basename "${file%.[ch]}")
        shorter=$word
        while [ ! -e "$1/$word.h" ] && [ "$shorter" != "${shorter%_*}" ]; do
            shorter=${shorter%_*}
            [ ! -e "$1/$shorter.h" ] || word=$shorter
        done
        echo "$word"
    done | sort -u
}

# One word names everything: the map in the README has a row for each folder, with all of its words and no others.
check_folders() {
    map=$1
    shift
    for folder in "$@"; do
        row=$(grep "^| \`$folder\` |" "$map") || { complain "$map: its map has no row for $folder"; continue; }
        row=$(echo "$row" | cut -d'|' -f4 | tr -cs 'a-z0-9_' ' ')
        for word in $(words_of "$folder"); do
            case $row in *" $word "*) ;; *) complain "$map: its row for $folder does not have the word $word" ;; esac
        done
        for word in $row; do
            [ -e "$folder/$word.h" ] || [ -e "$folder/$word.c" ] ||
                complain "$map: its row for $folder has the word $word, which names no file there"
        done
    done
}

# Each row `| ... | file | functions |` of a table, in backquotes: the file has those functions.
check_hops() {
    for hop in $(awk -F '|' '$3 ~ /^ `[a-z0-9_\/]+\.c` $/ { gsub(/[` ]/, "", $3); n = split($4, name, /[` ,]+/)
                             for (i = 1; i <= n; i++) if (name[i] != "") print $3 "=" name[i] }' "$1"); do
        grep -q "^[a-z].*\b${hop#*=}(" "${hop%%=*}" 2>/dev/null ||
            complain "$1: names ${hop#*=} in ${hop%%=*}, which is not there"
    done
}

# At the top of the tree stands what one looks for there; a file of anybody's own run is not to come in with a commit.
check_top() {
    for file in "$@"; do
        case $file in
        .clang-format | .editorconfig | .gitignore | CHANGELOG.md | Containerfile | LICENSE | Makefile | README.md | SECURITY.md) ;;
        *) complain "$file: is at the top of the tree, where nobody looks for it" ;;
        esac
    done
}

# The version stands in app/version.h alone. The changelog's last release is that version; above it may be what is not
# released yet.
check_version() {
    version=$(sed -n 's/^#define GLASSCHAT_VERSION "\(.*\)"$/\1/p' "$1")
    told=$(sed -n 's/^## \[\([^]]*\)\].*/\1/p' "$2" | sed '1{/^Unreleased$/d;}' | head -n 1)
    [ -n "$version" ] || complain "$1: has no line: #define GLASSCHAT_VERSION \"...\""
    [ "$told" = "$version" ] || complain "$2: its newest version is '$told', and $1 says $version"
}

# What no shipped program may hold. Needs built programs.
check_programs() {
    for name in glasschatd glasschat; do
        [ -e "$BUILD/$name" ] || continue
        nm "$BUILD/$name" 2>/dev/null | grep -q ' rng_fixed_' && complain "$BUILD/$name: holds the fixed random source"
        nm "$BUILD/$name" 2>/dev/null | grep -q ' lab_' && complain "$BUILD/$name: holds a weak twin of app/workbench/labs"
    done
}

check_all() {
    sources=$(find crypto net app -name '*.[ch]' | sort)
    # shellcheck disable=SC2086  # lists of plain names
    {
        check_floors $sources
        check_circles $sources $(find tests -name '*.[ch]' ! -path 'tests/exercises/wrong/*')
        check_banned 'strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|rand|srand|random|system|popen|alloca|signal|memcmp' \
            "is banned" crypto/*.[ch] net/*.[ch]
        check_banned 'strcat|sprintf|vsprintf|gets|strtok|atoi|atol|rand|srand|random|system|popen|alloca' "is banned" \
            $(find app -name '*.[ch]')
        check_banned 'mpz_powm|mpz_powm_sec|mpz_export|mpn_powm' "leaks through timing" crypto/*.[ch]
        check_banned 'malloc|calloc|realloc|free|socket|open|fopen|read|write|printf|fprintf' "crypto/ knows no memory, file or socket" \
            $(ls crypto/*.c | grep -vE '^crypto/(bignum|rng|rng_system_linux|rng_system_posix)\.c$')
        check_banned 'malloc|calloc|realloc|socket|open|fopen|time|clock_gettime' "knows no socket, clock, file or memory" \
            net/frame.c net/record.c net/hello.c net/key_schedule.c net/handshake.c net/session.c net/certificate.c net/trace.c net/err.c
        check_banned 'socket|connect|bind|listen|accept|send|recv|poll|select|time|clock_gettime|gettimeofday|printf|fprintf|puts|fputs' \
            "app/peer/ knows no socket, screen or clock" app/peer/*.c
        check_words $(find app/client app/server app/message app/peer app/sandbox app/terminal -name '*.c' ! -path app/server/options.c) \
            app/workbench/args.c app/workbench/io.c app/workbench/primitives/keyfile.c \
            app/workbench/primitives/cmd_key.c app/workbench/primitives/cmd_key_authority.c app/workbench/primitives/cmd_sha256.c app/workbench/primitives/cmd_transcript.c # the words of options.c are its own
        check_gmp $sources
        check_unroll $sources
        check_lines $sources net/wireshark/*.lua tests/*.[ch] tests/peers/*.[ch]
        check_functions $(find crypto net app -name '*.c')
        check_format $(find crypto net app tests -name '*.[ch]' ! -path 'tests/exercises/wrong/*')
        check_licence $sources net/wireshark/*.lua tests/*.[ch] tests/*.sh tests/*/*.[ch] tests/*/*.sh tests/*/*.py app/*.sh \
            docs/exercises/*/*.c docs/site/* handout/*.py handout/student/Makefile
        check_opening $(find crypto net app tests -name '*.[ch]' ! -path 'tests/exercises/wrong/*')
        check_named $(find crypto net app -name '*.[ch]')
        check_mutants tests/mutants/list.txt
        check_unused $(find crypto net app tests -name '*.[ch]' ! -path 'tests/exercises/wrong/*')
        check_stems
        check_documents README.md CHANGELOG.md SECURITY.md docs/*.md docs/walkthrough/*.md docs/labs/*.md docs/exercises/*.md \
            docs/exercises/*/*.md vectors/README.md tests/README.md handout/README.md
        check_map tests/README.md tests/integration/test_*.py
        check_shared tests/README.md $(ls -d tests/*.[ch] tests/*.sh tests/*.py tests/*/ tests/integration/*.py | grep -v /test_)
        check_folders README.md $(find crypto net app -name '*.[ch]' | sed 's|/[^/]*$||' | sort -u)
        check_hops docs/development.md
        check_chapters docs/walkthrough/[0-9]*.md
        check_top $(git ls-files 2>/dev/null | grep -v /)
        check_version app/version.h CHANGELOG.md
        check_programs
    }
}

# Each rule is given something wrong, and something right.
expect() {
    before=$failures
    wanted=$1
    shift
    "$@" 2>/dev/null
    caught=$((failures > before))
    failures=$before
    [ "$caught" -eq "$wanted" ] || { echo "self-test: $* should$([ "$wanted" = 1 ] || echo ' not') complain" >&2; broken=1; }
}

self_test() {
    broken=0
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    mkdir -p "$scratch/crypto" "$scratch/net" "$scratch/app/client/line" "$scratch/app/workbench/load" \
        "$scratch/app/server/base" "$scratch/app/server/store" "$scratch/app/server/new" "$scratch/docs" "$scratch/tests"
    cp Makefile .clang-format "$scratch/"
    cd "$scratch" || exit 1
    echo '#include "crypto/ct.h"' >crypto/aes.c && expect 0 check_floors crypto/aes.c
    echo '#include "crypto/hmac.h"' >crypto/aes.c && expect 1 check_floors crypto/aes.c
    echo '#include "net/err.h"' >crypto/rsa.c && expect 1 check_floors crypto/rsa.c
    echo '#include "app/client/line/line.h"' >app/server/main.c && expect 1 check_floors app/server/main.c
    echo '#include "app/workbench/io.h"' >app/client/main.c && expect 1 check_floors app/client/main.c
    echo '#include "app/workbench/io.h"' >app/workbench/load/a.c && expect 0 check_floors app/workbench/load/a.c
    echo '#include "app/workbench/load/b.h"' >app/workbench/load/a.c && expect 0 check_floors app/workbench/load/a.c
    echo '#include "app/workbench/bench/b.h"' >app/workbench/load/a.c && expect 1 check_floors app/workbench/load/a.c
    echo '#include "app/workbench/load/a.h"' >app/workbench/io.c && expect 1 check_floors app/workbench/io.c
    echo '#include "app/server/base/log.h"' >app/server/store/a.c && expect 0 check_floors app/server/store/a.c
    echo '#include "app/server/store/a.h"' >app/server/base/log.c && expect 1 check_floors app/server/base/log.c
    echo '#include "app/server/room.h"' >app/server/store/a.c && expect 1 check_floors app/server/store/a.c
    echo '#include "app/server/base/log.h"' >app/client/a.c && expect 1 check_floors app/client/a.c
    echo '#include "app/client/screen.h"' >app/client/line/a.c && expect 1 check_floors app/client/line/a.c
    echo '#include "app/server/b.h"' >app/server/a.h && expect 0 check_floors app/server/a.h
    echo '#include "app/server/c.h"' >app/server/b.c && expect 0 check_circles app/server/a.h app/server/b.c
    echo '#include "app/server/a.h"' >app/server/c.h && expect 1 check_circles app/server/a.h app/server/b.c app/server/c.h
    echo 'int x;' >app/server/new/a.c && expect 1 check_floors app/server/new/a.c
    echo 'int x;' >crypto/unheard.c && expect 1 check_floors crypto/unheard.c
    echo '/* never memcmp(a, b) */ int ct_memcmp(void);' >crypto/a.c && expect 0 check_banned memcmp banned crypto/a.c
    echo 'int f(void) { return memcmp(a, b, 1); }' >crypto/a.c && expect 1 check_banned memcmp banned crypto/a.c
    echo 'printf("%s", name);' >crypto/a.c && expect 1 check_words crypto/a.c
    echo 'fprintf(stderr, "%-3.*s", 3, name);' >crypto/a.c && expect 1 check_words crypto/a.c
    echo 'snprintf(out, 3, "%s", name); printf("%zu", n);' >crypto/a.c && expect 0 check_words crypto/a.c
    echo 'perror(name);' >crypto/a.c && expect 1 check_words crypto/a.c
    echo '#include <gmp.h>' >crypto/pem.c && expect 1 check_gmp crypto/pem.c
    echo '#include <gmp.h>' >crypto/dh.c && expect 0 check_gmp crypto/dh.c
    echo 'UNROLL for (;;) x();' >crypto/a.c && expect 0 check_unroll crypto/a.c
    echo '_Pragma("GCC unroll 8") for (;;) x();' >crypto/a.c && expect 1 check_unroll crypto/a.c
    awk 'BEGIN { for (i = 0; i < 121; i++) printf "x"; print "" }' >crypto/long && expect 1 check_lines crypto/long
    echo '/* TO''DO */' >crypto/a.c && expect 1 check_lines crypto/a.c
    awk 'BEGIN { print "int f(void)\n{"; for (i = 0; i < 38; i++) print "    x();"; print "}" }' >crypto/a.c
    command -v ctags >/dev/null && expect 1 check_functions crypto/a.c
    printf 'int f(void)\n{\n    return 1;\n}\n' >crypto/a.c && expect 0 check_format crypto/a.c
    if command -v clang-format >/dev/null; then
        printf 'int f( void ) {\n  return 1; }\n' >crypto/a.c && expect 1 check_format crypto/a.c
    fi
    expect 1 check_licence crypto/a.c
    echo '/* SPDX-License-Identifier: MIT */' >crypto/a.c && expect 0 check_licence crypto/a.c
    if command -v ctags >/dev/null; then
        echo 'int a(void);' >crypto/a.h
        printf 'int a(void)\n{\n    return b();\n}\nstatic int b(void)\n{\n    return a();\n}\n' >crypto/a.c
        echo 'int c = a();' >net/c.c && expect 0 check_unused crypto/a.h crypto/a.c net/c.c
        echo '/* a */ char *c = "a";' >net/c.c && expect 1 check_unused crypto/a.h crypto/a.c net/c.c
        echo '#define C a()' >net/c.h && expect 0 check_unused crypto/a.h crypto/a.c net/c.h
    fi
    expect 0 check_top README.md && expect 1 check_top README.md x
    printf '/* SPDX */\n/* What it is. */\n' >crypto/a.c && expect 0 check_opening crypto/a.c
    printf '/* SPDX */\n#include "crypto/a.h"\n/* Late. */\n' >crypto/a.c && expect 1 check_opening crypto/a.c
    echo '/* SPDX */' >crypto/a.c && expect 1 check_opening crypto/a.c
    mkdir -p tests && echo 'static void test_a(void **state)' >tests/test_a.c
    printf '/* It must; tests/test_a.c:\n * test_a. */\n' >crypto/a.c && expect 0 check_named crypto/a.c
    printf '/* It must; tests/test_a.c:\n * test_b. */\n' >crypto/a.c && expect 1 check_named crypto/a.c
    rm tests/test_a.c
    printf 'name  = a\nfile  = crypto/a.c\nfrom  = x();\nto    = y();\n' >list && expect 1 check_mutants list
    echo '    x();' >crypto/a.c && expect 0 check_mutants list
    echo 'See `crypto/gone.c`.' >docs/a.md && expect 1 check_documents docs/a.md
    echo 'See `crypto/dh.c`.' >docs/a.md && expect 0 check_documents docs/a.md
    echo 'Run `make nothing-of-the-sort`.' >docs/a.md && expect 1 check_documents docs/a.md
    echo 'Run `make test`.' >docs/a.md && expect 0 check_documents docs/a.md
    echo 'Shown by `test_that_never_was`.' >docs/a.md && expect 1 check_documents docs/a.md
    echo 'Shown by `test_gone.py`.' >docs/a.md && expect 1 check_documents docs/a.md
    echo 'void it_holds(void **state)' >tests/test_a.c
    printf 'Shown by `it_holds` in\n`tests/test_a.c`.' >docs/a.md && expect 0 check_documents docs/a.md
    printf 'Shown by `it_held` in\n`tests/test_a.c`.' >docs/a.md && expect 1 check_documents docs/a.md
    echo 'See [this](gone.md).' >docs/a.md && expect 1 check_documents docs/a.md
    echo 'In crypto/dh.c:17.' >docs/a.md && expect 1 check_documents docs/a.md
    { echo '```'; cat crypto/long; echo '```'; } >docs/a.md && expect 0 check_documents docs/a.md
    cp crypto/long docs/a.md && expect 1 check_documents docs/a.md
    printf '| file | parts |\n|---|---|\n| `test_talk` | `dh` `rsa` |\n' >docs/a.md && expect 0 check_map docs/a.md tests/test_talk.py
    expect 1 check_map docs/a.md tests/test_talk.py tests/test_call.py
    echo '| `test_talk` | `dh` `gone` |' >docs/a.md && expect 1 check_map docs/a.md tests/test_talk.py
    echo '`talk.h`, `fuzz/`' >docs/a.md && expect 0 check_shared docs/a.md tests/talk.c tests/talk.h tests/fuzz/
    expect 1 check_shared docs/a.md tests/keys.c
    mkdir -p app/folder
    touch app/folder/line.h app/folder/line_plain.c app/folder/qr.h app/folder/qr.c app/folder/aes_ni.c app/folder/aes.h
    echo '| `app/folder` | no row of words | line; aes qr |' >docs/a.md && expect 0 check_folders docs/a.md app/folder
    echo '| `app/folder` | not the aes | line qr |' >docs/a.md && expect 1 check_folders docs/a.md app/folder
    echo '| `app/folder` | one gone | line aes qr gone |' >docs/a.md && expect 1 check_folders docs/a.md app/folder
    echo '| `app/other` | another | line aes qr |' >docs/a.md && expect 1 check_folders docs/a.md app/folder
    printf 'int its_there(void)\n{\n' >crypto/a.c
    chapter() { # what it needs, its picture, what to look at, its last question
        printf '# 1. Title\n\n%s\n\n## The idea\n\n%s\n\n## Where to look\n\n%s\n\n## Run it\n\n## Do it yourself\n\n' "$1" "$2" "$3"
        printf '## Three questions\n\n1. Why?\n2. How?\n%s\n' "$4"
    } >docs/a.md
    need='*You need* nothing, and 5 minutes. *Beside it*: a pen.' drawn='![a state](figures/aes.svg)'
    mkdir -p crypto && echo 'int its_there(void);' >crypto/a.c
    chapter "$need" "$drawn" '- `crypto/a.c`: `its_there`.' '3. What?' && expect 0 check_chapters docs/a.md
    chapter "$need" "$drawn" '- `crypto/a.c`: `its_gone`.' '3. What?' && expect 1 check_chapters docs/a.md
    chapter "$need" "$drawn" '- `crypto/a.c`: `its`.' '3. What?' && expect 1 check_chapters docs/a.md
    chapter "$need" "no picture" '- `crypto/a.c`: `its_there`.' '3. What?' && expect 1 check_chapters docs/a.md
    chapter "$need" "$drawn" '- `crypto/a.c`: `its_there`.' 'What?' && expect 1 check_chapters docs/a.md
    chapter '*You need* nothing.' "$drawn" '- `crypto/a.c`: `its_there`.' '3. What?' && expect 1 check_chapters docs/a.md
    chapter '' "$drawn" '- `crypto/a.c`: `its_there`.' '3. What?' && expect 1 check_chapters docs/a.md
    echo '| here | `crypto/a.c` | `its_there` |' >docs/a.md && expect 0 check_hops docs/a.md
    echo '| here | `crypto/a.c` | `its_there`, `its_gone` |' >docs/a.md && expect 1 check_hops docs/a.md
    echo '#define GLASSCHAT_VERSION "1.1"' >app/version.h
    printf '## [1.1] - 2026-12-01\n## [1.0]\n' >docs/a.md && expect 0 check_version app/version.h docs/a.md
    printf '## [Unreleased]\n## [1.1]\n## [1.0]\n' >docs/a.md && expect 0 check_version app/version.h docs/a.md
    printf '## [Unreleased]\n## [1.0]\n' >docs/a.md && expect 1 check_version app/version.h docs/a.md
    printf '## [1.2]\n## [1.1]\n' >docs/a.md && expect 1 check_version app/version.h docs/a.md
    echo 'char *version = "1.1";' >app/version.h && expect 1 check_version app/version.h docs/a.md
    [ "$broken" -eq 0 ] && echo "check_tree: every rule catches what it should"
    exit "$broken"
}

BUILD=${BUILD:-build}
[ "${1:-}" != --self-test ] || self_test
check_all
[ "$failures" -eq 0 ] && echo "check_tree: the tree keeps its rules" && exit 0
echo "check_tree: $failures complaints" >&2
exit 1
