/* SPDX-License-Identifier: MIT */
/* Messages of sealed rooms that must be refused, and leave nothing behind: each bit and length that is not as it must
 * be; another's line, place, room, list or key; and what was said before one had the key. */
#include "tests/room_lines.h"

/* --- Bytes that are no message ------------------------------------------------------------------------------------ */

static void test_every_bit_is_refused(void **state)
{
    (void)state;
    uint8_t changed[SEALED_MAX];
    for (size_t bit = 0; bit < 8 * message_len; bit++) {
        memcpy(changed, message, message_len);
        changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        expect_refused(changed, message_len, "alice", &alices, "alice");
    }
    assert_int_equal(open_as(message, message_len, "alice", &alices, "alice"), 0);
}

static void test_every_other_length_is_refused(void **state)
{
    (void)state;
    static uint8_t longer[SEALED_MAX + 100];
    struct sealed_head head, before;
    memset(&before, 0x55, sizeof before);
    memcpy(longer, message, message_len);
    for (size_t len = 0; len <= sizeof longer; len++) {
        bool shape = len >= 580 && len <= 4580 && (len - 116) % 16 == 0;
        memcpy(&head, &before, sizeof head);
        assert_int_equal(sealed_head(&head, longer, len), shape ? 0 : -1);
        if (!shape)
            assert_memory_equal(&head, &before, sizeof head);
        if (len != message_len)
            expect_refused(longer, len, "alice", &alices, "alice");
    }
}

static void test_the_head(void **state)
{
    (void)state;
    struct sealed_head head;
    assert_int_equal(sealed_head(&head, message, message_len), 0);
    assert_memory_equal(head.room, alices.room, sizeof head.room);
    assert_memory_equal(head.list, alices.list, sizeof head.list);
    assert_memory_equal(head.key_id, alices.id, sizeof head.key_id);
    assert_int_equal(head.i, 0);
    bytes_store_be32(message + 64, UINT32_MAX);
    assert_int_equal(sealed_head(&head, message, message_len), 0);
    assert_int_equal(head.i, UINT32_MAX);
}

/* --- Who can seal, and whom it is taken for ----------------------------------------------------------------------- */

/* Bob has alice's sender key, as every member has. */
static void test_a_member_can_not_speak_as_another(void **state)
{
    (void)state;
    static struct sealed_statement forged;
    uint8_t out[SEALED_MAX];
    say(&forged, &alices, "alice", "I owe bob a beer");
    sign(&forged, "bob");
    size_t len = seal(out, &forged, &alices);
    expect_refused(out, len, "alice", &alices, "alice");
    assert_int_equal(open_as(out, len, "alice", &alices, "bob"), 0); /* all but the signature is right */
    memcpy(forged.signature, hello.signature, sizeof forged.signature);
    len = seal(out, &forged, &alices);
    expect_refused(out, len, "alice", &alices, "alice");
}

/* What alice has said in this place, sealed once more by bob: as another message, and as a line of his own. */
static void test_a_signature_holds_for_its_own_place(void **state)
{
    (void)state;
    struct sender_key later = alices;
    uint8_t out[SEALED_MAX];
    sender_key_advance(&later);
    hello.i = 1;
    size_t len = seal(out, &hello, &later);
    expect_refused(out, len, "alice", &alices, "alice");
    hello.i = 0;
    snprintf(hello.sender, sizeof hello.sender, "bob");
    len = seal(out, &hello, &alices);
    expect_refused(out, len, "bob", &alices, "alice");
    expect_refused(out, len, "bob", &alices, "bob");
}

/* What alice said first, sealed once more by bob under the secret that is her next one, as he has that too: nobody who
 * has opened it hears it again. */
static void test_a_member_can_not_repeat_another(void **state)
{
    (void)state;
    struct sender_key later = alices, bobs;
    uint8_t out[SEALED_MAX];
    sender_key_advance(&later);
    bobs = later;
    bobs.i = 0;
    size_t len = seal(out, &hello, &bobs);
    assert_int_equal(open_as(out, len, "alice", &bobs, "alice"), 0); /* tag and signature are right */
    expect_refused(out, len, "alice", &later, "alice");
}

/* The server puts another name on it. */
static void test_another_sender(void **state)
{
    (void)state;
    expect_refused(message, message_len, "bob", &alices, "bob");
    expect_refused(message, message_len, "bob", &alices, "alice");
    expect_refused(message, message_len, "alic", &alices, "alice");
    expect_refused(message, message_len, "alicea", &alices, "alice");
    expect_refused(message, message_len, "alice", &alices, "bob");
}

/* The receiver's key is another room's, another list's, has another number; what is outside is as the key wants it. */
static void test_another_key(void **state)
{
    (void)state;
    struct sender_key k = alices;
    uint8_t *const fields[] = {k.room, k.list, k.id};
    static const size_t lens[] = {sizeof k.room, sizeof k.list, sizeof k.id}, at[] = {0, 16, 48};
    uint8_t changed[SEALED_MAX];
    for (size_t field = 0; field < 3; field++)
        for (size_t bit = 0; bit < 8 * lens[field]; bit++) {
            uint8_t *byte = fields[field] + bit / 8, mask = (uint8_t)(1 << bit % 8);
            *byte ^= mask;
            expect_refused(message, message_len, "alice", &k, "alice");
            memcpy(changed, message, message_len);
            changed[at[field] + bit / 8] ^= mask;
            expect_refused(changed, message_len, "alice", &k, "alice");
            *byte ^= mask;
        }
    k.secret[31] ^= 1;
    expect_refused(message, message_len, "alice", &k, "alice");
}

/* Whoever got the key as it stood later opens nothing earlier, whatever number is put on it. */
static void test_a_newcomer_opens_nothing_earlier(void **state)
{
    (void)state;
    struct sender_key later = alices;
    for (uint32_t i = 1; i < 20; i++) {
        sender_key_advance(&later);
        for (uint32_t as = 0; as < SENDER_KEY_MESSAGES; as += 7) {
            struct sender_key k = later;
            bytes_store_be32(message + 64, as);
            expect_refused(message, message_len, "alice", &k, "alice");
            k.i = 0;
            expect_refused(message, message_len, "alice", &k, "alice");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_bit_is_refused),
        TEST(test_every_other_length_is_refused),
        TEST(test_the_head),
        TEST(test_a_member_can_not_speak_as_another),
        TEST(test_a_signature_holds_for_its_own_place),
        TEST(test_a_member_can_not_repeat_another),
        TEST(test_another_sender),
        TEST(test_another_key),
        TEST(test_a_newcomer_opens_nothing_earlier),
    };
    return RUN(tests);
}
