/* SPDX-License-Identifier: MIT */
/* What each byte of a frame, a Record's plaintext or a message is: a list of fields, as a dissector makes it.
 *
 *      ClientHello frame            at 0, 434 bytes, depth 0
 *        header                     at 0, 4 bytes, depth 1
 *          type                     at 0, 1 byte, depth 2      1, ClientHello
 *          version                  ...
 *        client_random              at 4, 32 bytes, depth 1
 *        ...
 *
 * Standard:    docs/protocol.md sections 2, 4, 6, 7.1 and 10; a field has the name that it has there.
 * Use it:      static struct dissection d;
 *              dissect_frame(&d, frame, frame_len);
 *              for (size_t i = 0; i < d.count; i++)  show d.field[i] ...
 * Timing:      depends on what the bytes say: for showing them, not for working with them. A field that is secret (a
 *              password, a code, the secret of a second factor) is marked, and its text does not repeat it.
 * Read next:   narrator.h, which tells a conversation with it; net/wireshark/glasschat.lua, the same for Wireshark.
 *
 * The bytes may be anybody's: nothing is assumed of them. The fields without parts ("leaves") cover every byte once and
 * in order; what does not fit its layout is a field "malformed" that says why, up to the end of what holds it.
 */
#ifndef APP_DISSECT_DISSECT_H
#define APP_DISSECT_DISSECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISSECT_TEXT_MAX 160
#define DISSECT_FIELDS_MAX 2048 /* a list of 400 rooms has five fields each */

struct dissect_field {
    size_t at, len;              /* its bytes, counted from the first one given */
    unsigned depth;              /* 0: the whole. A field's parts follow it at once, one deeper */
    bool leaf;                   /* has no parts; may have no bytes (an empty list, say) */
    bool secret;                 /* its bytes are not for everybody's eyes */
    const char *name;            /* static, as docs/protocol.md has it */
    const char *section;         /* static, of docs/protocol.md: "4.2" */
    const char *note;            /* static: what it is for, one sentence; "" where the whole says it */
    char text[DISSECT_TEXT_MAX]; /* what it says, for people: "1, ClientHello", "\"alice\"", "384 bytes"; ASCII and
                                  * well-formed UTF-8 without what section 10.6 forbids */
};

struct dissection {
    size_t count;
    struct dissect_field field[DISSECT_FIELDS_MAX]; /* where they run out, the last one is a leaf over the rest */
};

/* A whole frame, header included: ClientHello, ServerHello with its certificate, Alert, a Record as it crosses the
 * wire. Anything else is malformed. */
void dissect_frame(struct dissection *d, const uint8_t *frame, size_t len);

/* A Record's plaintext: u8 content type, payload and, where padded is true, PKCS#7 padding to whole blocks. A payload
 * of content type 1 is dissected as a message; kind 2's Finished by its certificate and signature. */
void dissect_plaintext(struct dissection *d, const uint8_t *plaintext, size_t len, bool padded);

/* What the numbers mean, static: "ClientHello", "Application", "log in", "ffdhe3072", "AES-128-CBC with HMAC-SHA-256";
 * "unknown" for others. */
const char *dissect_frame_type(uint8_t type);
const char *dissect_content_type(uint8_t type);
const char *dissect_message_type(uint8_t type);
const char *dissect_suite(uint8_t suite);
const char *dissect_group(uint8_t group);

#endif
