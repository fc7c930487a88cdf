/* SPDX-License-Identifier: MIT */
/* Messages in CBC with nothing around them: hidden, and anybody's to change. Only the workbench links it.
 *
 * Standard:    SP 800-38A section 6.2 and RFC 5652 section 6.3; what is missing is a MAC.
 * Use it:      if (lab_cbc_bare_open(text, &text_len, &key, message, message_len) == 0) ... believe the text
 * Timing:      does not matter here.
 * Read next:   crypto/etm.h, with the tag; docs/labs/bit-flip.md.
 */
#ifndef APP_WORKBENCH_LABS_CBC_BARE_H
#define APP_WORKBENCH_LABS_CBC_BARE_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/aes.h"
#include "crypto/bytes.h"

#define LAB_CBC_BARE_MAX 1024

/* message is iv [16] || ciphertext [16k], at most LAB_CBC_BARE_MAX bytes; text has room for all of it. -1 where it is
 * no such message or its padding is wrong. */
MUST_USE int lab_cbc_bare_open(uint8_t *text, size_t *text_len, const struct aes_key *key, const uint8_t *message,
                               size_t message_len);

#endif
