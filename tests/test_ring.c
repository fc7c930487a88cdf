/* SPDX-License-Identifier: MIT */
/* Known answers for two to sixty-four parties, all of whom must come to them; what is refused, and where; what the
 * signatures are over, and good for; and that two parties who lie are found out by the confirmation, and only by it. */
#include "crypto/ring.h"

#include "crypto/bignum.h"
#include "crypto/hmac.h"
#include "crypto/rng.h"
#include "tests/aborts.h"
#include "tests/fill.h"
#include "tests/rsa_key.h"
#include "tests/test.h"

static struct ring party[RING_MAX];
static const char *const five[] = {"alice", "bob", "carol", "dave", "erin"};

/* --- Exchanges ---------------------------------------------------------------------------------------------------- */

static const uint8_t *to_draw;

static void serve(struct rng *rng, uint8_t *out, size_t len)
{
    (void)rng;
    memcpy(out, to_draw, len);
    to_draw += len;
}

/* r is the exponents of all, one behind the other; NULL: whatever is drawn. */
static void begin(const struct dh_group *g, const char *const names[], size_t n, const uint8_t *r)
{
    struct rng rng;
    rng_init(&rng);
    if (r != NULL)
        rng.source = serve;
    to_draw = r;
    for (size_t i = 0; i < n; i++)
        assert_int_equal(ring_begin(&party[i], g, names, n, i, &rng), 0);
    rng_wipe(&rng);
}

static void carry_z(size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (j != i)
                assert_int_equal(ring_take_z(&party[i], j, party[j].own.y, party[j].group->p_len), 0);
}

/* A value of NULL is the true one. */
static void carry_x(size_t n, const uint8_t *const instead[])
{
    for (size_t i = 0; i < n; i++)
        ring_second(&party[i]);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (j != i)
                assert_int_equal(ring_take_x(&party[i], j, instead != NULL && instead[j] ? instead[j] : party[j].x[j],
                                             party[j].group->p_len),
                                 0);
}

static void run(const struct dh_group *g, size_t n)
{
    begin(g, five, n, NULL);
    carry_z(n);
    carry_x(n, NULL);
}

/* --- Known answers ------------------------------------------------------------------------------------------------ */

static size_t split_names(char *text, const char *names[static RING_MAX])
{
    size_t n = 0;
    for (char *name = strtok(text, " "); name != NULL && n < RING_MAX; name = strtok(NULL, " "))
        names[n++] = name;
    return n;
}

static void begin_record(struct vec *v, size_t *n)
{
    const char *names[RING_MAX];
    char text[400];
    snprintf(text, sizeof text, "%s", vec_text(v, "names"));
    *n = split_names(text, names);
    const struct dh_group *g = dh_group_by_name(vec_text(v, "group"));
    assert_non_null(g);
    begin(g, names, *n, vec_hex_n(v, "r", *n * g->x_len));
}

/* All values one behind the other, or the digest of that. */
static void check_values(struct vec *v, const char *field, const char *digest_field, size_t n,
                         uint8_t value[static RING_MAX][DH_PUBLIC_MAX_LEN])
{
    static uint8_t all[RING_MAX * DH_PUBLIC_MAX_LEN];
    uint8_t digest[SHA256_DIGEST_LEN];
    const size_t len = party[0].group->p_len;
    for (size_t i = 0; i < n; i++)
        memcpy(all + i * len, value[i], len);
    sha256_digest(digest, all, n * len);
    if (vec_has(v, field))
        vec_check(v, field, all, n * len);
    else
        vec_check(v, digest_field, digest, sizeof digest);
}

static struct rsa_private private_key[2];
static struct rsa_public public_key[2];

static int read_keys(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        rsa_key(&private_key[i], i + 1);
        rsa_public_of(&public_key[i], &private_key[i]);
    }
    return 0;
}

/* Put together here from the header's text. */
static size_t statement(uint8_t *out, const char *label, const uint8_t *t, uint8_t i, const uint8_t *rest, size_t len)
{
    size_t label_len = strlen(label) + 1;
    memcpy(out, label, label_len);
    memcpy(out + label_len, t, 32);
    out[label_len + 32] = i;
    memcpy(out + label_len + 33, rest, len);
    return label_len + 33 + len;
}

