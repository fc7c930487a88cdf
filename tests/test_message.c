/* SPDX-License-Identifier: MIT */
/* Every message against its bytes in vectors/message.txt, both ways; then each cut short, made longer, and with each
 * field outside its rule. */
#include "app/message/message.h"

#include "net/certificate.h"
#include "net/frame.h"
#include "tests/test.h"
#include "tests/vec.h"

#define TEXT(s) ((struct message_bytes){(const uint8_t *)(s), strlen(s)})
#define PASSWORD "correct battery"
#define GREETING "gr\xc3\xbc\xc3\x9f dich"

static uint8_t list_buf[MESSAGE_LIST_BUF_LEN];

static struct message_list list_of(const struct message_entry *entries, size_t n, bool with_members)
{
    struct message_list list;
    message_list_init(&list, list_buf);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(message_list_add(&list, list_buf, &entries[i], with_members), 0);
    return list;
}

static const struct message_entry people[] = {{"alice", 0}, {"bob", 0}};
static const struct message_entry rooms[] = {{"c-course", 1}, {"lobby", 70000}};

/* Nobody's signature, over a key that is none: only the layout counts here. */
static struct message_bytes certificate(void)
{
    static uint8_t bytes[CERTIFICATE_MAX_LEN];
    struct certificate c = {CERTIFICATE_USER, .name = "alice", .not_before = 1700000000, .not_after = 1700000001};
    memset(c.modulus, 0xff, sizeof c.modulus);
    memset(c.issuer, 0x11, sizeof c.issuer);
    memset(c.signature, 0x22, sizeof c.signature);
    return (struct message_bytes){bytes, certificate_encode(bytes, &c)};
}

#define CALL "0123456789:;<=>?"
#define BYTES(bytes) ((struct message_bytes){(const uint8_t *)(bytes), sizeof(bytes) - 1})

/* Nobody's Record: what is in a frame is for the two who call each other. */
#define IV "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"
#define RECORD "\3\1\0\x40" IV "DDDDDDDDDDDDDDDDUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUU"

/* Nobody's line of a sealed room: the room's number, the list's hash, the key's number, i, then as in a Record. */
static struct message_bytes sealed(void)
{
    static uint8_t line[MESSAGE_SEALED_MIN];
    memset(line, 'R', 16);
    memset(line + 16, 'L', 32);
    memset(line + 48, 'K', 16);
    bytes_store_be32(line + 64, 7);
    memcpy(line + 68, IV, 16);
    memset(line + 84, 'D', 464);
    memset(line + 548, 'U', 32);
    return (struct message_bytes){line, sizeof line};
}

static const struct message_entry sealed_rooms[] = {{"+den", 2}, {"lobby", 3}};

static struct message sealed_sample(size_t i)
{
    switch (i) {
    case 39:
        return (struct message){MESSAGE_JOIN, 28, .join = {"+den"}};
    case 40:
        return (struct message){MESSAGE_LEAVE, 29, .leave = {"+den"}};
    case 41:
        return (struct message){MESSAGE_WHO, 30, .who = {"+den", "alice"}};
    case 42:
        return (struct message){MESSAGE_LIST_ROOMS, 31, .list_rooms = {"+den"}};
    case 43:
        return (struct message){MESSAGE_SEAL, 32, .seal = {"+den", sealed()}};
    case 44:
        return (struct message){MESSAGE_MEMBERS, 30, .members = {"+den", 0, list_of(people, 2, false)}};
    case 45:
        return (struct message){MESSAGE_ROOMS, 31, .rooms = {0, list_of(sealed_rooms, 2, true)}};
    case 46:
        return (struct message){MESSAGE_PRESENCE, 0, .presence = {MESSAGE_LEFT, "+den", list_of(people, 2, false)}};
    default:
        return (struct message){MESSAGE_SEALED, 0, .sealed = {"+den", "alice", 1700000000, sealed()}};
    }
}

static struct message call_sample(size_t i)
{
    switch (i) {
    case 35:
        return (struct message){MESSAGE_RELAY, 25, .relay = {"bob", CALL, BYTES("\4\1\0\4\1\2\2\3")}};
    case 36:
        return (struct message){MESSAGE_RELAY, 26, .relay = {"bob", CALL, BYTES("")}};
    case 37:
        return (struct message){.type = MESSAGE_READY, .request = 27};
    case 38:
        return (struct message){MESSAGE_RELAYED, 0, .relayed = {"alice", CALL, BYTES(RECORD)}};
    default:
        return sealed_sample(i);
    }
}

static struct message account_sample(size_t i)
{
    switch (i) {
    case 20:
        return (struct message){MESSAGE_CHANGE_PASSWORD, 13,
                                .change_password = {TEXT(PASSWORD), "287082", TEXT("staple horse")}};
    case 21:
        return (struct message){MESSAGE_DELETE_ACCOUNT, 14, .delete_account = {TEXT(PASSWORD), ""}};
    case 22:
        return (struct message){MESSAGE_BEGIN_SECOND_FACTOR, 15, .begin_second_factor = {TEXT(PASSWORD), ""}};
    case 23:
        return (struct message){MESSAGE_CONFIRM_SECOND_FACTOR, 16, .confirm_second_factor = {"287082"}};
    case 24:
        return (struct message){MESSAGE_END_SECOND_FACTOR, 17, .end_second_factor = {TEXT(PASSWORD), "287082"}};
    case 25:
        return (struct message){MESSAGE_REPLACE_CERTIFICATE, 18,
                                .replace_certificate = {TEXT(PASSWORD), "", certificate()}};
    case 26:
        return (struct message){MESSAGE_REPLACE_CERTIFICATE, 19, .replace_certificate = {TEXT(PASSWORD), "", TEXT("")}};
    case 27:
        return (struct message){MESSAGE_BLOCK, 20, .block = {"bob"}};
    case 28:
        return (struct message){MESSAGE_UNBLOCK, 21, .unblock = {"bob"}};
    case 29:
        return (struct message){MESSAGE_FETCH_CERTIFICATE, 22, .fetch_certificate = {"alice"}};
    case 30:
        return (struct message){MESSAGE_SECRET, 15, .secret = {"12345678901234567890"}};
    case 32:
        return (struct message){.type = MESSAGE_LIST_BLOCKED, .request = 23};
    case 33:
        return (struct message){MESSAGE_BLOCKED, 23, .blocked = {list_of(people, 2, false)}};
    case 34:
        return (struct message){MESSAGE_BLOCKED, 24, .blocked = {list_of(people, 0, false)}};
    case 31:
        return (struct message){MESSAGE_CERTIFICATE, 22, .certificate = {"alice", certificate()}};
    default:
        return call_sample(i);
    }
}

