/* SPDX-License-Identifier: MIT */
/* Records: known answers; then everything that somebody on the wire can do to one; then what a peer that has the keys
 * but breaks the rules can do; then the limits. Many at once: test_record_many.c. */
#include "net/record.h"

#include "app/workbench/rng_fixed.h"
#include "crypto/bytes.h"
#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

static const uint8_t secret[RECORD_SECRET_LEN] = "a secret of thirty-two bytes ...";
static uint8_t frame[FRAME_MAX_LEN + 64], spare[FRAME_MAX_LEN + 64], payload_bytes[RECORD_PAYLOAD_MAX];
static struct rng rng;
static struct record sender, receiver;

static int setup(void **state)
{
    (void)state;
    rng_fixed_init(&rng, "record", 6);
    record_init(&sender, SUITE_AES128, secret, NULL);
    record_init(&receiver, SUITE_AES128, secret, NULL);
    for (size_t i = 0; i < sizeof payload_bytes; i++)
        payload_bytes[i] = (uint8_t)(i * 7);
    return 0;
}

static enum net_err try_seal(enum content_type type, size_t payload_len, size_t *frame_len)
{
    return record_seal(&sender, &rng, frame, sizeof frame, frame_len, type, payload_bytes, payload_len);
}

static size_t seal(enum content_type type, size_t payload_len)
{
    size_t frame_len = 0;
    assert_int_equal(try_seal(type, payload_len, &frame_len), NET_OK);
    assert_int_equal(frame_len, record_frame_len(payload_len));
    return frame_len;
}

static enum net_err open_frame(uint8_t *bytes, size_t len, size_t *payload_len)
{
    enum content_type type;
    uint8_t *payload;
    return record_open(&receiver, bytes, len, &type, &payload, payload_len);
}

/* Opens with a fresh receiver, which must refuse, write nothing, forget its keys, and refuse the genuine frame too. */
static void expect_refused(const uint8_t *bytes, size_t len, const uint8_t *genuine, size_t genuine_len)
{
    size_t payload_len = 12345;
    static uint8_t copy[sizeof frame];
    memcpy(copy, bytes, len);
    record_init(&receiver, SUITE_AES128, secret, NULL);
    assert_int_equal(open_frame(copy, len, &payload_len), NET_ERR_RECORD);
    assert_int_equal(payload_len, 12345);
    assert_memory_equal(copy, bytes, len);
    assert_true(all_zero(receiver.secret, sizeof receiver.secret));
    assert_true(all_zero(&receiver.key, sizeof receiver.key));
    memcpy(copy, genuine, genuine_len);
    assert_int_equal(open_frame(copy, genuine_len, &payload_len), NET_ERR_RECORD);
}

/* --- Known answers ------------------------------------------------------------------------------------------------ */

struct values {
    struct vec *v;
    const uint8_t *iv; /* what the random source gives */
};

static struct values values;

static void check_value(void *arg, const char *name, const uint8_t *data, size_t len)
{
    struct values *known = arg;
    if (strcmp(name, "enc_key") == 0 || strcmp(name, "mac_key") == 0)
        vec_check(known->v, name, data, len);
    if (strcmp(name, "seal_plaintext") == 0)
        vec_check(known->v, "plaintext", data, len);
}

static void give_iv(struct rng *r, uint8_t *out, size_t len)
{
    (void)r;
    assert_int_equal(len, AES_BLOCK_LEN);
    memcpy(out, values.iv, len);
}

static void known_seal(struct vec *v, struct record *r)
{
    struct rng source = {.source = give_iv};
    size_t payload_len, frame_len;
    enum content_type type = (enum content_type)vec_number(v, "content_type");
    const uint8_t *payload = vec_hex(v, "payload", &payload_len);
    values.iv = vec_hex_n(v, "iv", AES_BLOCK_LEN);
    assert_int_equal(record_seal(r, &source, frame, sizeof frame, &frame_len, type, payload, payload_len), NET_OK);
    vec_check(v, "frame", frame, frame_len);
}

static void known_open(struct vec *v, struct record *r)
{
    size_t frame_len, payload_len, got_len;
    uint8_t *got;
    enum content_type type;
    const uint8_t *known = vec_hex(v, "frame", &frame_len), *payload = vec_hex(v, "payload", &payload_len);
    memcpy(spare, known, frame_len);
    assert_int_equal(record_open(r, spare, frame_len, &type, &got, &got_len), NET_OK);
    assert_int_equal(type, vec_number(v, "content_type"));
    assert_int_equal(got_len, payload_len);
    assert_memory_equal(got, payload, got_len);
}

