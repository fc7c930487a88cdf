/* SPDX-License-Identifier: MIT */
/* The steps of AES under the names that the standard gives them, for whoever wants to show them one by one.
 *
 * Standard:    FIPS 197: sections 5.1 (Cipher), 5.2 (KeyExpansion), 5.3 (InvCipher).
 * Use it:      uint8_t w[AES_REF_W_LEN], state[4][4];
 *              KeyExpansion(w, key, 4, 10);
 *              AddRoundKey(state, w);              then for each round 1 to Nr - 1:
 *              SubBytes(state); ShiftRows(state); MixColumns(state); AddRoundKey(state, w + 16 * round);
 * Timing:      leaks keys and data through the cache (the S-box is a table). For test values only.
 * Read next:   crypto/aes_ref.c; the worked examples in FIPS 197 appendices A, B and C, which vectors/aes.txt holds.
 */
#ifndef CRYPTO_AES_REF_H
#define CRYPTO_AES_REF_H

#include <stdint.h>

/* The key schedule of the longest key: 15 round keys of 4 words of 4 bytes. */
#define AES_REF_W_LEN 240

/* state[r][c] is row r, column c; the bytes of a block fill it column by column (section 3.4). */
void aes_ref_state_load(uint8_t state[4][4], const uint8_t in[static 16]);
void aes_ref_state_store(uint8_t out[static 16], uint8_t state[4][4]);

/* Section 5.1. AddRoundKey takes the 16 bytes of one round key: w + 16 * round. */
void SubBytes(uint8_t state[4][4]);
void ShiftRows(uint8_t state[4][4]);
void MixColumns(uint8_t state[4][4]);
void AddRoundKey(uint8_t state[4][4], const uint8_t round_key[static 16]);

/* Section 5.3. */
void InvSubBytes(uint8_t state[4][4]);
void InvShiftRows(uint8_t state[4][4]);
void InvMixColumns(uint8_t state[4][4]);

/* Section 5.2. Words are 4 bytes, changed in place. Rcon(i) is the first byte of the round constant word (the other
 * three are 0), i from 1 to 10. */
void SubWord(uint8_t word[static 4]);
void RotWord(uint8_t word[static 4]);
uint8_t Rcon(unsigned i);

/* Nk is the key's length in words, 4 or 8; Nr the number of rounds, 10 or 14. w gets 16 * (Nr + 1) bytes. */
void KeyExpansion(uint8_t *w, const uint8_t *key, unsigned Nk, unsigned Nr);

/* One block. out may be in. */
void Cipher(uint8_t out[static 16], const uint8_t in[static 16], const uint8_t *w, unsigned Nr);
void InvCipher(uint8_t out[static 16], const uint8_t in[static 16], const uint8_t *w, unsigned Nr);

#endif