/* The message of each record, in the file's order. */
static struct message sample(size_t i)
{
    switch (i) {
    case 0:
        return (struct message){.type = MESSAGE_REGISTER,
                                .request = 1,
                                .registration = {"alice", "alice@example.org", TEXT(PASSWORD), TEXT("")}};
    case 1:
        return (struct message){MESSAGE_LOG_IN, 2, .log_in = {"alice", TEXT(PASSWORD), ""}};
    case 2:
        return (struct message){MESSAGE_LOG_IN, 3, .log_in = {"alice", TEXT(PASSWORD), "287082"}};
    case 3:
        return (struct message){.type = MESSAGE_LOG_OUT, .request = 4};
    case 4:
        return (struct message){.type = MESSAGE_PING, .request = 5};
    case 5:
        return (struct message){MESSAGE_LIST_ROOMS, 6, .list_rooms = {""}};
    case 6:
        return (struct message){MESSAGE_LIST_ROOMS, 7, .list_rooms = {"lobby"}};
    case 7:
        return (struct message){MESSAGE_JOIN, 8, .join = {"c-course"}};
    case 8:
        return (struct message){MESSAGE_LEAVE, 9, .leave = {"c-course"}};
    case 9:
        return (struct message){MESSAGE_SAY, 10, .say = {"lobby", TEXT(GREETING)}};
    case 10:
        return (struct message){MESSAGE_WHO, 11, .who = {"lobby", ""}};
    case 11:
        return (struct message){.type = MESSAGE_OK, .request = 10};
    case 12:
        return (struct message){MESSAGE_ERROR, 12,
                                .error = {MESSAGE_E_NOT_IN_ROOM, TEXT(message_error_text(MESSAGE_E_NOT_IN_ROOM))}};
    case 13:
        return (struct message){MESSAGE_ROOMS, 6, .rooms = {1, list_of(rooms, 2, true)}};
    case 14:
        return (struct message){MESSAGE_MEMBERS, 11, .members = {"lobby", 0, list_of(people, 2, false)}};
    case 15:
        return (struct message){MESSAGE_SAID, 0, .said = {"lobby", "alice", 1700000000, TEXT(GREETING)}};
    case 16:
        return (struct message){MESSAGE_PRESENCE, 0, .presence = {MESSAGE_JOINED, "lobby", list_of(people, 2, false)}};
    case 17:
        return (struct message){MESSAGE_NOTICE, 0, .notice = {TEXT("the server stops in a minute")}};
    case 18:
        return (struct message){.type = MESSAGE_REPLACED};
    case 19:
        return (struct message){.type = MESSAGE_STILL_THERE};
    default:
        return account_sample(i);
    }
}

#define SAMPLES 48

static size_t encode_sample(uint8_t *out, size_t i)
{
    struct message m = sample(i);
    size_t len = 0;
    assert_int_equal(message_encode(out, MESSAGE_MAX_LEN, &len, &m), 0);
    return len;
}

static void test_known_bytes(void **state)
{
    (void)state;
    struct vec *v = vec_open("message");
    size_t i = 0;
    while (vec_next(v)) {
        uint8_t out[MESSAGE_MAX_LEN];
        size_t len = encode_sample(out, i);
        vec_check(v, "message", out, len);
        struct message m;
        assert_int_equal(message_decode(&m, out, len), MESSAGE_E_NONE);
        uint8_t again[MESSAGE_MAX_LEN];
        size_t again_len;
        assert_int_equal(message_encode(again, sizeof again, &again_len, &m), 0);
        vec_check(v, "message", again, again_len);
        i++;
    }
    assert_int_equal(i, SAMPLES);
    vec_close(v);
}

static void test_decoded_fields_are_what_was_sent(void **state)
{
    (void)state;
    uint8_t out[MESSAGE_MAX_LEN];
    struct message m;
    assert_int_equal(message_decode(&m, out, encode_sample(out, 0)), 0);
    assert_int_equal(m.type, MESSAGE_REGISTER);
    assert_int_equal(m.request, 1);
    assert_string_equal(m.registration.name, "alice");
    assert_string_equal(m.registration.email, "alice@example.org");
    assert_int_equal(m.registration.password.len, strlen(PASSWORD));
    assert_memory_equal(m.registration.password.data, PASSWORD, strlen(PASSWORD));
    assert_int_equal(message_decode(&m, out, encode_sample(out, 2)), 0);
    assert_string_equal(m.log_in.code, "287082");
    assert_int_equal(message_decode(&m, out, encode_sample(out, 15)), 0);
    assert_string_equal(m.said.room, "lobby");
    assert_string_equal(m.said.sender, "alice");
    assert_int_equal(m.said.time, 1700000000);
    assert_memory_equal(m.said.text.data, GREETING, m.said.text.len);
    assert_int_equal(message_decode(&m, out, encode_sample(out, 13)), 0);
    assert_int_equal(m.rooms.more, 1);
    struct message_entry entry;
    assert_true(message_list_next(&m.rooms.list, &entry, true));
    assert_string_equal(entry.name, "c-course");
    assert_true(message_list_next(&m.rooms.list, &entry, true));
    assert_string_equal(entry.name, "lobby");
    assert_int_equal(entry.members, 70000);
    assert_false(message_list_next(&m.rooms.list, &entry, true));
}

