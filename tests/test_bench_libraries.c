/* SPDX-License-Identifier: MIT */
/* That a library which is measured beside ours does the same work: from the same message and the same IV, each row of a
 * group comes to the same bytes. Without the libraries these are our own backends alone. */
#include <stdlib.h>
#include <string.h>

#include "app/workbench/bench/bench.h"
#include "tests/test.h"

#define CALLS 3 /* so that what comes out of one goes into the next */

static const char *const deterministic[] = {"aes", "cbc", "sha256", "hmac", "seal", "open", "hkdf", "pbkdf2"};

struct outcome {
    uint8_t iv[64], in[sizeof bench_running->in], out[sizeof bench_running->out];
};

static struct bench *with_all(const char *name)
{
    struct bench *b = bench_open(1);
    bench_ours(b, name);
    bench_openssl(b, name);
    bench_nettle(b, name);
    bench_gcrypt(b, name);
    return b;
}

static void outcome_of(struct outcome *o, struct bench *b, const struct bench_subject *subject)
{
    struct bench_subject s = *subject;
    for (size_t i = 0; i < sizeof b->in; i++)
        b->in[i] = (uint8_t)(i * 5);
    memset(b->out, 0, sizeof b->out);
    for (size_t i = 0; i < sizeof s.iv; i++)
        s.iv[i] = (uint8_t)(i + 1);
    s.run(&s, CALLS);
    memcpy(o->iv, s.iv, sizeof o->iv);
    memcpy(o->in, b->in, sizeof o->in);
    memcpy(o->out, b->out, sizeof o->out);
}

static void must_be_equal(struct bench *b, const struct bench_subject *first, const struct bench_subject *other)
{
    static struct outcome expected, found;
    outcome_of(&expected, b, first);
    outcome_of(&found, b, other);
    if (memcmp(&expected, &found, sizeof expected) != 0)
        fail_msg("%s, %zu bytes: %s does not what %s does", first->primitive, first->size, other->by, first->by);
}

/* The first of the group that s is in, which is ours; NULL: there is none. */
static const struct bench_subject *first_like(const struct bench *b, const struct bench_subject *s)
{
    for (size_t i = 0; i < b->subjects; i++)
        if (strcmp(b->subject[i].primitive, s->primitive) == 0 && b->subject[i].size == s->size)
            return bench_library_of(&b->subject[i]) == BENCH_LIBRARIES ? &b->subject[i] : NULL;
    return NULL;
}

static void test_all_do_the_same_work(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof deterministic / sizeof *deterministic; n++) {
        struct bench *b = with_all(deterministic[n]);
        assert_true(b->subjects > 0);
        for (size_t i = 0; i < b->subjects; i++) {
            const struct bench_subject *first = first_like(b, &b->subject[i]);
            assert_non_null(first);
            if (b->subject[i].together <= 1) /* those that go together are other passwords */
                must_be_equal(b, first, &b->subject[i]);
        }
        bench_close(b);
    }
}

/* A row of a name that we have not would stand alone. */
static void test_every_row_has_ours_beside_it(void **state)
{
    (void)state;
    struct bench *b = with_all(NULL);
    for (size_t i = 0; i < b->subjects; i++)
        assert_non_null(first_like(b, &b->subject[i]));
    bench_close(b);
}

/* A library that this build has says which one it is, and has rows; one that it has not, neither. */
static void test_a_library_says_its_version(void **state)
{
    (void)state;
    struct bench *b = with_all("sha256");
    for (size_t l = 0; l < BENCH_LIBRARIES; l++) {
        size_t rows = 0;
        for (size_t i = 0; i < b->subjects; i++)
            rows += bench_library_of(&b->subject[i]) == l;
        assert_int_equal(rows > 0, b->version[l] != NULL);
        assert_true(b->version[l] == NULL || strchr("0123456789", b->version[l][0]) != NULL);
    }
    bench_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_do_the_same_work),
        cmocka_unit_test(test_every_row_has_ours_beside_it),
        cmocka_unit_test(test_a_library_says_its_version),
    };
    return RUN(tests);
}
