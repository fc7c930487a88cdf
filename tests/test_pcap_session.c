/* SPDX-License-Identifier: MIT */
/* Captures of recorded sessions. Two real sessions talk in memory, and what is traced of each becomes captures: they
 * have what crossed between the two and nothing else, and both sides' are the same, byte by byte. */
#include "app/workbench/explain/pcap_session.h"

#include <stdlib.h>

#include "tests/capture.h"
#include "tests/fill.h"
#include "tests/talk.h"
#include "tests/test.h"

/* Both captures of one recording, in memory. */
struct captures {
    struct pcap_session session;
    struct recording_info info;
    FILE *wire_file, *inside_file;
    char *wire, *inside;
    size_t wire_len, inside_len;
};

static void begin(struct captures *c, bool server)
{
    *c = (struct captures){.info = {.server = server, .ended = true, .name = "localhost:7447", .began = 1764460000}};
    c->wire_file = open_memstream(&c->wire, &c->wire_len);
    c->inside_file = open_memstream(&c->inside, &c->inside_len);
    pcap_session_begin(&c->session, &c->info, c->wire_file, c->inside_file);
}

static void tell(struct captures *c, const char *name, const uint8_t *data, size_t len)
{
    struct recording_event e = {.seconds = 1.5, .data = data, .len = len};
    memcpy(e.name, name, strlen(name) + 1);
    pcap_session_event(&c->session, &e);
}

/* Everything that is traced of a side, from the nth value on; returns how many there are. */
static size_t tell_side(struct captures *c, const struct talk_side *side, size_t from)
{
    for (size_t i = from; i < side->values_len; i++)
        tell(c, side->values[i].name, side->values[i].data, side->values[i].len);
    return side->values_len;
}

/* Ends both; returns how many frames each has. */
static size_t end(struct captures *c)
{
    size_t frames = pcap_session_end(&c->session);
    assert_true(all_zero(&c->session, sizeof c->session));
    assert_int_equal(fclose(c->wire_file), 0);
    assert_int_equal(fclose(c->inside_file), 0);
    return frames;
}

static void release(struct captures *c)
{
    free(c->wire);
    free(c->inside);
}

/* Moves on to the next packet that carries something, in both captures at once. */
static bool next(const struct captures *c, struct capture_packet *wire, struct capture_packet *inside, size_t at[2])
{
    const uint8_t *w = (uint8_t *)c->wire, *i = (uint8_t *)c->inside;
    if (at[0] == 0) {
        at[0] = capture_begin(w, c->wire_len);
        at[1] = capture_begin(i, c->inside_len);
    }
    do {
        bool more = capture_next(wire, w, c->wire_len, &at[0]);
        assert_int_equal(capture_next(inside, i, c->inside_len, &at[1]), more);
        if (!more)
            return false;
        assert_int_equal(inside->us, wire->us);
        assert_int_equal(inside->flags, wire->flags);
        assert_int_equal(wire->from_port, wire->from == 0xc0000202 ? 7447 : 49152);
        assert_int_equal(inside->from_port, inside->from == 0xc0000202 ? 7448 : 49152);
    } while (wire->len == 0);
    return true;
}

static void test_both_sides_saw_the_same(void **state)
{
    (void)state;
    struct talk t;
    struct captures mine, theirs;
    talk_init(&t, HANDSHAKE_USER_SERVER);
    talk_establish(&t);
    talk_send(&t.client, "hello");
    talk_carry(&t.client, &t.server);
    talk_send(&t.server, "");
    talk_carry(&t.server, &t.client);
    assert_int_equal(talk_close(&t.client), NET_OK);
    talk_carry(&t.client, &t.server);
    begin(&mine, false);
    tell_side(&mine, &t.client, 0);
    size_t frames = end(&mine);
    begin(&theirs, true);
    tell_side(&theirs, &t.server, 0);
    assert_true(frames >= 7);
    assert_true(end(&theirs) >= frames);
    assert_memory_equal(mine.wire + 24, theirs.wire + 24, mine.wire_len - 24 - 3 * 56);
    assert_memory_equal(mine.inside + 24, theirs.inside + 24, mine.inside_len - 24 - 3 * 56);
    release(&mine);
    release(&theirs);
    talk_end(&t);
}

/* A piece says so many bytes, and how. */
static void check_piece(const struct capture_packet *p, unsigned how, uint64_t sequence, const uint8_t *told,
                        size_t told_len)
{
    size_t head = how == 0 ? 5 : 13;
    assert_int_equal(p->len, head + told_len);
    assert_int_equal(bytes_load_be32(p->data), p->len - 4);
    assert_int_equal(p->data[4], how);
    if (how != 0)
        assert_int_equal(bytes_load_be64(p->data + 5), sequence);
    assert_memory_equal(p->data + head, told, told_len);
}

