#!/bin/sh
# SPDX-License-Identifier: MIT
# make demo: a real server and two real clients on this machine talk to each other, and one message is shown as it crossed
# the wire, beside what it was. Everything lives in a fresh folder and is gone afterwards, however this ends.
set -eu

build=${BUILD:-build}
pause=${DEMO_PAUSE:-0.4} # seconds between two steps, so that a person can follow
dir=$(mktemp -d)
server= alice= bob= just_started= over=

clean_up() {
    trap '' HUP PIPE # a terminal that is gone, or a reader, would end this too
    [ -n "$over" ] || just_started=${!-}
    for pid in $alice $bob $server $just_started; do
        kill "$pid" 2>/dev/null || true
    done
    for pid in $alice $bob $server $just_started; do
        while kill -0 "$pid" 2>/dev/null; do
            wait "$pid" || true # a signal that was on its way ends one wait
        done
    done
    rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM

tell() {
    printf '\n== %s\n' "$*"
    sleep "$pause"
}

# Waits until a file has a line with this text; what a program said on stderr is shown where it never comes.
wait_for() {
    tries=0
    until grep -q -- "$2" "$1" 2>/dev/null; do
        tries=$((tries + 1))
        if [ "$tries" -gt 300 ]; then
            printf 'demo: "%s" never came in %s:\n' "$2" "$(basename "$1")" >&2
            cat "$1" "$dir"/*.err >&2
            exit 1
        fi
        sleep 0.1
    done
}

# A password that nobody has to think of, in a file that nobody else can read.
new_password() {
    (umask 077 && od -An -N12 -tx1 /dev/urandom | tr -d ' \n' >"$dir/$1.password" && echo >>"$dir/$1.password")
}

# start_client NAME OPTION...: reads its lines from the pipe NAME.in
start_client() {
    name=$1
    shift
    new_password "$name"
    "$build/glasschat" "$name@127.0.0.1:$port" --register --email "$name@example.org" --home "$dir/$name" \
        --password-file "$dir/$name.password" "$@" <"$dir/$name.in" >"$dir/$name.out" 2>"$dir/$name.err" 3>&- 4>&- &
}

# type_line NAME TEXT: what this user types
type_line() {
    printf '%6s types:  %s\n' "$1" "$2"
    case $1 in
    alice) printf '%s\n' "$2" >&3 ;;
    bob) printf '%s\n' "$2" >&4 ;;
    esac
}

# sees NAME TEXT: waits until it is on this user's screen, and shows the line
sees() {
    wait_for "$dir/$1.out" "$2"
    printf '%6s sees:   %s\n' "$1" "$(grep -- "$2" "$dir/$1.out" | tail -n 1)"
    sleep "$pause"
}

# Prints hex digits as a dump, sixteen bytes a line with their characters.
dump() {
    awk -v hex="$1" 'BEGIN {
        digits = "0123456789abcdef"
        for (at = 0; 2 * at < length(hex); at += 16) {
            bytes = text = ""
            for (i = at; i < at + 16; i++) {
                pair = substr(hex, 2 * i + 1, 2)
                if (pair == "") { bytes = bytes "   "; continue }
                value = 16 * (index(digits, substr(pair, 1, 1)) - 1) + index(digits, substr(pair, 2, 1)) - 1
                bytes = bytes " " pair
                text = text (value >= 32 && value < 127 ? sprintf("%c", value) : ".")
            }
            printf "    %04x %s   %s\n", at, bytes, text
        } }'
}

# The value of that name in what alice recorded of the Record whose plaintext has these bytes: seal_plaintext, seal_frame.
recorded() {
    value=$(awk -v name="$1" -v wanted="$2" '
        $2 == "seal_plaintext" { carries = index($3, wanted) > 0 }
        carries && $2 == name { value = $3 }
        END { print value }' "$dir/alice.session")
    [ -n "$value" ] || { echo "demo: the recording has no $1 with that text" >&2; exit 1; }
    echo "$value"
}

[ -x "$build/glasschatd" ] || { echo "demo: $build/glasschatd is not there; run make" >&2; exit 1; }
echo "glasschat: a demonstration. Everything you see is done by the programs in $build."

tell "A server starts. It has no key yet, so it makes one: RSA with 3072 bits."
"$build/glasschatd" --listen 127.0.0.1:0 --data "$dir/data" >"$dir/server.out" 2>"$dir/server.err" &
server=$!
wait_for "$dir/server.out" "^listening on "
line=$(head -n 1 "$dir/server.out")
port=$(printf '%s\n' "$line" | sed 's/^listening on [^ ]*:\([0-9]*\) key .*/\1/')
pin=$(printf '%s\n' "$line" | sed 's/.* key //')
printf 'server says:  %s\n' "$line"

tell "Alice and Bob register. Bob was given the server's fingerprint beforehand (--pin); Alice pins it at first sight."
# Opened for both, as nothing waits for the other end then: a signal that interrupts an exec ends dash without a trap.
mkfifo "$dir/alice.in" "$dir/bob.in"
exec 3<>"$dir/alice.in" 4<>"$dir/bob.in"
start_client alice --record "$dir/alice.session"
alice=$!
start_client bob --pin "$pin"
bob=$!
wait_for "$dir/alice.out" lobby
wait_for "$dir/bob.out" lobby
echo "In the accounts file a password is a salt and 600,000 rounds of PBKDF2:"
sed -n '2p' "$dir/data/accounts" | cut -c1-110 | sed 's/$/.../; s/^/    /'

tell "They talk."
text="Hello Bob, can anybody else read this?"
type_line alice "$text"
sees bob "$text"
type_line bob "Only the server. See what went over the wire:"
sees alice "Only the server."

tell "Alice's message as it was: content type 1, the chat's own fields, the text, PKCS#7 padding."
hex=$(printf '%s' "$text" | od -An -v -tx1 | tr -d ' \n')
plaintext=$(recorded seal_plaintext "$hex")
dump "$plaintext"

tell "And as it crossed the wire: 4 bytes of header, 16 of IV, the ciphertext, 32 of HMAC."
frame=$(recorded seal_frame "$hex")
dump "$frame"

tell "What is said in a room the server reads. In a sealed room it can't: Alice founds one."
type_line alice "/seal +plan"
sees alice "you founded the sealed room +plan"
type_line alice "/invite bob"
sees bob "alice invites you to the sealed room +plan"
type_line bob "/accept +plan alice"
sees alice "bob joined +plan"
sealed_text="This the server passes on, and cannot read."
type_line alice "$sealed_text"
sees bob "$sealed_text"

tell "What the server saw of that: a request, seal (0x14), its number, the room's name; the rest it can't open."
plaintext=$(recorded seal_plaintext 052b706c616e) # the last with <u8> "+plan" in it
dump "$(printf '%s' "$plaintext" | cut -c1-384)"
echo "    ... $((${#plaintext} / 2 - 192)) bytes more, and the next time all of it is different."

tell "They leave."
type_line alice "/quit"
type_line bob "exit"
exec 3>&- 4>&-
status=0
wait "$alice" || status=$?
wait "$bob" || status=$?
alice= bob=
kill "$server"
wait "$server" || status=$?
server= over=1
[ "$status" -eq 0 ] || { cat "$dir"/*.err >&2; echo "demo: something ended with status $status" >&2; exit 1; }
echo
echo "Done; nothing is left behind. To talk yourself, see \"By hand\" in README.md."
