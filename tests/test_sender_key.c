/* SPDX-License-Identifier: MIT */
/* Sender keys: known answers; what is no sender key; that the chain goes one way; and that nothing of it stays. */
#include "app/peer/sender_key.h"

#include "app/workbench/rng_fixed.h"
#include "crypto/sha256_impl.h"
#include "tests/aborts.h"
#include "tests/fill.h"
#include "tests/leftovers.h"
#include "tests/test.h"

static uint8_t room[ROOM_LIST_ID_LEN], list[ROOM_LIST_HASH_LEN];
static struct rng rng;

/* alice's, after so many messages. */
static struct sender_key drawn(uint32_t i)
{
    struct sender_key k;
    fill(room, sizeof room, 1);
    fill(list, sizeof list, 2);
    rng_fixed_init(&rng, "alice", 5);
    sender_key_draw(&k, room, list, &rng);
    while (k.i < i)
        sender_key_advance(&k);
    return k;
}

/* Keys are drawn seldom, and stay for an hour: from the kernel, and not out of the buffer for what is drawn often. */
static void test_drawn_from_the_kernel(void **state)
{
    struct rng own, before;
    struct sender_key k;
    (void)state;
    rng_init(&own);
    rng_fill(&own, room, sizeof room);
    before = own;
    sender_key_draw(&k, room, list, &own);
    assert_memory_equal(&own, &before, sizeof own);
    rng_wipe(&own);
    rng_wipe(&before);
}

/* --- Known answers ------------------------------------------------------------------------------------------------ */

static void known_answer(struct vec *v)
{
    struct sender_key k, got;
    uint8_t payload[SENDER_KEY_LEN];
    const char *seed = vec_text(v, "seed");
    uint64_t i = vec_number(v, "i");
    rng_fixed_init(&rng, seed, strlen(seed));
    sender_key_draw(&k, vec_hex_n(v, "room", sizeof k.room), vec_hex_n(v, "L", sizeof k.list), &rng);
    assert_int_equal(k.i, 0);
    while (k.i < i)
        sender_key_advance(&k);
    vec_check(v, "key_id", k.id, sizeof k.id);
    vec_check(v, "secret", k.secret, sizeof k.secret);
    sender_key_encode(payload, &k);
    vec_check(v, "payload", payload, sizeof payload);
    assert_int_equal(sender_key_decode(&got, payload, sizeof payload), 0);
    assert_memory_equal(&got, &k, sizeof k);
    sender_key_advance(&got);
    vec_check(v, "next_secret", got.secret, sizeof got.secret);
    assert_int_equal(got.i, i + 1);
}

static void test_known_answers(void **state)
{
    (void)state;
    struct vec *v = vec_open("sender_key");
    while (vec_next(v)) {
        if (vec_rejects(v)) {
            struct sender_key k;
            size_t len;
            const uint8_t *payload = vec_hex(v, "payload", &len);
            if (sender_key_decode(&k, payload, len) == 0)
                fail_msg("%s was not refused", vec_name(v));
        } else {
            known_answer(v);
        }
    }
    vec_close(v);
}

/* --- What is none ------------------------------------------------------------------------------------------------- */

/* Each bit counts: with another one it is no sender key, or another one. */
static void test_every_bit(void **state)
{
    (void)state;
    struct sender_key k = drawn(64), got;
    uint8_t payload[SENDER_KEY_LEN], changed[SENDER_KEY_LEN], again[SENDER_KEY_LEN];
    sender_key_encode(payload, &k);
    for (size_t bit = 0; bit < 8 * sizeof payload; bit++) {
        memcpy(changed, payload, sizeof changed);
        changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        memset(&got, 0x55, sizeof got);
        bool good = bit >= 8 && bytes_load_be32(changed + 65) < 100;
        assert_int_equal(sender_key_decode(&got, changed, sizeof changed), good ? 0 : -1);
        if (good) {
            assert_memory_not_equal(&got, &k, sizeof k);
            sender_key_encode(again, &got);
            assert_memory_equal(again, changed, sizeof again);
        } else {
            for (size_t i = 0; i < sizeof got; i++)
                assert_int_equal(((const uint8_t *)&got)[i], 0x55);
        }
    }
}

