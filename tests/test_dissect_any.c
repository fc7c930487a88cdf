/* SPDX-License-Identifier: MIT */
/* Any bytes: each vector is cut at every byte and has each byte changed. Then what does not fit, written out, and what
 * no text may show. Known answers: test_dissect.c. */
#include "app/dissect/dissect.h"

#include "app/message/message.h"
#include "tests/dissect_expect.h"

/* --- Cut and changed ---------------------------------------------------------------------------------------------- */

/* Dissects copies in memory of exactly their size, so that a sanitizer sees a read past the end. */
static void cut_and_change(const uint8_t *p, size_t len, void (*dissect)(const uint8_t *p, size_t len))
{
    static const uint8_t changes[] = {0x01, 0x80, 0xff};
    size_t step = len > 4000 ? 97 : 1;
    for (size_t cut = 0; cut <= len; cut += step) {
        uint8_t *exact = malloc(cut > 0 ? cut : 1);
        assert_non_null(exact);
        memcpy(exact, p, cut);
        dissect(exact, cut);
        for (size_t i = 0; cut + step > len && i < 3 * cut; i += step) {
            exact[i / 3] ^= changes[i % 3];
            dissect(exact, cut);
            exact[i / 3] ^= changes[i % 3];
        }
        free(exact);
    }
}

static void dissect_unpadded(const uint8_t *p, size_t len)
{
    plaintext(p, len, false);
}

static void dissect_padded(const uint8_t *p, size_t len)
{
    plaintext(p, len, true);
}

static void test_frames_cut_and_changed(void **state)
{
    (void)state;
    static const char *const stems[] = {"handshake", "hello", "session", "record"};
    static const char *const names[] = {"client_hello", "server_hello", "client_finished", "frame"};
    for (size_t stem = 0; stem < sizeof stems / sizeof *stems; stem++) {
        struct vec *v = vec_open(stems[stem]);
        while (vec_next(v)) {
            size_t len;
            pass_over(v);
            for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                if (!vec_has(v, names[i]))
                    continue;
                const uint8_t *p = vec_hex(v, names[i], &len);
                cut_and_change(p, len, frame);
            }
        }
        vec_close(v);
    }
}

static void test_plaintexts_cut_and_changed(void **state)
{
    (void)state;
    struct vec *v = vec_open("record");
    while (vec_next(v)) {
        size_t len;
        pass_over(v);
        if (!vec_has(v, "plaintext"))
            continue;
        const uint8_t *p = vec_hex(v, "plaintext", &len);
        cut_and_change(p, len, dissect_padded);
        cut_and_change(p, len, dissect_unpadded);
    }
    vec_close(v);
}

/* What message_decode accepts is not malformed; of a message that was cut something is missing to both. */
static void compare_with_message(const uint8_t *p, size_t len)
{
    struct message m;
    plaintext(p, len, false);
    if (len < 2 || p[0] != CONTENT_APPLICATION)
        return;
    enum message_error error = message_decode(&m, p + 1, len - 1);
    if (error == MESSAGE_E_NONE)
        assert_false(is_malformed());
    if (error == MESSAGE_E_UNKNOWN_TYPE)
        assert_int_equal(find("fields")->len, len - 6);
}

static void test_messages_cut_and_changed(void **state)
{
    (void)state;
    struct vec *v = vec_open("message");
    while (vec_next(v)) {
        size_t len = message_of(v);
        cut_and_change(bytes, len, compare_with_message);
        for (size_t cut = 2; cut < len; cut++) {
            plaintext(bytes, cut, false);
            assert_true(is_malformed());
        }
        bytes[len] = 'x';
        plaintext(bytes, len + 1, false);
        assert_true(is_malformed());
    }
    vec_close(v);
}

/* --- What does not fit -------------------------------------------------------------------------------------------- */

