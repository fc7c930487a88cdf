#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the commands of the documents named as arguments: each block that opens with ```sh, from the top of the tree, with
# `sh -eu` and a bound of ten minutes. Blocks that open otherwise (```console, ```) are there to be looked at.
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

failed=0
for document; do
    rm -f "$scratch"/block-*
    awk -v out="$scratch/block-" '
        /^```sh$/ { inside = 1; n++; next }
        /^```/ { inside = 0; next }
        inside { print > (out sprintf("%03d", n)) }' "$document"
    for block in "$scratch"/block-*; do
        [ -e "$block" ] || continue
        if timeout 600 sh -eu "$block" >"$scratch/log" 2>&1 </dev/null; then
            sed "s|^|ok      $document: |" "$block" | head -n 1
        else
            echo "FAILED  $document, this block (status $?):"
            sed 's/^/    /' "$block"
            tail -n 30 "$scratch/log" | sed 's/^/    | /'
            failed=$((failed + 1))
        fi
    done
done
[ "$failed" -eq 0 ] || { echo "documents: $failed blocks failed" >&2; exit 1; }
