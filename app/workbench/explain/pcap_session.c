/* SPDX-License-Identifier: MIT */
/* A recording tells of a Record in three events or four; what comes before its last one is kept. Who seals knows the
 * plaintext first and then the frame; who opens has the frame, and the plaintext only where the tag was right. So a
 * frame that waits when something else comes was refused.
 *
 * The values of a recording need not fit each other: whatever comes, what is written are whole packets. */
#include "app/workbench/explain/pcap_session.h"

#include <string.h>

#include "crypto/aes.h"
#include "crypto/ct.h"
#include "crypto/pkcs7.h"

#define CLIENT_HOST 0xc0000201 /* 192.0.2.1 */
#define SERVER_HOST 0xc0000202
#define FIRST_CLIENT_PORT 49152 /* RFC 6335: where the ports begin that anybody may use for a while */
#define CLIENT_PORTS 16384

#define PIECE_HEAD 5 /* u32 length | u8 how */
#define PIECE_MAX (PIECE_HEAD + 8 + RECORDING_VALUE_MAX + AES_BLOCK_LEN)

enum how { CLEAR = 0, OPENED = 1, REFUSED = 2 };

static void begin_connection(struct pcap_session *s)
{
    struct pcap_address client = {CLIENT_HOST, (uint16_t)(FIRST_CLIENT_PORT + s->connections++ % CLIENT_PORTS)};
    struct pcap_address server = {SERVER_HOST, PCAP_SESSION_PORT}, inside = {SERVER_HOST, PCAP_SESSION_INSIDE_PORT};
    pcap_connect(&s->on_wire, s->wire, &client, &server, s->us);
    pcap_connect(&s->within, s->inside, &client, &inside, s->us);
    s->connected = true;
}

/* The server is who closes a connection first, after its Close or its Alert. */
static void end_connection(struct pcap_session *s)
{
    if (!s->connected)
        return;
    pcap_finish(&s->on_wire, PCAP_SERVER, s->us);
    pcap_finish(&s->within, PCAP_SERVER, s->us);
    s->connected = false;
}

/* A packet into each capture: the frame as it was, and a piece that tells it so. */
static void write_frame(struct pcap_session *s, enum pcap_from from, const uint8_t *frame, size_t frame_len,
                        enum how how, const uint8_t *told, size_t told_len)
{
    uint8_t piece[PIECE_MAX];
    size_t len = PIECE_HEAD;
    if (!s->connected)
        begin_connection(s);
    if (how != CLEAR) {
        memcpy(piece + len, s->sequence, sizeof s->sequence);
        len += sizeof s->sequence;
    }
    memcpy(piece + len, told, told_len);
    len += told_len;
    bytes_store_be32(piece, (uint32_t)(len - 4));
    piece[4] = (uint8_t)how;
    pcap_send(&s->on_wire, from, frame, frame_len, s->us);
    pcap_send(&s->within, from, piece, len, s->us);
    ct_wipe(piece, len);
    s->frames++;
}

static void write_clear(struct pcap_session *s, enum pcap_from from, const struct recording_event *e)
{
    write_frame(s, from, e->data, e->len, CLEAR, e->data, e->len);
}

static enum pcap_from own(const struct pcap_session *s)
{
    return s->info->server ? PCAP_SERVER : PCAP_CLIENT;
}

static enum pcap_from peer(const struct pcap_session *s)
{
    return s->info->server ? PCAP_CLIENT : PCAP_SERVER;
}

/* A frame that waits for its plaintext will not get it any more. */
static void refuse(struct pcap_session *s)
{
    if (s->frame_len > 0)
        write_frame(s, peer(s), s->frame, s->frame_len, REFUSED, s->frame, s->frame_len);
    s->frame_len = 0;
}

static void keep(uint8_t *to, size_t *to_len, const struct recording_event *e)
{
    memcpy(to, e->data, e->len);
    *to_len = e->len;
}

/* The plaintext comes without its padding, of which there is one only that it can have had. */
static void opened(struct pcap_session *s, const struct recording_event *e)
{
    uint8_t plaintext[RECORDING_VALUE_MAX + AES_BLOCK_LEN];
    if (s->frame_len == 0)
        return;
    memcpy(plaintext, e->data, e->len);
    size_t len = pkcs7_pad(plaintext, e->len);
    write_frame(s, peer(s), s->frame, s->frame_len, OPENED, plaintext, len);
    ct_wipe(plaintext, len);
    s->frame_len = 0;
}

void pcap_session_begin(struct pcap_session *s, const struct recording_info *info, FILE *wire, FILE *inside)
{
    *s = (struct pcap_session){.info = info, .wire = wire, .inside = inside};
    pcap_begin(wire);
    pcap_begin(inside);
}

static bool is(const struct recording_event *e, const char *name)
{
    return strcmp(e->name, name) == 0;
}

void pcap_session_event(void *arg, const struct recording_event *e)
{
    struct pcap_session *s = arg;
    if (!is(e, "open_plaintext"))
        refuse(s);
    s->us = s->info->began * 1000000 + (uint64_t)(e->seconds * 1e6 + 0.5);
    if (is(e, "C")) /* first of all in a handshake */
        end_connection(s);
    else if (is(e, "client_hello"))
        write_clear(s, PCAP_CLIENT, e);
    else if (is(e, "server_hello") || is(e, "alert"))
        write_clear(s, PCAP_SERVER, e);
    else if (is(e, "seal_sequence") || is(e, "open_sequence"))
        memcpy(s->sequence, e->data, sizeof s->sequence);
    else if (is(e, "seal_plaintext"))
        keep(s->plaintext, &s->plaintext_len, e);
    else if (is(e, "seal_frame"))
        write_frame(s, own(s), e->data, e->len, OPENED, s->plaintext, s->plaintext_len);
    else if (is(e, "open_frame"))
        keep(s->frame, &s->frame_len, e);
    else if (is(e, "open_plaintext"))
        opened(s, e);
}

size_t pcap_session_end(struct pcap_session *s)
{
    refuse(s);
    if (s->info->ended)
        end_connection(s);
    size_t frames = s->frames;
    ct_wipe(s, sizeof *s);
    return frames;
}
