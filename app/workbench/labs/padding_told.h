/* SPDX-License-Identifier: MIT */
/* A receiver of CBC that says whether the padding was right. Only the workbench links it.
 *
 * Standard:    RFC 5652 section 6.3 and SP 800-38A section 6.2, each as it should be; what is wrong is to answer.
 * Use it:      if (lab_padding_told(&key, message, message_len) != 0) the sender is told "wrong padding"
 * Timing:      does not matter: the answer itself tells (S. Vaudenay, "Security Flaws Induced by CBC Padding", 2002).
 * Read next:   crypto/etm.h, which checks a tag before it decrypts; docs/labs/padding-oracle.md.
 */
#ifndef APP_WORKBENCH_LABS_PADDING_TOLD_H
#define APP_WORKBENCH_LABS_PADDING_TOLD_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/aes.h"
#include "crypto/bytes.h"

#define LAB_PADDING_TOLD_MAX 1024

/* message is iv [16] || ciphertext [16k]. 0: the padding is right; -1: it is not, or that is no such message, or it is
 * longer than LAB_PADDING_TOLD_MAX. */
MUST_USE int lab_padding_told(const struct aes_key *key, const uint8_t *message, size_t message_len);

#endif
