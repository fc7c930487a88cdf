/* SPDX-License-Identifier: MIT */
/* Made-up connections: what tests/capture.c reads of them, and sequence numbers that count every byte. */
#include "app/workbench/explain/pcap.h"

#include <stdlib.h>

#include "tests/capture.h"
#include "tests/fill.h"
#include "tests/test.h"

#define BEGAN UINT64_C(1764460000999998)

static const struct pcap_address client = {0xc0000201, 50000}, server = {0xc0000202, 7447};

/* What is expected of the packet that comes next. */
struct expected {
    enum pcap_from from;
    unsigned flags;
    uint32_t sequence, acknowledged;
    size_t len;
};

static void check(const struct capture_packet *p, const struct expected *e)
{
    const struct pcap_address *from = e->from == PCAP_CLIENT ? &client : &server;
    const struct pcap_address *to = e->from == PCAP_CLIENT ? &server : &client;
    assert_int_equal(p->from, from->host);
    assert_int_equal(p->from_port, from->port);
    assert_int_equal(p->to, to->host);
    assert_int_equal(p->to_port, to->port);
    assert_int_equal(p->flags, e->flags);
    assert_int_equal(p->sequence, e->sequence);
    assert_int_equal(p->acknowledged, e->acknowledged);
    assert_int_equal(p->len, e->len);
}

static void test_a_connection_from_syn_to_fin(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct expected expected[] = {
        {PCAP_CLIENT, CAPTURE_SYN, 0, 0, 0},
        {PCAP_SERVER, CAPTURE_SYN | CAPTURE_ACK, 0, 1, 0},
        {PCAP_CLIENT, CAPTURE_ACK, 1, 1, 0},
        {PCAP_CLIENT, CAPTURE_PSH | CAPTURE_ACK, 1, 1, 5},
        {PCAP_SERVER, CAPTURE_PSH | CAPTURE_ACK, 1, 6, PCAP_SEND_MAX},
        {PCAP_SERVER, CAPTURE_PSH | CAPTURE_ACK, 1 + PCAP_SEND_MAX, 6, 1},
        {PCAP_CLIENT, CAPTURE_PSH | CAPTURE_ACK, 6, 2 + PCAP_SEND_MAX, 2},
        {PCAP_SERVER, CAPTURE_FIN | CAPTURE_ACK, 2 + PCAP_SEND_MAX, 8, 0},
        {PCAP_CLIENT, CAPTURE_FIN | CAPTURE_ACK, 8, 3 + PCAP_SEND_MAX, 0},
        {PCAP_SERVER, CAPTURE_ACK, 3 + PCAP_SEND_MAX, 9, 0},
    };
    /* clang-format on */
    static uint8_t sent[PCAP_SEND_MAX];
    fill(sent, sizeof sent, 1);
    char *file = NULL;
    size_t len = 0, n = 0;
    FILE *f = open_memstream(&file, &len);
    struct pcap_connection c;
    pcap_begin(f);
    pcap_connect(&c, f, &client, &server, BEGAN);
    for (size_t i = 3; i < 7; i++)
        pcap_send(&c, expected[i].from, sent, expected[i].len, BEGAN + i);
    pcap_finish(&c, PCAP_SERVER, BEGAN + 7);
    assert_int_equal(fclose(f), 0);
    struct capture_packet p;
    for (size_t at = capture_begin((uint8_t *)file, len); capture_next(&p, (uint8_t *)file, len, &at); n++) {
        assert_true(n < sizeof expected / sizeof *expected);
        check(&p, &expected[n]);
        assert_int_equal(p.us, BEGAN + (n < 3 ? 0 : n < 7 ? n : 7));
        assert_memory_equal(p.data, sent, p.len);
    }
    assert_int_equal(n, sizeof expected / sizeof *expected);
    free(file);
}

static void test_every_length_has_its_checksum(void **state)
{
    (void)state;
    uint8_t sent[70];
    fill(sent, sizeof sent, 2);
    char *file = NULL;
    size_t len = 0, n = 0;
    FILE *f = open_memstream(&file, &len);
    struct pcap_connection c;
    pcap_begin(f);
    pcap_connect(&c, f, &client, &server, BEGAN);
    for (size_t i = 1; i <= sizeof sent; i++)
        pcap_send(&c, i % 3 == 0 ? PCAP_SERVER : PCAP_CLIENT, sent, i, BEGAN);
    assert_int_equal(fclose(f), 0);
    struct capture_packet p;
    for (size_t at = capture_begin((uint8_t *)file, len); capture_next(&p, (uint8_t *)file, len, &at); n++)
        assert_int_equal(p.len, n < 3 ? 0 : n - 2);
    assert_int_equal(n, 3 + sizeof sent);
    free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_connection_from_syn_to_fin),
        cmocka_unit_test(test_every_length_has_its_checksum),
    };
    return RUN(tests);
}