/* What the last party signs, round by round, once it has finished with these keys. */
static void check_signed(struct vec *v, const struct ring_keys *keys, size_t last)
{
    uint8_t sig[RSA_SIGNATURE_LEN], msg[DH_PUBLIC_MAX_LEN + 100], tag[HMAC_TAG_LEN];
    const struct ring *r = &party[last];
    const uint8_t number = (uint8_t)last;
    struct rng rng;
    rng_init(&rng);
    assert_int_equal(ring_sign(sig, r, &private_key[0], &rng), 0);
    size_t len = statement(msg, "glasschat ring round two", vec_hex_n(v, "t1", 32), number, r->x[last],
                           r->group->p_len);
    assert_int_equal(rsa_pss_verify(&public_key[0], msg, len, sig), 0);
    assert_int_equal(ring_confirm(sig, r, keys, &private_key[0], &rng), 0);
    hmac_tag(tag, vec_hex_n(v, "confirm", 32), 32, &number, 1);
    len = statement(msg, "glasschat ring confirmed", vec_hex_n(v, "t2", 32), number, tag, sizeof tag);
    assert_int_equal(rsa_pss_verify(&public_key[0], msg, len, sig), 0);
    rng_wipe(&rng);
}

static void check_exchange(struct vec *v)
{
    uint8_t k[DH_PUBLIC_MAX_LEN];
    struct ring_keys keys;
    size_t n;
    begin_record(v, &n);
    assert_int_equal(n, vec_number(v, "n"));
    carry_z(n);
    carry_x(n, NULL);
    check_values(v, "z", "z_digest", n, party[n - 1].z);
    check_values(v, "x", "x_digest", n, party[n - 1].x);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(ring_secret(k, &party[i]), 0);
        vec_check(v, "k", k, party[i].group->p_len);
        assert_int_equal(ring_finish(&keys, &party[i]), 0);
        vec_check(v, "key", keys.key, sizeof keys.key);
        vec_check(v, "confirm", keys.confirm, sizeof keys.confirm);
        assert_true(all_zero(&party[i].own, sizeof party[i].own));
    }
    check_signed(v, &keys, n - 1);
}

/* In the place of bob's value, as alice gets it. */
static void check_refusal(struct vec *v)
{
    size_t n, bad_len;
    uint8_t k[DH_PUBLIC_MAX_LEN], before[DH_PUBLIC_MAX_LEN];
    struct ring_keys keys;
    begin_record(v, &n);
    const uint8_t *bad = vec_hex(v, "bad", &bad_len);
    if (strcmp(vec_text(v, "refused"), "z") == 0) {
        for (size_t j = 2; j < n; j++)
            assert_int_equal(ring_take_z(&party[0], j, party[j].own.y, party[j].group->p_len), 0);
        assert_int_equal(ring_take_z(&party[0], 1, bad, bad_len), -1);
        assert_false(party[0].has_z[1]);
        return;
    }
    carry_z(n);
    for (size_t i = 0; i < n; i++)
        ring_second(&party[i]);
    int refused = ring_take_x(&party[0], 1, bad, bad_len);
    assert_int_equal(refused, strcmp(vec_text(v, "refused"), "x") == 0 ? -1 : 0);
    assert_int_equal(party[0].has_x[1], refused == 0);
    if (refused != 0)
        return;
    for (size_t j = 2; j < n; j++)
        assert_int_equal(ring_take_x(&party[0], j, party[j].x[j], party[j].group->p_len), 0);
    memset(k, 0x5a, sizeof k);
    memcpy(before, k, sizeof k);
    memset(&keys, 0x5a, sizeof keys);
    assert_int_equal(ring_secret(k, &party[0]), -1);
    assert_int_equal(ring_finish(&keys, &party[0]), -1);
    assert_memory_equal(k, before, sizeof k);
    assert_memory_equal(&keys, before, sizeof keys);
    assert_true(all_zero(&party[0].own, sizeof party[0].own));
}

static void vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("ring");
    while (vec_next(v)) {
        if (vec_rejects(v))
            check_refusal(v);
        else
            check_exchange(v);
    }
    vec_close(v);
}

