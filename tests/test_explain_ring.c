/* SPDX-License-Identifier: MIT */
/* Known exchanges are told with their values; of long rings the first and the last are shown, or all. */
#include "app/workbench/explain/explain_ring.h"

#include "tests/explained.h"
#include "tests/test.h"

static const uint8_t *to_draw;

static void serve(struct rng *rng, uint8_t *out, size_t len)
{
    (void)rng;
    memcpy(out, to_draw, len);
    to_draw += len;
}

static void play(struct played_ring *p, const struct dh_group *g, size_t n, const uint8_t *r)
{
    struct rng rng;
    rng_init(&rng);
    if (r != NULL)
        rng.source = serve;
    to_draw = r;
    played_ring_begin(p, g, n, &rng);
    played_ring_first(p);
    played_ring_second(p);
    rng_wipe(&rng);
}

static void check_exchange(struct vec *v, const struct dh_group *g)
{
    struct played_ring p;
    struct explained x;
    const size_t n = (size_t)vec_number(v, "n");
    play(&p, g, n, vec_hex_n(v, "r", n * g->x_len));
    explain_ring(explained_begin(&x), &p, true);
    const char *at = explained_end(&x);
    for (size_t i = 0; i < n; i++) {
        char name[16];
        uint8_t bytes[DH_PUBLIC_MAX_LEN];
        snprintf(name, sizeof name, "r %s", p.name[i]);
        assert_int_equal(explained_value(&x, name, bytes, sizeof bytes), g->x_len);
        assert_memory_equal(bytes, p.party[i].own.x, g->x_len);
        snprintf(name, sizeof name, "X %s", p.name[i]);
        assert_int_equal(explained_value(&x, name, bytes, sizeof bytes), g->p_len);
        assert_memory_equal(bytes, p.party[i].x[i], g->p_len);
    }
    explained_check(v, "k", &at, "K");
    explained_check(v, "t1", &at, "T1");
    explained_check(v, "t2", &at, "T2");
    explained_check(v, "key", &at, "key");
    explained_check(v, "confirm", &at, "confirm");
    explained_free(&x);
    played_ring_end(&p);
}

/* Those whose names are the ones that a played ring gives. test_ring looks at the rest. */
static void test_vectors(void **state)
{
    (void)state;
    static const char *const unread[] = {"names", "r",  "n",  "z",   "x",       "z_digest", "x_digest",
                                         "k",     "t1", "t2", "key", "confirm", "refused",  "bad"};
    struct vec *v = vec_open("ring");
    while (vec_next(v)) {
        const struct dh_group *g = dh_group_by_name(vec_text(v, "group"));
        assert_non_null(g);
        if (!vec_rejects(v) && vec_number(v, "n") <= 10)
            check_exchange(v, g);
        for (size_t i = 0; i < sizeof unread / sizeof *unread; i++)
            if (vec_has(v, unread[i]))
                (void)vec_text(v, unread[i]);
    }
    vec_close(v);
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        n++;
    return n;
}

/* Of 12 parties r is shown of the first four and of the last; with all, of each. */
static void test_what_is_left_out(void **state)
{
    (void)state;
    struct played_ring p;
    for (int all = 0; all < 2; all++) {
        struct explained x;
        play(&p, dh_group(DH_FFDHE2048), 12, NULL);
        explain_ring(explained_begin(&x), &p, all);
        const char *text = explained_end(&x);
        assert_int_equal(count(text, "\n  r "), all ? 12 : EXPLAIN_RING_SHOWN - 1);
        assert_int_equal(count(text, "sits between"), all ? 12 : EXPLAIN_RING_SHOWN - 1);
        assert_int_equal(count(text, "and so on: 7 more"), all ? 0 : 4);
        explained_has(text, "  p12         sits between p11 and alice");
        explained_free(&x);
        played_ring_end(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_what_is_left_out),
    };
    return RUN(tests);
}
