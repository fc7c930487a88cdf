/* SPDX-License-Identifier: MIT */
/* What is told of a connection: every value that was traced, each under its name, from both sides; nothing that is to
 * be left out; and nothing is kept. That the commands compute what stands beside them is for test_explain_chat.py. */
#include "app/dissect/narrator.h"

#include <stdlib.h>

#include "app/message/message.h"
#include "crypto/bytes.h"
#include "tests/fill.h"
#include "tests/talk.h"
#include "tests/test.h"

static struct talk t;
static struct narrator client, server;

/* All lines, each with its end, of one side. */
struct told {
    char text[400000];
    size_t len, steps;
};

static struct told client_told, server_told;

static void note_line(void *arg, const char *text)
{
    struct told *told = arg;
    size_t len = strlen(text);
    assert_true(told->len + len + 2 < sizeof told->text);
    memcpy(told->text + told->len, text, len);
    told->text[told->len + len] = '\n';
    told->len += len + 1;
    told->text[told->len] = '\0';
}

static void note_end(void *arg)
{
    struct told *told = arg;
    told->steps++;
}

static void listen(struct narrator *n, struct told *told, enum handshake_role role, bool full, bool masked)
{
    told->len = told->steps = 0;
    told->text[0] = '\0';
    narrator_init(n, &(struct narrator_config){.role = role,
                                               .full = full,
                                               .full_option = "--explain-full",
                                               .masked = masked,
                                               .line = note_line,
                                               .end = note_end,
                                               .arg = told});
}

/* A conversation that both sides tell, as far as the handshake goes. */
static void begin(bool full, bool masked)
{
    talk_init(&t, HANDSHAKE_USER_SERVER);
    listen(&client, &client_told, HANDSHAKE_CLIENT, full, masked);
    listen(&server, &server_told, HANDSHAKE_SERVER, full, masked);
    t.client.config.trace = &client.trace;
    t.server.config.trace = &server.trace;
    talk_establish(&t);
}

static void end(void)
{
    talk_end(&t);
    narrator_wipe(&client);
    narrator_wipe(&server);
}

/* The value as it is shown: its name, how it is computed, its length, and its first row. */
static bool shows(const struct told *told, const char *name, const uint8_t *data, size_t len)
{
    char front[40], length[40], row[80];
    snprintf(front, sizeof front, "\n  %s", name);
    snprintf(length, sizeof length, ", %zu bytes (", len);
    hex_encode(row, data, len < 32 ? len : 32);
    for (const char *at = told->text; (at = strstr(at, front)) != NULL; at++) {
        const char *end = strchr(at + 1, '\n'), *found = strstr(at, length), *bytes = strstr(at, row);
        if (strchr(" ,", at[strlen(front)]) != NULL && found != NULL && found < end && bytes != NULL &&
            bytes < end + 40)
            return true;
    }
    return false;
}

static void send(struct talk_side *side, const struct message *m)
{
    uint8_t payload[MESSAGE_MAX_LEN];
    size_t len;
    assert_int_equal(message_encode(payload, sizeof payload, &len, m), 0);
    assert_int_equal(session_send(&side->session, &side->rng, side->now, &side->out, payload, len), NET_OK);
}

static const char password[] = "correct horse";

static void log_in(void)
{
    struct message m = {.type = MESSAGE_LOG_IN, .request = 1};
    strcpy(m.log_in.name, "alice");
    m.log_in.password = (struct message_bytes){(const uint8_t *)password, strlen(password)};
    strcpy(m.log_in.code, "123456");
    send(&t.client, &m);
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_MESSAGE);
}

/* The same seeds give the same values: what one run traces, the other has to tell. */
static void test_every_value_is_told(void **state)
{
    (void)state;
    static const char *const names[] = {
        "C", "client_random", "client_private", "client_public", "signed_hash", "Z", "prk",
        "T", "c_secret",      "s_secret",       "enc_key",       "mac_key"};
    static const char *const servers[] = {
        "C", "server_random", "server_private", "server_public", "signed_hash", "Z",        "prk",
        "T", "c_secret",      "s_secret",       "enc_key",       "mac_key",     "signature"};
    begin(true, false);
    talk_end(&t);
    talk_init(&t, HANDSHAKE_USER_SERVER);
    talk_establish(&t);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct talk_value *v = talk_value(&t.client, names[i], 0);
        assert_true(shows(&client_told, names[i], v->data, v->len));
    }
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        const struct talk_value *v = talk_value(&t.server, servers[i], 0);
        assert_true(shows(&server_told, servers[i], v->data, v->len));
    }
    assert_true(shows(&client_told, "iv", talk_value(&t.client, "seal_iv", 0)->data, 16));
    assert_true(shows(&server_told, "iv", talk_value(&t.client, "seal_iv", 0)->data, 16));
    assert_true(client_told.steps > 15);
    const uint8_t *c_secret = talk_value(&t.client, "c_secret", 0)->data;
    const uint8_t *s_secret = talk_value(&t.client, "s_secret", 0)->data;
    assert_memory_equal(client.send.secret, c_secret, RECORD_SECRET_LEN);
    assert_memory_equal(client.receive.secret, s_secret, RECORD_SECRET_LEN);
    assert_memory_equal(server.send.secret, s_secret, RECORD_SECRET_LEN);
    assert_memory_equal(server.receive.secret, c_secret, RECORD_SECRET_LEN);
    end();
}