static void test_every_cut_and_every_addition_is_malformed(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        uint8_t out[MESSAGE_MAX_LEN + 1];
        struct message m;
        size_t len = encode_sample(out, i);
        for (size_t cut = 0; cut < len; cut++) {
            uint8_t *exact = malloc(cut + 1); /* so that a sanitizer sees a read past the end */
            assert_non_null(exact);
            memcpy(exact, out, cut);
            assert_int_equal(message_decode(&m, exact, cut), MESSAGE_E_MALFORMED);
            free(exact);
            /* The bytes that are missing stand there, beyond the end: they must not be looked at. */
            assert_int_equal(message_decode(&m, out, cut), MESSAGE_E_MALFORMED);
        }
        out[len] = 0;
        assert_int_equal(message_decode(&m, out, len + 1), MESSAGE_E_MALFORMED);
    }
}

static void test_encode_never_writes_past_its_room(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        uint8_t out[MESSAGE_MAX_LEN];
        size_t len = encode_sample(out, i), out_len;
        struct message m = sample(i);
        for (size_t cap = 0; cap < len; cap++) {
            memset(out, 0xee, sizeof out);
            assert_int_equal(message_encode(out, cap, &out_len, &m), -1);
            assert_int_equal(out[cap], 0xee);
        }
        assert_int_equal(message_encode(out, len, &out_len, &m), 0);
    }
}

static void test_request_number_goes_with_the_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        uint8_t out[MESSAGE_MAX_LEN];
        struct message m;
        size_t len = encode_sample(out, i);
        enum message_type type = (enum message_type)out[0];
        assert_int_equal(message_is_request(type), out[0] < 64);
        assert_int_equal(message_is_push(type), out[0] >= 96);
        memset(out + 1, message_is_push(type) ? 1 : 0, 4);
        enum message_error expected = type == MESSAGE_ERROR ? MESSAGE_E_NONE : MESSAGE_E_MALFORMED;
        assert_int_equal(message_decode(&m, out, len), expected);
    }
}

static void test_unknown_types_keep_their_number(void **state)
{
    (void)state;
    static const uint8_t unknown[] = {0, 22, 23, 25, 63, 70, 71, 73, 95, 103, 106, 255};
    for (size_t i = 0; i < sizeof unknown; i++) {
        uint8_t in[] = {unknown[i], 1, 2, 3, 4, 5};
        struct message m;
        assert_int_equal(message_decode(&m, in, sizeof in), MESSAGE_E_UNKNOWN_TYPE);
        assert_int_equal(m.request, 0x01020304);
        assert_int_equal(message_is_request(m.type), unknown[i] >= 1 && unknown[i] < 64);
        assert_int_equal(message_is_push(m.type), unknown[i] >= 96);
    }
}

/* Decodes hex: type and request, then fields as given. */
static enum message_error decode(uint8_t type, const char *fields, size_t len)
{
    uint8_t in[MESSAGE_MAX_LEN + 200] = {type, 0, 0, 0, message_is_push((enum message_type)type) ? 0 : 1};
    memcpy(in + MESSAGE_HEADER_LEN, fields, len);
    struct message m;
    return message_decode(&m, in, MESSAGE_HEADER_LEN + len);
}

#define DECODE(type, fields) decode((type), (fields), sizeof(fields) - 1)

