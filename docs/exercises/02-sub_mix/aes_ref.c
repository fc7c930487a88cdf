/* SPDX-License-Identifier: MIT */
/* AES, step by step, to be read beside the standard. Exercise 02 is the state, SubBytes and MixColumns; 03 the key
 * schedule; 04 the rest. All three are this one file.
 *
 * Standard:    FIPS 197.
 * The contract of each function stands in crypto/aes_ref.h; README.md of each exercise says how to begin. */
#include "crypto/aes_ref.h"

#include "crypto/aes_impl.h"

/* --- 02 --------------------------------------------------------------------------------------------------------- */

void aes_ref_state_load(uint8_t state[4][4], const uint8_t in[static 16])
{
    /* TODO: 3.4: state[r][c] is row r, column c; a block fills it column by column */
    (void)state;
    (void)in;
}

void aes_ref_state_store(uint8_t out[static 16], uint8_t state[4][4])
{
    /* TODO: the same, back */
    (void)out;
    (void)state;
}

void SubBytes(uint8_t state[4][4])
{
    /* TODO: 5.1.1: each byte by figure 7, a table that you type or compute */
    (void)state;
}

void InvSubBytes(uint8_t state[4][4])
{
    /* TODO: 5.3.2: each byte by figure 14 */
    (void)state;
}

void MixColumns(uint8_t state[4][4])
{
    /* TODO: 5.1.3; a function for the product of two bytes (4.2) serves here and below */
    (void)state;
}

void InvMixColumns(uint8_t state[4][4])
{
    /* TODO: 5.3.3 */
    (void)state;
}

/* --- 03 --------------------------------------------------------------------------------------------------------- */

void SubWord(uint8_t word[static 4])
{
    /* TODO: 5.2: SubBytes for four bytes */
    (void)word;
}

void RotWord(uint8_t word[static 4])
{
    /* TODO: 5.2: a0 a1 a2 a3 becomes a1 a2 a3 a0 */
    (void)word;
}

uint8_t Rcon(unsigned i)
{
    /* TODO: x^(i-1) in the field, from 01 on */
    (void)i;
    return 0;
}

void KeyExpansion(uint8_t *w, const uint8_t *key, unsigned Nk, unsigned Nr)
{
    /* TODO: figure 11: 4 * (Nr + 1) words of 4 bytes */
    (void)w;
    (void)key;
    (void)Nk;
    (void)Nr;
}

/* --- 04 --------------------------------------------------------------------------------------------------------- */

void ShiftRows(uint8_t state[4][4])
{
    /* TODO: 5.1.2: row r moves r places to the left */
    (void)state;
}

void InvShiftRows(uint8_t state[4][4])
{
    /* TODO: 5.3.1 */
    (void)state;
}

void AddRoundKey(uint8_t state[4][4], const uint8_t round_key[static 16])
{
    /* TODO: 5.1.4: a round key fills its square as a block does */
    (void)state;
    (void)round_key;
}

void Cipher(uint8_t out[static 16], const uint8_t in[static 16], const uint8_t *w, unsigned Nr)
{
    /* TODO: figure 5 */
    (void)out;
    (void)in;
    (void)w;
    (void)Nr;
}

void InvCipher(uint8_t out[static 16], const uint8_t in[static 16], const uint8_t *w, unsigned Nr)
{
    /* TODO: figure 12 */
    (void)out;
    (void)in;
    (void)w;
    (void)Nr;
}

/* --- Given: how crypto/aes.h calls it, in exercise 05 and later --------------------------------------------------- */

static bool usable(void)
{
    return true;
}

static void expand(struct aes_key *k, const uint8_t *key, size_t key_len)
{
    KeyExpansion(k->enc, key, (unsigned)key_len / 4, k->rounds);
}

static void encrypt(const struct aes_key *k, uint8_t *out, const uint8_t *in, size_t blocks)
{
    for (size_t i = 0; i < blocks; i++)
        Cipher(out + 16 * i, in + 16 * i, k->enc, k->rounds);
}

static void decrypt(const struct aes_key *k, uint8_t *out, const uint8_t *in, size_t blocks)
{
    for (size_t i = 0; i < blocks; i++)
        InvCipher(out + 16 * i, in + 16 * i, k->enc, k->rounds);
}

const struct aes_impl aes_ref = {
    .name = "ref",
    .usable = usable,
    .expand = expand,
    .encrypt = encrypt,
    .decrypt = decrypt,
};
