/* SPDX-License-Identifier: MIT */
/* What `glass etm --explain` shows: padding, ciphertext, what the tag covers, the tag; and the same backwards, where
 * the tag comes first.
 *
 * Standard:    RFC 5652 section 6.3 (PKCS#7), SP 800-38A section 6.2 (CBC), RFC 2104 (HMAC); crypto/etm.h joins them.
 * Use it:      struct explain_etm e = {.enc_key = ..., .iv = iv, .ad = ad, .ad_len = ad_len};
 *              explain_etm_seal(stdout, &e, plaintext, len);
 *              if (explain_etm_open(stdout, &e, sealed, sealed_len) != 0) ...                  refused
 * Timing:      for values that you choose: the keys are shown, and stay in buffers.
 * Read next:   crypto/etm.c; net/record.h, which decides what ad is.
 */
#ifndef APP_WORKBENCH_EXPLAIN_EXPLAIN_ETM_H
#define APP_WORKBENCH_EXPLAIN_EXPLAIN_ETM_H

#include <stdio.h>

#include "app/workbench/explain/show.h"
#include "crypto/etm.h"

#define EXPLAIN_ETM_MAX SHOW_INPUT_MAX /* bytes of a plaintext that is shown */
#define EXPLAIN_ETM_SEALED_MAX (EXPLAIN_ETM_MAX + AES_BLOCK_LEN + ETM_TAG_LEN)
#define EXPLAIN_ETM_AD_MAX 4096

/* What both ends have. Borrowed. */
struct explain_etm {
    const uint8_t *enc_key;
    size_t enc_key_len;     /* AES128_KEY_LEN or AES256_KEY_LEN */
    const uint8_t *mac_key; /* ETM_MAC_KEY_LEN bytes */
    const uint8_t *iv;      /* AES_BLOCK_LEN bytes */
    const uint8_t *ad;
    size_t ad_len; /* at most EXPLAIN_ETM_AD_MAX (asserted) */
};

/* Explains how len bytes, at most EXPLAIN_ETM_MAX (asserted), are padded and sealed. */
void explain_etm_seal(FILE *to, const struct explain_etm *e, const uint8_t *plaintext, size_t len);

/* Explains how ciphertext || tag, at most EXPLAIN_ETM_SEALED_MAX bytes (asserted), is opened. Returns 0, or -1 where it
 * is refused: then the check that refuses it is the last thing shown. Both do what crypto/etm.h does (asserted). */
MUST_USE int explain_etm_open(FILE *to, const struct explain_etm *e, const uint8_t *sealed, size_t len);

#endif
