/* SPDX-License-Identifier: MIT */
/* Two neighbours in the ring have a Diffie-Hellman secret of two, A_i = 2^(r_(i-1) r_i) between party i and its left
 * neighbour. K is the product of all n of these. A party knows only the two at its sides; what gets it further is that
 * every X is the step from one to the next:
 *
 *      A_(i+1) / A_i = z_(i+1)^r_i / z_(i-1)^r_i = X_i         so A_(i+1) = A_i X_i, A_(i+2) = A_(i+1) X_(i+1), ...
 *
 * So from its own A it walks once round the ring, and multiplies up what it comes by: A_i counts n times, X_i in n - 1
 * of the A, X_(i+1) in n - 2, which is the formula of K. Who listens has all the steps, and no A to begin with. And who
 * goes on by one step comes back to where the walk began: all X multiply to 1.
 *
 * X_i is a power of one number, the ratio of two public ones, so that dh_derive makes it, as it makes A_i; nothing here
 * raises anything to a secret exponent by itself. */
#include "crypto/ring.h"

#include <assert.h>
#include <string.h>

#include "crypto/bignum.h"
#include "crypto/ct.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"

#define LIMBS BIGNUM_LIMBS(DH_PUBLIC_MAX_LEN)

static const char parties_label[] = "glasschat ring";
static const char second_label[] = "glasschat ring round two";
static const char confirmed_label[] = "glasschat ring confirmed";
static const char key_label[] = "glasschat ring key";
static const char confirm_label[] = "glasschat ring confirm";

/* --- Round one ---------------------------------------------------------------------------------------------------- */

static bool names_are_right(const char *const names[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(names[i]);
        if (len < 1 || len > RING_NAME_MAX)
            return false;
        for (size_t j = 0; j < i; j++)
            if (strcmp(names[i], names[j]) == 0)
                return false;
    }
    return true;
}

static void hash_parties(struct ring *r, const char *const names[])
{
    struct sha256 hash;
    const uint8_t numbers[2] = {(uint8_t)r->group->id, (uint8_t)r->n};
    sha256_init(&hash);
    sha256_update(&hash, parties_label, sizeof parties_label);
    sha256_update(&hash, numbers, sizeof numbers);
    for (size_t i = 0; i < r->n; i++) {
        const uint8_t len = (uint8_t)strlen(names[i]);
        sha256_update(&hash, &len, 1);
        sha256_update(&hash, names[i], len);
    }
    sha256_final(&hash, r->parties);
}

int ring_begin(struct ring *r, const struct dh_group *g, const char *const names[], size_t n, size_t self,
               struct rng *rng)
{
    if (n < RING_MIN || n > RING_MAX || self >= n || !names_are_right(names, n))
        return -1;
    memset(r, 0, sizeof *r);
    r->group = g;
    r->n = n;
    r->self = self;
    hash_parties(r, names);
    dh_generate(&r->own, g, rng);
    memcpy(r->z[self], r->own.y, g->p_len);
    r->has_z[self] = true;
    return 0;
}

static bool has_all(const struct ring *r, const bool has[static RING_MAX])
{
    bool all = true;
    for (size_t i = 0; i < r->n; i++)
        all &= has[i];
    return all;
}

int ring_take_z(struct ring *r, size_t i, const uint8_t *z, size_t z_len)
{
    assert(i < r->n && !r->has_z[i]);
    if (dh_check_public(r->group, z, z_len) != 0)
        return -1;
    for (size_t j = 0; j < r->n; j++)
        if (r->has_z[j] && ct_equal(r->z[j], z, z_len))
            return -1;
    memcpy(r->z[i], z, z_len);
    r->has_z[i] = true;
    return 0;
}

/* --- Round two ---------------------------------------------------------------------------------------------------- */

static size_t left(const struct ring *r, size_t i)
{
    return (i + r->n - 1) % r->n;
}

static size_t right(const struct ring *r, size_t i)
{
    return (i + 1) % r->n;
}

static void set_one(uint8_t *x, const struct dh_group *g)
{
    memset(x, 0, g->p_len);
    x[g->p_len - 1] = 1;
}

/* ratio = z_right / z_left, all of it public. */
static void divide(uint8_t *ratio, const struct ring *r)
{
    mp_limb_t p[LIMBS], a[LIMBS], b[LIMBS];
    const mp_size_t limbs = (mp_size_t)BIGNUM_LIMBS(r->group->p_len);
    bignum_from_bytes(p, r->group->p, r->group->p_len);
    bignum_from_bytes(a, r->z[right(r, r->self)], r->group->p_len);
    bignum_from_bytes(b, r->z[left(r, r->self)], r->group->p_len);
    int none = bignum_invert_public(b, b, p, limbs);
    assert(!none); /* each was checked, so it is no multiple of p */
    (void)none;
    bignum_mulm(a, a, b, p, limbs);
    bignum_to_bytes(ratio, r->group->p_len, a);
}

