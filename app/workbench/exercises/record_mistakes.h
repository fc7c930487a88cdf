/* SPDX-License-Identifier: MIT */
/* Records as they are and as the usual mistakes make them, to tell whoever made one which it was.
 *
 * Standard:    docs/protocol.md, 5.1 and 6.1.
 * Use it:      struct sealed s = {.suite = SUITE_AES128, .secret = secret, .iv = iv, ...};
 *              size_t len = record_mistakes_right(frame, &s);
 *              ... where the tag differs: const char *hint = record_mistake_in_tag(&s, yours);
 *              Each returns what was done, NULL where it can't tell.
 * Timing:      nothing secret: test values.
 * Read next:   exercise_record.c, which asks; net/record.c, what is right.
 */
#ifndef APP_WORKBENCH_EXERCISES_RECORD_MISTAKES_H
#define APP_WORKBENCH_EXERCISES_RECORD_MISTAKES_H

#include <stddef.h>
#include <stdint.h>

#include "net/record.h"

/* A Record and all that went into it. */
struct sealed {
    enum suite suite;
    const uint8_t *secret;
    const uint8_t *old_secret; /* the one before the last KeyUpdate; NULL: there was none */
    uint64_t sequence, since;  /* since: the number of Records under these keys before this one */
    const uint8_t *iv;         /* 16 bytes */
    unsigned type;
    const uint8_t *payload;
    size_t payload_len;
};

/* The frame itself; room for record_frame_len(s->payload_len). Returns that length. */
size_t record_mistakes_right(uint8_t *frame, const struct sealed *s);

/* A frame under a right tag whose plaintext is what the caller wants: blocks * 16 bytes. */
size_t record_mistakes_forge(uint8_t *frame, const struct sealed *s, const uint8_t *plaintext, size_t blocks);

/* The frame under a tag with mistake number `which`; *hint says which it is, and is NULL after the last one. */
size_t record_mistakes_mistagged(uint8_t *frame, const struct sealed *s, size_t which, const char **hint);

/* yours: a frame of the right length, right up to the part that is asked about. */
const char *record_mistake_in_header(const struct sealed *s, const uint8_t *yours);
const char *record_mistake_in_iv(const struct sealed *s, const uint8_t *yours);
const char *record_mistake_in_ciphertext(const struct sealed *s, const uint8_t *yours);
const char *record_mistake_in_tag(const struct sealed *s, const uint8_t *yours);

#endif