static void test_each_rule_has_its_error(void **state)
{
    (void)state;
    assert_int_equal(DECODE(MESSAGE_JOIN, "\5lobby"), MESSAGE_E_NONE);
    assert_int_equal(DECODE(MESSAGE_JOIN, "\5Lobby"), MESSAGE_E_BAD_NAME);
    assert_int_equal(DECODE(MESSAGE_JOIN, "\0"), MESSAGE_E_BAD_NAME);
    assert_int_equal(DECODE(MESSAGE_JOIN, "\41aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), MESSAGE_E_BAD_NAME);
    assert_int_equal(DECODE(MESSAGE_WHO, "\5lobby\0"), MESSAGE_E_NONE);
    assert_int_equal(DECODE(MESSAGE_WHO, "\5lobby\1%"), MESSAGE_E_BAD_NAME);
    assert_int_equal(DECODE(MESSAGE_REGISTER, "\1a\3b@c\7seven77\0\0"), MESSAGE_E_BAD_PASSWORD);
    assert_int_equal(DECODE(MESSAGE_REGISTER, "\1a\3b@c\10eight888\0\0"), MESSAGE_E_NONE);
    assert_int_equal(DECODE(MESSAGE_REGISTER, "\1a\3bac\10eight888\0\0"), MESSAGE_E_BAD_EMAIL);
    assert_int_equal(DECODE(MESSAGE_REGISTER, "\1a\3b@c\10eight888\0\1x"), MESSAGE_E_BAD_CERTIFICATE);
    assert_int_equal(DECODE(MESSAGE_LOG_IN, "\1a\10eight888\5"
                                            "12345"),
                     MESSAGE_E_LOGIN_FAILED);
    assert_int_equal(DECODE(MESSAGE_DELETE_ACCOUNT, "\10eight888\5"
                                                    "12345"),
                     MESSAGE_E_WRONG_CODE);
    assert_int_equal(DECODE(MESSAGE_CONFIRM_SECOND_FACTOR, "\6"
                                                           "12345x"),
                     MESSAGE_E_WRONG_CODE);
    assert_int_equal(DECODE(MESSAGE_SAY, "\5lobby\0\0"), MESSAGE_E_BAD_TEXT);
    assert_int_equal(DECODE(MESSAGE_SAY, "\5lobby\0\1\x1b"), MESSAGE_E_BAD_TEXT);
    assert_int_equal(DECODE(MESSAGE_SAY, "\5lobby\0\1x"), MESSAGE_E_NONE);
    /* The first broken rule is told, unless the shape is broken too. */
    assert_int_equal(DECODE(MESSAGE_SAY, "\5Lobby\0\1\x1b"), MESSAGE_E_BAD_NAME);
    assert_int_equal(DECODE(MESSAGE_SAY, "\5Lobby\0\2x"), MESSAGE_E_MALFORMED);
    assert_int_equal(DECODE(MESSAGE_SAY, "\5Lobby\0\1xy"), MESSAGE_E_MALFORMED);
    assert_int_equal(DECODE(MESSAGE_SAY, "\5Lobby\0\1"), MESSAGE_E_MALFORMED);
    assert_int_equal(DECODE(MESSAGE_NOTICE, "\0\0"), MESSAGE_E_NONE);
    assert_int_equal(DECODE(MESSAGE_NOTICE, "\0\1\x1b"), MESSAGE_E_BAD_TEXT);
    /* Flags and lists are not typed by anybody: wrong ones are malformed. */
    assert_int_equal(DECODE(MESSAGE_PRESENCE, "\1\5lobby\0\1\1a"), MESSAGE_E_NONE);
    assert_int_equal(DECODE(MESSAGE_PRESENCE, "\0\5lobby\0\1\1a"), MESSAGE_E_MALFORMED);
    assert_int_equal(DECODE(MESSAGE_PRESENCE, "\3\5lobby\0\1\1a"), MESSAGE_E_MALFORMED);
    assert_int_equal(DECODE(MESSAGE_PRESENCE, "\1\5lobby\0\0"), MESSAGE_E_MALFORMED);
    assert_int_equal(DECODE(MESSAGE_PRESENCE, "\1\5lobby\0\1\1%"), MESSAGE_E_MALFORMED);
    assert_int_equal(DECODE(MESSAGE_MEMBERS, "\5lobby\0\0\0"), MESSAGE_E_NONE);
    assert_int_equal(DECODE(MESSAGE_MEMBERS, "\5lobby\2\0\0"), MESSAGE_E_MALFORMED);
}

static void test_a_certificate_is_a_users_or_none(void **state)
{
    (void)state;
    struct message_bytes good = certificate();
    uint8_t fields[MESSAGE_MAX_LEN] = {5, 'a', 'l', 'i', 'c', 'e', (uint8_t)(good.len >> 8), (uint8_t)good.len};
    uint8_t *c = fields + 8;
    memcpy(c, good.data, good.len);
    assert_int_equal(decode(MESSAGE_CERTIFICATE, (char *)fields, 8 + good.len), MESSAGE_E_NONE);
    c[1] = CERTIFICATE_SERVER;
    assert_int_equal(decode(MESSAGE_CERTIFICATE, (char *)fields, 8 + good.len), MESSAGE_E_BAD_CERTIFICATE);
    c[1] = CERTIFICATE_USER;
    c[0] = 2; /* a version that is to come */
    assert_int_equal(decode(MESSAGE_CERTIFICATE, (char *)fields, 8 + good.len), MESSAGE_E_BAD_CERTIFICATE);
    c[0] = 1;
    fields[7]--; /* one byte too few for a certificate, and too many for the message */
    assert_int_equal(decode(MESSAGE_CERTIFICATE, (char *)fields, 8 + good.len), MESSAGE_E_MALFORMED);
    assert_int_equal(decode(MESSAGE_CERTIFICATE, (char *)fields, 8 + good.len - 1), MESSAGE_E_BAD_CERTIFICATE);
    assert_int_equal(DECODE(MESSAGE_CERTIFICATE, "\5alice\0\0"), MESSAGE_E_NONE);
}

static void test_decoded_account_fields_are_what_was_sent(void **state)
{
    (void)state;
    uint8_t out[MESSAGE_MAX_LEN];
    struct message m;
    assert_int_equal(message_decode(&m, out, encode_sample(out, 20)), 0);
    assert_memory_equal(m.change_password.password.data, PASSWORD, strlen(PASSWORD));
    assert_string_equal(m.change_password.code, "287082");
    assert_int_equal(m.change_password.new_password.len, 12);
    assert_memory_equal(m.change_password.new_password.data, "staple horse", 12);
    assert_int_equal(message_decode(&m, out, encode_sample(out, 25)), 0);
    assert_string_equal(m.replace_certificate.code, "");
    assert_int_equal(m.replace_certificate.certificate.len, certificate().len);
    assert_memory_equal(m.replace_certificate.certificate.data, certificate().data, certificate().len);
    assert_int_equal(message_decode(&m, out, encode_sample(out, 30)), 0);
    assert_memory_equal(m.secret.secret, "12345678901234567890", MESSAGE_SECRET_LEN);
}

static void test_a_decoded_relay_is_what_was_sent(void **state)
{
    (void)state;
    uint8_t out[MESSAGE_MAX_LEN];
    struct message m;
    assert_int_equal(message_decode(&m, out, encode_sample(out, 35)), 0);
    assert_string_equal(m.relay.name, "bob");
    assert_memory_equal(m.relay.call, CALL, MESSAGE_CALL_LEN);
    assert_int_equal(m.relay.frame.len, 8);
    assert_memory_equal(m.relay.frame.data, "\4\1\0\4\1\2\2\3", 8);
    assert_int_equal(message_decode(&m, out, encode_sample(out, 36)), 0);
    assert_int_equal(m.relay.frame.len, 0);
    assert_int_equal(message_decode(&m, out, encode_sample(out, 38)), 0);
    assert_string_equal(m.relayed.name, "alice");
    assert_int_equal(m.relayed.frame.len, 68);
}

/* A relay of one frame, of this header and as many bytes as are said here. */
static enum message_error decode_relay(const uint8_t header[static FRAME_HEADER_LEN], size_t frame_len)
{
    static char fields[4 + MESSAGE_CALL_LEN + 2 + FRAME_MAX_LEN] = "\3bob" CALL;
    uint8_t *frame = (uint8_t *)fields + 4 + MESSAGE_CALL_LEN + 2;
    bytes_store_be16(frame - 2, (uint16_t)frame_len);
    memcpy(frame, header, FRAME_HEADER_LEN);
    enum message_error error = decode(MESSAGE_RELAY, fields, 4 + MESSAGE_CALL_LEN + 2 + frame_len);
    struct message m = {MESSAGE_RELAY, 1, .relay = {"bob", CALL, {frame, frame_len}}};
    uint8_t out[MESSAGE_MAX_LEN];
    size_t len;
    assert_int_equal(message_encode(out, sizeof out, &len, &m), error == MESSAGE_E_NONE ? 0 : -1);
    return error;
}

#define HEADER(type, version, len) ((const uint8_t[]){(type), (version), (uint8_t)((len) >> 8), (uint8_t)(len)})

static void test_a_frame_is_one_whole_frame_or_none(void **state)
{
    (void)state;
    static const size_t body_max[] = {[FRAME_CLIENT_HELLO] = 1024,
                                      [FRAME_SERVER_HELLO] = 4096,
                                      [FRAME_RECORD] = 4160, /* what fits into a relay */
                                      [FRAME_ALERT] = 256};
    for (uint8_t type = FRAME_CLIENT_HELLO; type <= FRAME_ALERT; type++) {
        size_t max = body_max[type];
        assert_int_equal(decode_relay(HEADER(type, 1, 0), 4), MESSAGE_E_NONE);
        assert_int_equal(decode_relay(HEADER(type, 1, max), 4 + max), MESSAGE_E_NONE);
        assert_int_equal(decode_relay(HEADER(type, 1, max + 1), 4 + max + 1), MESSAGE_E_MALFORMED);
        assert_int_equal(decode_relay(HEADER(type, 2, 10), 4 + 10), MESSAGE_E_MALFORMED);
        assert_int_equal(decode_relay(HEADER(type, 1, 10), 4 + 9), MESSAGE_E_MALFORMED);  /* cut */
        assert_int_equal(decode_relay(HEADER(type, 1, 10), 4 + 11), MESSAGE_E_MALFORMED); /* and a byte of the next */
        for (size_t len = 1; len < 4; len++)
            assert_int_equal(decode_relay(HEADER(type, 1, 0), len), MESSAGE_E_MALFORMED);
    }
    assert_int_equal(decode_relay(HEADER(0, 1, 10), 4 + 10), MESSAGE_E_MALFORMED);
    assert_int_equal(decode_relay(HEADER(5, 1, 10), 4 + 10), MESSAGE_E_MALFORMED);
    assert_int_equal(decode_relay(HEADER(255, 1, 10), 4 + 10), MESSAGE_E_MALFORMED);
    assert_int_equal(DECODE(MESSAGE_RELAY, "\3bob" CALL "\0\0"), MESSAGE_E_NONE);
    assert_int_equal(DECODE(MESSAGE_RELAY, "\3Bob" CALL "\0\0"), MESSAGE_E_BAD_NAME);
    assert_int_equal(DECODE(MESSAGE_RELAY, "\3Bob" CALL "\0\1\4"), MESSAGE_E_MALFORMED); /* whatever else is wrong */
}

static void test_a_sealed_line_is_what_was_sent(void **state)
{
    (void)state;
    uint8_t out[MESSAGE_MAX_LEN];
    struct message m;
    assert_int_equal(message_decode(&m, out, encode_sample(out, 43)), 0);
    assert_string_equal(m.seal.room, "+den");
    assert_int_equal(m.seal.sealed.len, sealed().len);
    assert_memory_equal(m.seal.sealed.data, sealed().data, sealed().len);
    assert_int_equal(message_decode(&m, out, encode_sample(out, 47)), 0);
    assert_string_equal(m.sealed.room, "+den");
    assert_string_equal(m.sealed.sender, "alice");
    assert_int_equal(m.sealed.time, 1700000000);
    assert_int_equal(m.sealed.sealed.len, sealed().len);
    assert_memory_equal(m.sealed.sealed.data, sealed().data, sealed().len);
}

/* Both ways, as what is encoded must be what decode takes. */
static enum message_error seal_of(const char *room, size_t len)
{
    static uint8_t line[MESSAGE_SEALED_MAX + 100];
    static char fields[1 + NAME_MAX_LEN + 2 + sizeof line];
    size_t name_len = strlen(room);
    fields[0] = (char)name_len;
    memcpy(fields + 1, room, name_len);
    bytes_store_be16((uint8_t *)fields + 1 + name_len, (uint16_t)len);
    enum message_error error = decode(MESSAGE_SEAL, fields, 1 + name_len + 2 + len);
    struct message m = {MESSAGE_SEAL, 1, .seal = {.sealed = {line, len}}};
    memcpy(m.seal.room, room, name_len);
    uint8_t out[MESSAGE_MAX_LEN];
    size_t out_len;
    assert_int_equal(message_encode(out, sizeof out, &out_len, &m), error == MESSAGE_E_NONE ? 0 : -1);
    return error;
}

static void test_how_long_a_sealed_line_is(void **state)
{
    (void)state;
    for (size_t len = 0; len <= MESSAGE_SEALED_MAX + 100; len++) {
        bool fits = len >= 580 && len <= 4580 && (len - 116) % 16 == 0;
        assert_int_equal(seal_of("+den", len), fits ? MESSAGE_E_NONE : MESSAGE_E_MALFORMED);
    }
    assert_int_equal(seal_of("lobby", 580), MESSAGE_E_BAD_NAME);
    assert_int_equal(seal_of("+", 580), MESSAGE_E_BAD_NAME);
    assert_int_equal(seal_of("lobby", 581), MESSAGE_E_MALFORMED); /* whatever else is wrong */
}

/* One message with a name in it, and what may stand there: a sealed room's name, and another. */
static const struct {
    uint8_t type;
    const char *before, *after;
    size_t before_len, after_len;
    enum message_error sealed, plain;
} named[] = {
#define NAMED(type, before, after, ...)                                                                                \
    {                                                                                                                  \
        (type), (before), (after), sizeof(before) - 1, sizeof(after) - 1, __VA_ARGS__                                  \
    }
    NAMED(MESSAGE_JOIN, "", "", MESSAGE_E_NONE, MESSAGE_E_NONE),
    NAMED(MESSAGE_LEAVE, "", "", MESSAGE_E_NONE, MESSAGE_E_NONE),
    NAMED(MESSAGE_WHO, "", "\0", MESSAGE_E_NONE, MESSAGE_E_NONE),
    NAMED(MESSAGE_LIST_ROOMS, "", "", MESSAGE_E_NONE, MESSAGE_E_NONE),
    NAMED(MESSAGE_MEMBERS, "", "\0\0\0", MESSAGE_E_NONE, MESSAGE_E_NONE),
    NAMED(MESSAGE_ROOMS, "\0\0\1", "\0\0\0\1", MESSAGE_E_NONE, MESSAGE_E_NONE),
    NAMED(MESSAGE_PRESENCE, "\1", "\0\1\1a", MESSAGE_E_NONE, MESSAGE_E_NONE),
    NAMED(MESSAGE_SAY, "", "\0\1x", MESSAGE_E_BAD_NAME, MESSAGE_E_NONE),
    NAMED(MESSAGE_SAID, "", "\1a\0\0\0\0\0\0\0\0\0\1x", MESSAGE_E_BAD_NAME, MESSAGE_E_NONE),
    NAMED(MESSAGE_SAID, "\1a", "\0\0\0\0\0\0\0\0\0\1x", MESSAGE_E_BAD_NAME, MESSAGE_E_NONE),
    NAMED(MESSAGE_WHO, "\1a", "", MESSAGE_E_BAD_NAME, MESSAGE_E_NONE),
    NAMED(MESSAGE_MEMBERS, "\1a\0\0\1", "", MESSAGE_E_MALFORMED, MESSAGE_E_NONE),
    NAMED(MESSAGE_PRESENCE, "\1\1a\0\1", "", MESSAGE_E_MALFORMED, MESSAGE_E_NONE),
    NAMED(MESSAGE_BLOCKED, "\0\1", "", MESSAGE_E_MALFORMED, MESSAGE_E_NONE),
    NAMED(MESSAGE_BLOCK, "", "", MESSAGE_E_BAD_NAME, MESSAGE_E_NONE),
    NAMED(MESSAGE_UNBLOCK, "", "", MESSAGE_E_BAD_NAME, MESSAGE_E_NONE),
    NAMED(MESSAGE_FETCH_CERTIFICATE, "", "", MESSAGE_E_BAD_NAME, MESSAGE_E_NONE),
    NAMED(MESSAGE_CERTIFICATE, "", "\0\0", MESSAGE_E_BAD_NAME, MESSAGE_E_NONE),
    NAMED(MESSAGE_REGISTER, "", "\3b@c\10eight888\0\0", MESSAGE_E_BAD_NAME, MESSAGE_E_NONE),
    NAMED(MESSAGE_LOG_IN, "", "\10eight888\0", MESSAGE_E_BAD_NAME, MESSAGE_E_NONE),
    NAMED(MESSAGE_RELAY, "", CALL "\0\0", MESSAGE_E_BAD_NAME, MESSAGE_E_NONE),
    NAMED(MESSAGE_RELAYED, "", CALL "\0\0", MESSAGE_E_BAD_NAME, MESSAGE_E_NONE),
};

static enum message_error decode_named(size_t i, const char *name)
{
    char fields[200];
    size_t len = named[i].before_len, name_len = strlen(name);
    memcpy(fields, named[i].before, len);
    fields[len++] = (char)name_len;
    memcpy(fields + len, name, name_len);
    memcpy(fields + len + name_len, named[i].after, named[i].after_len);
    return decode(named[i].type, fields, len + name_len + named[i].after_len);
}

static void test_where_a_sealed_room_may_stand(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        bool fails_as_a_list = named[i].sealed == MESSAGE_E_MALFORMED || named[i].type == MESSAGE_ROOMS;
        assert_int_equal(decode_named(i, "+den"), named[i].sealed);
        assert_int_equal(decode_named(i, "den"), named[i].plain);
        assert_int_equal(decode_named(i, "+"), fails_as_a_list ? MESSAGE_E_MALFORMED : MESSAGE_E_BAD_NAME);
        assert_int_equal(decode_named(i, "++d"), fails_as_a_list ? MESSAGE_E_MALFORMED : MESSAGE_E_BAD_NAME);
    }
    uint8_t buf[MESSAGE_LIST_BUF_LEN];
    struct message_list list;
    message_list_init(&list, buf);
    assert_int_equal(message_list_add(&list, buf, &(struct message_entry){"+den", 0}, false), -1);
    assert_int_equal(message_list_add(&list, buf, &(struct message_entry){"+den", 1}, true), 0);
}

static void test_text_and_notice_bounds(void **state)
{
    (void)state;
    static char fields[TEXT_MAX_LEN + 100];
    memset(fields, 'x', sizeof fields);
    memcpy(fields, "\5lobby\x0f\xa0", 8); /* 4,000 */
    assert_int_equal(decode(MESSAGE_SAY, fields, 8 + 4000), MESSAGE_E_NONE);
    fields[7] = '\xa1';
    assert_int_equal(decode(MESSAGE_SAY, fields, 8 + 4001), MESSAGE_E_BAD_TEXT);
    memset(fields, 'x', sizeof fields);
    memcpy(fields, "\x03\xe8", 2); /* 1,000 */
    assert_int_equal(decode(MESSAGE_NOTICE, fields, 2 + 1000), MESSAGE_E_NONE);
    fields[1] = '\xe9';
    assert_int_equal(decode(MESSAGE_NOTICE, fields, 2 + 1001), MESSAGE_E_BAD_TEXT);
}

static void test_longest_lists_fit(void **state)
{
    (void)state;
    struct message_list list;
    struct message_entry entry = {"abcdefghijklmnopqrstuvwxyzabcdef", 1};
    message_list_init(&list, list_buf);
    for (unsigned i = 0; i < MESSAGE_LIST_MAX; i++) {
        snprintf(entry.name, sizeof entry.name, "abcdefghijklmnopqrstuvwxyzabc%03u", i);
        assert_int_equal(message_list_add(&list, list_buf, &entry, true), 0);
    }
    assert_int_equal(message_list_add(&list, list_buf, &entry, true), -1);
    struct message m = {.type = MESSAGE_ROOMS, .request = 1, .rooms = {0, list}};
    uint8_t out[MESSAGE_MAX_LEN];
    size_t len;
    assert_int_equal(message_encode(out, sizeof out, &len, &m), 0);
    assert_int_equal(message_decode(&m, out, len), MESSAGE_E_NONE);
    assert_int_equal(m.rooms.list.count, MESSAGE_LIST_MAX);
    /* One more than may be, well-formed but for that. */
    out[6] = (MESSAGE_LIST_MAX + 1) >> 8;
    out[7] = (uint8_t)(MESSAGE_LIST_MAX + 1);
    memcpy(out + len, out + len - 37, 37);
    out[len + 1] = 'b'; /* ascending */
    assert_int_equal(message_decode(&m, out, len + 37), MESSAGE_E_MALFORMED);
}

/* In every list; the real ones are ascending, and the same rule holds where it is written. */
static void test_lists_ascend(void **state)
{
    (void)state;
    static const struct {
        const char *names;
        enum message_error error;
    } lists[] = {{"\2ab\2ac", MESSAGE_E_NONE},      {"\2ab\3abc", MESSAGE_E_NONE},
                 {"\1a\2a-", MESSAGE_E_NONE},       {"\2ac\2ab", MESSAGE_E_MALFORMED},
                 {"\2ab\2ab", MESSAGE_E_MALFORMED}, {"\3abc\2ab", MESSAGE_E_MALFORMED}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        char presence[100] = "\1\5lobby\0\2", members[100] = "\5lobby\0\0\2", rooms_list[100] = "\0\0\2";
        size_t len = strlen(lists[i].names), first = 1 + (size_t)lists[i].names[0];
        memcpy(presence + 9, lists[i].names, len);
        assert_int_equal(decode(MESSAGE_PRESENCE, presence, 9 + len), lists[i].error);
        memcpy(members + 9, lists[i].names, len);
        assert_int_equal(decode(MESSAGE_MEMBERS, members, 9 + len), lists[i].error);
        memcpy(rooms_list + 3, lists[i].names, first); /* each with four bytes of members after it */
        memcpy(rooms_list + 3 + first + 4, lists[i].names + first, len - first);
        assert_int_equal(decode(MESSAGE_ROOMS, rooms_list, 3 + len + 8), lists[i].error);
    }
    static const struct message_entry turned[] = {{"bob", 0}, {"alice", 0}}, twice[] = {{"bob", 0}, {"bob", 0}};
    uint8_t out[MESSAGE_MAX_LEN];
    size_t len;
    struct message m = {MESSAGE_PRESENCE, 0, .presence = {MESSAGE_JOINED, "lobby", list_of(turned, 2, false)}};
    assert_int_equal(message_encode(out, sizeof out, &len, &m), -1);
    m.presence.list = list_of(twice, 2, false);
    assert_int_equal(message_encode(out, sizeof out, &len, &m), -1);
}

/* All the users that one can block fit into one answer. */
static void test_who_is_blocked(void **state)
{
    (void)state;
    struct message m = {.type = MESSAGE_BLOCKED, .request = 1};
    struct message_entry entry;
    uint8_t out[MESSAGE_MAX_LEN];
    size_t len, longer;
    message_list_init(&m.blocked.list, list_buf);
    for (unsigned i = 0; i < MESSAGE_BLOCKED_MAX; i++) {
        snprintf(entry.name, sizeof entry.name, "abcdefghijklmnopqrstuvwxyzabcd%02u", i);
        assert_int_equal(message_list_add(&m.blocked.list, list_buf, &entry, false), 0);
    }
    assert_int_equal(message_encode(out, sizeof out, &len, &m), 0);
    assert_int_equal(len, MESSAGE_HEADER_LEN + 2 + MESSAGE_BLOCKED_MAX * 33);
    struct message_list all = m.blocked.list;
    assert_int_equal(message_list_add(&m.blocked.list, list_buf, &(struct message_entry){"b", 0}, false), 0);
    assert_int_equal(message_encode(out, sizeof out, &longer, &m), -1);
    m.blocked.list = all;
    assert_int_equal(message_encode(out, sizeof out, &len, &m), 0);
    assert_int_equal(message_decode(&m, out, len), MESSAGE_E_NONE);
    assert_int_equal(m.blocked.list.count, MESSAGE_BLOCKED_MAX);
    out[6]++; /* one more than may be, well-formed but for that */
    memcpy(out + len, "\1b", 2);
    assert_int_equal(message_decode(&m, out, len + 2), MESSAGE_E_MALFORMED);
    assert_int_equal(DECODE(MESSAGE_BLOCKED, "\0\2\2ab\2ac"), MESSAGE_E_NONE);
    assert_int_equal(DECODE(MESSAGE_BLOCKED, "\0\2\2ab\3abc"), MESSAGE_E_NONE);
    assert_int_equal(DECODE(MESSAGE_BLOCKED, "\0\2\2ac\2ab"), MESSAGE_E_MALFORMED);
    assert_int_equal(DECODE(MESSAGE_BLOCKED, "\0\2\2ab\2ab"), MESSAGE_E_MALFORMED);
    assert_int_equal(DECODE(MESSAGE_BLOCKED, "\0\2\2ab\2%c"), MESSAGE_E_MALFORMED);
    assert_int_equal(DECODE(MESSAGE_BLOCKED, "\0\1\0"), MESSAGE_E_MALFORMED);
    assert_int_equal(DECODE(MESSAGE_LIST_BLOCKED, "\0"), MESSAGE_E_MALFORMED);
}

static void test_encode_refuses_what_decode_would(void **state)
{
    (void)state;
    uint8_t out[MESSAGE_MAX_LEN];
    size_t len;
    struct message bad_room = {MESSAGE_SAY, 1, .say = {"Lobby", TEXT("x")}};
    struct message bad_text = {MESSAGE_SAY, 1, .say = {"lobby", TEXT("\x1b[2J")}};
    struct message bad_flag = {MESSAGE_ROOMS, 1, .rooms = {2, list_of(rooms, 2, true)}};
    struct message bad_list = {MESSAGE_MEMBERS, 1, .members = {"lobby", 0, list_of(rooms, 2, true)}};
    struct message bad_what = {MESSAGE_PRESENCE, 0, .presence = {3, "lobby", list_of(people, 2, false)}};
    assert_int_equal(message_encode(out, sizeof out, &len, &bad_room), -1);
    assert_int_equal(message_encode(out, sizeof out, &len, &bad_text), -1);
    assert_int_equal(message_encode(out, sizeof out, &len, &bad_flag), -1);
    assert_int_equal(message_encode(out, sizeof out, &len, &bad_list), -1);
    assert_int_equal(message_encode(out, sizeof out, &len, &bad_what), -1);
    struct message_list list;
    message_list_init(&list, list_buf);
    assert_int_equal(message_list_add(&list, list_buf, &(struct message_entry){"No", 0}, false), -1);
}

static void test_every_code_has_its_words(void **state)
{
    (void)state;
    for (int code = MESSAGE_E_NONE; code <= MESSAGE_E_NOT_HERE; code++) {
        const char *text = message_error_text((enum message_error)code);
        assert_string_not_equal(text, "unknown error");
        assert_true(text_valid_up_to(text, strlen(text), MESSAGE_NOTICE_MAX));
    }
    assert_string_equal(message_error_text((enum message_error)1000), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_bytes),
        cmocka_unit_test(test_decoded_fields_are_what_was_sent),
        cmocka_unit_test(test_every_cut_and_every_addition_is_malformed),
        cmocka_unit_test(test_encode_never_writes_past_its_room),
        cmocka_unit_test(test_request_number_goes_with_the_type),
        cmocka_unit_test(test_unknown_types_keep_their_number),
        cmocka_unit_test(test_each_rule_has_its_error),
        cmocka_unit_test(test_a_certificate_is_a_users_or_none),
        cmocka_unit_test(test_decoded_account_fields_are_what_was_sent),
        cmocka_unit_test(test_a_decoded_relay_is_what_was_sent),
        cmocka_unit_test(test_a_frame_is_one_whole_frame_or_none),
        cmocka_unit_test(test_a_sealed_line_is_what_was_sent),
        cmocka_unit_test(test_how_long_a_sealed_line_is),
        cmocka_unit_test(test_where_a_sealed_room_may_stand),
        cmocka_unit_test(test_text_and_notice_bounds),
        cmocka_unit_test(test_longest_lists_fit),
        cmocka_unit_test(test_lists_ascend),
        cmocka_unit_test(test_who_is_blocked),
        cmocka_unit_test(test_encode_refuses_what_decode_would),
        cmocka_unit_test(test_every_code_has_its_words),
    };
    return RUN(tests);
}
