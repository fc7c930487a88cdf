#include "app/server/verifier.h"

#include <string.h>

#include "crypto/ct.h"
#include "crypto/pbkdf2.h"

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

void verifier_dummy(struct verifier *v, uint32_t iterations, struct rng *rng)
{
    v->iterations = iterations;
    rng_key(rng, v->salt, sizeof v->salt);
    rng_key(rng, v->hash, sizeof v->hash); /* 256 random bits: no password is known to hash to them, nor can be found */
}
