/* SPDX-License-Identifier: MIT */
/* The leak is the `return` of the last line: nothing was checked before, so the ciphertext may be anybody's. */
#include "app/workbench/labs/padding_told.h"

#include "crypto/cbc.h"
#include "crypto/pkcs7.h"

int lab_padding_told(const struct aes_key *key, const uint8_t *message, size_t message_len)
{
    uint8_t text[LAB_PADDING_TOLD_MAX];
    size_t len;
    if (message_len < 2 * AES_BLOCK_LEN || message_len % AES_BLOCK_LEN != 0 || message_len > sizeof text)
        return -1;
    cbc_decrypt(key, message, text, message + AES_BLOCK_LEN, message_len / AES_BLOCK_LEN - 1);
    return pkcs7_unpad(&len, text, message_len - AES_BLOCK_LEN);
}
