/* SPDX-License-Identifier: MIT */
/* Known answers: each kind of frame and of field, written out; that fields are where the vectors have their values; and
 * that every section exists. What holds of any bytes: test_dissect_any.c. */
#include "app/dissect/dissect.h"

#include "app/message/message.h"
#include "net/hello.h"
#include "tests/dissect_expect.h"

/* --- Written out -------------------------------------------------------------------------------------------------- */

static void test_a_client_hello(void **state)
{
    (void)state;
    struct vec *v = vec_open("handshake");
    size_t len;
    assert_true(vec_next(v));
    const uint8_t *hello = vec_hex(v, "client_hello", &len);
    frame(hello, len);
    EXPECT("0+429 ClientHello frame: 429 bytes\n"
           "  0+4 header: 4 bytes\n"
           "    0+1 type: 1, ClientHello\n"
           "    1+1 version: 1\n"
           "    2+2 length: 425 bytes\n"
           "  4+32 client_random: 32 random bytes\n"
           "  36+1 length of suites: 2 bytes\n"
           "  37+2 suites: 1, 2\n"
           "    37+1 suite: 1, AES-128-CBC with HMAC-SHA-256\n"
           "    38+1 suite: 2, AES-256-CBC with HMAC-SHA-256\n"
           "  39+1 length of groups: 2 bytes\n"
           "  40+2 groups: 2, 3\n"
           "    40+1 group: 2, ffdhe3072\n"
           "    41+1 group: 3, ffdhe4096\n"
           "  42+1 group: 2, ffdhe3072\n"
           "  43+2 length of client_public: 384 bytes\n"
           "  45+384 client_public: 384 bytes, as long as the prime of ffdhe3072\n");
    vec_close(v);
}

static void test_a_server_hello(void **state)
{
    (void)state;
    struct vec *v = vec_open("handshake");
    size_t len;
    assert_true(vec_next(v));
    const uint8_t *hello = vec_hex(v, "server_hello", &len);
    frame(hello, len);
    EXPECT("0+1642 ServerHello frame: 1642 bytes\n"
           "  0+4 header: 4 bytes\n"
           "    0+1 type: 2, ServerHello\n"
           "    1+1 version: 1\n"
           "    2+2 length: 1638 bytes\n"
           "  4+32 server_random: 32 random bytes\n"
           "  36+1 suite: 1, AES-128-CBC with HMAC-SHA-256\n"
           "  37+2 length of server_public: 384 bytes\n"
           "  39+384 server_public: 384 bytes\n"
           "  423+2 length of certificate: 831 bytes\n"
           "  425+831 certificate: 831 bytes\n"
           "    425+1 version: 1\n"
           "    426+1 role: 1, server\n"
           "    427+1 length of name: 12 bytes\n"
           "    428+12 name: \"chat.example\"\n"
           "    440+8 not_before: 2026-07-16T20:00:00Z\n"
           "    448+8 not_after: 2027-07-16T20:00:00Z\n"
           "    456+384 modulus: 384 bytes, key SHA256:1COkEAHb7e9mmWymjNGBR6mH+WDW+ExTTiLzpJEbXaw=\n"
           "    840+32 issuer: SHA256:1COkEAHb7e9mmWymjNGBR6mH+WDW+ExTTiLzpJEbXaw=, this key itself\n"
           "    872+384 signature: 384 bytes of RSASSA-PSS\n"
           "  1256+2 length of signature: 384 bytes\n"
           "  1258+384 signature: 384 bytes of RSASSA-PSS\n");
    vec_close(v);
}

static void test_a_record(void **state)
{
    (void)state;
    struct vec *v = vec_open("handshake");
    size_t len;
    assert_true(vec_next(v));
    const uint8_t *finished = vec_hex(v, "server_finished", &len);
    frame(finished, len);
    EXPECT("0+68 Record frame: 68 bytes\n"
           "  0+4 header: 4 bytes\n"
           "    0+1 type: 3, Record\n"
           "    1+1 version: 1\n"
           "    2+2 length: 64 bytes\n"
           "  4+16 iv: 16 random bytes\n"
           "  20+16 ciphertext: 16 bytes, 1 block\n"
           "  36+32 tag: 32 bytes of HMAC-SHA-256\n");
    vec_close(v);
}