static void test_a_header_that_is_refused(void **state)
{
    (void)state;
    FRAME("\5\1\0\1x");
    EXPECT("0+5 frame: 5 bytes\n"
           "  0+4 header: 4 bytes\n"
           "    0+1 type: 5, unknown\n"
           "    1+1 version: 1\n"
           "    2+2 length: 1 byte\n"
           "  4+1 malformed: there is no frame of type 5\n");
    FRAME("\4\2\0\2\3\0");
    EXPECT_TEXT("malformed", "there is no version 2");
    FRAME("\4\1\1\1\3\0");
    EXPECT_TEXT("malformed", "the body of this type has at most 256 bytes");
    FRAME("\4\1\0");
    EXPECT("0+3 Alert frame: 3 bytes\n"
           "  0+3 header: 3 bytes\n"
           "    0+1 type: 4, Alert\n"
           "    1+1 version: 1\n"
           "    2+1 malformed: length has 2 bytes, and 1 is left\n");
    FRAME("");
    EXPECT("0+0 frame: 0 bytes\n"
           "  0+0 header: 0 bytes\n"
           "    0+0 malformed: type has 1 byte, and 0 are left\n");
}

static void test_a_frame_of_another_length(void **state)
{
    (void)state;
    FRAME("\4\1\0\2\3\0\4\1");
    EXPECT("0+8 Alert frame: 8 bytes\n"
           "  0+4 header: 4 bytes\n"
           "    0+1 type: 4, Alert\n"
           "    1+1 version: 1\n"
           "    2+2 length: 2 bytes\n"
           "  4+1 code: 3, bad_hello\n"
           "  5+1 length of data: 0 bytes\n"
           "  6+0 data: none\n"
           "  6+2 malformed: 2 bytes are left after the end of the frame\n");
    FRAME("\4\1\0\4\1\2\2");
    EXPECT_TEXT("length", "4 bytes, and 3 are here");
    EXPECT_TEXT("malformed", "data has 2 bytes, and 1 is left");
    FRAME("\4\1\0\4\1\1\2\3");
    EXPECT_TEXT("malformed", "1 byte is left after the last field");
    FRAME("\3\1\0\x41"
          "0123456789abcdef0");
    EXPECT_TEXT("malformed", "a body of 65 bytes leaves no whole blocks of 16 between iv and tag");
    FRAME("\3\1\0\x30"
          "0123456789abcdef0123456789abcdef0123456789abcdef");
    EXPECT_TEXT("malformed", "a body of 48 bytes leaves no whole blocks of 16 between iv and tag");
}

static void test_hellos_that_are_refused(void **state)
{
    (void)state;
#define RANDOM "0123456789abcdef0123456789abcdef"
    FRAME("\1\1\0\x28" RANDOM "\0\1\2\2\0\2xy");
    EXPECT_TEXT("malformed", "suites has 1 to 16 numbers, and not 0");
    FRAME("\1\1\0\x32" RANDOM "\x11"
          "0123456789abcdefg");
    EXPECT_TEXT("malformed", "suites has 1 to 16 numbers, and not 17");
    FRAME("\1\1\0\x29" RANDOM "\1\1\1\x09\x09\0\2xy");
    EXPECT_TEXT("group", "9, unknown");
    EXPECT_TEXT("client_public", "2 bytes");
    assert_false(is_malformed());
    FRAME("\1\1\0\x29" RANDOM "\1\1\1\2\2\0\2xy");
    EXPECT_TEXT("client_public", "2 bytes, but the prime of ffdhe3072 has 384");
    FRAME("\2\1\0\x2a" RANDOM "\1\0\1y\0\0\0\2xy");
    EXPECT_TEXT("malformed", "version has 1 byte, and 0 are left");
    assert_string_equal(d.field[d.count - 1].text, "a signature has 384 bytes, and not 2");
}

static void test_a_padding_that_is_refused(void **state)
{
    (void)state;
    PADDED("\1\1\0\0\0\1\5alice\x04\x03\x04\x04");
    EXPECT("0+16 plaintext: 16 bytes\n"
           "  0+16 malformed: not whole blocks that end in 1 to 16 bytes, each of them their number (secret)\n");
    PADDED("\0\1");
    EXPECT_TEXT("malformed", "not whole blocks that end in 1 to 16 bytes, each of them their number");
    PADDED("\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10");
    EXPECT("0+16 plaintext: 16 bytes\n"
           "  0+0 malformed: content type has 1 byte, and 0 are left (secret)\n"
           "  0+16 padding: 16 bytes of value 16\n");
    PLAINTEXT("\2x");
    EXPECT("0+2 plaintext: 2 bytes\n"
           "  0+1 content type: 2, KeyUpdate\n"
           "  1+1 payload: 1 byte\n"
           "    1+1 malformed: 1 byte is left after the last field\n");
    PLAINTEXT("\4x");
    EXPECT_TEXT("malformed", "there is no content type 4");
    memset(bytes, 1, sizeof bytes);
    plaintext(bytes, 1 + RECORD_PAYLOAD_MAX + 1, false);
    EXPECT_TEXT("malformed", "a payload has at most 16384 bytes");
}

