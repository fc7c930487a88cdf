#!/bin/sh
# SPDX-License-Identifier: MIT
# Shows that tests/grade.sh tells right from wrong: a primitive's own file is ok in its place, and one that is wrong,
# endless, empty or no C gets a line that says so. From the top of the tree; BUILD says where it is built.
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM
failures=0

# expect STATUS LINE STEM FILE: how it ends, and what the first line of what it prints begins with.
expect() {
    tests/grade.sh "$3" "$4" >"$scratch/out" 2>&1
    status=$?
    line=$(head -n 1 "$scratch/out")
    case $status:$line in
    "$1:$2"*) ;;
    *)
        echo "check_grade: $3 with $4 ended with $status and: $line" >&2
        failures=$((failures + 1))
        ;;
    esac
}

for stem in ct aes_ref cbc pkcs7 sha256_ref hmac etm hkdf dh rsa pem totp; do
    expect 0 "ok      crypto/$stem.c: " "$stem" "crypto/$stem.c"
done

wrong=$scratch/wrong.c
sed 's/ct_lt(n, BLOCK_LEN + 1)/ct_lt(n, BLOCK_LEN + 2)/' crypto/pkcs7.c >"$wrong"
if cmp -s crypto/pkcs7.c "$wrong"; then
    echo "check_grade: crypto/pkcs7.c has changed: break it in another place" >&2
    exit 1
fi
expect 1 "FAILED  $wrong: test_vectors: at vectors/pkcs7.txt, 'seventeen': " pkcs7 "$wrong"
sed 's/^{$/{ for (;;) continue;/' crypto/pkcs7.c >"$wrong"
GRADE_SECONDS=2 expect 1 "FAILED  $wrong: test_vectors: still running after 2 seconds" pkcs7 "$wrong"
: >"$wrong"
expect 1 "FAILED  $wrong: does not compile: undefined reference to \`pkcs7_" pkcs7 "$wrong"
echo 'nonsense' >"$wrong"
expect 1 "FAILED  $wrong: does not compile: $wrong:1:" pkcs7 "$wrong"
expect 2 "grade: there is no crypto/nothing.c" nothing "$wrong"
expect 2 "grade: $scratch/none can't be read" pkcs7 "$scratch/none"

[ "$failures" -eq 0 ] || exit 1
echo "check_grade: what is right is ok, and what is wrong is told where"