static void test_messages_are_taken_apart(void **state)
{
    (void)state;
    begin(false, false);
    log_in();
    const struct told *both[] = {&client_told, &server_told};
    for (size_t i = 0; i < 2; i++) {
        assert_non_null(strstr(both[i]->text, "Application, log in"));
        assert_non_null(strstr(both[i]->text, "\"alice\""));
        assert_non_null(strstr(both[i]->text, password));
        assert_non_null(strstr(both[i]->text, "ffdhe2048"));
    }
    end();
}

/* Commands have hex in capitals. */
static void lower_hex(char *text)
{
    for (; *text != '\0'; text++)
        if (*text >= 'A' && *text <= 'F')
            *text = (char)(*text - 'A' + 'a');
}

/* Neither as text nor as bytes, in a field, a value or a command. */
static void test_masked(void **state)
{
    (void)state;
    char hex[2 * sizeof password + 1];
    begin(true, true);
    log_in();
    hex_encode(hex, (const uint8_t *)password, strlen(password));
    assert_non_null(strstr(server_told.text, "\"alice\""));
    assert_non_null(strstr(server_told.text, "not shown"));
    assert_null(strstr(server_told.text, password));
    assert_null(strstr(server_told.text, "123456"));
    lower_hex(client_told.text);
    lower_hex(server_told.text);
    assert_null(strstr(server_told.text, hex));
    assert_null(strstr(client_told.text, hex));
    end();
}

/* What has letters is told as them, what has none as hex; a code that isn't there as nothing. */
static void test_secrets_are_told_to_their_owner(void **state)
{
    (void)state;
    struct message secret = {.type = MESSAGE_SECRET, .request = 1};
    struct message m = {.type = MESSAGE_LOG_IN, .request = 1};
    memset(secret.secret.secret, 0x81, sizeof secret.secret.secret);
    strcpy(m.log_in.name, "alice");
    m.log_in.password = (struct message_bytes){(const uint8_t *)password, strlen(password)};
    for (int masked = 0; masked <= 1; masked++) {
        begin(false, masked);
        send(&t.client, &m);
        assert_int_equal(talk_carry(&t.client, &t.server), SESSION_MESSAGE);
        send(&t.server, &secret);
        assert_int_equal(talk_carry(&t.server, &t.client), SESSION_MESSAGE);
        const char *text = client_told.text;
        assert_non_null(strstr(text, masked ? "a password: not shown\n" : "a password: \"correct horse\"\n"));
        assert_non_null(strstr(text, masked ? "bytes, a secret: not shown\n" : "bytes, a secret: 81818181"));
        assert_non_null(strstr(text, "none\n"));
        end();
    }
}

/* Nothing is computed with keys that were never heard of: a recording may lack them. */
static void test_a_record_without_keys(void **state)
{
    (void)state;
    static const uint8_t plaintext[16] = {
        CONTENT_CLOSE, [1] = 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15};
    static const uint8_t frame[RECORD_FRAME_MIN] = {FRAME_RECORD, 1, 0, RECORD_FRAME_MIN - FRAME_HEADER_LEN};
    listen(&client, &client_told, HANDSHAKE_CLIENT, true, false);
    trace_event(&client.trace, "seal_sequence", (const uint8_t[8]){0}, 8);
    trace_event(&client.trace, "seal_iv", frame, 16);
    trace_event(&client.trace, "seal_plaintext", plaintext, sizeof plaintext);
    trace_event(&client.trace, "seal_frame", frame, sizeof frame);
    assert_non_null(strstr(client_told.text, "Close"));
    assert_null(strstr(client_told.text, "  $ "));
    narrator_wipe(&client);
}

static void test_long_values_are_folded(void **state)
{
    (void)state;
    begin(false, false);
    size_t folded = client_told.len;
    assert_non_null(strstr(client_told.text, ".."));
    assert_non_null(strstr(client_told.text, "--explain-full"));
    end();
    begin(true, false);
    assert_true(client_told.len > 2 * folded);
    assert_null(strstr(client_told.text, "--explain-full"));
    end();
}

