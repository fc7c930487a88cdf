/* SPDX-License-Identifier: MIT */
/* The walk is shown for party 0; what the others come to, as one value each. */
#include "app/workbench/explain/explain_ring.h"

#include <assert.h>
#include <string.h>

#include "app/workbench/explain/show.h"
#include "crypto/bignum.h"
#include "crypto/hkdf.h"

#define NAME_LEN (RING_NAME_MAX + 16)

/* What is being explained, and where. */
struct explaining {
    FILE *to;
    const struct played_ring *p;
    const struct dh_group *g;
    bool all;
};

static void show_long(const struct explaining *e, const char *what, const char *whose, const uint8_t *data)
{
    char name[NAME_LEN];
    snprintf(name, sizeof name, *whose != '\0' ? "%s %s" : "%s%s", what, whose);
    if (e->all)
        show_value(e->to, name, data, e->g->p_len);
    else
        show_folded(e->to, name, data, e->g->p_len);
}

/* Whether number i of n is shown; says once that some are not. */
static bool is_shown(const struct explaining *e, size_t i, size_t n)
{
    if (e->all || n <= EXPLAIN_RING_SHOWN || i < EXPLAIN_RING_SHOWN - 2 || i == n - 1)
        return true;
    if (i == EXPLAIN_RING_SHOWN - 2)
        show_text(e->to, "...", "and so on: %zu more", n - 1 - i);
    return false;
}

/* out = a b mod p, or a / b; out may be a. */
static void combine(const struct dh_group *g, uint8_t *out, const uint8_t *a, const uint8_t *b, bool divide)
{
    mp_limb_t p[BIGNUM_MAX_LIMBS], x[BIGNUM_MAX_LIMBS], y[BIGNUM_MAX_LIMBS];
    const mp_size_t n = (mp_size_t)BIGNUM_LIMBS(g->p_len);
    bignum_from_bytes(p, g->p, g->p_len);
    bignum_from_bytes(x, a, g->p_len);
    bignum_from_bytes(y, b, g->p_len);
    if (divide) {
        int none = bignum_invert_public(y, y, p, n);
        assert(!none);
        (void)none;
    }
    bignum_mulm(x, x, y, p, n);
    bignum_to_bytes(out, g->p_len, x);
}

static const char *name_of(const struct explaining *e, size_t i)
{
    return e->p->name[i % e->p->n];
}

static void show_first(const struct explaining *e)
{
    const size_t n = e->p->n;
    char name[NAME_LEN];
    show_heading(e->to, "Round one: each draws r, and sends z = 2^r mod p, in %s", e->g->name);
    show_note(e->to,
              "The parties sit in a ring: the last one's neighbour is the first. Who receives a z checks it like "
              "a public value of two: its length, 1 < z < p-1, a square modulo p; and that no other party has "
              "sent the same.");
    for (size_t i = 0; i < n; i++)
        if (is_shown(e, i, n)) {
            snprintf(name, sizeof name, "r %s", name_of(e, i));
            show_value(e->to, name, e->p->party[i].own.x, e->g->x_len);
            show_long(e, "z", name_of(e, i), e->p->party[i].own.y);
        }
}

static void show_second(const struct explaining *e)
{
    const size_t n = e->p->n;
    uint8_t ratio[DH_PUBLIC_MAX_LEN], product[DH_PUBLIC_MAX_LEN] = {0};
    show_heading(e->to, "Round two: each sends X = (right neighbour's z / left one's)^r mod p");
    show_note(e->to, "With the left neighbour one has a secret of two, and with the right one another. X is the second "
                     "divided by the first: the step from one to the other, and neither of them.");
    product[e->g->p_len - 1] = 1;
    for (size_t i = 0; i < n; i++) {
        const struct ring *r = &e->p->party[i];
        combine(e->g, product, product, r->x[i], false);
        if (!is_shown(e, i, n))
            continue;
        combine(e->g, ratio, r->z[(i + 1) % n], r->z[(i + n - 1) % n], true);
        show_text(e->to, name_of(e, i), "sits between %s and %s", name_of(e, i + n - 1), name_of(e, i + 1));
        show_long(e, "ratio", "", ratio);
        show_long(e, "X", name_of(e, i), r->x[i]);
    }
    show_note(e->to, "Who takes all steps is back where the walk began: the product of all X must be 1.");
    show_long(e, "product", "", product);
}

/* Writes the K that is found. */
static void show_walk(const struct explaining *e, uint8_t *k)
{
    const struct ring *r = &e->p->party[0];
    const size_t n = e->p->n;
    uint8_t a[DH_PUBLIC_MAX_LEN];
    char step[NAME_LEN];
    int refused = dh_derive(a, &r->own, r->z[n - 1], e->g->p_len);
    assert(!refused);
    (void)refused;
    memcpy(k, a, e->g->p_len);
    show_heading(e->to, "K: %s's walk round the ring", name_of(e, 0));
    show_note(e->to,
              "A is a secret of two neighbours. The first comes of the left neighbour's z, as in any exchange of "
              "two; each X is the step to the next; and K is the product of all of them.");
    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            combine(e->g, a, a, r->x[i - 1], false);
            combine(e->g, k, k, a, false);
        }
        if (!is_shown(e, i, n))
            continue;
        snprintf(step, sizeof step, "step %zu", i);
        show_text(e->to, step, "A = %s: the secret of %s and %s", i == 0 ? "z^r" : "A X", name_of(e, i + n - 1),
                  name_of(e, i));
        show_long(e, "A", "", a);
    }
    show_value(e->to, "K", k, e->g->p_len);
}