static void known_reject(struct vec *v, struct record *r)
{
    size_t frame_len, got_len;
    uint8_t *got;
    enum content_type type;
    const uint8_t *known = vec_hex(v, "frame", &frame_len);
    memcpy(spare, known, frame_len);
    if (record_open(r, spare, frame_len, &type, &got, &got_len) != NET_ERR_RECORD)
        fail_msg("%s was not refused", vec_name(v));
}

static void test_known_answers(void **state)
{
    (void)state;
    struct trace trace = {.event = check_value, .arg = &values};
    struct vec *v = vec_open("record");
    values.v = v;
    while (vec_next(v)) {
        struct record r, s;
        enum suite suite = (enum suite)vec_number(v, "suite");
        record_init(&s, suite, vec_hex_n(v, "secret", RECORD_SECRET_LEN), NULL);
        s.sequence = vec_number(v, "sequence");
        if (vec_rejects(v)) {
            known_reject(v, &s);
            continue;
        }
        record_init(&r, suite, vec_hex_n(v, "secret", RECORD_SECRET_LEN), &trace);
        r.sequence = s.sequence;
        known_seal(v, &r);
        known_open(v, &s);
        r.trace = NULL;
        record_update(&r);
        record_update(&s);
        assert_memory_equal(r.secret, s.secret, sizeof r.secret);
        if (vec_has(v, "next_secret"))
            vec_check(v, "next_secret", r.secret, sizeof r.secret);
    }
    vec_close(v);
}

static void test_every_length_goes_through(void **state)
{
    (void)state;
    static const size_t long_ones[] = {1000, 8192, 16367, 16368, 16382, 16383, 16384};
    for (int suite = SUITE_AES128; suite <= SUITE_AES256; suite++) {
        record_init(&sender, (enum suite)suite, secret, NULL);
        record_init(&receiver, (enum suite)suite, secret, NULL);
        for (size_t i = 0; i < 70 + sizeof long_ones / sizeof long_ones[0]; i++) {
            size_t len = i < 70 ? i : long_ones[i - 70], got_len;
            enum content_type type;
            uint8_t *got;
            size_t frame_len = seal(CONTENT_APPLICATION, len);
            assert_true(frame_len <= FRAME_MAX_LEN);
            assert_int_equal(record_open(&receiver, frame, frame_len, &type, &got, &got_len), NET_OK);
            assert_int_equal(type, CONTENT_APPLICATION);
            assert_int_equal(got_len, len);
            assert_memory_equal(got, payload_bytes, len);
        }
    }
    assert_int_equal(record_frame_len(0), RECORD_FRAME_MIN);
    assert_int_equal(record_frame_len(RECORD_PAYLOAD_MAX), FRAME_MAX_LEN);
}

static void test_same_text_never_looks_the_same(void **state)
{
    (void)state;
    size_t len = seal(CONTENT_APPLICATION, 5);
    memcpy(spare, frame, len);
    seal(CONTENT_APPLICATION, 5);
    assert_memory_not_equal(frame + 4, spare + 4, 16);
    assert_memory_not_equal(frame + 20, spare + 20, 16);
}

/* --- Somebody on the wire ----------------------------------------------------------------------------------------- */

static void test_every_bit_flip_is_refused(void **state)
{
    (void)state;
    size_t len = seal(CONTENT_APPLICATION, 40);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        memcpy(spare, frame, len);
        spare[bit / 8] ^= (uint8_t)(1 << bit % 8);
        expect_refused(spare, len, frame, len);
    }
}

/* Cut or prolonged to every length, with and without a header that says so. */
static void test_every_other_length_is_refused(void **state)
{
    (void)state;
    size_t len = seal(CONTENT_APPLICATION, 40);
    for (size_t cut = 0; cut <= len + 48; cut++) {
        memset(spare, 0, len + 48);
        memcpy(spare, frame, len);
        if (cut != len)
            expect_refused(spare, cut, frame, len);
        if (cut != len && cut >= FRAME_HEADER_LEN) {
            bytes_store_be16(spare + 2, (uint16_t)(cut - FRAME_HEADER_LEN));
            expect_refused(spare, cut, frame, len);
        }
    }
}

static void test_order_is_kept(void **state)
{
    (void)state;
    size_t got_len, len = seal(CONTENT_APPLICATION, 3);
    memcpy(spare, frame, len);
    seal(CONTENT_APPLICATION, 3);
    assert_int_equal(open_frame(frame, len, &got_len), NET_ERR_RECORD); /* the second before the first */
    setup(NULL);
    seal(CONTENT_APPLICATION, 3);
    memcpy(spare, frame, len);
    assert_int_equal(open_frame(frame, len, &got_len), NET_OK);
    assert_int_equal(open_frame(spare, len, &got_len), NET_ERR_RECORD); /* the first once more */
}