static void test_key_updates_of_both_sides(void **state)
{
    (void)state;
    begin(false, false);
    assert_int_equal(session_update(&t.client.session, &t.client.rng, t.client.now, &t.client.out), NET_OK);
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_MORE);
    assert_int_equal(session_update(&t.server.session, &t.server.rng, t.server.now, &t.server.out), NET_OK);
    assert_int_equal(talk_carry(&t.server, &t.client), SESSION_MORE);
    const uint8_t *sent = t.client.session.send.secret, *received = t.client.session.receive.secret;
    assert_true(shows(&client_told, "secret'", sent, RECORD_SECRET_LEN));
    assert_true(shows(&client_told, "secret'", received, RECORD_SECRET_LEN));
    assert_true(shows(&server_told, "secret'", sent, RECORD_SECRET_LEN));
    assert_true(shows(&server_told, "secret'", received, RECORD_SECRET_LEN));
    assert_memory_equal(client.send.secret, sent, RECORD_SECRET_LEN);
    assert_memory_equal(client.receive.secret, received, RECORD_SECRET_LEN);
    end();
}

static void send_a_changed_record(void)
{
    begin(false, false);
    log_in();
    talk_send(&t.client, "changed");
    t.client.wire[t.client.out.len - 1] ^= 1;
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_FAILED);
    assert_null(strstr(server_told.text, "does not open"));
}

/* That it does not open shows when something else comes, or nothing more. */
static void test_a_record_that_does_not_open(void **state)
{
    (void)state;
    send_a_changed_record();
    narrator_wipe(&server);
    assert_non_null(strstr(server_told.text, "does not open"));
    end();
    send_a_changed_record();
    trace_event(&server.trace, "C", (const uint8_t[32]){0}, 32);
    assert_non_null(strstr(server_told.text, "does not open"));
    end();
}

/* The keys in use for as long as they are; what they came from, what was said, and the lines that told it, no longer
 * than it takes. */
static void test_nothing_is_kept(void **state)
{
    (void)state;
    begin(false, false);
    log_in();
    const struct narrator *both[] = {&client, &server};
    for (size_t i = 0; i < 2; i++) {
        assert_true(all_zero(both[i]->plaintext, sizeof both[i]->plaintext));
        assert_true(all_zero(both[i]->text, sizeof both[i]->text));
        assert_true(all_zero(both[i]->x, sizeof both[i]->x));
        assert_true(all_zero(both[i]->z, sizeof both[i]->z));
        assert_true(all_zero(both[i]->prk, sizeof both[i]->prk));
        assert_true(all_zero(both[i]->c_secret, sizeof both[i]->c_secret));
        assert_true(all_zero(both[i]->s_secret, sizeof both[i]->s_secret));
    }
    end();
    assert_true(all_zero(&client, sizeof client));
    assert_true(all_zero(&server, sizeof server));
}

/* A trace that says other names, or lengths that nothing has, is passed over. */
static void test_other_events(void **state)
{
    (void)state;
    static const uint8_t many[70000];
    static const char *const names[] = {"C",
                                        "client_random",
                                        "client_private",
                                        "Z",
                                        "secret",
                                        "enc_key",
                                        "mac_key",
                                        "seal_plaintext",
                                        "seal_frame",
                                        "open_frame",
                                        "open_plaintext",
                                        "client_hello",
                                        "server_hello",
                                        "alert",
                                        "nonsense",
                                        "signed_hash",
                                        "signature",
                                        "c_secret"};
    static const size_t lens[] = {0, 1, 31, 33, 67, 16452, 16453, sizeof many};
    listen(&client, &client_told, HANDSHAKE_CLIENT, false, false);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t j = 0; j < sizeof lens / sizeof *lens; j++) {
            trace_event(&client.trace, names[i], many, lens[j]);
            if (strcmp(names[i], "nonsense") == 0)
                assert_int_equal(client_told.len, 0);
            client_told.len = 0;
        }
    narrator_wipe(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_value_is_told),
        cmocka_unit_test(test_messages_are_taken_apart),
        cmocka_unit_test(test_masked),
        cmocka_unit_test(test_secrets_are_told_to_their_owner),
        cmocka_unit_test(test_a_record_without_keys),
        cmocka_unit_test(test_long_values_are_folded),
        cmocka_unit_test(test_key_updates_of_both_sides),
        cmocka_unit_test(test_a_record_that_does_not_open),
        cmocka_unit_test(test_nothing_is_kept),
        cmocka_unit_test(test_other_events),
    };
    return RUN(tests);
}
