/* SPDX-License-Identifier: MIT */
/* Records in many directions at once: the same as one after the other; wrong use ends the program. */
#include "net/record.h"

#include "app/workbench/rng_fixed.h"
#include "tests/aborts.h"
#include "tests/test.h"

static const uint8_t secret[RECORD_SECRET_LEN] = "a secret of thirty-two bytes ...";
static uint8_t payload_bytes[RECORD_PAYLOAD_MAX];
static struct rng rng;

static int setup(void **state)
{
    (void)state;
    rng_fixed_init(&rng, "record", 6);
    for (size_t i = 0; i < sizeof payload_bytes; i++)
        payload_bytes[i] = (uint8_t)(i * 7);
    return 0;
}

struct many {
    struct record records[RECORD_MANY_MAX], alone[RECORD_MANY_MAX];
    struct record_one one[RECORD_MANY_MAX];
    uint8_t frames[RECORD_MANY_MAX][400], expected[400];
};

/* Directions of both suites under secrets of their own, each at another sequence number; the first has failed before,
 * and the fifth's keys are used up. */
static void make_many(struct many *m)
{
    uint8_t other[RECORD_SECRET_LEN];
    memcpy(other, secret, sizeof other);
    memset(m->frames, 0x5a, sizeof m->frames);
    for (size_t i = 0; i < RECORD_MANY_MAX; i++) {
        other[0] = (uint8_t)i;
        record_init(&m->records[i], i % 3 == 1 ? SUITE_AES256 : SUITE_AES128, other, NULL);
        m->records[i].sequence = 1000 * i;
        m->one[i] = (struct record_one){.r = &m->records[i], .frame = m->frames[i], .frame_cap = sizeof m->frames[i]};
    }
    record_fail(&m->records[0], NET_ERR_CUT);
    m->records[4].records = RECORD_RECORDS_MAX;
    memcpy(m->alone, m->records, sizeof m->alone);
}

/* From the same state and the same random numbers, record_seal makes the same frames, one after the other. */
static void test_many_are_as_one(void **state)
{
    (void)state;
    static struct many m;
    for (size_t n = 0; n <= RECORD_MANY_MAX; n++)
        for (size_t payload_len = 0; payload_len < 300; payload_len += 37) {
            struct rng same = rng;
            make_many(&m);
            record_seal_many(m.one, n, &rng, CONTENT_APPLICATION, payload_bytes, payload_len);
            for (size_t i = 0; i < n; i++) {
                size_t len = 0;
                enum net_err err = record_seal(&m.alone[i], &same, m.expected, sizeof m.expected, &len,
                                               CONTENT_APPLICATION, payload_bytes, payload_len);
                assert_int_equal(m.one[i].err, err);
                assert_int_equal(err, i == 0 ? NET_ERR_CUT : i == 4 ? NET_ERR_LIMIT : NET_OK);
                assert_int_equal(m.one[i].frame_len, len);
                assert_memory_equal(m.frames[i], m.expected, len);
                assert_int_equal(m.frames[i][len], 0x5a);
                assert_memory_equal(&m.records[i], &m.alone[i], sizeof m.records[i]);
            }
            assert_memory_equal(m.records + n, m.alone + n, (RECORD_MANY_MAX - n) * sizeof m.records[0]);
        }
}

/* A Record that does not fit, or is not to be had, ends the program before a byte is written past the end. */
static void seal_many(size_t n, size_t payload_len, size_t cap)
{
    static struct many m;
    static uint8_t longer[RECORD_PAYLOAD_MAX + 1];
    make_many(&m);
    m.one[n - 1].frame_cap = cap;
    record_seal_many(m.one, n, &rng, CONTENT_APPLICATION, longer, payload_len);
}

static void fits(void)
{
    seal_many(2, 15, record_frame_len(15));
}

static void one_byte_short(void)
{
    seal_many(2, 15, record_frame_len(15) - 1);
}

static void too_long(void)
{
    seal_many(1, RECORD_PAYLOAD_MAX + 1, SIZE_MAX);
}

static void too_many(void)
{
    record_seal_many(NULL, RECORD_MANY_MAX + 1, &rng, CONTENT_APPLICATION, NULL, 0);
}

static void test_wrong_use_of_many(void **state)
{
    (void)state;
    assert_false(aborts(fits));
    assert_true(aborts(one_byte_short));
    assert_true(aborts(too_long));
    assert_true(aborts(too_many));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_many_are_as_one),
        TEST(test_wrong_use_of_many),
    };
    return RUN(tests);
}
