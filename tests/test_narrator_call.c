/* SPDX-License-Identifier: MIT */
/* What is told of a call: every value of its ratchet, each Record and what is in it, from both sides; whose call it is;
 * and nothing is kept. That the commands compute what stands beside them is for test_explain_chat.py. */
#include "app/dissect/narrator_call.h"

#include "crypto/bytes.h"
#include "tests/fill.h"
#include "tests/talk.h"
#include "tests/test.h"

static struct talk t;
static struct narrator_call narrator;
static char told[400000];
static size_t told_len;

static void note_line(void *arg, const char *text)
{
    (void)arg;
    size_t len = strlen(text);
    assert_true(told_len + len + 2 < sizeof told);
    memcpy(told + told_len, text, len);
    told[told_len + len] = '\n';
    told_len += len + 1;
    told[told_len] = '\0';
}

/* Which side is listened to; the other says nothing. */
static bool of_caller;

static void hear(void *arg, const char *name, const uint8_t *data, size_t len)
{
    narrator_call_hear(&narrator, arg, of_caller ? "bob" : "alice", of_caller, name, data, len);
}

static void listen(bool full)
{
    told_len = 0;
    told[0] = '\0';
    narrator_call_init(&narrator,
                       &(struct narrator_config){.full = full, .full_option = "--explain-full", .line = note_line});
}

static bool is_told(const char *words)
{
    return strstr(told, words) != NULL;
}

static bool shows(const uint8_t *data, size_t len)
{
    char hex[2 * 24 + 1];
    hex_encode(hex, data, len < 24 ? len : 24);
    return is_told(hex);
}

/* Three steps, a text behind each, and an ack; then both say good-bye. */
static void converse(void)
{
    static const uint8_t ack[9] = {2, 0, 0, 0, 0, 0, 0, 0, 2};
    talk_establish(&t);
    talk_send(&t.client, "\1"); /* no text of 8.6: told without words */
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_MESSAGE);
    talk_step(&t.server);
    assert_int_equal(session_send(&t.server.session, &t.server.rng, 0, &t.server.out, ack, sizeof ack), NET_OK);
    assert_int_equal(talk_carry(&t.server, &t.client), SESSION_MESSAGE);
    talk_step(&t.client);
    static const uint8_t text[] = {1, 0, 5, 'h', 'e', 'l', 'l', 'o'};
    assert_int_equal(session_send(&t.client.session, &t.client.rng, 0, &t.client.out, text, sizeof text), NET_OK);
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_MESSAGE);
    assert_int_equal(talk_close(&t.client), NET_OK);
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_CLOSED);
}

static void begin(bool caller)
{
    static struct trace trace;
    talk_init(&t, HANDSHAKE_USER_USER);
    of_caller = caller;
    trace = (struct trace){.event = hear, .arg = &t};
    t.client.config.trace = caller ? &trace : NULL;
    t.server.config.trace = caller ? NULL : &trace;
}

/* The same seeds give the same values: what one run traces, the other has to tell. */
static void test_every_value_is_told(void **state)
{
    (void)state;
    static const char *const names[] = {"C",        "client_hello", "server_hello", "Z",
                                        "c_secret", "s_secret",     "root",         "step_Z",
                                        "step_t",   "step_public",  "step_private"};
    for (int caller = 0; caller < 2; caller++) {
        listen(true);
        begin(caller);
        converse();
        talk_end(&t);
        talk_init(&t, HANDSHAKE_USER_USER);
        converse();
        struct talk_side *side = caller ? &t.client : &t.server;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            for (size_t k = 0; k < side->values_len; k++)
                if (strcmp(side->values[k].name, names[i]) == 0 && !shows(side->values[k].data, side->values[k].len))
                    fail_msg("%s is not told by the %s", names[i], caller ? "caller" : "callee");
        assert_true(is_told("root_2 = HKDF-Expand(t_2, ") && is_told("|| u64 2, 32)"));
        talk_end(&t);
        narrator_call_wipe(&narrator);
    }
}

static void test_records_are_told(void **state)
{
    (void)state;
    listen(false);
    begin(true);
    converse();
    assert_true(is_told("Call with bob: our ClientHello, in a relay."));
    assert_true(is_told("Call with bob: their ServerHello"));
    assert_true(is_told("step 0, ours: a fresh value. It changes no secret yet."));
    assert_true(is_told("step 1, theirs."));
    assert_true(is_told("our Record 0 is sealed: Finished."));
    assert_true(is_told("our Record 1 is sealed: Step."));
    assert_true(is_told("their Record 2 came, and its tag is right: Application."));
    assert_true(is_told("  ack                of Record 2, which was opened and shown"));
    assert_true(is_told("  text               \"hello\""));
    assert_true(is_told("our Record 5 is sealed: Close."));
    assert_true(is_told("  Its direction has no secret any more."));
    assert_true(is_told("--explain-full shows it)"));
    assert_false(is_told("does not open"));
    assert_true(all_zero(narrator.t, sizeof narrator.t));
    narrator_call_wipe(&narrator);
    assert_true(all_zero(&narrator, sizeof narrator));
    talk_end(&t);
}

static void test_what_does_not_open(void **state)
{
    (void)state;
    for (int last = 0; last < 2; last++) {
        listen(false);
        begin(false);
        talk_establish(&t);
        talk_send(&t.client, "hello");
        t.client.wire[t.client.out.len - 1] ^= 1;
        assert_int_equal(talk_carry(&t.client, &t.server), SESSION_FAILED);
        assert_false(is_told("does not open"));
        if (!last)
            narrator_call_hear(&narrator, &last, "carol", true, "seal_sequence", (const uint8_t[8]){0}, 8);
        narrator_call_wipe(&narrator);
        assert_true(is_told("Call with alice: a Record of 68 bytes came that does not open"));
        talk_end(&t);
    }
}

/* The root of one call is the salt of no other's. */
static void test_two_calls(void **state)
{
    (void)state;
    static const uint8_t number[8] = {[7] = 3}, root[32] = {1}, t_3[32] = {2}, z[32] = {3};
    listen(false);
    for (int other = 0; other < 2; other++) {
        narrator_call_hear(&narrator, root, "bob", true, "root", root, sizeof root);
        narrator_call_hear(&narrator, other ? t_3 : root, other ? "carol" : "bob", true, "step", number, 8);
        told_len = 0;
        narrator_call_hear(&narrator, other ? t_3 : root, "x", true, "step_Z", z, sizeof z);
        narrator_call_hear(&narrator, other ? t_3 : root, "x", true, "step_t", t_3, sizeof t_3);
        assert_true(is_told("t_3 = HKDF-Extract(salt = root_2, ikm = Z_3)"));
        assert_int_equal(is_told("hexsalt:01"), !other);
    }
    narrator_call_wipe(&narrator);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_value_is_told),
        cmocka_unit_test(test_records_are_told),
        cmocka_unit_test(test_what_does_not_open),
        cmocka_unit_test(test_two_calls),
    };
    return RUN(tests);
}
