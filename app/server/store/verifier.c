/* SPDX-License-Identifier: MIT */
/* The text is `iterations:salt:hash`, the last two in base64. Each verifier has exactly one text, so that texts can be
 * compared as they are, and reading accepts only what writing makes. */
#include "app/server/store/verifier.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "crypto/base64.h"
#include "crypto/ct.h"
#include "crypto/pbkdf2.h"
#include "crypto/pbkdf2_many.h"

void verifier_make(struct verifier *v, const uint8_t *password, size_t len, uint32_t iterations, struct rng *rng)
{
    v->iterations = iterations;
    rng_key(rng, v->salt, sizeof v->salt);
    pbkdf2_derive(v->hash, sizeof v->hash, password, len, v->salt, sizeof v->salt, iterations);
}

void verifier_make_many(const struct verifier_new news[], size_t n, uint32_t iterations, struct rng *rng)
{
    struct pbkdf2_one one[VERIFIER_MANY_MAX];
    assert(n > 0 && n <= VERIFIER_MANY_MAX);
    for (size_t i = 0; i < n; i++) {
        struct verifier *v = news[i].v;
        v->iterations = iterations;
        rng_key(rng, v->salt, sizeof v->salt);
        one[i] = (struct pbkdf2_one){v->hash, news[i].password, news[i].len, v->salt, sizeof v->salt, iterations};
    }
    pbkdf2_derive_many(one, n, 0);
}

void verifier_encode(char text[VERIFIER_TEXT_MAX], const struct verifier *v)
{
    int len = snprintf(text, VERIFIER_TEXT_MAX, "%u:", (unsigned)v->iterations);
    base64_encode(text + len, v->salt, sizeof v->salt);
    len += (int)BASE64_LEN(sizeof v->salt);
    text[len++] = ':';
    base64_encode(text + len, v->hash, sizeof v->hash);
}

/* The iterations have no leading zero: each number has exactly one text. */
static int read_iterations(uint32_t *iterations, const char *text, size_t len)
{
    uint32_t n = 0;
    if (len < 1 || len > 9 || text[0] == '0')
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        n = n * 10 + (uint32_t)(text[i] - '0');
    }
    *iterations = n;
    return n <= VERIFIER_ITERATIONS_MAX ? 0 : -1;
}

int verifier_decode(struct verifier *v, const char *text)
{
    struct verifier read;
    size_t digits = strcspn(text, ":"), salt_len = BASE64_LEN(sizeof v->salt), hash_len = BASE64_LEN(sizeof v->hash);
    size_t salt_got, hash_got;
    if (read_iterations(&read.iterations, text, digits) != 0 || strlen(text) != digits + salt_len + hash_len + 2)
        return -1;
    const char *salt = text + digits + 1, *hash = salt + salt_len + 1;
    if (base64_decode(read.salt, sizeof read.salt, &salt_got, salt, salt_len) != 0 || salt[salt_len] != ':' ||
        base64_decode(read.hash, sizeof read.hash, &hash_got, hash, hash_len) != 0)
        return -1;
    if (salt_got != sizeof read.salt || hash_got != sizeof read.hash)
        return -1;
    *v = read;
    ct_wipe(&read, sizeof read);
    return 0;
}

bool verifier_check(const struct verifier *v, const uint8_t *password, size_t len)
{
    uint8_t hash[VERIFIER_HASH_LEN];
    pbkdf2_derive(hash, sizeof hash, password, len, v->salt, sizeof v->salt, v->iterations);
    bool same = ct_equal(hash, v->hash, sizeof hash);
    ct_wipe(hash, sizeof hash);
    return same;
}

size_t verifier_many_least(void)
{
    return pbkdf2_many_least();
}

void verifier_check_many(struct verifier_try tries[], size_t n, uint32_t iterations)
{
    assert(n > 0 && n <= VERIFIER_MANY_MAX);
    struct pbkdf2_one one[VERIFIER_MANY_MAX];
    uint8_t hashes[VERIFIER_MANY_MAX][VERIFIER_HASH_LEN];
    for (size_t i = 0; i < n; i++) {
        const struct verifier *v = tries[i].v;
        one[i] = (struct pbkdf2_one){hashes[i], tries[i].password, tries[i].len,
                                     v->salt,   sizeof v->salt,    v->iterations};
    }
    pbkdf2_derive_many(one, n, iterations);
    for (size_t i = 0; i < n; i++)
        tries[i].right = ct_equal(hashes[i], tries[i].v->hash, VERIFIER_HASH_LEN);
    ct_wipe(hashes, sizeof hashes);
}

void verifier_even_out(const struct verifier *v, const uint8_t *password, size_t len, uint32_t iterations)
{
    uint8_t hash[VERIFIER_HASH_LEN];
    if (v->iterations >= iterations)
        return;
    pbkdf2_derive(hash, sizeof hash, password, len, v->salt, sizeof v->salt, iterations - v->iterations);
    ct_wipe(hash, sizeof hash);
}

void verifier_dummy(struct verifier *v, uint32_t iterations, struct rng *rng)
{
    v->iterations = iterations;
    rng_key(rng, v->salt, sizeof v->salt);
    rng_key(rng, v->hash, sizeof v->hash); /* 256 random bits: nobody can find a password that hashes to them */
}