static void test_every_other_length_is_refused(void **state)
{
    (void)state;
    struct sender_key k = drawn(3), got, before;
    uint8_t payload[2 * SENDER_KEY_LEN] = {0};
    memset(&before, 0x55, sizeof before);
    sender_key_encode(payload, &k);
    for (size_t len = 0; len <= sizeof payload; len++) {
        uint8_t *exact = malloc(len + (len == 0)); /* so that a sanitizer sees a byte read too many */
        assert_non_null(exact);
        memcpy(exact, payload, len);
        memcpy(&got, &before, sizeof got);
        assert_int_equal(sender_key_decode(&got, exact, len), len == SENDER_KEY_LEN ? 0 : -1);
        if (len != SENDER_KEY_LEN)
            assert_memory_equal(&got, &before, sizeof got);
        free(exact);
    }
}

static void test_each_i(void **state)
{
    (void)state;
    struct sender_key k = drawn(0), got;
    uint8_t payload[SENDER_KEY_LEN];
    sender_key_encode(payload, &k);
    for (uint32_t i = 0; i < 300; i++) {
        bytes_store_be32(payload + 65, i);
        assert_int_equal(sender_key_decode(&got, payload, sizeof payload), i <= 99 ? 0 : -1);
        if (i <= 99)
            assert_int_equal(got.i, i);
        bytes_store_be32(payload + 65, UINT32_MAX - i);
        assert_int_equal(sender_key_decode(&got, payload, sizeof payload), -1);
    }
}

static void test_each_type(void **state)
{
    (void)state;
    struct sender_key k = drawn(0);
    uint8_t payload[SENDER_KEY_LEN];
    sender_key_encode(payload, &k);
    for (int type = 0; type < 256; type++) {
        payload[0] = (uint8_t)type;
        assert_int_equal(sender_key_decode(&k, payload, sizeof payload), type == 3 ? 0 : -1);
    }
}

/* --- The chain ---------------------------------------------------------------------------------------------------- */

static void test_no_two_are_drawn_alike(void **state)
{
    (void)state;
    struct sender_key one, other;
    rng_init(&rng);
    sender_key_draw(&one, room, list, &rng);
    sender_key_draw(&other, room, list, &rng);
    assert_memory_not_equal(one.id, other.id, sizeof one.id);
    assert_memory_not_equal(one.secret, other.secret, sizeof one.secret);
    rng_wipe(&rng);
}

/* No secret comes twice, and nothing but secret and i moves. Whoever gets it in the middle goes on alike. */
static void test_the_chain(void **state)
{
    (void)state;
    static uint8_t secret[SENDER_KEY_MESSAGES + 1][SENDER_KEY_SECRET_LEN];
    struct sender_key k = drawn(0), late = drawn(0), first = drawn(0);
    uint8_t payload[SENDER_KEY_LEN];
    for (uint32_t i = 0; i <= SENDER_KEY_MESSAGES; i++) {
        assert_int_equal(k.i, i);
        memcpy(secret[i], k.secret, sizeof secret[i]);
        for (uint32_t j = 0; j < i; j++)
            assert_memory_not_equal(secret[j], secret[i], sizeof secret[i]);
        assert_memory_equal(k.room, first.room, sizeof k.room);
        assert_memory_equal(k.list, first.list, sizeof k.list);
        assert_memory_equal(k.id, first.id, sizeof k.id);
        if (i == 50) {
            sender_key_encode(payload, &k);
            assert_int_equal(sender_key_decode(&late, payload, sizeof payload), 0);
        } else if (i > 50) {
            sender_key_advance(&late);
            assert_memory_equal(&late, &k, sizeof k);
        }
        if (i < SENDER_KEY_MESSAGES)
            sender_key_advance(&k);
    }
}