void ring_second(struct ring *r)
{
    uint8_t ratio[DH_PUBLIC_MAX_LEN];
    assert(has_all(r, r->has_z) && !r->has_x[r->self]);
    if (r->n == 2) {
        set_one(r->x[r->self], r->group); /* both neighbours are the same one */
    } else {
        divide(ratio, r);
        int refused = dh_derive(r->x[r->self], &r->own, ratio, r->group->p_len);
        assert(!refused); /* a ratio of squares is a square, and of different ones not 1 */
        (void)refused;
    }
    r->has_x[r->self] = true;
}

int ring_take_x(struct ring *r, size_t i, const uint8_t *x, size_t x_len)
{
    uint8_t one[DH_PUBLIC_MAX_LEN];
    assert(has_all(r, r->has_z) && i < r->n && i != r->self && !r->has_x[i]);
    set_one(one, r->group);
    if (r->n == 2 && (x_len != r->group->p_len || !ct_equal(x, one, x_len)))
        return -1;
    if (r->n > 2 && dh_check_public(r->group, x, x_len) != 0)
        return -1;
    memcpy(r->x[i], x, x_len);
    r->has_x[i] = true;
    return 0;
}

/* T1, or T2 as well. */
static void hash_values(uint8_t t[static SHA256_DIGEST_LEN], const uint8_t before[static SHA256_DIGEST_LEN],
                        const struct ring *r, const uint8_t value[static RING_MAX][DH_PUBLIC_MAX_LEN])
{
    struct sha256 hash;
    sha256_init(&hash);
    sha256_update(&hash, before, SHA256_DIGEST_LEN);
    for (size_t i = 0; i < r->n; i++)
        sha256_update(&hash, value[i], r->group->p_len);
    sha256_final(&hash, t);
}

static void first_transcript(uint8_t t1[static SHA256_DIGEST_LEN], const struct ring *r)
{
    assert(has_all(r, r->has_z));
    hash_values(t1, r->parties, r, r->z);
}

static void second_transcript(uint8_t t2[static SHA256_DIGEST_LEN], const struct ring *r)
{
    assert(has_all(r, r->has_x));
    first_transcript(t2, r);
    hash_values(t2, t2, r, r->x);
}

/* What party i signs in round two. All parties are in it, so that it is good in no other ring; all z, of which each is
 * fresh, so in no other run; and i, so for nobody else. CAUTION: without T1 an X of yesterday, signed yesterday, would
 * be taken; tests/test_ring.c: test_a_signature_is_of_one_run. */
#define SECOND_MAX (sizeof second_label + SHA256_DIGEST_LEN + 1 + DH_PUBLIC_MAX_LEN)
static size_t second_statement(uint8_t out[static SECOND_MAX], const struct ring *r, size_t i)
{
    uint8_t *at = out;
    assert(i < r->n && r->has_x[i]);
    memcpy(at, second_label, sizeof second_label);
    at += sizeof second_label;
    first_transcript(at, r);
    at += SHA256_DIGEST_LEN;
    *at++ = (uint8_t)i;
    memcpy(at, r->x[i], r->group->p_len);
    return (size_t)(at - out) + r->group->p_len;
}

int ring_sign(uint8_t sig[static RSA_SIGNATURE_LEN], const struct ring *r, const struct rsa_private *key,
              struct rng *rng)
{
    uint8_t statement[SECOND_MAX];
    size_t len = second_statement(statement, r, r->self);
    return rsa_pss_sign(sig, key, statement, len, rng);
}

int ring_verify(const struct ring *r, size_t i, const struct rsa_public *pub,
                const uint8_t sig[static RSA_SIGNATURE_LEN])
{
    uint8_t statement[SECOND_MAX];
    size_t len = second_statement(statement, r, i);
    return rsa_pss_verify(pub, statement, len, sig);
}

/* --- The key ------------------------------------------------------------------------------------------------------ */

/* Whether the walk comes back to where it began. Nothing here is secret. */
static bool multiply_to_one(const struct ring *r)
{
    mp_limb_t p[LIMBS], x[LIMBS], product[LIMBS] = {1};
    uint8_t one[DH_PUBLIC_MAX_LEN], got[DH_PUBLIC_MAX_LEN];
    const mp_size_t limbs = (mp_size_t)BIGNUM_LIMBS(r->group->p_len);
    bignum_from_bytes(p, r->group->p, r->group->p_len);
    for (size_t i = 0; i < r->n; i++) {
        bignum_from_bytes(x, r->x[i], r->group->p_len);
        bignum_mulm(product, product, x, p, limbs);
    }
    bignum_to_bytes(got, r->group->p_len, product);
    set_one(one, r->group);
    return ct_equal(got, one, r->group->p_len);
}