/* --- Properties --------------------------------------------------------------------------------------------------- */

static void test_fresh_parties_agree(void **state)
{
    (void)state;
    struct ring_keys keys[5], again;
    for (int id = DH_FFDHE2048; id <= DH_FFDHE4096; id++)
        for (size_t n = RING_MIN; n <= 5; n++) {
            run(dh_group(id), n);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(ring_finish(&keys[i], &party[i]), 0);
            for (size_t i = 1; i < n; i++)
                assert_memory_equal(&keys[i], &keys[0], sizeof keys[0]);
            assert_memory_not_equal(keys[0].key, keys[0].confirm, RING_KEY_LEN);
            run(dh_group(id), n);
            assert_int_equal(ring_finish(&again, &party[0]), 0);
            assert_memory_not_equal(&again, &keys[0], sizeof again);
            ring_keys_wipe(&again);
            assert_true(all_zero(&again, sizeof again));
        }
    ring_wipe(&party[0]);
    assert_true(all_zero(&party[0], sizeof party[0]));
}

/* The keys hang on every name, its place, the group, and each value; and so does what is signed. */
static void test_keys_are_bound_to_all_values(void **state)
{
    (void)state;
    static const char *const others[] = {"alice", "carol", "bob"}, *const longer[] = {"alicebo", "b", "carol"};
    struct ring_keys keys, other;
    uint8_t k[DH_PUBLIC_MAX_LEN], r[3 * DH_PRIVATE_MAX_LEN];
    const struct dh_group *g = dh_group(DH_FFDHE2048);
    fill(r, sizeof r, 5);
    begin(g, five, 3, r);
    carry_z(3);
    carry_x(3, NULL);
    assert_int_equal(ring_secret(k, &party[0]), 0);
    ring_derive(&keys, &party[0], k);
    for (size_t i = 0; i < 3; i++) {
        static struct ring changed;
        changed = party[0];
        changed.z[i][g->p_len - 1] ^= 1;
        ring_derive(&other, &changed, k);
        assert_memory_not_equal(&other, &keys, sizeof keys);
        changed = party[0];
        changed.x[i][0] ^= 1;
        ring_derive(&other, &changed, k);
        assert_memory_not_equal(&other, &keys, sizeof keys);
    }
    for (int which = 0; which < 2; which++) {
        begin(g, which == 0 ? others : longer, 3, r);
        carry_z(3);
        carry_x(3, NULL);
        ring_derive(&other, &party[0], k);
        assert_memory_not_equal(&other, &keys, sizeof keys);
    }
}

static void test_what_begin_refuses(void **state)
{
    (void)state;
    static const char longest[] = "0123456789abcdef0123456789abcdef", too_long[] = "0123456789abcdef0123456789abcdef0";
    const char *many[RING_MAX + 1];
    char text[RING_MAX + 1][4];
    const struct dh_group *g = dh_group(DH_FFDHE2048);
    struct rng rng;
    rng_init(&rng);
    for (size_t i = 0; i <= RING_MAX; i++) {
        snprintf(text[i], sizeof text[i], "%zu", i);
        many[i] = text[i];
    }
    assert_int_equal(ring_begin(party, g, many, 0, 0, &rng), -1);
    assert_int_equal(ring_begin(party, g, many, 1, 0, &rng), -1);
    assert_int_equal(ring_begin(party, g, many, 2, 2, &rng), -1);
    assert_int_equal(ring_begin(party, g, many, RING_MAX + 1, 0, &rng), -1);
    assert_int_equal(ring_begin(party, g, many, RING_MAX, RING_MAX - 1, &rng), 0);
    many[1] = longest;
    assert_int_equal(ring_begin(party, g, many, 2, 0, &rng), 0);
    many[1] = too_long;
    assert_int_equal(ring_begin(party, g, many, 2, 0, &rng), -1);
    many[1] = "";
    assert_int_equal(ring_begin(party, g, many, 2, 0, &rng), -1);
    many[1] = "0";
    assert_int_equal(ring_begin(party, g, many, 2, 0, &rng), -1);
    rng_wipe(&rng);
}

/* --- Wrong use ---------------------------------------------------------------------------------------------------- */

static void second_too_early(void)
{
    ring_second(&party[0]);
}