static void test_another_direction_is_refused(void **state)
{
    (void)state;
    uint8_t other[RECORD_SECRET_LEN];
    size_t got_len, len = seal(CONTENT_APPLICATION, 3);
    memcpy(other, secret, sizeof other);
    other[31] ^= 1;
    record_init(&receiver, SUITE_AES128, other, NULL);
    assert_int_equal(open_frame(frame, len, &got_len), NET_ERR_RECORD);
    setup(NULL);
    record_init(&receiver, SUITE_AES256, secret, NULL);
    len = seal(CONTENT_APPLICATION, 3);
    assert_int_equal(open_frame(frame, len, &got_len), NET_ERR_RECORD);
}

/* --- A peer that has the keys and breaks the rules ---------------------------------------------------------------- */

/* Seals any padded plaintext at all, as record_seal never would, and opens it with a fresh receiver. */
static enum net_err open_forged(const uint8_t *plaintext, size_t blocks)
{
    uint8_t ad[12] = {0};
    size_t len = FRAME_HEADER_LEN + 16 + 16 * blocks + 32, got_len = 12345;
    setup(NULL);
    frame_header(frame, FRAME_RECORD, len - FRAME_HEADER_LEN);
    memcpy(ad + 8, frame, FRAME_HEADER_LEN);
    rng_fill(&rng, frame + 4, 16);
    etm_seal(&sender.key, frame + 20, frame + 4, ad, sizeof ad, plaintext, blocks);
    enum net_err err = open_frame(frame, len, &got_len);
    if (err != NET_OK) {
        assert_int_equal(got_len, 12345);
        assert_true(all_zero(frame + 20, 16 * blocks)); /* what was decrypted is not left lying about */
        assert_true(all_zero(&receiver.key, sizeof receiver.key));
    }
    return err;
}

static void test_every_padding_but_the_right_one_is_refused(void **state)
{
    (void)state;
    for (int pad = 0; pad < 256; pad++) {
        uint8_t plaintext[32];
        memset(plaintext, pad, sizeof plaintext);
        plaintext[0] = CONTENT_APPLICATION;
        assert_int_equal(open_forged(plaintext, 2), pad >= 1 && pad <= 16 ? NET_OK : NET_ERR_RECORD);
        for (int wrong = 1; wrong < pad && pad <= 16; wrong++) {
            memset(plaintext, pad, sizeof plaintext);
            plaintext[0] = CONTENT_APPLICATION;
            plaintext[31 - wrong] ^= 1;
            assert_int_equal(open_forged(plaintext, 2), NET_ERR_RECORD);
        }
    }
}

static void test_padding_alone_is_refused(void **state)
{
    (void)state;
    uint8_t plaintext[16];
    memset(plaintext, 16, sizeof plaintext);
    assert_int_equal(open_forged(plaintext, 1), NET_ERR_RECORD);
}

/* 16,400 bytes of plaintext fit a frame, but only 16,385 of them may be content. */
static void test_too_long_a_payload_is_refused(void **state)
{
    (void)state;
    static uint8_t plaintext[16400];
    for (int pad = 1; pad <= 16; pad++) {
        memset(plaintext, 'x', sizeof plaintext);
        plaintext[0] = CONTENT_APPLICATION;
        memset(plaintext + sizeof plaintext - pad, pad, (size_t)pad);
        assert_int_equal(open_forged(plaintext, sizeof plaintext / 16), pad >= 15 ? NET_OK : NET_ERR_RECORD);
    }
}

static void test_unknown_content_types_are_refused(void **state)
{
    (void)state;
    for (int type = 0; type < 256; type++) {
        uint8_t plaintext[16];
        memset(plaintext, 15, sizeof plaintext);
        plaintext[0] = (uint8_t)type;
        assert_int_equal(open_forged(plaintext, 1), type <= CONTENT_FINISHED ? NET_OK : NET_ERR_RECORD);
    }
}

/* --- Keys and limits ---------------------------------------------------------------------------------------------- */