/* k gets A_self, and leaves with the product of all A. */
static void walk(uint8_t *k, const struct ring *r)
{
    mp_limb_t p[LIMBS], x[LIMBS], a[LIMBS], product[LIMBS];
    const mp_size_t limbs = (mp_size_t)BIGNUM_LIMBS(r->group->p_len);
    bignum_from_bytes(p, r->group->p, r->group->p_len);
    bignum_from_bytes(a, k, r->group->p_len);
    memcpy(product, a, sizeof a);
    for (size_t i = r->self, steps = r->n - 1; steps > 0; i = right(r, i), steps--) {
        bignum_from_bytes(x, r->x[i], r->group->p_len);
        bignum_mulm(a, a, x, p, limbs); /* A_(i+1) */
        bignum_mulm(product, product, a, p, limbs);
    }
    bignum_to_bytes(k, r->group->p_len, product);
    ct_wipe(a, sizeof a);
    ct_wipe(product, sizeof product);
}

int ring_secret(uint8_t *k, const struct ring *r)
{
    assert(has_all(r, r->has_x) && r->own.group != NULL);
    if (!multiply_to_one(r))
        return -1;
    int refused = dh_derive(k, &r->own, r->z[left(r, r->self)], r->group->p_len);
    assert(!refused); /* it was checked when it was taken */
    (void)refused;
    walk(k, r);
    return 0;
}

static void expand(uint8_t out[static RING_KEY_LEN], const uint8_t prk[static HKDF_PRK_LEN], const char *label,
                   size_t label_len, const uint8_t t2[static SHA256_DIGEST_LEN])
{
    uint8_t info[HKDF_INFO_MAX];
    memcpy(info, label, label_len);
    memcpy(info + label_len, t2, SHA256_DIGEST_LEN);
    hkdf_expand(out, RING_KEY_LEN, prk, info, label_len + SHA256_DIGEST_LEN);
}

void ring_derive(struct ring_keys *keys, const struct ring *r, const uint8_t *k)
{
    uint8_t prk[HKDF_PRK_LEN], t2[SHA256_DIGEST_LEN];
    second_transcript(t2, r);
    hkdf_extract(prk, NULL, 0, k, r->group->p_len);
    expand(keys->key, prk, key_label, sizeof key_label - 1, t2);
    expand(keys->confirm, prk, confirm_label, sizeof confirm_label - 1, t2);
    ct_wipe(prk, sizeof prk);
}

int ring_finish(struct ring_keys *keys, struct ring *r)
{
    uint8_t k[DH_PUBLIC_MAX_LEN];
    int refused = ring_secret(k, r);
    if (!refused)
        ring_derive(keys, r, k);
    dh_wipe(&r->own);
    ct_wipe(k, sizeof k);
    return refused;
}

/* --- The confirmation --------------------------------------------------------------------------------------------- */

#define CONFIRMED_LEN (sizeof confirmed_label + SHA256_DIGEST_LEN + 1 + HMAC_TAG_LEN)
static void confirmed_statement(uint8_t out[static CONFIRMED_LEN], const struct ring *r, const struct ring_keys *keys,
                                size_t i)
{
    const uint8_t number = (uint8_t)i;
    assert(i < r->n);
    memcpy(out, confirmed_label, sizeof confirmed_label);
    out += sizeof confirmed_label;
    second_transcript(out, r);
    out += SHA256_DIGEST_LEN;
    *out++ = number;
    hmac_tag(out, keys->confirm, sizeof keys->confirm, &number, 1);
}

int ring_confirm(uint8_t sig[static RSA_SIGNATURE_LEN], const struct ring *r, const struct ring_keys *keys,
                 const struct rsa_private *key, struct rng *rng)
{
    uint8_t statement[CONFIRMED_LEN];
    confirmed_statement(statement, r, keys, r->self);
    int failed = rsa_pss_sign(sig, key, statement, sizeof statement, rng);
    ct_wipe(statement, sizeof statement);
    return failed;
}

int ring_confirmed(const struct ring *r, const struct ring_keys *keys, size_t i, const struct rsa_public *pub,
                   const uint8_t sig[static RSA_SIGNATURE_LEN])
{
    uint8_t statement[CONFIRMED_LEN];
    confirmed_statement(statement, r, keys, i);
    ct_public(statement, sizeof statement); /* what the signer could have sent along */
    int wrong = rsa_pss_verify(pub, statement, sizeof statement, sig);
    ct_wipe(statement, sizeof statement);
    return wrong;
}

void ring_wipe(struct ring *r)
{
    ct_wipe(r, sizeof *r);
}

void ring_keys_wipe(struct ring_keys *keys)
{
    ct_wipe(keys, sizeof *keys);
}