static void test_alerts(void **state)
{
    (void)state;
    FRAME("\4\1\0\4\1\2\2\3");
    EXPECT("0+8 Alert frame: 8 bytes\n"
           "  0+4 header: 4 bytes\n"
           "    0+1 type: 4, Alert\n"
           "    1+1 version: 1\n"
           "    2+2 length: 4 bytes\n"
           "  4+1 code: 1, group_not_allowed\n"
           "  5+1 length of data: 2 bytes\n"
           "  6+2 data: 2, 3\n"
           "    6+1 group: 2, ffdhe3072\n"
           "    7+1 group: 3, ffdhe4096\n");
    FRAME("\4\1\0\3\2\1\2");
    EXPECT_TEXT("code", "2, suite_not_allowed");
    EXPECT_TEXT("suite", "2, AES-256-CBC with HMAC-SHA-256");
    FRAME("\4\1\0\2\4\0");
    EXPECT_TEXT("code", "4, busy");
    EXPECT_TEXT("data", "none");
    FRAME("\4\1\0\3\x63\1\2");
    EXPECT_TEXT("code", "99, unknown");
    EXPECT_TEXT("number", "2, unknown");
}

static void test_a_registration(void **state)
{
    (void)state;
    PADDED("\1\1\0\0\0\1\5alice\x11"
           "alice@example.org\x0f"
           "correct battery\0\0"
           "\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10");
    EXPECT("0+64 plaintext: 64 bytes\n"
           "  0+1 content type: 1, Application\n"
           "  1+47 payload: register, request 1\n"
           "    1+1 type: 1, register\n"
           "    2+4 request: 1\n"
           "    6+1 length of name: 5 bytes\n"
           "    7+5 name: \"alice\"\n"
           "    12+1 length of email: 17 bytes\n"
           "    13+17 email: \"alice@example.org\"\n"
           "    30+1 length of password: 15 bytes\n"
           "    31+15 password: 15 bytes, a password (secret)\n"
           "    46+2 length of certificate: 0 bytes\n"
           "    48+0 certificate: none\n"
           "  48+16 padding: 16 bytes of value 16\n");
}

static void test_a_list_of_rooms(void **state)
{
    (void)state;
    PLAINTEXT("\1\x42\0\0\0\6\1\0\2\x08"
              "c-course\0\0\0\1\5lobby\0\1\x11\x70");
    EXPECT("0+32 plaintext: 32 bytes\n"
           "  0+1 content type: 1, Application\n"
           "  1+31 payload: rooms, to request 6\n"
           "    1+1 type: 66, rooms\n"
           "    2+4 request: 6\n"
           "    6+1 more: 1, there are more\n"
           "    7+25 rooms: 2 rooms\n"
           "      7+2 n: 2\n"
           "      9+13 room: \"c-course\", 1 in it\n"
           "        9+1 length of name: 8 bytes\n"
           "        10+8 name: \"c-course\"\n"
           "        18+4 members: 1\n"
           "      22+10 room: \"lobby\", 70000 in it\n"
           "        22+1 length of name: 5 bytes\n"
           "        23+5 name: \"lobby\"\n"
           "        28+4 members: 70000\n");
}

static void test_what_is_said(void **state)
{
    (void)state;
    PLAINTEXT("\1\x60\0\0\0\0\5lobby\5alice\0\0\0\0\x65\x53\xf1\0\0\x0bgr\xc3\xbc\xc3\x9f dich");
    EXPECT("0+39 plaintext: 39 bytes\n"
           "  0+1 content type: 1, Application\n"
           "  1+38 payload: said\n"
           "    1+1 type: 96, said\n"
           "    2+4 request: 0\n"
           "    6+1 length of room name: 5 bytes\n"
           "    7+5 room name: \"lobby\"\n"
           "    12+1 length of sender name: 5 bytes\n"
           "    13+5 sender name: \"alice\"\n"
           "    18+8 time: 2023-11-14T22:13:20Z\n"
           "    26+2 length of text: 11 bytes\n"
           "    28+11 text: \"gr\xc3\xbc\xc3\x9f dich\"\n");
}

#define CALL "0123456789abcdef"

