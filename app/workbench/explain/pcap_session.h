/* SPDX-License-Identifier: MIT */
/* A recorded session as two captures, which net/wireshark/glasschat.lua reads: as it crossed the wire, and as it was
 * inside.
 *
 * Standard:    docs/protocol.md section 2 for what is on the wire; net/wireshark/glasschat.lua for the inside.
 * Use it:      struct pcap_session s;
 *              pcap_session_begin(&s, &info, wire, inside);
 *              recording_read(&info, path, pcap_session_event, &s, why);
 *              pcap_session_end(&s);
 * Timing:      CAUTION: the inside has every word that was said, and the password.
 * Read next:   pcap.h, the files and their packets; app/dissect/recording.h, what is read.
 *
 * Each frame is a packet in both captures, at the same time and in the same place, so that packet n of one is packet n
 * of the other. A recording has frames, and neither addresses nor packets: those are made up. The client is 192.0.2.1,
 * the server 192.0.2.2 (RFC 5737: addresses for documentation) at port 7447, and in the inside at 7448. There each
 * frame stands in a piece of its own,
 *
 *       0        4     5
 *       +--------+-----+------------------------------+
 *       | length | how | what is told, length - 1     |
 *       | u32    | u8  | bytes                        |
 *       +--------+-----+------------------------------+
 *
 *      how 0   in the clear: a frame that nothing hides, whole, as it crossed the wire
 *          1   opened: u64 sequence | u8 content type | payload | padding, which is what a Record's ciphertext was
 *              before it was encrypted
 *          2   refused: u64 sequence | a Record's frame that its receiver did not open
 */
#ifndef APP_WORKBENCH_EXPLAIN_PCAP_SESSION_H
#define APP_WORKBENCH_EXPLAIN_PCAP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "app/dissect/recording.h"
#include "app/workbench/explain/pcap.h"

#define PCAP_SESSION_PORT 7447
#define PCAP_SESSION_INSIDE_PORT 7448

struct pcap_session {
    const struct recording_info *info;
    FILE *wire, *inside;
    struct pcap_connection on_wire, within;
    bool connected;       /* a frame was written since the last connection began */
    unsigned connections; /* how many were begun: a second try is a second one */
    uint64_t us;          /* of the last event, since 1970 */
    uint8_t sequence[8];  /* of the Record that is being told of */
    uint8_t plaintext[RECORDING_VALUE_MAX], frame[RECORDING_VALUE_MAX];
    size_t plaintext_len, frame_len; /* frame_len is 0 but where one waits for its plaintext */
    size_t frames;                   /* how many are written */
};

/* info is filled in before the first event, as recording_read does. */
void pcap_session_begin(struct pcap_session *s, const struct recording_info *info, FILE *wire, FILE *inside);

/* What recording_read calls; arg is the struct pcap_session. */
void pcap_session_event(void *arg, const struct recording_event *e);

/* Ends the captures, and wipes *s; returns how many frames each has. Where the recording is cut off they have no
 * FIN. */
size_t pcap_session_end(struct pcap_session *s);

#endif
