/* SPDX-License-Identifier: MIT */
/* What both lack is rng_fill(&rng, iv, 16). */
#include "app/workbench/labs/iv_weak.h"

#include <string.h>

void lab_iv_weak_init(struct lab_iv_weak *k, const uint8_t key[static AES128_KEY_LEN])
{
    aes_key_init(&k->key, key, AES128_KEY_LEN);
    memset(k->last, 0, sizeof k->last);
}

void lab_iv_fixed(const struct lab_iv_weak *k, uint8_t iv[static AES_BLOCK_LEN])
{
    (void)k;
    memset(iv, 0, AES_BLOCK_LEN);
}

void lab_iv_chained(const struct lab_iv_weak *k, uint8_t iv[static AES_BLOCK_LEN])
{
    memcpy(iv, k->last, sizeof k->last);
}

void lab_iv_sent(struct lab_iv_weak *k, const uint8_t block[static AES_BLOCK_LEN])
{
    memcpy(k->last, block, sizeof k->last);
}
