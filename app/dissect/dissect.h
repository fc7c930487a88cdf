/* SPDX-License-Identifier: MIT */
/* What each byte of a frame, a Record's plaintext or a message is: a list of fields, as a dissector makes it.
 *
 *      ClientHello frame            at 0, 429 bytes, depth 0
 *        header                     at 0, 4 bytes, depth 1
 *          type                     at 0, 1 byte, depth 2      1, ClientHello
 *          version                  ...
 *        client_random              at 4, 32 bytes, depth 1    32 random bytes
 *        length of suites           at 36, 1 byte, depth 1     2 bytes
 *        suites                     at 37, 2 bytes, depth 1    1, 2
 *          suite                    at 37, 1 byte, depth 2     1, AES-128-CBC with HMAC-SHA-256
 *        ...
 *
 * Standard:    docs/protocol.md sections 2, 4, 6, 7.1 and 10; a field has the name that it has there, and the length
 *              before it, if any, is "length of " that name.
 * Use it:      static struct dissection d;
 *              dissect_frame(&d, frame, frame_len);
 *              for (size_t i = 0; i < d.count; i++)  show d.field[i] ...
 * Timing:      depends on what the bytes say: for showing them, not for working with them. A field that is secret (a
 *              password, a code, the secret of a second factor) is marked, and no text repeats it.
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
#define DISSECT_FIELDS_MAX 2048 /* enough: the longest list has 400 rooms, with four fields each */

struct dissect_field {
    size_t at, len;              /* its bytes, counted from the first one given */
    unsigned depth;              /* 0: the whole. A field's parts follow it at once, one deeper */
    bool leaf;                   /* has no parts; may have no bytes (an empty list, say) */
    bool secret;                 /* its bytes, or those of a part of it, are not for everybody's eyes; its text is */
    const char *name;            /* static, as docs/protocol.md has it */
    const char *section;         /* static, of docs/protocol.md: "4.2" */
    const char *note;            /* static: what it is for, one sentence */
    char text[DISSECT_TEXT_MAX]; /* what it says, for people: "1, ClientHello", "\"alice\"", "384 bytes"; ASCII and
                                  * well-formed UTF-8 without what section 10.6 forbids */
};

struct dissection {
    size_t count;
    struct dissect_field field[DISSECT_FIELDS_MAX];
};

/* A whole frame, header included: ClientHello, ServerHello with its certificate, Alert, a Record as it crosses the
 * wire. Anything else is malformed. */
void dissect_frame(struct dissection *d, const uint8_t *frame, size_t len);

/* A Record's plaintext: u8 content type, payload and, where padded is true, PKCS#7 padding to whole blocks. A payload
 * of content type 1 is dissected as a message: its text is "log in, request 2", "ok, to request 2" or "said", and its
 * note says what that type is for. Kind 2's Finished is dissected by its certificate and signature. */
void dissect_plaintext(struct dissection *d, const uint8_t *plaintext, size_t len, bool padded);

/* What the numbers mean, static: "ClientHello", "Application", "log in", "ffdhe3072", "AES-128-CBC with HMAC-SHA-256";
 * "unknown" for others. */
const char *dissect_frame_type(uint8_t type);
const char *dissect_content_type(uint8_t type);
const char *dissect_message_type(uint8_t type);
const char *dissect_suite(uint8_t suite);
const char *dissect_group(uint8_t group);

#endif
