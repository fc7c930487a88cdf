/* SPDX-License-Identifier: MIT */
/* In the place of crypto/etm_many.c, which seals by itself: one after the other, with a student's own etm_seal. */
#include "crypto/etm_many.h"

void etm_seal_many(const struct etm_one one[], size_t n, size_t ad_len, const uint8_t *in, size_t blocks)
{
    for (size_t i = 0; i < n; i++)
        etm_seal(one[i].key, one[i].out, one[i].iv, one[i].ad, ad_len, in, blocks);
}