static void test_update_goes_to_other_keys(void **state)
{
    (void)state;
    uint8_t old_secret[RECORD_SECRET_LEN];
    struct etm_key old_key = sender.key;
    size_t got_len, len;
    memcpy(old_secret, sender.secret, sizeof old_secret);
    len = seal(CONTENT_KEY_UPDATE, 0);
    assert_int_equal(open_frame(frame, len, &got_len), NET_OK);
    record_update(&sender);
    record_update(&receiver);
    assert_memory_not_equal(sender.secret, old_secret, sizeof old_secret);
    assert_memory_not_equal(&sender.key.mac, &old_key.mac, sizeof old_key.mac);
    assert_int_equal(sender.sequence, 1);
    assert_int_equal(sender.records, 0);
    assert_int_equal(sender.bytes, 0);
    len = seal(CONTENT_APPLICATION, 9);
    assert_int_equal(open_frame(frame, len, &got_len), NET_OK);
    assert_int_equal(got_len, 9);
    record_update(&sender);
    len = seal(CONTENT_APPLICATION, 9); /* under keys that the receiver has not been told of */
    assert_int_equal(open_frame(frame, len, &got_len), NET_ERR_RECORD);
    record_update(&receiver);
    assert_true(all_zero(&receiver.key, sizeof receiver.key)); /* an update brings no dead keys back */
}

/* As many Records as there may be, then no more, at both ends; the KeyUpdate is due one before. */
static void test_record_limit(void **state)
{
    (void)state;
    size_t len, got_len;
    sender.records = receiver.records = RECORD_RECORDS_MAX - 2;
    assert_false(record_update_due(&sender, 0));
    len = seal(CONTENT_APPLICATION, 1);
    assert_int_equal(open_frame(frame, len, &got_len), NET_OK);
    assert_true(record_update_due(&sender, 0));
    len = seal(CONTENT_KEY_UPDATE, 0);
    assert_int_equal(open_frame(frame, len, &got_len), NET_OK);
    sender.records = 0;
    len = seal(CONTENT_APPLICATION, 1);
    assert_int_equal(open_frame(frame, len, &got_len), NET_ERR_LIMIT);
    assert_true(all_zero(&receiver.key, sizeof receiver.key));
    sender.records = RECORD_RECORDS_MAX;
    assert_int_equal(try_seal(CONTENT_APPLICATION, 0, &len), NET_ERR_LIMIT);
    assert_true(all_zero(&sender.key, sizeof sender.key));
    assert_int_equal(try_seal(CONTENT_APPLICATION, 0, &len), NET_ERR_LIMIT);
}

static void test_byte_limit(void **state)
{
    (void)state;
    size_t len, got_len;
    sender.bytes = receiver.bytes = RECORD_BYTES_MAX - 48;
    assert_true(record_update_due(&sender, 32));
    assert_false(record_update_due(&sender, 30));
    len = seal(CONTENT_APPLICATION, 30);
    assert_int_equal(open_frame(frame, len, &got_len), NET_OK);
    assert_int_equal(receiver.bytes, RECORD_BYTES_MAX - 16);
    len = seal(CONTENT_KEY_UPDATE, 0);
    assert_int_equal(open_frame(frame, len, &got_len), NET_OK);
    sender.bytes = 0;
    len = seal(CONTENT_APPLICATION, 0);
    assert_int_equal(open_frame(frame, len, &got_len), NET_ERR_LIMIT);
    sender.bytes = RECORD_BYTES_MAX - 16;
    assert_int_equal(try_seal(CONTENT_APPLICATION, 15, &len), NET_ERR_LIMIT);
}

static void test_sequence_never_wraps(void **state)
{
    (void)state;
    size_t len, got_len;
    sender.sequence = receiver.sequence = UINT64_MAX - 1;
    len = seal(CONTENT_APPLICATION, 1);
    assert_int_equal(open_frame(frame, len, &got_len), NET_OK);
    assert_int_equal(open_frame(frame, len, &got_len), NET_ERR_LIMIT);
    assert_int_equal(try_seal(CONTENT_APPLICATION, 0, &len), NET_ERR_LIMIT);
}

static void test_the_first_failure_stays(void **state)
{
    (void)state;
    record_fail(&sender, NET_ERR_TIMEOUT);
    record_fail(&sender, NET_ERR_CUT);
    record_wipe(&sender);
    assert_int_equal(sender.failed, NET_ERR_TIMEOUT);
    assert_true(all_zero(&sender.key, sizeof sender.key));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_known_answers),
        TEST(test_every_length_goes_through),
        TEST(test_same_text_never_looks_the_same),
        TEST(test_every_bit_flip_is_refused),
        TEST(test_every_other_length_is_refused),
        TEST(test_order_is_kept),
        TEST(test_another_direction_is_refused),
        TEST(test_every_padding_but_the_right_one_is_refused),
        TEST(test_padding_alone_is_refused),
        TEST(test_too_long_a_payload_is_refused),
        TEST(test_unknown_content_types_are_refused),
        TEST(test_update_goes_to_other_keys),
        TEST(test_record_limit),
        TEST(test_byte_limit),
        TEST(test_sequence_never_wraps),
        TEST(test_the_first_failure_stays),
    };
    return RUN(tests);
}
