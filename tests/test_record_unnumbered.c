/* SPDX-License-Identifier: MIT */
/* The weak Record takes a line twice and in any order, and nothing else that a Record refuses; the real one takes each
 * once, in its turn. */
#include "app/workbench/labs/record_unnumbered.h"

#include "app/workbench/rng_fixed.h"
#include "net/record.h"
#include "tests/test.h"

#define LINES 3

static const char *const lines[LINES] = {"", "pay 0100 to eve", "the second line is a little longer"};

struct sealed {
    uint8_t frame[LINES][LAB_RECORD_UNNUMBERED_MAX];
    size_t len[LINES];
};

static void start(struct record *r, struct rng *rng)
{
    uint8_t secret[RECORD_SECRET_LEN];
    memset(secret, 7, sizeof secret);
    record_init(r, SUITE_AES128, secret, NULL);
    rng_fixed_init(rng, "unnumbered", 10);
}

static void assert_taken(const struct etm_key *key, const struct sealed *s, unsigned i)
{
    uint8_t text[LAB_RECORD_UNNUMBERED_MAX];
    size_t len;
    assert_int_equal(lab_record_unnumbered_open(key, text, &len, s->frame[i], s->len[i]), 0);
    assert_int_equal(len, strlen(lines[i]));
    assert_memory_equal(text, lines[i], len);
}

static enum net_err open_real(struct record *r, const struct sealed *s, unsigned i)
{
    uint8_t frame[LAB_RECORD_UNNUMBERED_MAX], *payload;
    enum content_type type;
    size_t len;
    memcpy(frame, s->frame[i], s->len[i]);
    return record_open(r, frame, s->len[i], &type, &payload, &len);
}

/* One attack on both: swapped, and then each once more. */
static void test_swapped_and_repeated(void **state)
{
    (void)state;
    struct record sender, receiver;
    struct sealed twin, real;
    struct rng rng;
    start(&sender, &rng);
    for (unsigned i = 0; i < LINES; i++) {
        twin.len[i] = lab_record_unnumbered_seal(&sender.key, &rng, twin.frame[i], lines[i], strlen(lines[i]));
        assert_int_equal(record_seal(&sender, &rng, real.frame[i], sizeof real.frame[i], &real.len[i],
                                     CONTENT_APPLICATION, (const uint8_t *)lines[i], strlen(lines[i])),
                         NET_OK);
        assert_int_equal(twin.len[i], real.len[i]);
    }
    static const unsigned order[] = {2, 1, 0, 0, 1, 2};
    for (unsigned i = 0; i < sizeof order / sizeof *order; i++)
        assert_taken(&sender.key, &twin, order[i]);

    start(&receiver, &rng);
    assert_int_equal(open_real(&receiver, &real, 1), NET_ERR_RECORD); /* before its turn */
    start(&receiver, &rng);
    for (unsigned i = 0; i < LINES; i++)
        assert_int_equal(open_real(&receiver, &real, i), NET_OK);
    assert_int_equal(open_real(&receiver, &real, LINES - 1), NET_ERR_RECORD); /* once more */
}

/* Only the number is missing: it has a MAC. */
static void test_whoever_changes_it_is_refused(void **state)
{
    (void)state;
    struct record r;
    struct rng rng;
    uint8_t frame[LAB_RECORD_UNNUMBERED_MAX], text[LAB_RECORD_UNNUMBERED_MAX] = {0}, before[sizeof text] = {0};
    size_t text_len = 77;
    start(&r, &rng);
    size_t len = lab_record_unnumbered_seal(&r.key, &rng, frame, lines[1], strlen(lines[1]));
    for (size_t bit = 0; bit < 8 * len; bit++) {
        frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(lab_record_unnumbered_open(&r.key, text, &text_len, frame, len), -1);
        frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t shorter = 0; shorter < len; shorter++)
        assert_int_equal(lab_record_unnumbered_open(&r.key, text, &text_len, frame, shorter), -1);
    assert_int_equal(text_len, 77);
    assert_memory_equal(text, before, sizeof text);
    assert_int_equal(lab_record_unnumbered_open(&r.key, text, &text_len, frame, len), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_swapped_and_repeated),
        cmocka_unit_test(test_whoever_changes_it_is_refused),
    };
    return RUN(tests);
}