static void test_a_relay(void **state)
{
    (void)state;
    PLAINTEXT("\1\x13\0\0\0\x19\3bob" CALL "\0\x08\4\1\0\4\1\2\2\3");
    EXPECT("0+36 plaintext: 36 bytes\n"
           "  0+1 content type: 1, Application\n"
           "  1+35 payload: relay, request 25\n"
           "    1+1 type: 19, relay\n"
           "    2+4 request: 25\n"
           "    6+1 length of name: 3 bytes\n"
           "    7+3 name: \"bob\"\n"
           "    10+16 call: 16 random bytes\n"
           "    26+2 length of frame: 8 bytes\n"
           "    28+8 frame: 8 bytes, one Alert\n");
    PLAINTEXT("\1\x65\0\0\0\0\5alice" CALL "\0\0");
    EXPECT_TEXT("payload", "relayed");
    EXPECT_TEXT("frame", "none");
    PLAINTEXT("\1\x13\0\0\0\1\3bob" CALL "\0\x08\4\1\0\3\1\2\2\3");
    EXPECT_TEXT("frame", "8 bytes, not one whole frame");
    PLAINTEXT("\1\x13\0\0\0\1\3bob" CALL "\0\1\4");
    EXPECT_TEXT("frame", "1 byte, not one whole frame");
    memcpy(bytes, "\1\x13\0\0\0\1\3bob" CALL "\x10\x45\3\1\x10\x41", 32);
    plaintext(bytes, 28 + MESSAGE_FRAME_MAX + 1, false);
    EXPECT_TEXT("frame", "4165 bytes, not one whole frame");
    PLAINTEXT("\1\x15\0\0\0\1");
    EXPECT_TEXT("payload", "ready, request 1");
}

/* A message of these fields, and then a sealed line of so many bytes behind its length. */
static void sealed_line(const char *fields, size_t fields_len, size_t len)
{
    memset(bytes, 'D', sizeof bytes);
    memcpy(bytes, fields, fields_len);
    bytes_store_be16(bytes + fields_len, (uint16_t)len);
    plaintext(bytes, fields_len + 2 + len, false);
}

#define SEALED_LINE(fields, len) sealed_line((fields), sizeof(fields) - 1, (len))

static void test_a_sealed_line(void **state)
{
    (void)state;
    SEALED_LINE("\1\x66\0\0\0\0\4+den\5alice\0\0\0\0\x65\x53\xf1\0", 596);
    EXPECT("0+623 plaintext: 623 bytes\n"
           "  0+1 content type: 1, Application\n"
           "  1+622 payload: sealed\n"
           "    1+1 type: 102, sealed\n"
           "    2+4 request: 0\n"
           "    6+1 length of room name: 4 bytes\n"
           "    7+4 room name: \"+den\"\n"
           "    11+1 length of sender name: 5 bytes\n"
           "    12+5 sender name: \"alice\"\n"
           "    17+8 time: 2023-11-14T22:13:20Z\n"
           "    25+2 length of sealed: 596 bytes\n"
           "    27+596 sealed: 596 bytes\n"
           "      27+16 room: 16 bytes\n"
           "      43+32 L: 32 bytes\n"
           "      75+16 key id: 16 bytes\n"
           "      91+4 i: 1145324612, not 0 to 99\n"
           "      95+16 iv: 16 bytes\n"
           "      111+480 ciphertext: 480 bytes\n"
           "      591+32 tag: 32 bytes\n");
    SEALED_LINE("\1\x14\0\0\0\x20\4+den", 4580);
    EXPECT_TEXT("payload", "seal, request 32");
    EXPECT_TEXT("sealed", "4580 bytes");
    EXPECT_TEXT("ciphertext", "4464 bytes");
    bytes_store_be32(bytes + 13 + 64, 99);
    plaintext(bytes, 13 + 4580, false);
    EXPECT_TEXT("i", "99");
    bytes_store_be32(bytes + 13 + 64, 100);
    plaintext(bytes, 13 + 4580, false);
    EXPECT_TEXT("i", "100, not 0 to 99");
    plaintext(bytes, 13 + 4579, false);
    EXPECT_TEXT("malformed", "sealed has 4580 bytes, and 4579 are left");
    static const size_t wrong[] = {0, 2, 564, 579, 581, 4596};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char expected[60];
        snprintf(expected, sizeof expected, "%zu bytes, not a sealed line", wrong[i]);
        SEALED_LINE("\1\x14\0\0\0\x20\4+den", wrong[i]);
        EXPECT_TEXT("sealed", expected);
    }
    SEALED_LINE("\1\x14\0\0\0\x20\4+den", 1);
    EXPECT_TEXT("sealed", "1 byte, not a sealed line");
    SEALED_LINE("\1\x14\0\0\0\x20\5lobby", 580);
    EXPECT_TEXT("room name", "\"lobby\", not a name");
}