static void x_too_early(void)
{
    (void)!ring_take_x(&party[0], 1, party[1].own.y, party[1].group->p_len);
}

static void z_twice(void)
{
    carry_z(3);
    (void)!ring_take_z(&party[0], 1, party[1].own.y, party[1].group->p_len);
}

static void finished_too_early(void)
{
    struct ring_keys keys;
    carry_z(3);
    ring_second(&party[0]);
    (void)!ring_finish(&keys, &party[0]);
}

static void finished_twice(void)
{
    struct ring_keys keys;
    carry_z(3);
    carry_x(3, NULL);
    if (ring_finish(&keys, &party[0]) == 0)
        (void)!ring_finish(&keys, &party[0]);
}

/* A round before its time would be one without all values. */
static void test_wrong_use(void **state)
{
    (void)state;
    begin(dh_group(DH_FFDHE2048), five, 3, NULL);
    assert_true(aborts(second_too_early));
    assert_true(aborts(x_too_early));
    assert_true(aborts(z_twice));
    assert_true(aborts(finished_too_early));
    assert_true(aborts(finished_twice));
}

/* --- Signatures --------------------------------------------------------------------------------------------------- */

static void test_a_signature_is_of_one_run(void **state)
{
    (void)state;
    static struct ring yesterday;
    uint8_t sig[RSA_SIGNATURE_LEN], confirmed[RSA_SIGNATURE_LEN];
    struct ring_keys keys, old_keys;
    struct rng rng;
    rng_init(&rng);
    run(dh_group(DH_FFDHE2048), 3);
    assert_int_equal(ring_sign(sig, &party[1], &private_key[1], &rng), 0);
    assert_int_equal(ring_finish(&keys, &party[1]), 0);
    assert_int_equal(ring_confirm(confirmed, &party[1], &keys, &private_key[1], &rng), 0);
    assert_int_equal(ring_verify(&party[0], 1, &public_key[1], sig), 0);
    assert_int_equal(ring_verify(&party[0], 1, &public_key[0], sig), -1); /* another's key */
    assert_int_equal(ring_verify(&party[0], 2, &public_key[1], sig), -1); /* another's value */
    assert_int_equal(ring_finish(&old_keys, &party[0]), 0);
    assert_int_equal(ring_confirmed(&party[0], &old_keys, 1, &public_key[1], confirmed), 0);
    assert_int_equal(ring_confirmed(&party[0], &old_keys, 1, &public_key[0], confirmed), -1);
    assert_int_equal(ring_confirmed(&party[0], &old_keys, 2, &public_key[1], confirmed), -1);
    assert_int_equal(ring_confirmed(&party[0], &old_keys, 1, &public_key[1], sig), -1); /* of round two */
    old_keys.confirm[0] ^= 1;
    assert_int_equal(ring_confirmed(&party[0], &old_keys, 1, &public_key[1], confirmed), -1); /* another K */
    old_keys.confirm[0] ^= 1;
    yesterday = party[0];
    run(dh_group(DH_FFDHE2048), 3);
    memcpy(party[0].x[1], yesterday.x[1], sizeof party[0].x[1]);
    assert_int_equal(ring_verify(&party[0], 1, &public_key[1], sig), -1);
    assert_int_equal(ring_confirmed(&party[0], &old_keys, 1, &public_key[1], confirmed), -1);
    rng_wipe(&rng);
}

/* Carol sends alice one z and bob another. Each is good, so both are taken; but what bob signs is not what alice has
 * seen. */
static void test_one_who_sends_two_values_is_found_out(void **state)
{
    (void)state;
    static struct ring other_carol;
    uint8_t sig[RSA_SIGNATURE_LEN];
    const struct dh_group *g = dh_group(DH_FFDHE2048);
    struct rng rng;
    rng_init(&rng);
    begin(g, five, 3, NULL);
    assert_int_equal(ring_begin(&other_carol, g, five, 3, 2, &rng), 0);
    assert_int_equal(ring_take_z(&party[0], 1, party[1].own.y, g->p_len), 0);
    assert_int_equal(ring_take_z(&party[1], 0, party[0].own.y, g->p_len), 0);
    assert_int_equal(ring_take_z(&party[0], 2, party[2].own.y, g->p_len), 0);
    assert_int_equal(ring_take_z(&party[1], 2, other_carol.own.y, g->p_len), 0);
    for (size_t i = 0; i < 2; i++)
        ring_second(&party[i]);
    assert_int_equal(ring_sign(sig, &party[1], &private_key[1], &rng), 0);
    assert_int_equal(ring_take_x(&party[0], 1, party[1].x[1], g->p_len), 0);
    assert_int_equal(ring_verify(&party[0], 1, &public_key[1], sig), -1);
    rng_wipe(&rng);
}

