/* SPDX-License-Identifier: MIT */
/* The hole is the number in the header. */
#include "app/workbench/labs/dh_small.h"

uint32_t lab_dh_small_power(uint32_t base, uint32_t x)
{
    uint64_t power = 1, square = base;
    for (; x > 0; x >>= 1) {
        if (x & 1)
            power = power * square % LAB_DH_SMALL_P;
        square = square * square % LAB_DH_SMALL_P;
    }
    return (uint32_t)power;
}
