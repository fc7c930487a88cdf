#!/bin/sh
# SPDX-License-Identifier: MIT
# Gradescope runs this once, as root, when it makes the image that submissions are graded in: Ubuntu 22.04 is meant, its
# default; Debian 12 does as well. Builds the grader there, so that the kit is of the compiler and the library that
# submissions are built with, and then removes the sources: the solutions are among them.
# AUTOGRADER names another folder than /autograder, to try it elsewhere.
set -eu
root=${AUTOGRADER:-/autograder}
cd "$root/source/tree"
sh tests/deps.sh gcc binutils libc6-dev make libgmp-dev valgrind python3
make -s -j"$(getconf _NPROCESSORS_ONLN)" CC=gcc LIBCRYPTO=no LIBNETTLE=no LIBGCRYPT=no LIBEDIT=no BUILD=build build/glass kit
rm -rf "$root/glasschat"
mkdir "$root/glasschat"
mv build/glass build/kit ../options "$root/glasschat"
[ ! -e ../secret ] || mv ../secret "$root/glasschat"
cd ..
rm -rf tree
"$root/glasschat/glass" grade --list