/* --- Two who lie -------------------------------------------------------------------------------------------------- */

/* out = a b, or a / b. */
static void combine(uint8_t *out, const uint8_t *a, const uint8_t *b, bool divided)
{
    const struct dh_group *g = party[0].group;
    mp_limb_t p[BIGNUM_MAX_LIMBS], x[BIGNUM_MAX_LIMBS], y[BIGNUM_MAX_LIMBS];
    const mp_size_t limbs = (mp_size_t)BIGNUM_LIMBS(g->p_len);
    bignum_from_bytes(p, g->p, g->p_len);
    bignum_from_bytes(x, a, g->p_len);
    bignum_from_bytes(y, b, g->p_len);
    if (divided)
        assert_int_equal(bignum_invert_public(y, y, p, limbs), 0);
    bignum_mulm(x, x, y, p, limbs);
    bignum_to_bytes(out, g->p_len, x);
}

/* Party i multiplies its X by d, and party j by 1/d, the same for everybody. So they still multiply to 1. */
static void lie(size_t n, size_t i, size_t j, struct ring_keys keys[static 5])
{
    uint8_t false_x[2][DH_PUBLIC_MAX_LEN];
    const uint8_t *instead[5] = {NULL};
    begin(dh_group(DH_FFDHE2048), five, n, NULL);
    carry_z(n);
    for (size_t k = 0; k < n; k++)
        ring_second(&party[k]);
    combine(false_x[0], party[i].x[i], party[0].own.y, false);
    combine(false_x[1], party[j].x[j], party[0].own.y, true);
    instead[i] = false_x[0];
    instead[j] = false_x[1];
    for (size_t k = 0; k < n; k++)
        party[k].has_x[k] = false;
    carry_x(n, instead);
    memcpy(party[i].x[i], false_x[0], sizeof false_x[0]);
    memcpy(party[j].x[j], false_x[1], sizeof false_x[1]);
    for (size_t k = 0; k < n; k++)
        assert_int_equal(ring_finish(&keys[k], &party[k]), 0);
}

/* 0 and 2 of four lie, so that 1 has one key and 3 another; neighbours, 0 and 1, don't get that by the same values for
 * everybody. The confirmation tells in the first case, and not in the second. */
static void test_two_split_a_key_and_the_confirmation_tells(void **state)
{
    (void)state;
    struct ring_keys keys[5];
    uint8_t sig[RSA_SIGNATURE_LEN];
    struct rng rng;
    rng_init(&rng);
    for (size_t other = 1; other <= 2; other++) {
        lie(4, 0, other, keys);
        bool split = memcmp(&keys[3], &keys[other == 1 ? 2 : 1], sizeof keys[0]) != 0;
        assert_int_equal(split, other == 2);
        assert_int_equal(ring_confirm(sig, &party[3], &keys[3], &private_key[0], &rng), 0);
        assert_int_equal(ring_confirmed(&party[3 - other], &keys[3 - other], 3, &public_key[0], sig), split ? -1 : 0);
    }
    rng_wipe(&rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(vectors, read_keys),
        cmocka_unit_test(test_fresh_parties_agree),
        cmocka_unit_test(test_keys_are_bound_to_all_values),
        cmocka_unit_test(test_what_begin_refuses),
        cmocka_unit_test(test_wrong_use),
        cmocka_unit_test_setup(test_a_signature_is_of_one_run, read_keys),
        cmocka_unit_test_setup(test_one_who_sends_two_values_is_found_out, read_keys),
        cmocka_unit_test_setup(test_two_split_a_key_and_the_confirmation_tells, read_keys),
    };
    return RUN(tests);
}
