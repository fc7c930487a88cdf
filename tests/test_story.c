/* SPDX-License-Identifier: MIT */
/* The story of a session against what the protocol says of it: which frames there are, that each opens under the keys
 * that the story gives it, and who knows which value from when to when. */
#include "app/workbench/explain/story.h"

#include <stdlib.h>
#include <string.h>

#include "app/workbench/explain/sample_session.h"
#include "crypto/aes.h"
#include "crypto/cbc.h"
#include "crypto/hmac.h"
#include "net/record.h"
#include "tests/test.h"

#define SEED 1
#define OVERHEAD (RECORD_FRAME_MIN - 16) /* header, IV and tag */

static void note(void *arg, enum handshake_role side, const char *name, const uint8_t *data, size_t len)
{
    story_event(arg, side, STORY_NO_TIME, name, data, len);
}

/* What one side alone would have recorded. */
static void note_client(void *arg, enum handshake_role side, const char *name, const uint8_t *data, size_t len)
{
    if (side == HANDSHAKE_CLIENT)
        story_event(arg, side, STORY_NO_TIME, name, data, len);
}

static void note_server(void *arg, enum handshake_role side, const char *name, const uint8_t *data, size_t len)
{
    if (side == HANDSHAKE_SERVER)
        story_event(arg, side, STORY_NO_TIME, name, data, len);
}

static struct story *tell(bool client, bool server)
{
    struct story *s = calloc(1, sizeof *s);
    assert_non_null(s);
    story_begin(s, client, server);
    struct sample_session_watch watch = {.event = client && server ? note
                                                  : client         ? note_client
                                                                   : note_server,
                                         .arg = s};
    assert_int_equal(sample_session_play(SEED, &watch), 0);
    return s;
}

static void drop(struct story *s)
{
    story_end(s);
    free(s);
}

/* Content types in order, each with its sender; 'h' is a hello. */
static const char expected[] = "Ch Sh S3 C3 C1 S1 C1 S1 S1 C2 C1 S1 C0 S0 ";

static void expect_frames(const struct story *s)
{
    char got[sizeof expected + 3] = "";
    for (size_t i = 0; i < s->frames_len && 3 * i < sizeof expected; i++) {
        const struct story_frame *f = &s->frames[i];
        got[3 * i] = f->from == HANDSHAKE_CLIENT ? 'C' : 'S';
        got[3 * i + 1] = f->data[0] == FRAME_RECORD ? (char)('0' + f->plaintext[0]) : 'h';
        got[3 * i + 2] = ' ';
        got[3 * i + 3] = '\0';
    }
    assert_string_equal(got, expected);
}

/* Whoever reports, the frames are the same, and none is there twice. */
static void test_each_frame_once_and_in_order(void **state)
{
    (void)state;
    struct story *both = tell(true, true);
    expect_frames(both);
    for (int one = 0; one < 2; one++) {
        struct story *s = tell(one == 0, one == 1);
        expect_frames(s);
        for (size_t i = 0; i < s->frames_len; i++) {
            assert_int_equal(s->frames[i].len, both->frames[i].len);
            assert_memory_equal(s->frames[i].data, both->frames[i].data, s->frames[i].len);
            assert_int_equal(s->frames[i].plaintext_len, both->frames[i].plaintext_len);
            if (s->frames[i].plaintext_len > 0)
                assert_memory_equal(s->frames[i].plaintext, both->frames[i].plaintext, s->frames[i].plaintext_len);
        }
        drop(s);
    }
    drop(both);
}

static void expect_tag(const struct story_frame *f)
{
    struct hmac_key key;
    struct hmac h;
    uint8_t number[8], tag[32];
    bytes_store_be64(number, f->sequence);
    hmac_key_init(&key, f->keys->mac_key.data, f->keys->mac_key.len);
    hmac_init(&h, &key);
    hmac_update(&h, number, sizeof number);
    hmac_update(&h, f->data, f->len - sizeof tag);
    hmac_final(&h, tag);
    assert_memory_equal(tag, f->data + f->len - sizeof tag, sizeof tag);
}

static void expect_ciphertext(const struct story_frame *f)
{
    struct aes_key key;
    uint8_t out[256];
    assert_int_equal(f->plaintext_len, f->len - OVERHEAD);
    assert_true(f->plaintext_len <= sizeof out);
    aes_key_init(&key, f->keys->enc_key.data, f->keys->enc_key.len);
    cbc_encrypt(&key, f->data + FRAME_HEADER_LEN, out, f->plaintext, f->plaintext_len / 16);
    assert_memory_equal(out, f->data + FRAME_HEADER_LEN + 16, f->plaintext_len);
}

/* The keys and the number that the story gives a Record are those that it was sealed with. */
static void test_each_record_fits_its_keys(void **state)
{
    (void)state;
    for (int who = 0; who < 3; who++) {
        struct story *s = tell(who != 2, who != 1);
        for (size_t i = 0; i < s->frames_len; i++)
            if (s->frames[i].data[0] == FRAME_RECORD) {
                assert_non_null(s->frames[i].keys);
                expect_tag(&s->frames[i]);
                expect_ciphertext(&s->frames[i]);
            }
        assert_int_equal(s->keys_len, 3);
        drop(s);
    }
}