static void test_what_is_in_the_pieces(void **state)
{
    (void)state;
    static const uint8_t finished[16] = {3, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15};
    static const uint8_t hello[16] = {1, 'h', 'e', 'l', 'l', 'o', 10, 10, 10, 10, 10, 10, 10, 10, 10, 10};
    struct talk t;
    struct captures c;
    struct capture_packet wire, inside;
    talk_init(&t, HANDSHAKE_USER_SERVER);
    talk_establish(&t);
    talk_send(&t.client, "hello");
    begin(&c, false);
    tell_side(&c, &t.client, 0);
    assert_int_equal(end(&c), 5);
    const struct talk_value *frames[] = {talk_value(&t.client, "client_hello", 0),
                                         talk_value(&t.client, "server_hello", 0),
                                         talk_value(&t.client, "open_frame", 0), talk_value(&t.client, "seal_frame", 0),
                                         talk_value(&t.client, "seal_frame", 1)};
    size_t at[2] = {0, 0};
    for (size_t i = 0; i < 5; i++) {
        assert_true(next(&c, &wire, &inside, at));
        assert_int_equal(wire.from, i == 1 || i == 2 ? 0xc0000202 : 0xc0000201);
        assert_int_equal(wire.us, UINT64_C(1764460001500000));
        assert_int_equal(wire.len, frames[i]->len);
        assert_memory_equal(wire.data, frames[i]->data, wire.len);
        if (i < 2)
            check_piece(&inside, 0, 0, frames[i]->data, frames[i]->len);
        else
            check_piece(&inside, 1, i == 4, i == 4 ? hello : finished, 16);
    }
    assert_false(next(&c, &wire, &inside, at));
    release(&c);
    talk_end(&t);
}

static void test_a_record_that_is_refused(void **state)
{
    (void)state;
    struct talk t;
    struct captures c;
    struct capture_packet wire, inside;
    talk_init(&t, HANDSHAKE_USER_SERVER);
    talk_establish(&t);
    begin(&c, true);
    size_t told = tell_side(&c, &t.server, 0);
    talk_send(&t.client, "hello");
    t.client.wire[30] ^= 1;
    talk_expect_failure(&t.client, &t.server, NET_ERR_RECORD);
    tell_side(&c, &t.server, told);
    assert_int_equal(end(&c), 5);
    const struct talk_value *refused = talk_value(&t.server, "open_frame", 1);
    size_t at[2] = {0, 0};
    for (size_t i = 0; i < 5; i++)
        assert_true(next(&c, &wire, &inside, at));
    assert_int_equal(wire.from, 0xc0000201);
    assert_memory_equal(wire.data, refused->data, refused->len);
    check_piece(&inside, 2, 1, refused->data, refused->len);
    release(&c);
    talk_end(&t);
}

/* The flags of all packets, one after the other. */
static void check_flags(const struct captures *c, const char *expected)
{
    struct capture_packet p;
    size_t n = 0;
    for (size_t at = capture_begin((uint8_t *)c->wire, c->wire_len);
         capture_next(&p, (uint8_t *)c->wire, c->wire_len, &at); n++) {
        char flag = p.flags & CAPTURE_SYN ? 'S' : p.flags & CAPTURE_FIN ? 'F' : p.len > 0 ? 'd' : 'a';
        assert_int_equal(flag, expected[n]);
    }
    assert_int_equal(n, strlen(expected));
}

static void test_connections_begin_and_end(void **state)
{
    (void)state;
    static const uint8_t context[32] = {0}, hello[4] = {1, 1, 0, 0}, alert[6] = {4, 1, 0, 2, 4, 0};
    struct captures c;
    begin(&c, false); /* a second try, on another connection */
    for (int i = 0; i < 2; i++) {
        tell(&c, "C", context, sizeof context);
        tell(&c, "client_hello", hello, sizeof hello);
        tell(&c, "alert", alert, sizeof alert);
    }
    assert_int_equal(end(&c), 4);
    check_flags(&c, "SSaddFFaSSaddFFa");
    release(&c);
    begin(&c, false); /* the recording broke off: nobody knows how that connection ended */
    c.info.ended = false;
    tell(&c, "client_hello", hello, sizeof hello);
    assert_int_equal(end(&c), 1);
    check_flags(&c, "SSad");
    release(&c);
    begin(&c, false); /* and nothing at all */
    assert_int_equal(end(&c), 0);
    check_flags(&c, "");
    release(&c);
}

static void test_values_that_do_not_fit_each_other(void **state)
{
    (void)state;
    static uint8_t longest[RECORDING_VALUE_MAX];
    static const char *const names[] = {"open_plaintext", "seal_frame",     "open_frame", "open_plaintext",
                                        "seal_plaintext", "seal_plaintext", "open_frame", "open_frame",
                                        "server_hello",   "open_plaintext", "seal_frame", "secret"};
    struct captures c;
    struct capture_packet wire, inside;
    begin(&c, true);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        tell(&c, names[i], longest, sizeof longest);
    assert_int_equal(end(&c), 6);
    size_t at[2] = {0, 0}, n = 0;
    while (next(&c, &wire, &inside, at))
        n++;
    assert_int_equal(n, 6);
    release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_sides_saw_the_same),           cmocka_unit_test(test_what_is_in_the_pieces),
        cmocka_unit_test(test_a_record_that_is_refused),          cmocka_unit_test(test_connections_begin_and_end),
        cmocka_unit_test(test_values_that_do_not_fit_each_other),
    };
    return RUN(tests);
}
