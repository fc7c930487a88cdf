/* SPDX-License-Identifier: MIT */
/* Reads a capture that app/workbench/explain/pcap.c wrote, packet by packet, and insists on what each must have:
 * lengths that fit each other, headers without options but a SYN's, checksums that are right.
 *
 * Use it:      struct capture_packet p;
 *              size_t at = capture_begin(data, len);
 *              while (capture_next(&p, data, len, &at)) ...
 */
#ifndef TESTS_CAPTURE_H
#define TESTS_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CAPTURE_FIN = 0x01, CAPTURE_SYN = 0x02, CAPTURE_PSH = 0x08, CAPTURE_ACK = 0x10 };

struct capture_packet {
    uint64_t us;
    uint32_t from, to; /* addresses */
    uint16_t from_port, to_port;
    uint32_t sequence, acknowledged;
    unsigned flags;
    const uint8_t *data;
    size_t len;
};

/* Checks the head of the file; returns where the packets begin. */
size_t capture_begin(const uint8_t *file, size_t len);

/* Takes the next packet; false at the end. */
bool capture_next(struct capture_packet *p, const uint8_t *file, size_t len, size_t *at);

#endif
