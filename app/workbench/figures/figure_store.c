/* SPDX-License-Identifier: MIT */
/* A line of the accounts file, field by field, as app/server/store writes it, which no other program may include:
 * tests/test_figure_values.c reads it with that. The account is made up; its hash and the checksum are right. */
#include <string.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/figure.h"
#include "crypto/base64.h"
#include "crypto/pbkdf2.h"
#include "crypto/sha256.h"

#define SALT_LEN 16
#define CHECKSUM_LEN 4 /* bytes of a digest */

static const char account[] = "alice\temail=alice@example.org\tcreated=1735689600\tpbkdf2=";
static const char password[] = "correct horse";

static void field(FILE *to, int row, enum draw_role role, const char *what, const char *text, size_t len)
{
    int y = 84 + row * 66;
    draw_text(to, 20, y - 8, "small", "%s", what);
    draw_box(to, 20, y, (int)len * 11 + 28, 34, role, "#%.*s", (int)len, text);
}

void figure_store(FILE *to)
{
    static const char *const names[] = {"the name: the last line of a name counts", "the e-mail address",
                                        "when the account was made, in seconds since 1970"};
    uint8_t salt[SALT_LEN], hash[32], digest[SHA256_DIGEST_LEN];
    char salt_text[BASE64_LEN(SALT_LEN) + 1], hash_text[BASE64_LEN(32) + 1], line[300],
        checksum[1 + 2 * CHECKSUM_LEN + 1];
    for (uint8_t i = 0; i < SALT_LEN; i++)
        salt[i] = (uint8_t)(17 * i);
    pbkdf2_derive(hash, sizeof hash, (const uint8_t *)password, sizeof password - 1, salt, sizeof salt,
                  FIGURE_ITERATIONS);
    base64_encode(salt_text, salt, sizeof salt);
    base64_encode(hash_text, hash, sizeof hash);
    int len = snprintf(line, sizeof line, "%s%d:%s:%s\t", account, FIGURE_ITERATIONS, salt_text, hash_text);
    sha256_digest(digest, line, (size_t)len);
    checksum[0] = '#';
    hex_encode(checksum + 1, digest, CHECKSUM_LEN);
    const char *at = line;
    for (int row = 0; row < 3; row++) {
        field(to, row, DRAW_PLAIN, names[row], at, strcspn(at, "\t"));
        at += strcspn(at, "\t") + 1;
    }
    field(to, 3, DRAW_PLAIN, "how the password was hashed: PBKDF2-HMAC-SHA-256, so many iterations", at,
          strcspn(at, ":"));
    field(to, 4, DRAW_PLAIN, "the salt, random bytes in base64", salt_text, strlen(salt_text));
    field(to, 5, DRAW_SECRET, "the hash, in base64: the password itself is nowhere", hash_text, strlen(hash_text));
    field(to, 6, DRAW_GOOD, "the checksum: the line's SHA-256 begins so; it finds damage, not forgery", checksum,
          strlen(checksum));
}