static void test_values_that_break_a_rule(void **state)
{
    (void)state;
    PLAINTEXT("\1\6\0\0\0\0\5Lobby");
    EXPECT_TEXT("request", "0, but it must have a number");
    EXPECT_TEXT("room name", "\"Lobby\", not a name");
    PLAINTEXT("\1\x63\0\0\0\1");
    EXPECT_TEXT("request", "1, where nothing was asked for");
    PLAINTEXT("\1\x41\0\0\0\0\0\x63\0\0");
    EXPECT_TEXT("request", "0, of a request without a number");
    EXPECT_TEXT("code", "99, unknown");
    PLAINTEXT("\1\x43\0\0\0\1\5lobby\7\0\3\3bob\5alice\5alice");
    EXPECT_TEXT("more", "7, unknown");
    assert_string_equal(d.field[d.count - 3].text, "5 bytes, but not after the name before");
    assert_string_equal(d.field[d.count - 1].text, "5 bytes, but not after the name before");
    PLAINTEXT("\1\x61\0\0\0\0\3\5lobby\0\0");
    EXPECT_TEXT("what", "3, unknown");
    EXPECT_TEXT("malformed", "there are 1 to 400 in such a list, and not 0");
    PLAINTEXT("\1\x61\0\0\0\0\0\5lobby\0\1\5alice");
    EXPECT_TEXT("what", "0, unknown");
    PLAINTEXT("\1\x48\0\0\0\1\0\x41");
    EXPECT_TEXT("malformed", "there are 0 to 64 in such a list, and not 65");
    PLAINTEXT("\1\x0b\0\0\0\1\7seven..\2no");
    EXPECT_TEXT("password", "7 bytes, not a password");
    EXPECT_TEXT("code", "2 bytes, not a code");
    PLAINTEXT("\1\x16\0\0\0\1some bytes");
    EXPECT_TEXT("payload", "unknown, request 1");
    EXPECT_TEXT("fields", "10 bytes");
}

/* The longest list there can be, and of the shortest entries: there is room for their fields. */
static void test_the_longest_lists(void **state)
{
    (void)state;
    static const uint8_t head[] = {1, MESSAGE_ROOMS, 0, 0, 0, 1, 0, MESSAGE_LIST_MAX >> 8, MESSAGE_LIST_MAX & 255};
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, head, sizeof head);
    plaintext(bytes, sizeof head + MESSAGE_LIST_MAX * 5, false);
    EXPECT_TEXT("rooms", "400 rooms");
    assert_int_equal(d.count, 1 + 1 + 1 + 3 + 1 + 1 + MESSAGE_LIST_MAX * 4);
    assert_false(is_malformed());
    bytes[8]++;
    plaintext(bytes, sizeof head + (MESSAGE_LIST_MAX + 1) * 5, false);
    EXPECT_TEXT("malformed", "there are 0 to 400 in such a list, and not 401");
}

/* --- What no text may show ---------------------------------------------------------------------------------------- */

static void test_quotes(void **state)
{
    (void)state;
    PLAINTEXT("\1\x62\0\0\0\0\0\x12"
              "a\x1b[2J\n\t\"\\\xff\xe2\x80\xae\xc2\x9b\x7f\xc3(");
    EXPECT_TEXT("words", "\"a\\u{1b}[2J\\n\\t\\\"\\\\\\xff\\u{202e}\\u{9b}\\u{7f}\\xc3(\", not as a text must be");
    PLAINTEXT("\1\x62\0\0\0\0\0\5\"\\ \n\t");
    EXPECT_TEXT("words", "\"\\\"\\\\ \\n\\t\"");
}

/* A notice whose words are len bytes of these, again and again, behind some others. */
static void long_notice(const char *others, const char *again, size_t len)
{
    size_t n = strlen(others);
    memcpy(bytes, "\1\x62\0\0\0\0", 6);
    bytes_store_be16(bytes + 6, (uint16_t)len);
    memcpy(bytes + 8, others, n);
    for (size_t i = n; i < len; i++)
        bytes[8 + i] = (uint8_t)again[(i - n) % strlen(again)];
    plaintext(bytes, 8 + len, false);
}

