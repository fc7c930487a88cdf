#!/bin/sh
# SPDX-License-Identifier: MIT
# Shows that `make compile_commands.json` lists every source with what really compiles it, its own flags included:
# aes_ni.c compiles with no others on x86-64. From the top of the tree; needs python3.
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM

MAKEFLAGS="" make -s -j2 BUILD="$scratch" CFLAGS='-DWORDS="\"two words\""' "$scratch/compile_commands.json" || exit 1
find app crypto net tests -name '*.c' | sort >"$scratch/sources"
/usr/bin/python3 - "$scratch" <<'END' || exit 1
import json, subprocess, sys
scratch = sys.argv[1]
with open(scratch + "/compile_commands.json") as f:
    commands = {entry["file"]: entry for entry in json.load(f)}
with open(scratch + "/sources") as f:
    sources = f.read().split()
if sorted(commands) != sorted(sources):
    sys.exit("check_commands: not these: %s" % sorted(set(commands) ^ set(sources)))
for source in "crypto/aes_ni.c", "tests/test_aes.c":
    entry = commands[source]
    subprocess.run(entry["arguments"], cwd=entry["directory"], check=True)
    if '-DWORDS="two words"' not in entry["arguments"]:
        sys.exit("check_commands: an argument of two words came out as %s" % entry["arguments"])
END
for object in crypto/aes_ni tests/test_aes; do
    [ -s "$scratch/obj/$object.o" ] || { echo "check_commands: $object.c was not compiled" >&2; exit 1; }
done
echo "check_commands: compile_commands.json has every source, and compiles it"