/* Where the name of a sealed room may stand, and where it may not. */
static void test_the_name_of_a_sealed_room(void **state)
{
    (void)state;
    static const char *const may[] = {"\1\6\0\0\0\1\4+den", "\1\7\0\0\0\1\4+den", "\1\x09\0\0\0\1\4+den"};
    for (size_t i = 0; i < sizeof may / sizeof *may; i++) {
        plaintext((const uint8_t *)may[i], 11, false);
        EXPECT_TEXT("room name", "\"+den\"");
    }
    PLAINTEXT("\1\5\0\0\0\1\4+den");
    EXPECT_TEXT("after", "\"+den\"");
    PLAINTEXT("\1\x42\0\0\0\1\0\0\1\4+den\0\0\0\2");
    EXPECT_TEXT("room", "\"+den\", 2 in it");
    PLAINTEXT("\1\x43\0\0\0\1\4+den\0\0\1\4+bob");
    EXPECT_TEXT("room name", "\"+den\"");
    EXPECT_TEXT("name", "\"+bob\", not a name");
    PLAINTEXT("\1\x61\0\0\0\0\1\4+den\0\1\3bob");
    EXPECT_TEXT("room name", "\"+den\"");
    PLAINTEXT("\1\x08\0\0\0\1\4+den\0\1x");
    EXPECT_TEXT("room name", "\"+den\", not a name");
    PLAINTEXT("\1\x60\0\0\0\0\4+den\5alice\0\0\0\0\x65\x53\xf1\0\0\1x");
    EXPECT_TEXT("room name", "\"+den\", not a name");
    PLAINTEXT("\1\x09\0\0\0\1\4+den\4+bob");
    EXPECT_TEXT("after", "\"+bob\", not a name");
}

static void test_smaller_fields(void **state)
{
    (void)state;
    PLAINTEXT("\1\x61\0\0\0\0\2\5lobby\0\2\5alice\3bob");
    EXPECT_TEXT("payload", "presence");
    EXPECT_TEXT("what", "2, left");
    EXPECT_TEXT("names", "2 names");
    EXPECT_TEXT("name", "\"alice\"");
    PLAINTEXT("\1\x41\0\0\0\x0c\0\x0e\0\x13join the room first");
    EXPECT_TEXT("payload", "error, to request 12");
    EXPECT_TEXT("code", "14, not_in_room");
    assert_string_equal(find("code")->section, "10.5");
    EXPECT_TEXT("words", "\"join the room first\"");
    PLAINTEXT("\1\x43\0\0\0\x0b\5lobby\0\0\0");
    EXPECT_TEXT("more", "0, that was all");
    EXPECT_TEXT("names", "0 names");
    PLAINTEXT("\1\x05\0\0\0\x06\5lobby");
    EXPECT_TEXT("after", "\"lobby\"");
    PLAINTEXT("\0");
    EXPECT("0+1 plaintext: 1 byte\n"
           "  0+1 content type: 0, Close\n"
           "  1+0 payload: empty\n");
}

/* The payload of the client's Finished in kind 2. */
static void test_a_users_finished(void **state)
{
    (void)state;
    struct vec *v = vec_open("handshake");
    while (vec_next(v)) {
        pass_over(v);
        if (!vec_has(v, "client_certificate"))
            continue;
        size_t len, signature_len;
        const uint8_t *certificate = vec_hex(v, "client_certificate", &len);
        const uint8_t *signature = vec_hex(v, "client_signature", &signature_len);
        bytes[0] = CONTENT_FINISHED;
        bytes_store_be16(bytes + 1, (uint16_t)len);
        memcpy(bytes + 3, certificate, len);
        bytes_store_be16(bytes + 3 + len, (uint16_t)signature_len);
        memcpy(bytes + 5 + len, signature, signature_len);
        plaintext(bytes, 5 + len + signature_len, false);
        assert_false(is_malformed());
        EXPECT_TEXT("role", "2, user");
        char name[32];
        snprintf(name, sizeof name, "\"%s\"", vec_text(v, "client_name"));
        EXPECT_TEXT("name", name);
        assert_int_equal(d.field[d.count - 1].at, 5 + len);
        assert_string_equal(d.field[d.count - 1].section, "4.8");
    }
    vec_close(v);
}