static void show_others(const struct explaining *e, const uint8_t *k)
{
    uint8_t theirs[DH_PUBLIC_MAX_LEN];
    show_heading(e->to, "What the others come to, each from another place of the ring");
    for (size_t i = 1; i < e->p->n; i++) {
        int refused = ring_secret(theirs, &e->p->party[i]);
        assert(!refused && memcmp(theirs, k, e->g->p_len) == 0);
        (void)refused;
        if (is_shown(e, i, e->p->n))
            show_long(e, "K", name_of(e, i), theirs);
    }
    show_note(e->to,
              "The same K for all %zu, which is what crypto/ring.h comes to as well. Whoever listened has all z "
              "and all X, and no A to begin with.",
              e->p->n);
}

static void hash_all(uint8_t t[static SHA256_DIGEST_LEN], const struct explaining *e, const uint8_t *before,
                     bool second)
{
    const struct ring *r = &e->p->party[0];
    struct sha256 hash;
    sha256_init(&hash);
    sha256_update(&hash, before, SHA256_DIGEST_LEN);
    for (size_t i = 0; i < e->p->n; i++)
        sha256_update(&hash, second ? r->x[i] : r->z[i], e->g->p_len);
    sha256_final(&hash, t);
}

/* Writes T2. */
static void show_transcripts(const struct explaining *e, uint8_t t2[static SHA256_DIGEST_LEN])
{
    uint8_t t1[SHA256_DIGEST_LEN];
    hash_all(t1, e, e->p->party[0].parties, false);
    hash_all(t2, e, t1, true);
    show_heading(e->to, "What everybody has seen, hashed, and what is signed");
    show_value(e->to, "P", e->p->party[0].parties, SHA256_DIGEST_LEN);
    show_value(e->to, "T1", t1, sizeof t1);
    show_value(e->to, "T2", t2, SHA256_DIGEST_LEN);
    show_note(e->to,
              "P is the hash of the group and of all names in their order, T1 that of P and all z, T2 that of T1 "
              "and all X. Each signs its X with T1: so it is of this run, and of this ring. When it has K, each "
              "signs T2 and an HMAC under a key of K: so all know that all have the same.");
}

static void show_keys(const struct explaining *e, const uint8_t *k, const uint8_t t2[static SHA256_DIGEST_LEN])
{
    static const char label[] = "glasschat ring key";
    struct ring_keys keys;
    uint8_t prk[HKDF_PRK_LEN], info[sizeof label - 1 + SHA256_DIGEST_LEN], key[RING_KEY_LEN];
    memcpy(info, label, sizeof label - 1);
    memcpy(info + sizeof label - 1, t2, SHA256_DIGEST_LEN);
    hkdf_extract(prk, NULL, 0, k, e->g->p_len);
    hkdf_expand(key, sizeof key, prk, info, sizeof info);
    ring_derive(&keys, &e->p->party[0], k);
    assert(memcmp(key, keys.key, sizeof key) == 0);
    show_heading(e->to, "The keys (HKDF, RFC 5869)");
    show_note(e->to, "K becomes prk, and of prk and T2 come the keys, one to be used and one to confirm with: who has "
                     "seen anything else has other keys.");
    show_value(e->to, "prk", prk, sizeof prk);
    show_value(e->to, "key", keys.key, sizeof keys.key);
    show_value(e->to, "confirm", keys.confirm, sizeof keys.confirm);
    show_note(e->to, "Now each party wipes r, every A, K and prk. It keeps the keys, and what everybody has seen.");
}

static void show_cost(const struct explaining *e)
{
    const size_t n = e->p->n;
    show_heading(e->to, "What it costs each party");
    show_note(
        e->to,
        "One power of 2, two other powers, %zu products, and %zu values of others to check; two values to send. "
        "An exchange of two with each of the others takes %zu powers, and gives as many keys. But all %zu must be "
        "there: with one X missing nobody has K.",
        2 * (n - 1) + n, 2 * (n - 1), n - 1, n);
}

void explain_ring(FILE *to, const struct played_ring *p, bool all)
{
    const struct explaining e = {.to = to, .p = p, .g = p->party[0].group, .all = all};
    uint8_t k[DH_PUBLIC_MAX_LEN], own[DH_PUBLIC_MAX_LEN], t2[SHA256_DIGEST_LEN];
    show_first(&e);
    show_second(&e);
    show_walk(&e, k);
    int refused = ring_secret(own, &p->party[0]);
    assert(!refused && memcmp(own, k, e.g->p_len) == 0);
    (void)refused;
    show_others(&e, k);
    show_transcripts(&e, t2);
    show_keys(&e, k, t2);
    show_cost(&e);
}
