/* SPDX-License-Identifier: MIT */
/* A secret is kept as its HMAC under a random key: so what is remembered can be compared with what is typed, and says
 * nothing to whoever gets hold of it without the key. All tags are compared, wherever the right one is. */
#include "app/client/line/given_secrets.h"

#include "crypto/ct.h"
#include "crypto/rng.h"

static void make_tag(uint8_t tag[static HMAC_TAG_LEN], const struct given_secrets *g, const void *data, size_t len)
{
    struct hmac_key key;
    hmac_key_init(&key, g->key, sizeof g->key);
    hmac_message(tag, &key, data, len);
    hmac_key_wipe(&key);
}

static void draw_key(struct given_secrets *g)
{
    struct rng rng;
    rng_init(&rng);
    rng_key(&rng, g->key, sizeof g->key);
    rng_wipe(&rng);
}

void given_secrets_add(struct given_secrets *g, const void *secret, size_t len)
{
    if (len == 0)
        return;
    if (g->added == 0)
        draw_key(g);
    if (!given_secrets_has(g, secret, len))
        make_tag(g->tags[g->added++ % GIVEN_SECRETS_MAX], g, secret, len);
}

void given_secrets_wipe(struct given_secrets *g)
{
    ct_wipe(g, sizeof *g);
}

bool given_secrets_has(const struct given_secrets *g, const void *text, size_t len)
{
    uint8_t tag[HMAC_TAG_LEN];
    size_t n = g->added < GIVEN_SECRETS_MAX ? g->added : GIVEN_SECRETS_MAX;
    int found = 0;
    if (n == 0)
        return false;
    make_tag(tag, g, text, len);
    for (size_t i = 0; i < n; i++)
        found |= ct_equal(tag, g->tags[i], sizeof tag);
    ct_wipe(tag, sizeof tag);
    return found != 0;
}
