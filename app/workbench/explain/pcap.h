/* SPDX-License-Identifier: MIT */
/* Captures of a connection that was never captured: what was said is known, and IPv4 and TCP are made up around it.
 *
 * Standard:    the file: pcap, as draft-ietf-opsawg-pcap describes it, with LINKTYPE_RAW and microseconds. The packets:
 *              RFC 791 and RFC 9293, the window's scale RFC 7323 section 2.
 * Use it:      pcap_begin(file);
 *              pcap_connect(&c, file, &client, &server, us);                 SYN, SYN ACK, ACK
 *              pcap_send(&c, PCAP_CLIENT, hello, hello_len, us);             a packet each
 *              pcap_finish(&c, PCAP_SERVER, us);                             FIN ACK, FIN ACK, ACK
 * Timing:      none; it copies.
 * Read next:   pcap_session.h, which makes two captures of a recorded session.
 *
 * Sequence numbers, acknowledgements and checksums are right, so that Wireshark finds nothing to complain of. There are
 * no packets that only acknowledge: each packet between SYN and FIN carries what was sent at once. `us` are
 * microseconds since 1970; whether the file took everything is for the caller to see (ferror).
 */
#ifndef APP_WORKBENCH_EXPLAIN_PCAP_H
#define APP_WORKBENCH_EXPLAIN_PCAP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PCAP_SEND_MAX 65495 /* bytes in a packet: 65,535 without the headers of IPv4 and TCP */

enum pcap_from { PCAP_CLIENT, PCAP_SERVER };

/* Where an end of the connection is: 0xc0000201 is 192.0.2.1. */
struct pcap_address {
    uint32_t host;
    uint16_t port;
};

struct pcap_connection {
    FILE *file;
    struct pcap_address address[2]; /* by enum pcap_from */
    uint32_t sequence[2];           /* number of the next byte that each will send */
    uint16_t identification;        /* of the next packet's IPv4 header */
};

/* Writes the head of a file. */
void pcap_begin(FILE *file);

void pcap_connect(struct pcap_connection *c, FILE *file, const struct pcap_address *client,
                  const struct pcap_address *server, uint64_t us);

/* One packet with 1 to PCAP_SEND_MAX bytes. */
void pcap_send(struct pcap_connection *c, enum pcap_from from, const uint8_t *data, size_t len, uint64_t us);

/* Both ends say that they send no more, this one first. */
void pcap_finish(struct pcap_connection *c, enum pcap_from first, uint64_t us);

#endif
