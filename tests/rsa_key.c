/* SPDX-License-Identifier: MIT */
/* Read from the known answers each time: RSA keys take seconds to make. */
#include "tests/rsa_key.h"

#include "tests/test.h"
#include "tests/vec.h"

static void read_key(struct vec *v, struct rsa_private *key)
{
    memcpy(key->n, vec_hex_n(v, "n", sizeof key->n), sizeof key->n);
    memcpy(key->d, vec_hex_n(v, "d", sizeof key->d), sizeof key->d);
    memcpy(key->p, vec_hex_n(v, "p", sizeof key->p), sizeof key->p);
    memcpy(key->q, vec_hex_n(v, "q", sizeof key->q), sizeof key->q);
    memcpy(key->dp, vec_hex_n(v, "dp", sizeof key->dp), sizeof key->dp);
    memcpy(key->dq, vec_hex_n(v, "dq", sizeof key->dq), sizeof key->dq);
    memcpy(key->qinv, vec_hex_n(v, "qinv", sizeof key->qinv), sizeof key->qinv);
}

/* They are the first two records. */
void rsa_key(struct rsa_private *key, int which)
{
    struct vec *v = vec_open("rsa");
    for (int i = 1; i <= which; i++) {
        assert_true(vec_next(v));
        read_key(v, key);
    }
    vec_close(v);
}
