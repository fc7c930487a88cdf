/* SPDX-License-Identifier: MIT */
/* The layouts once more, from the other end. A checksum is right where everything that it covers, itself included, sums
 * up to all ones. */
#include "tests/capture.h"

#include "crypto/bytes.h"
#include "tests/test.h"

size_t capture_begin(const uint8_t *file, size_t len)
{
    static const uint8_t head[24] = {0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0,    4,    0, 0, 0, 0,
                                     0,    0,    0,    0,    0, 0, 0xff, 0xff, 0, 0, 0, 101};
    assert_true(len >= sizeof head);
    assert_memory_equal(file, head, sizeof head);
    return sizeof head;
}

static uint32_t words(const uint8_t *p, size_t len)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < len; i += 2)
        sum += i + 1 < len ? bytes_load_be16(p + i) : (uint32_t)p[i] << 8;
    return sum;
}

static void assert_all_ones(uint32_t sum)
{
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    assert_int_equal(sum, 0xffff);
}

static void read_ipv4(struct capture_packet *p, const uint8_t *ipv4, size_t len)
{
    assert_true(len >= 40);
    assert_int_equal(ipv4[0], 0x45);
    assert_int_equal(bytes_load_be16(ipv4 + 2), len);
    assert_int_equal(bytes_load_be16(ipv4 + 6) & 0x3fff, 0); /* no fragment */
    assert_int_equal(ipv4[9], 6);
    assert_all_ones(words(ipv4, 20));
    p->from = bytes_load_be32(ipv4 + 12);
    p->to = bytes_load_be32(ipv4 + 16);
    assert_all_ones(words(ipv4 + 12, 8) + 6 + (uint32_t)(len - 20) + words(ipv4 + 20, len - 20));
}

static void read_tcp(struct capture_packet *p, const uint8_t *tcp, size_t len)
{
    static const uint8_t options[] = {2, 4, 0xff, 0xd7, 1, 3, 3, 14};
    size_t header = (size_t)(tcp[12] >> 4) * 4;
    p->from_port = bytes_load_be16(tcp);
    p->to_port = bytes_load_be16(tcp + 2);
    p->sequence = bytes_load_be32(tcp + 4);
    p->acknowledged = bytes_load_be32(tcp + 8);
    p->flags = tcp[13];
    assert_int_equal(header, p->flags & CAPTURE_SYN ? 28 : 20);
    if (p->flags & CAPTURE_SYN)
        assert_memory_equal(tcp + 20, options, sizeof options);
    p->data = tcp + header;
    p->len = len - header;
}

bool capture_next(struct capture_packet *p, const uint8_t *file, size_t len, size_t *at)
{
    if (*at == len)
        return false;
    assert_true(len - *at >= 16);
    const uint8_t *head = file + *at;
    size_t packet_len = bytes_load_be32(head + 8);
    assert_int_equal(bytes_load_be32(head + 12), packet_len);
    assert_true(len - *at - 16 >= packet_len && bytes_load_be32(head + 4) < 1000000);
    p->us = (uint64_t)bytes_load_be32(head) * 1000000 + bytes_load_be32(head + 4);
    read_ipv4(p, head + 16, packet_len);
    read_tcp(p, head + 36, packet_len - 20);
    *at += 16 + packet_len;
    return true;
}