/* --- Where the fields are: tests/protocol_check.py recomputes these from docs/protocol.md ------------------------- */

static void expect_bytes(struct vec *v, const uint8_t *whole, const char *name, const char *vector)
{
    const struct dissect_field *f = find(name);
    vec_check(v, vector, whole + f->at, f->len);
}

static void check_hellos(struct vec *v)
{
    size_t len;
    const uint8_t *hello = vec_hex(v, "client_hello", &len);
    frame(hello, len);
    assert_false(is_malformed());
    expect_bytes(v, hello, "client_random", "client_random");
    expect_bytes(v, hello, "suites", "client_suites");
    expect_bytes(v, hello, "groups", "client_groups");
    expect_bytes(v, hello, "client_public", "client_public");
    hello = vec_hex(v, "server_hello", &len);
    frame(hello, len);
    assert_false(is_malformed());
    expect_bytes(v, hello, "server_random", "server_random");
    expect_bytes(v, hello, "server_public", "server_public");
    expect_bytes(v, hello, "certificate", "server_certificate");
    const struct dissect_field *last = &d.field[d.count - 1];
    vec_check(v, "server_signature", hello + last->at, last->len);
}

static void check_finished(struct vec *v, const char *name, const char *iv)
{
    size_t len;
    const uint8_t *finished = vec_hex(v, name, &len);
    frame(finished, len);
    assert_false(is_malformed());
    expect_bytes(v, finished, "iv", iv);
    assert_int_equal(find("tag")->at, len - 32);
}

static void test_the_fields_of_handshakes(void **state)
{
    (void)state;
    struct vec *v = vec_open("handshake");
    while (vec_next(v)) {
        pass_over(v);
        check_hellos(v);
        check_finished(v, "client_finished", "client_finished_iv");
        check_finished(v, "server_finished", "server_finished_iv");
    }
    vec_close(v);
}

static void test_the_fields_of_records(void **state)
{
    (void)state;
    struct vec *v = vec_open("record");
    while (vec_next(v)) {
        size_t len;
        pass_over(v);
        const uint8_t *p = vec_hex(v, "frame", &len);
        frame(p, len);
        if (!vec_has(v, "plaintext"))
            continue;
        assert_false(is_malformed());
        expect_bytes(v, p, "iv", "iv");
        p = vec_hex(v, "plaintext", &len);
        plaintext(p, len, true);
        expect_bytes(v, p, "payload", "payload");
    }
    vec_close(v);
    v = vec_open("session");
    while (vec_next(v)) {
        size_t len;
        pass_over(v);
        const uint8_t *p = vec_hex(v, "frame", &len);
        frame(p, len);
        assert_false(is_malformed());
        expect_bytes(v, p, "iv", "iv");
    }
    vec_close(v);
}

/* As the answer to fetch certificate. One that is refused shows why. */
static void test_the_fields_of_certificates(void **state)
{
    (void)state;
    struct vec *v = vec_open("certificate");
    while (vec_next(v)) {
        char time[CERTIFICATE_TIME_LEN];
        size_t len;
        pass_over(v);
        const uint8_t *certificate = vec_hex(v, "certificate", &len);
        memcpy(bytes, "\1\x45\0\0\0\1\5alice", 12);
        bytes_store_be16(bytes + 12, (uint16_t)len);
        memcpy(bytes + 14, certificate, len);
        plaintext(bytes, 14 + len, false);
        struct certificate c;
        if (certificate_decode(&c, certificate, len) == NET_OK) {
            assert_false(is_malformed());
            certificate_print_time(time, c.not_after);
            EXPECT_TEXT("not_after", time);
            const char *signed_by = certificate_is_self_signed(&c) ? ", this key itself" : ", another key";
            assert_non_null(strstr(find("issuer")->text, signed_by));
            assert_non_null(strstr(find("role")->text, c.role == CERTIFICATE_SERVER ? ", server" : ", user"));
        } else {
            shown();
            assert_true(is_malformed() || strstr(shown(), "not a name") || strstr(shown(), "unknown") ||
                        strstr(shown(), "before not_before") || strstr(shown(), "not an odd number"));
        }
    }
    vec_close(v);
}

