/* SPDX-License-Identifier: MIT */
/* The hole is what the tag is over: all that was sent, and nothing of when. A frame that was good once is good for
 * ever, in any place. */
#include "app/workbench/labs/record_unnumbered.h"

#include <assert.h>
#include <string.h>

#include "crypto/pkcs7.h"
#include "net/record.h"

#define IV_AT FRAME_HEADER_LEN
#define CIPHERTEXT_AT (IV_AT + AES_BLOCK_LEN)
#define OVERHEAD (CIPHERTEXT_AT + ETM_TAG_LEN)

size_t lab_record_unnumbered_seal(const struct etm_key *key, struct rng *rng,
                                  uint8_t frame[static LAB_RECORD_UNNUMBERED_MAX], const char *text, size_t text_len)
{
    uint8_t *plaintext = frame + CIPHERTEXT_AT;
    assert(record_frame_len(text_len) <= LAB_RECORD_UNNUMBERED_MAX);
    plaintext[0] = CONTENT_APPLICATION;
    memcpy(plaintext + 1, text, text_len);
    size_t padded = pkcs7_pad(plaintext, 1 + text_len);
    frame_header(frame, FRAME_RECORD, AES_BLOCK_LEN + padded + ETM_TAG_LEN);
    rng_fill(rng, frame + IV_AT, AES_BLOCK_LEN);
    etm_seal(key, plaintext, frame + IV_AT, frame, FRAME_HEADER_LEN, plaintext, padded / AES_BLOCK_LEN);
    return OVERHEAD + padded;
}

int lab_record_unnumbered_open(const struct etm_key *key, uint8_t *text, size_t *text_len, const uint8_t *frame,
                               size_t frame_len)
{
    uint8_t plaintext[LAB_RECORD_UNNUMBERED_MAX];
    size_t len;
    if (frame_len < RECORD_FRAME_MIN || frame_len > sizeof plaintext || (frame_len - OVERHEAD) % AES_BLOCK_LEN != 0)
        return -1;
    size_t padded = frame_len - OVERHEAD;
    if (etm_open(key, plaintext, frame + IV_AT, frame, FRAME_HEADER_LEN, frame + CIPHERTEXT_AT,
                 padded / AES_BLOCK_LEN) != 0 ||
        pkcs7_unpad(&len, plaintext, padded) != 0 || len < 1)
        return -1;
    memcpy(text, plaintext + 1, len - 1);
    *text_len = len - 1;
    return 0;
}
