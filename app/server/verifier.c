#include "app/server/verifier.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "crypto/ct.h"
#include "crypto/pbkdf2.h"
#include "crypto/pbkdf2_many.h"
#include "crypto/sha256_many.h"

void verifier_make(struct verifier *v, const uint8_t *password, size_t len, uint32_t iterations, struct rng *rng)
{
    v->iterations = iterations;
    rng_key(rng, v->salt, sizeof v->salt);
    pbkdf2_derive(v->hash, sizeof v->hash, password, len, v->salt, sizeof v->salt, iterations);
}

int verifier_check(const struct verifier *v, const uint8_t *password, size_t len)
{
    uint8_t hash[VERIFIER_HASH_LEN];
    pbkdf2_derive(hash, sizeof hash, password, len, v->salt, sizeof v->salt, v->iterations);
    int same = ct_equal(hash, v->hash, sizeof hash);
    ct_wipe(hash, sizeof hash);
    return same;
}

size_t verifier_many_least(void)
{
    return sha256_many_worthwhile() ? PBKDF2_MANY_LEAST : 0;
}

/* Derives the hashes of those that have as many iterations as the first one not yet done; returns how many. */
static size_t derive_alike(const struct verifier_try tries[], size_t n, bool done[],
                           uint8_t hashes[][VERIFIER_HASH_LEN])
{
    struct pbkdf2_one one[VERIFIER_MANY_MAX];
    uint32_t iterations = 0;
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        const struct verifier *v = tries[i].v;
        if (done[i] || (len > 0 && v->iterations != iterations))
            continue;
        iterations = v->iterations;
        one[len++] = (struct pbkdf2_one){hashes[i], tries[i].password, tries[i].len, v->salt, sizeof v->salt};
        done[i] = true;
    }
    pbkdf2_derive_many(one, len, iterations);
    return len;
}

void verifier_check_many(struct verifier_try tries[], size_t n)
{
    assert(n > 0 && n <= VERIFIER_MANY_MAX);
    uint8_t hashes[VERIFIER_MANY_MAX][VERIFIER_HASH_LEN];
    bool done[VERIFIER_MANY_MAX] = {false};
    for (size_t derived = 0; derived < n;)
        derived += derive_alike(tries, n, done, hashes);
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
    rng_key(rng, v->hash, sizeof v->hash); /* 256 random bits: no password is known to hash to them, nor can be found */
}
