/* SPDX-License-Identifier: MIT */
#include "app/client/hush.h"

#include "crypto/ct.h"
#include "crypto/rng.h"

static void make_tag(uint8_t tag[static HMAC_TAG_LEN], const struct hush *h, const void *data, size_t len)
{
    struct hmac_key key;
    hmac_key_init(&key, h->key, sizeof h->key);
    hmac_message(tag, &key, data, len);
    hmac_key_wipe(&key);
}

static void draw_key(struct hush *h)
{
    struct rng rng;
    rng_init(&rng);
    rng_key(&rng, h->key, sizeof h->key);
    rng_wipe(&rng);
}

void hush_add(struct hush *h, const void *secret, size_t len)
{
    if (len == 0)
        return;
    if (h->added == 0)
        draw_key(h);
    if (!hush_has(h, secret, len))
        make_tag(h->tags[h->added++ % HUSH_MAX], h, secret, len);
}

void hush_wipe(struct hush *h)
{
    ct_wipe(h, sizeof *h);
}

bool hush_has(const struct hush *h, const void *text, size_t len)
{
    uint8_t tag[HMAC_TAG_LEN];
    size_t n = h->added < HUSH_MAX ? h->added : HUSH_MAX;
    int found = 0;
    if (n == 0)
        return false;
    make_tag(tag, h, text, len);
    for (size_t i = 0; i < n; i++)
        found |= ct_equal(tag, h->tags[i], sizeof tag);
    ct_wipe(tag, sizeof tag);
    return found != 0;
}
