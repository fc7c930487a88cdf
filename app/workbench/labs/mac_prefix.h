/* SPDX-License-Identifier: MIT */
/* A "MAC" that is the digest of the key followed by the message. Only the workbench links it.
 *
 * Standard:    none. HMAC (RFC 2104) was made because of what is wrong with this.
 * Use it:      lab_mac_prefix(tag, key, key_len, msg, msg_len);
 * Timing:      does not matter here.
 * Read next:   crypto/hmac.h, the strong one; docs/labs/length-extension.md.
 */
#ifndef APP_WORKBENCH_LABS_MAC_PREFIX_H
#define APP_WORKBENCH_LABS_MAC_PREFIX_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/sha256.h"

/* tag = SHA-256(key || msg). */
void lab_mac_prefix(uint8_t tag[static SHA256_DIGEST_LEN], const uint8_t *key, size_t key_len, const void *msg,
                    size_t msg_len);

#endif