/* What is handed over holds no secret before it. */
static void test_nothing_earlier_is_handed_over(void **state)
{
    (void)state;
    struct sender_key k = drawn(0);
    uint8_t before[SENDER_KEY_SECRET_LEN], payload[SENDER_KEY_LEN];
    for (uint32_t i = 1; i < 10; i++) {
        memcpy(before, k.secret, sizeof before);
        sender_key_advance(&k);
        sender_key_encode(payload, &k);
        for (size_t at = 0; at + 8 <= sizeof payload; at++)
            for (size_t part = 0; part < sizeof before; part += 8)
                assert_memory_not_equal(payload + at, before + part, 8);
    }
}

/* --- What stays --------------------------------------------------------------------------------------------------- */

static void test_wipe(void **state)
{
    (void)state;
    struct sender_key k = drawn(5);
    sender_key_wipe(&k);
    assert_true(all_zero(&k, sizeof k));
}

static struct sender_key moving;
static uint8_t encoded[SENDER_KEY_LEN];

static void draw(void)
{
    sender_key_draw(&moving, room, list, &rng);
}

static void advance(void)
{
    sender_key_advance(&moving);
}

static void decode(void)
{
    int ignored = sender_key_decode(&moving, encoded, sizeof encoded);
    (void)ignored;
}

static void test_nothing_is_left_on_the_stack(void **state)
{
    (void)state;
    uint8_t before[SENDER_KEY_SECRET_LEN];
    if (!leftovers_can_look() || sha256_fastest() == &sha256_unrolled) /* as test_hkdf of tests/test_leftovers.c */
        skip();
    rng_init(&rng);
    leftovers_run(draw);
    leftovers_expect_none("sender_key_draw", "secret_0", moving.secret, sizeof moving.secret);
    for (int i = 0; i < 2; i++) { /* in the first the linker resolves what is called, with all registers on the stack */
        memcpy(before, moving.secret, sizeof before);
        leftovers_run(advance);
    }
    leftovers_expect_none("sender_key_advance", "the secret before", before, sizeof before);
    leftovers_expect_none("sender_key_advance", "the secret", moving.secret, sizeof moving.secret);
    sender_key_encode(encoded, &moving);
    leftovers_run(decode);
    leftovers_expect_none("sender_key_decode", "the secret", moving.secret, sizeof moving.secret);
    rng_wipe(&rng);
}

/* --- Wrong use ---------------------------------------------------------------------------------------------------- */

static void test_wrong_use(void **state)
{
    (void)state;
    moving = drawn(SENDER_KEY_MESSAGES - 1);
    assert_false(aborts(advance));
    sender_key_encode(encoded, &moving);
    sender_key_advance(&moving);
    assert_true(aborts(advance));
}

static void encode(void)
{
    sender_key_encode(encoded, &moving);
}

static void test_a_used_up_key_is_not_handed_over(void **state)
{
    (void)state;
    moving = drawn(SENDER_KEY_MESSAGES - 1);
    assert_false(aborts(encode));
    sender_key_advance(&moving);
    assert_true(aborts(encode));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_every_bit),
        cmocka_unit_test(test_every_other_length_is_refused),
        cmocka_unit_test(test_each_i),
        cmocka_unit_test(test_each_type),
        cmocka_unit_test(test_no_two_are_drawn_alike),
        cmocka_unit_test(test_drawn_from_the_kernel),
        cmocka_unit_test(test_the_chain),
        cmocka_unit_test(test_nothing_earlier_is_handed_over),
        cmocka_unit_test(test_wipe),
        cmocka_unit_test_setup(test_nothing_is_left_on_the_stack, leftovers_set_up),
        cmocka_unit_test(test_wrong_use),
        cmocka_unit_test(test_a_used_up_key_is_not_handed_over),
    };
    return RUN(tests);
}
