/* SPDX-License-Identifier: MIT */
/* SubBytes, ShiftRows and MixColumns of a round are one lookup for each byte and three xors for each column. ShiftRows
 * says which column the byte of row r comes from: the one r places to the right. */
#include "app/workbench/labs/aes_tables.h"

#include "crypto/aes_ref.h"
#include "crypto/bytes.h"

void lab_aes_tables_init(struct lab_aes_tables *k, const uint8_t key[static 16])
{
    uint8_t w[AES_REF_W_LEN], word[4], state[4][4];
    for (unsigned x = 0; x < 256; x++) {
        for (int i = 0; i < 4; i++)
            word[i] = (uint8_t)x;
        SubWord(word);
        k->sbox[x] = word[0];
        for (int row = 0; row < 4; row++) { /* column c of the state is x in one row and 0 in the others */
            for (int i = 0; i < 16; i++)
                state[i / 4][i % 4] = i / 4 == row ? word[0] : 0;
            MixColumns(state);
            k->table[row][x] = (uint32_t)state[0][0] << 24 | (uint32_t)state[1][0] << 16 | (uint32_t)state[2][0] << 8 |
                               state[3][0];
        }
    }
    KeyExpansion(w, key, 4, 10);
    for (int i = 0; i < 44; i++)
        k->round_key[i / 4][i % 4] = bytes_load_be32(w + 4 * i);
}

void lab_aes_tables_encrypt(const struct lab_aes_tables *k, uint8_t out[static 16], const uint8_t in[static 16])
{
    uint32_t s[4], t[4];
    for (int c = 0; c < 4; c++)
        s[c] = bytes_load_be32(in + 4 * c) ^ k->round_key[0][c];
    for (int round = 1; round < 10; round++) {
        for (int c = 0; c < 4; c++)
            t[c] = k->table[0][s[c] >> 24] ^ k->table[1][s[(c + 1) % 4] >> 16 & 0xff] ^
                   k->table[2][s[(c + 2) % 4] >> 8 & 0xff] ^ k->table[3][s[(c + 3) % 4] & 0xff] ^
                   k->round_key[round][c];
        for (int c = 0; c < 4; c++)
            s[c] = t[c];
    }
    for (int c = 0; c < 4; c++) { /* the last round has no MixColumns */
        uint32_t column = (uint32_t)k->sbox[s[c] >> 24] << 24 | (uint32_t)k->sbox[s[(c + 1) % 4] >> 16 & 0xff] << 16 |
                          (uint32_t)k->sbox[s[(c + 2) % 4] >> 8 & 0xff] << 8 | k->sbox[s[(c + 3) % 4] & 0xff];
        bytes_store_be32(out + 4 * c, column ^ k->round_key[10][c]);
    }
}
