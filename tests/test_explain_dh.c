/* SPDX-License-Identifier: MIT */
/* Known exchanges are told with their values, and a peer's value that is refused with the check that refuses it. */
#include "app/workbench/explain/explain_dh.h"

#include "tests/explained.h"
#include "tests/test.h"

static void check_exchange(struct vec *v, const struct dh_group *g)
{
    struct dh_key_pair pair;
    size_t peer_len;
    const uint8_t *peer = vec_hex(v, "peer", &peer_len);
    assert_int_equal(dh_pair_from_private(&pair, g, vec_hex_n(v, "x", g->x_len), g->x_len), 0);
    struct explained e;
    FILE *to = explained_begin(&e);
    assert_int_equal(explain_dh(to, &pair, peer, peer_len, true), 0);
    const char *at = explained_end(&e);
    assert_non_null(strstr(at, g->name));
    explained_check(v, "x", &at, "x");
    explained_check(v, "y", &at, "y");
    explained_check(v, "peer", &at, "peer");
    assert_string_equal(explained_next(&at, "is it 1?"), "passed");
    explained_check(v, "z", &at, "Z");
    assert_non_null(strstr(at, "rm -r $d\n"));
    explained_free(&e);
}

/* Which check refuses it, by why it must be refused. */
static const char *check_of(const char *why)
{
    static const char *const checks[][2] = {
        {"length", "the same?"},
        {"out of range", "1 < peer"},
        {"Z would be 1", "1 < peer"},
        {"of order 2", "peer < p-1"},
        {"0 again", "peer < p-1"},
        {"1 again", "peer < p-1"},
        {"a square, but not reduced", "peer < p-1"},
        {"not below p", "peer < p-1"},
        {"not a square", "is it 1?"},
        {"not a square: Z would tell the lowest bit of x", "is it 1?"},
    };
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (strcmp(checks[i][0], why) == 0)
            return checks[i][1];
    fail_msg("why = %s: which check is that?", why);
    return NULL;
}

static void check_refusal(struct vec *v, const struct dh_group *g)
{
    struct dh_key_pair pair;
    const uint8_t x[DH_PRIVATE_MAX_LEN] = {[31] = 3};
    size_t peer_len;
    const uint8_t *peer = vec_hex(v, "peer", &peer_len);
    assert_int_equal(dh_pair_from_private(&pair, g, x, g->x_len), 0);
    struct explained e;
    FILE *to = explained_begin(&e);
    assert_int_equal(explain_dh(to, &pair, peer, peer_len, false), -1);
    const char *at = explained_end(&e);
    const char *refusal = strstr(at, "refused\n");
    assert_non_null(refusal);
    assert_null(strstr(refusal + 1, "refused\n"));
    assert_string_equal(explained_next(&at, check_of(vec_text(v, "why"))), "refused");
    assert_null(strstr(at, "passed"));
    assert_null(strstr(at, "  Z "));
    explained_free(&e);
}

static void test_vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("dh");
    while (vec_next(v)) {
        const struct dh_group *g = dh_group_by_name(vec_text(v, "group"));
        assert_non_null(g);
        if (vec_has(v, "offset"))
            vec_number(v, "offset"); /* of the prime: test_dh looks at it */
        else if (vec_rejects(v))
            check_refusal(v, g);
        else
            check_exchange(v, g);
    }
    vec_close(v);
}

/* 5 = 101 in binary: 1, then squared 2, then squared and multiplied 5. Few steps are all shown; of many, the middle is
 * left out. */
static void test_steps(void **state)
{
    (void)state;
    struct dh_key_pair pair;
    const struct dh_group *g = dh_group(DH_FFDHE2048);
    uint8_t x[DH_PRIVATE_MAX_LEN] = {[31] = 5};
    assert_int_equal(dh_pair_from_private(&pair, g, x, g->x_len), 0);
    struct explained e;
    FILE *to = explained_begin(&e);
    assert_int_equal(explain_dh(to, &pair, NULL, 0, false), 0);
    const char *at = explained_end(&e);
    assert_null(strstr(at, "so on"));
    assert_string_equal(explained_next(&at, "step 1"), "bit 1: r = r^2 g mod p, which is g^1");
    assert_non_null(strstr(explained_next(&at, "r"), "0002 (256 bytes)"));
    assert_string_equal(explained_next(&at, "step 2"), "bit 0: r = r^2 mod p, which is g^2");
    assert_non_null(strstr(explained_next(&at, "r"), "0004 (256 bytes)"));
    assert_string_equal(explained_next(&at, "step 3"), "bit 1: r = r^2 g mod p, which is g^x");
    assert_non_null(strstr(explained_next(&at, "r"), "0020 (256 bytes)"));
    assert_null(strstr(at, "step 4"));
    assert_null(strstr(at, "peer"));
    explained_free(&e);

    x[0] = 0x80;
    assert_int_equal(dh_pair_from_private(&pair, g, x, g->x_len), 0);
    to = explained_begin(&e);
    assert_int_equal(explain_dh(to, &pair, NULL, 0, true), 0);
    at = explained_end(&e);
    assert_string_equal(explained_next(&at, "step 5"), "bit 0: r = r^2 mod p, which is g^16");
    assert_string_equal(explained_next(&at, "..."), "so on, to step 254");
    assert_string_equal(explained_next(&at, "step 255"), "bit 0: r = r^2 mod p, which is g^(x >> 1)");
    assert_string_equal(explained_next(&at, "step 256"), "bit 1: r = r^2 g mod p, which is g^x");
    assert_non_null(strstr(at, "-peerkey $d/g "));
    assert_null(strstr(at, "-peerkey $d/peer "));
    explained_free(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_steps),
    };
    return RUN(tests);
}
