#!/bin/sh
# SPDX-License-Identifier: MIT
# Shows that `make install` puts what it should where it is told to, with or without a blank in the path, that the
# completion which it installs works, and that `make uninstall` removes all of it and nothing else. From the top of the
# tree; BUILD=DIR says where the programs are built already.
set -u
BUILD=${BUILD:-build}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM
failures=0

complain() {
    echo "check_install: $*" >&2
    failures=$((failures + 1))
}

# put TARGET DESTDIR PREFIX; -o all: nothing is built for it, as nobody knows with which flags the programs were.
put() {
    (umask 077 && MAKEFLAGS="" make -s -o all "$1" BUILD="$BUILD" DESTDIR="$2" PREFIX="$3") >"$scratch/out" 2>&1 ||
        complain "make $1 failed: $(cat "$scratch/out")"
}

# files FOLDER: each file below it with its mode.
files() {
    (cd "$1" && find . -type f -exec stat -c '%a %n' {} + | sort -k 2)
}

# everything DESTDIR PREFIX: what should be there is there, and nothing else.
everything() {
    files "$1$2" >"$scratch/found"
    cat >"$scratch/wanted" <<END
755 ./bin/glass
755 ./bin/glasschat
755 ./bin/glasschatd
644 ./lib/systemd/system/glasschatd.service
644 ./lib/sysusers.d/glasschatd.conf
644 ./share/bash-completion/completions/glass
644 ./share/bash-completion/completions/glasschat
644 ./share/bash-completion/completions/glasschatd
644 ./share/man/man1/glass.1
644 ./share/man/man1/glasschat.1
644 ./share/man/man8/glasschatd.8
END
    diff "$scratch/wanted" "$scratch/found" >"$scratch/out" || complain "not as wanted in $1$2: $(cat "$scratch/out")"
    version=$(sed -n 's/^#define GLASSCHAT_VERSION "\(.*\)"$/\1/p' app/version.h)
    for name in glasschatd glasschat glass; do
        said=$("$1$2/bin/$name" --version 2>&1)
        [ "$said" = "$name $version" ] || complain "$name --version says: $said"
        grep -qx "\.Os glasschat $version" "$1$2/share/man/man"?"/$name".? ||
            complain "the manual page of $name does not say $version"
    done
}

# unit DESTDIR PREFIX START: the unit starts the program that was installed, written as systemd reads it.
unit() {
    start="$3/bin/glasschatd --listen \${GLASSCHATD_LISTEN} --data /var/lib/glasschat \$GLASSCHATD_OPTIONS"
    grep -qxF "ExecStart=$start" \
        "$1$2/lib/systemd/system/glasschatd.service" || complain "the unit of $2 does not start $3/bin/glasschatd"
}

# What bash offers for TAB, or what it is told to complete by itself: files, folders. Like bash, this gives the function
# the program, the word to be completed, with its @ and without =, and the word before it.
cat >"$scratch/tab" <<'END'
. "$1"
shift
compopt() { [ "$1" = -o ] && COMPREPLY=("($2)"); }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
if [ "$word" = = ]; then word=; fi
if [ "$before" = @ ]; then word=@$word; fi
function=$(complete -p "$1") && function=${function#complete -F } && "${function% *}" "$1" "$word" "$before" &&
    echo "${COMPREPLY[*]}"
END
echo '127.0.0.1 chat.example.org' >"$scratch/hosts"

# tab WANTED WORD...: TAB is pressed after the last word.
tab() {
    wanted=$1
    shift
    said=$(LC_ALL=C HOSTFILE="$scratch/hosts" bash --norc "$scratch/tab" "$completions/$1" "$@" 2>&1)
    [ "$said" = "$wanted" ] || complain "TAB after '$*' gives '$said', not '$wanted'"
}

completion() {
    completions=$1$2/share/bash-completion/completions
    tab '--suite' glasschat --s
    tab 'aes-128-cbc aes-256-cbc' glasschat --suite ''
    tab 'aes-256-cbc' glasschat --suite = aes-2
    tab 'ffdhe2048 ffdhe3072 ffdhe4096' glasschat --register --group =
    tab '(default)' glasschat alice @ localhost --password-file ''
    tab '(dirnames)' glasschat --home ''
    tab '' glasschat --email ''
    tab 'chat.example.org' glasschat cha
    tab '@chat.example.org' glasschat alice @ cha
    tab 'account key status' glasschatd ''
    tab 'list lock' glasschatd --data folder account l
    tab 'unlock' glasschatd account unl
    tab '' glasschatd account lock ''
    tab 'renew' glasschatd key ''
    tab 'error warn info debug' glasschatd --log-level ''
    tab 'ffdhe4096' glasschatd --console --allow-group ffdhe4
    tab '--max-said --max-said-room' glasschatd --max-sa
    tab '--password-file --pbkdf2-iterations' glasschatd account add --p
    tab 'aes backends base64 bench bignum cbc dh etm explain figure grade hkdf hmac key lab load pbkdf2 pkcs7 practice ring rng rsa sha256 totp transcript' glass ''
    tab '--help --version' glass --
    tab 'authority certify new show' glass key ''
    tab 'certify new' glass key authority ''
    tab '--authority --days --name --out --password-file' glass key authority certify --
    tab '--authority --days --key --name --password-file --user' glass key certify --
    tab '(default)' glass key show ''
    tab '--backend --explain --key --signature' glass rsa verify --
    tab '6 7 8' glass totp --digits ''
    tab 'attack timing' glass bench ''
    tab '--json --seconds --svg' glass bench attack --
    tab 'handshakes hellos' glass load h
    tab '--seconds --server-pid --svg' glass load room --s
}

# What is somebody else's stays, and nothing is written outside the place that was named.
cycle() {
    mkdir -p "$1$2/bin"
    : >"$1$2/bin/glass-of-water"
    put install "$1" "$2"
    mv "$1$2/bin/glass-of-water" "$scratch/kept"
    everything "$1" "$2"
    unit "$1" "$2" "$3"
    completion "$1" "$2"
    mv "$scratch/kept" "$1$2/bin/glass-of-water"
    put uninstall "$1" "$2"
    left=$(find "$1" -type f | sed "s|^$1||")
    [ "$left" = "$2/bin/glass-of-water" ] || complain "after make uninstall in $1$2 there is: $left"
    rm -r "$1"
}

cycle "$scratch/a root" /usr /usr
cycle "$scratch/a root" '/opt/my own' '/opt/my\x20own'
cycle "$scratch/it's here" '/opt/50%|&' '/opt/50%%|&'
[ "$(ls "$scratch")" = "$(printf 'found\nhosts\nout\ntab\nwanted')" ] ||
    complain "something was written elsewhere: $(ls "$scratch")"

[ "$failures" -eq 0 ] || exit 1
echo "check_install: make install puts everything where it should be, bash completes, make uninstall takes it away"
