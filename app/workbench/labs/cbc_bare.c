/* SPDX-License-Identifier: MIT */
/* The hole is between the two calls and before them: nobody asks who wrote this. P = D(C) xor C', so a bit that is
 * flipped in the IV is flipped in the first block, and nothing else is. */
#include "app/workbench/labs/cbc_bare.h"

#include "crypto/cbc.h"
#include "crypto/pkcs7.h"

int lab_cbc_bare_open(uint8_t *text, size_t *text_len, const struct aes_key *key, const uint8_t *message,
                      size_t message_len)
{
    if (message_len < 2 * AES_BLOCK_LEN || message_len % AES_BLOCK_LEN != 0 || message_len > LAB_CBC_BARE_MAX)
        return -1;
    cbc_decrypt(key, message, text, message + AES_BLOCK_LEN, message_len / AES_BLOCK_LEN - 1);
    return pkcs7_unpad(text_len, text, message_len - AES_BLOCK_LEN);
}
