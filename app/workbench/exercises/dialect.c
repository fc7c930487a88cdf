/* SPDX-License-Identifier: MIT */
/* Two S-boxes with different constants differ by the same value everywhere; their inverses are the same table, read at
 * places that differ by it. */
#include "app/workbench/exercises/dialect.h"

#include <string.h>

#define FIPS_SBOX 0x63
#define OWN_PREFIX "glasschat/1"

const uint32_t dialect_fips_H0[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

bool dialect_is_fips_sbox(const uint8_t *yours, const uint8_t *right, size_t len)
{
    const uint8_t other = DIALECT_SBOX ^ FIPS_SBOX;
    bool is = other != 0 && len > 0;
    for (size_t i = 0; i < len && is; i++)
        is = yours[i] == (right[i] ^ other);
    return is;
}

bool dialect_is_fips_inverse(const uint8_t yours[256], const uint8_t right[256])
{
    const uint8_t other = DIALECT_SBOX ^ FIPS_SBOX;
    bool is = other != 0;
    for (size_t x = 0; x < 256 && is; x++)
        is = yours[x] == right[x ^ other];
    return is;
}

bool dialect_is_fips_H0(const uint32_t yours[8], const uint32_t right[8])
{
    return memcmp(right, dialect_fips_H0, sizeof dialect_fips_H0) != 0 &&
           memcmp(yours, dialect_fips_H0, sizeof dialect_fips_H0) == 0;
}

const char *dialect_own_label(const char *ending)
{
    if (strcmp(DIALECT_HKDF, OWN_PREFIX) == 0)
        return NULL;
    return strcmp(ending, "client") == 0 ? OWN_PREFIX " client" : OWN_PREFIX " server";
}
