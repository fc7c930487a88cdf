/* SPDX-License-Identifier: MIT */
/* A capture is a head and then packets, each after its time and length; a packet is an IPv4 header, a TCP header and
 * what it carries. Everything is big-endian, the file too: its readers see that from its first four bytes. */
#include "app/workbench/explain/pcap.h"

#include <assert.h>

#include "crypto/bytes.h"

#define MAGIC 0xa1b2c3d4 /* microseconds, and in the byte order in which it is read */
#define LINKTYPE_RAW 101 /* a packet begins with its IP header */
#define SNAPLEN 65535

#define IPV4_LEN 20
#define TCP_LEN 20
#define OPTIONS_LEN 8 /* of a SYN */
#define PROTOCOL_TCP 6
#define PSEUDO_LEN 12

#define WINDOW 65535
#define WINDOW_SHIFT 14 /* the largest: nobody waits for room here */

enum flags { FIN = 0x01, SYN = 0x02, PSH = 0x08, ACK = 0x10 };

void pcap_begin(FILE *file)
{
    uint8_t head[24] = {0};
    bytes_store_be32(head, MAGIC);
    bytes_store_be16(head + 4, 2); /* version 2.4 */
    bytes_store_be16(head + 6, 4);
    bytes_store_be32(head + 16, SNAPLEN);
    bytes_store_be32(head + 20, LINKTYPE_RAW);
    fwrite(head, 1, sizeof head, file);
}

/* The ones' complement sum of 16-bit words (RFC 1071), an odd last byte being the upper half of one. */
static uint32_t sum(uint32_t so_far, const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        so_far += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
    return so_far;
}

static uint16_t checksum(uint32_t total)
{
    while (total > 0xffff)
        total = (total >> 16) + (total & 0xffff);
    return (uint16_t)~total;
}

/* RFC 791 section 3.1: no options, not fragmented, 64 hops to live. */
static void write_ipv4(uint8_t p[static IPV4_LEN], struct pcap_connection *c, enum pcap_from from, size_t len)
{
    p[0] = 0x45; /* version 4, five words of header */
    p[1] = 0;
    bytes_store_be16(p + 2, (uint16_t)(IPV4_LEN + len));
    bytes_store_be16(p + 4, c->identification++);
    bytes_store_be16(p + 6, 0x4000); /* don't fragment */
    p[8] = 64;
    p[9] = PROTOCOL_TCP;
    bytes_store_be16(p + 10, 0);
    bytes_store_be32(p + 12, c->address[from].host);
    bytes_store_be32(p + 16, c->address[1 - from].host);
    bytes_store_be16(p + 10, checksum(sum(0, p, IPV4_LEN)));
}

/* RFC 9293 section 3.1, with the checksum left at 0; a SYN has the largest segment and the window's scale as options.
 * Returns its length. */
static size_t write_tcp(uint8_t p[static TCP_LEN + OPTIONS_LEN], const struct pcap_connection *c, enum pcap_from from,
                        unsigned flags)
{
    size_t len = flags & SYN ? TCP_LEN + OPTIONS_LEN : TCP_LEN;
    bytes_store_be16(p, c->address[from].port);
    bytes_store_be16(p + 2, c->address[1 - from].port);
    bytes_store_be32(p + 4, c->sequence[from]);
    bytes_store_be32(p + 8, flags & ACK ? c->sequence[1 - from] : 0);
    p[12] = (uint8_t)(len / 4 << 4);
    p[13] = (uint8_t)flags;
    bytes_store_be16(p + 14, WINDOW);
    bytes_store_be32(p + 16, 0); /* checksum, and no urgent data */
    if (flags & SYN) {
        bytes_store_be32(p + 20, 0x02040000 | PCAP_SEND_MAX); /* kind 2, 4 bytes */
        bytes_store_be32(p + 24, 0x01030300 | WINDOW_SHIFT);  /* nothing; kind 3, 3 bytes */
    }
    return len;
}

/* RFC 9293 section 3.1: over addresses, protocol and length, which stand in the IPv4 header, then header and data. */
static uint16_t tcp_checksum(const uint8_t *ipv4, const uint8_t *tcp, size_t tcp_len, const uint8_t *data, size_t len)
{
    uint32_t so_far = sum(0, ipv4 + 12, 8);
    so_far += PROTOCOL_TCP + (uint32_t)(tcp_len + len);
    return checksum(sum(sum(so_far, tcp, tcp_len), data, len));
}

static void write_packet(struct pcap_connection *c, enum pcap_from from, unsigned flags, const uint8_t *data,
                         size_t len, uint64_t us)
{
    uint8_t ipv4[IPV4_LEN], tcp[TCP_LEN + OPTIONS_LEN], head[16];
    size_t tcp_len = write_tcp(tcp, c, from, flags);
    write_ipv4(ipv4, c, from, tcp_len + len);
    bytes_store_be16(tcp + 16, tcp_checksum(ipv4, tcp, tcp_len, data, len));
    size_t packet_len = sizeof ipv4 + tcp_len + len;
    bytes_store_be32(head, (uint32_t)(us / 1000000));
    bytes_store_be32(head + 4, (uint32_t)(us % 1000000));
    bytes_store_be32(head + 8, (uint32_t)packet_len);
    bytes_store_be32(head + 12, (uint32_t)packet_len);
    fwrite(head, 1, sizeof head, c->file);
    fwrite(ipv4, 1, sizeof ipv4, c->file);
    fwrite(tcp, 1, tcp_len, c->file);
    if (len > 0)
        fwrite(data, 1, len, c->file);
    c->sequence[from] += (uint32_t)len + (flags & (SYN | FIN) ? 1 : 0); /* a SYN and a FIN are counted as a byte */
}

void pcap_connect(struct pcap_connection *c, FILE *file, const struct pcap_address *client,
                  const struct pcap_address *server, uint64_t us)
{
    *c = (struct pcap_connection){.file = file, .address = {*client, *server}};
    write_packet(c, PCAP_CLIENT, SYN, NULL, 0, us);
    write_packet(c, PCAP_SERVER, SYN | ACK, NULL, 0, us);
    write_packet(c, PCAP_CLIENT, ACK, NULL, 0, us);
}

void pcap_send(struct pcap_connection *c, enum pcap_from from, const uint8_t *data, size_t len, uint64_t us)
{
    assert(len >= 1 && len <= PCAP_SEND_MAX);
    write_packet(c, from, PSH | ACK, data, len, us);
}

void pcap_finish(struct pcap_connection *c, enum pcap_from first, uint64_t us)
{
    enum pcap_from second = first == PCAP_CLIENT ? PCAP_SERVER : PCAP_CLIENT;
    write_packet(c, first, FIN | ACK, NULL, 0, us);
    write_packet(c, second, FIN | ACK, NULL, 0, us);
    write_packet(c, first, ACK, NULL, 0, us);
}