/* Wherever the room for it ends, no character and no escape is cut in two, and how long it is is told whole. */
static void test_long_quotes(void **state)
{
    (void)state;
    static const char *const others[] = {"", "x", "xx", "xxx", "xxxx", "xxxxx", "xxxxxx", "xxxxxxx", "xxxxxxxx"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char end[40];
        size_t len = strlen(others[i]) + 800;
        snprintf(end, sizeof end, "\xf0\x9f\x98\x80\"... of %zu bytes", len);
        long_notice(others[i], "\xf0\x9f\x98\x80", len);
        assert_false(is_malformed());
        assert_non_null(strstr(find("words")->text, end));
        long_notice(others[i], "\xe2\x80\xae", strlen(others[i]) + 900);
        assert_non_null(strstr(find("words")->text, "\\u{202e}\"... of 90"));
        assert_non_null(strstr(find("words")->text, " bytes, not as a text must be"));
    }
}

/* The secrets of vectors/message.txt. */
static const char *const secrets[] = {"correct battery", "staple horse", "287082", "12345678901234567890"};

/* No six bytes of a secret are in any text. The byte that was changed can be one of a secret's. */
static void expect_no_secret(void)
{
    char part[7] = "";
    for (size_t i = 0; i < d.count; i++)
        for (size_t k = 0; k < sizeof secrets / sizeof *secrets; k++)
            for (size_t at = 0; at + 6 <= strlen(secrets[k]); at++) {
                memcpy(part, secrets[k] + at, 6);
                if (strstr(d.field[i].text, part) != NULL)
                    fail_msg("%s is shown in:\n%s", part, shown());
            }
}

/* Of a message without a secret everything may be shown. */
static bool has_secrets(size_t len)
{
    plaintext(bytes, len, false);
    return d.field[0].secret;
}

/* All leaves of at least so many bytes that have one of this secret are marked; bytes has the whole message, whatever
 * of it was dissected. */
static void expect_marked(const char *secret, size_t whole_len, size_t least)
{
    size_t len = strlen(secret);
    for (size_t at = 0; at + len <= whole_len; at++)
        for (size_t i = 0; i < d.count && memcmp(bytes + at, secret, len) == 0; i++) {
            const struct dissect_field *f = &d.field[i];
            if (f->leaf && f->len >= least && f->at < at + len && f->at + f->len > at && !f->secret)
                fail_msg("%s is not marked as secret in:\n%s", f->name, shown());
        }
}

static void test_no_text_has_a_secret(void **state)
{
    (void)state;
    size_t messages = 0;
    struct vec *v = vec_open("message");
    while (vec_next(v)) {
        size_t len = message_of(v);
        if (!has_secrets(len))
            continue;
        messages++;
        for (size_t cut = 2; cut <= len; cut++) {
            plaintext(bytes, cut, false);
            expect_no_secret();
            for (size_t k = 0; k < sizeof secrets / sizeof *secrets; k++)
                expect_marked(secrets[k], len, 1);
        }
        /* Byte 1 is the type, which says what is secret; the bytes of a certificate come after all secrets. */
        for (size_t i = 2; i < len && i < 60; i++)
            for (unsigned change = 1; change < 256; change++) {
                bytes[i] ^= (uint8_t)change;
                plaintext(bytes, len, false);
                expect_no_secret();
                for (size_t k = 0; k < sizeof secrets / sizeof *secrets; k++)
                    expect_marked(secrets[k], len, 5); /* what is taken for a number can be part of a secret */
                bytes[i] ^= (uint8_t)change;
            }
    }
    assert_int_equal(messages, 11);
    vec_close(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_cut_and_changed),
        cmocka_unit_test(test_plaintexts_cut_and_changed),
        cmocka_unit_test(test_messages_cut_and_changed),
        cmocka_unit_test(test_a_header_that_is_refused),
        cmocka_unit_test(test_a_frame_of_another_length),
        cmocka_unit_test(test_hellos_that_are_refused),
        cmocka_unit_test(test_a_padding_that_is_refused),
        cmocka_unit_test(test_values_that_break_a_rule),
        cmocka_unit_test(test_the_longest_lists),
        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_long_quotes),
        cmocka_unit_test(test_no_text_has_a_secret),
    };
    return RUN(tests);
}
