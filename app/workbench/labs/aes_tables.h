/* SPDX-License-Identifier: MIT */
/* AES-128 with four tables of 256 words, as nearly everybody's fast AES was for ten years. Only the workbench links it.
 *
 * Standard:    FIPS 197; the tables: J. Daemen and V. Rijmen, "AES proposal: Rijndael", 1999, section 5.2.1.
 * Use it:      struct lab_aes_tables k;
 *              lab_aes_tables_init(&k, key);
 *              lab_aes_tables_encrypt(&k, out, in);               to see what it tells: glass bench timing
 * Timing:      tells, through the cache, which of the 64 lines of the tables were read; in the first round the index is
 *              a byte of the block xor a byte of the key (D. J. Bernstein, "Cache-timing attacks on AES", 2005).
 * Read next:   crypto/aes_bitslice.c, without tables.
 */
#ifndef APP_WORKBENCH_LABS_AES_TABLES_H
#define APP_WORKBENCH_LABS_AES_TABLES_H

#include <stdalign.h>
#include <stdint.h>

struct lab_aes_tables {
    uint8_t sbox[256];
    alignas(64) uint32_t table[4][256]; /* table[r][x]: the column that x in row r becomes by SubBytes and MixColumns */
    uint32_t round_key[11][4];
};

void lab_aes_tables_init(struct lab_aes_tables *k, const uint8_t key[static 16]);

/* One block. */
void lab_aes_tables_encrypt(const struct lab_aes_tables *k, uint8_t out[static 16], const uint8_t in[static 16]);

#endif