static void expect_known(const struct story_value *v, enum story_who who, size_t since, size_t until)
{
    assert_int_equal(v->known.since[who], since);
    assert_int_equal(v->known.until[who], until);
}

static void test_who_knows_what_and_when(void **state)
{
    (void)state;
    const size_t hello = 1, answer = 2;
    struct story *s = tell(true, true);
    const struct story_value *v = s->values;
    expect_known(&v[STORY_CLIENT_PRIVATE], STORY_CLIENT, 0, answer);
    expect_known(&v[STORY_CLIENT_PRIVATE], STORY_SERVER, STORY_NEVER, STORY_NEVER);
    expect_known(&v[STORY_CLIENT_PRIVATE], STORY_EAVESDROPPER, STORY_NEVER, STORY_NEVER);
    expect_known(&v[STORY_SERVER_PRIVATE], STORY_SERVER, hello, hello);
    expect_known(&v[STORY_CLIENT_RANDOM], STORY_EAVESDROPPER, hello, STORY_NEVER);
    expect_known(&v[STORY_SERVER_PUBLIC], STORY_CLIENT, answer, STORY_NEVER);
    expect_known(&v[STORY_Z], STORY_SERVER, hello, hello);
    expect_known(&v[STORY_Z], STORY_CLIENT, answer, answer);
    expect_known(&v[STORY_Z], STORY_EAVESDROPPER, STORY_NEVER, STORY_NEVER);
    expect_known(&v[STORY_PRK], STORY_CLIENT, answer, answer);
    expect_known(&v[STORY_T], STORY_EAVESDROPPER, answer, STORY_NEVER);
    expect_known(&v[STORY_C], STORY_EAVESDROPPER, 0, STORY_NEVER);
    drop(s);
}

/* The third set of keys is the client's, from its KeyUpdate on, which ends the first. */
static void test_keys_live_until_the_next_ones_or_the_close(void **state)
{
    (void)state;
    struct story *s = tell(true, true);
    const size_t update = (size_t)(strstr(expected, "C2") - expected) / 3 + 1;
    const size_t close = (size_t)(strstr(expected, "C0") - expected) / 3 + 1;
    const struct story_keys *last = &s->keys[s->keys_len - 1];
    assert_int_equal(last->sender, HANDSHAKE_CLIENT);
    assert_int_equal(last->generation, 1);
    for (enum story_who who = STORY_CLIENT; who <= STORY_SERVER; who++) {
        expect_known(&last->enc_key, who, update, close);
        for (size_t i = 0; i + 1 < s->keys_len; i++)
            expect_known(&s->keys[i].mac_key, who, 2, s->keys[i].sender == HANDSHAKE_CLIENT ? update : close + 1);
    }
    expect_known(&last->secret, STORY_EAVESDROPPER, STORY_NEVER, STORY_NEVER);
    drop(s);
}

/* Of a side that did not report, nothing is said. */
static void test_one_side_alone(void **state)
{
    (void)state;
    struct story *s = tell(true, false);
    assert_int_equal(s->values[STORY_SERVER_PRIVATE].len, 0);
    assert_int_equal(s->values[STORY_Z].len, 384);
    expect_known(&s->values[STORY_Z], STORY_SERVER, STORY_NEVER, STORY_NEVER);
    expect_known(&s->values[STORY_CLIENT_PUBLIC], STORY_EAVESDROPPER, 1, STORY_NEVER);
    expect_known(&s->keys[2].secret, STORY_SERVER, STORY_NEVER, STORY_NEVER);
    drop(s);
}

/* A second connection takes the first one's place. */
static void test_the_last_connection_is_told(void **state)
{
    (void)state;
    struct story *s = tell(true, false);
    struct sample_session_watch watch = {.event = note_client, .arg = s};
    assert_int_equal(sample_session_play(SEED + 1, &watch), 0);
    expect_frames(s);
    assert_int_equal(s->begun, 1);
    drop(s);
}

/* What does not fit is passed over: any bytes under any name, in any order. */
static void test_nonsense_is_passed_over(void **state)
{
    (void)state;
    static const char *const names[] = {"open_plaintext", "seal_frame",   "secret",     "enc_key", "open_frame",
                                        "client_hello",   "server_hello", "Z",          "T",       "seal_plaintext",
                                        "open_sequence",  "mac_key",      "unheard of", "C",       "alert"};
    static uint8_t bytes[FRAME_MAX_LEN + 1];
    struct story *s = calloc(1, sizeof *s);
    assert_non_null(s);
    story_begin(s, true, false);
    for (size_t i = 0; i < 40 * sizeof names / sizeof names[0]; i++) {
        size_t len = i % 7 == 0 ? sizeof bytes : i % 5 == 0 ? 0 : i % 601;
        memset(bytes, (int)(i % 5), 8);
        story_event(s, HANDSHAKE_CLIENT, (double)i, names[i * 4 % (sizeof names / sizeof names[0])], bytes, len);
    }
    drop(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_frame_once_and_in_order),
        cmocka_unit_test(test_each_record_fits_its_keys),
        cmocka_unit_test(test_who_knows_what_and_when),
        cmocka_unit_test(test_keys_live_until_the_next_ones_or_the_close),
        cmocka_unit_test(test_one_side_alone),
        cmocka_unit_test(test_the_last_connection_is_told),
        cmocka_unit_test(test_nonsense_is_passed_over),
    };
    return RUN(tests);
}
