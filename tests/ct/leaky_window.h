/* SPDX-License-Identifier: MIT */
/* A weak twin of crypto/bignum_ifma.c: it takes the entry of the window's table by its index. */
#ifndef TESTS_CT_LEAKY_WINDOW_H
#define TESTS_CT_LEAKY_WINDOW_H

#include "crypto/bignum_impl.h"

/* As the backend's powm, for numbers of BIGNUM_LIMBS(256). Its result is right. */
void leaky_window_powm(const struct bignum_power *p, size_t e_bits);

#endif
