#!/bin/sh
# SPDX-License-Identifier: MIT
# Shows that `make install` puts what it should where it is told to, a blank in the path or not, and that `make uninstall`
# takes that away and nothing else. From the top of the tree; BUILD=DIR says where the programs are built already.
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

# put TARGET DESTDIR PREFIX; -o all: nothing is built for it, as the flags that the programs were built with are not known.
put() {
    (umask 077 && make -s -o all "$1" BUILD="$BUILD" DESTDIR="$2" PREFIX="$3") >"$scratch/out" 2>&1 ||
        complain "make $1 failed: $(cat "$scratch/out")"
}

# files FOLDER: each file below it with its mode.
files() {
    (cd "$1" && find . -type f -exec stat -c '%a %n' {} + | sort -k 2)
}

# everything DESTDIR PREFIX: what is to be there is there, and nothing else.
everything() {
    files "$1$2" >"$scratch/found"
    cat >"$scratch/wanted" <<END
755 ./bin/glass
755 ./bin/glasschat
755 ./bin/glasschatd
644 ./lib/systemd/system/glasschatd.service
644 ./lib/sysusers.d/glasschatd.conf
END
    diff "$scratch/wanted" "$scratch/found" >"$scratch/out" || complain "not as wanted in $1$2: $(cat "$scratch/out")"
    version=$(sed -n 's/^#define GLASSCHAT_VERSION "\(.*\)"$/\1/p' app/version.h)
    for name in glasschatd glasschat glass; do
        said=$("$1$2/bin/$name" --version 2>&1)
        [ "$said" = "$name $version" ] || complain "$name --version says: $said"
    done
}

# unit DESTDIR PREFIX START: the unit starts the program that was installed, written as systemd reads it.
unit() {
    grep -qxF "ExecStart=$3/bin/glasschatd --listen [::]:7447 --data /var/lib/glasschat \$GLASSCHATD_OPTIONS" \
        "$1$2/lib/systemd/system/glasschatd.service" || complain "the unit of $2 does not start $3/bin/glasschatd"
}

# What is somebody else's stays, and nothing is written beside the place that was named.
cycle() {
    mkdir -p "$1$2/bin"
    : >"$1$2/bin/glass-of-water"
    put install "$1" "$2"
    mv "$1$2/bin/glass-of-water" "$scratch/kept"
    everything "$1" "$2"
    unit "$1" "$2" "$3"
    mv "$scratch/kept" "$1$2/bin/glass-of-water"
    put uninstall "$1" "$2"
    left=$(find "$1" -type f | sed "s|^$1||")
    [ "$left" = "$2/bin/glass-of-water" ] || complain "after make uninstall in $1$2 there is: $left"
    rm -r "$1"
}

cycle "$scratch/a root" /usr /usr
cycle "$scratch/a root" '/opt/my own' '/opt/my\x20own'
cycle "$scratch/it's here" '/opt/50%|&' '/opt/50%%|&'
[ "$(ls "$scratch")" = "$(printf 'found\nout\nwanted')" ] || complain "something was written elsewhere: $(ls "$scratch")"

[ "$failures" -eq 0 ] || exit 1
echo "check_install: make install puts everything where it should be, and make uninstall takes it away"