static void test_the_fields_of_messages(void **state)
{
    (void)state;
    struct vec *v = vec_open("message");
    while (vec_next(v)) {
        size_t len = message_of(v);
        plaintext(bytes, len, false);
        assert_false(is_malformed());
        assert_null(strstr(shown(), "unknown"));
        assert_null(strstr(shown(), "not a"));
        assert_memory_equal(find("payload")->text, dissect_message_type(bytes[1]),
                            strlen(dissect_message_type(bytes[1])));
    }
    vec_close(v);
}

/* --- Numbers and sections ----------------------------------------------------------------------------------------- */

static void test_every_number_has_a_meaning_or_none(void **state)
{
    (void)state;
    for (unsigned i = 0; i <= 255; i++) {
        struct message m;
        const uint8_t message[] = {(uint8_t)i, 0, 0, 0, 1};
        bool known = message_decode(&m, message, sizeof message) != MESSAGE_E_UNKNOWN_TYPE;
        assert_int_equal(strcmp(dissect_message_type((uint8_t)i), "unknown") != 0, known);
        assert_int_equal(strcmp(dissect_suite((uint8_t)i), "unknown") != 0, suite_exists((int)i));
        assert_int_equal(strcmp(dissect_group((uint8_t)i), "unknown") != 0, dh_group((int)i) != NULL);
        assert_int_equal(strcmp(dissect_frame_type((uint8_t)i), "unknown") != 0, i >= 1 && i <= FRAME_ALERT);
        assert_int_equal(strcmp(dissect_content_type((uint8_t)i), "unknown") != 0, i <= CONTENT_FINISHED);
    }
    assert_string_equal(dissect_content_type(CONTENT_KEY_UPDATE), "KeyUpdate");
}

static bool heading_exists(const char *document, const char *section)
{
    char heading[2][32];
    snprintf(heading[0], sizeof heading[0], "\n## %s. ", section);
    snprintf(heading[1], sizeof heading[1], "\n### %s ", section);
    return strstr(document, heading[0]) != NULL || strstr(document, heading[1]) != NULL;
}

static void check_sections(const char *document)
{
    for (size_t i = 0; i < d.count; i++)
        if (!heading_exists(document, d.field[i].section))
            fail_msg("docs/protocol.md has no section %s, which %s names", d.field[i].section, d.field[i].name);
}

static void test_sections_are_there(void **state)
{
    (void)state;
    static char document[200000];
    FILE *f = fopen("docs/protocol.md", "rb");
    assert_non_null(f);
    document[fread(document, 1, sizeof document - 1, f)] = '\0';
    fclose(f);
    struct vec *v = vec_open("handshake");
    while (vec_next(v)) {
        size_t len;
        pass_over(v);
        static const char *const names[] = {"client_hello", "server_hello", "client_finished"};
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            const uint8_t *p = vec_hex(v, names[i], &len);
            frame(p, len);
            check_sections(document);
        }
    }
    vec_close(v);
    v = vec_open("message");
    while (vec_next(v)) {
        plaintext(bytes, message_of(v), false);
        check_sections(document);
    }
    vec_close(v);
    static const char *const contents[] = {"\0\17", "\1\17", "\2\17", "\3\17", "\4\17"};
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        plaintext((const uint8_t *)contents[i], 1, false);
        check_sections(document);
        plaintext((const uint8_t *)contents[i], 2, false);
        check_sections(document);
    }
    FRAME("\4\1\0\2\3\0");
    check_sections(document);
    FRAME("\5");
    check_sections(document);
    assert_false(heading_exists(document, "4.99"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_client_hello),
        cmocka_unit_test(test_a_server_hello),
        cmocka_unit_test(test_a_record),
        cmocka_unit_test(test_alerts),
        cmocka_unit_test(test_a_registration),
        cmocka_unit_test(test_a_list_of_rooms),
        cmocka_unit_test(test_what_is_said),
        cmocka_unit_test(test_a_relay),
        cmocka_unit_test(test_a_sealed_line),
        cmocka_unit_test(test_the_name_of_a_sealed_room),
        cmocka_unit_test(test_smaller_fields),
        cmocka_unit_test(test_a_users_finished),
        cmocka_unit_test(test_the_fields_of_handshakes),
        cmocka_unit_test(test_the_fields_of_records),
        cmocka_unit_test(test_the_fields_of_certificates),
        cmocka_unit_test(test_the_fields_of_messages),
        cmocka_unit_test(test_every_number_has_a_meaning_or_none),
        cmocka_unit_test(test_sections_are_there),
    };
    return RUN(tests);
}
