/* SPDX-License-Identifier: MIT */
/* Constant time: comparing, choosing and wiping secrets without telling the clock.
 *
 * Standard:    none. The idea: a branch, an index or a loop count that depends on a secret can be measured from
 *              outside, so secrets are handled with masks (all ones for yes, all zeros for no), and the same steps
 *              are always done.
 * Use it:      uint32_t is_pad = ct_eq(byte, pad_len);
 *              value = ct_select(is_pad, 0, value);
 *              if (!ct_equal(tag, expected, sizeof tag)) ...
 *              ct_wipe(&key, sizeof key);
 * Timing:      depends on len alone, never on what is compared, chosen or wiped.
 * Read next:   crypto/pkcs7.c, a use of the masks; crypto/etm.c, a use of ct_equal.
 */
#ifndef CRYPTO_CT_H
#define CRYPTO_CT_H

#include <stddef.h>
#include <stdint.h>

/* Gives v back, but the compiler can no longer know anything about it. Without it a compiler that sees that a mask is
 * either all ones or all zeros may turn the arithmetic back into a branch. */
static inline uint32_t ct_barrier(uint32_t v)
{
#if defined(__GNUC__) && !defined(CT_NO_ASM)
    __asm__("" : "+r"(v));
    return v;
#else
    volatile uint32_t hidden = v;
    return hidden;
#endif
}

/* All ones for bit = 1, all zeros for bit = 0; nothing else may be given. */
static inline uint32_t ct_mask(uint32_t bit)
{
    return 0 - ct_barrier(bit);
}

/* Masks: whether a is 0, a equals b, a is less than b. Any values. */
static inline uint32_t ct_is_zero(uint32_t a)
{
    return ct_mask((~a & (a - 1)) >> 31); /* only 0 has its top bit clear and borrows into it when 1 is taken away */
}

static inline uint32_t ct_eq(uint32_t a, uint32_t b)
{
    return ct_is_zero(a ^ b);
}

static inline uint32_t ct_lt(uint32_t a, uint32_t b)
{
    /* The borrow out of a - b (Hacker's Delight, section 2-13). */
    return ct_mask(((~a & b) | ((~a | b) & (a - b))) >> 31);
}

/* Whether first <= c <= last; all three are below 2^31. Of the two differences at least one is negative where c is
 * outside. */
static inline uint32_t ct_in_range(uint32_t c, uint32_t first, uint32_t last)
{
    return ~ct_mask(((c - first) | (last - c)) >> 31);
}

/* a where the mask is all ones, b where it is all zeros. */
static inline uint32_t ct_select(uint32_t mask, uint32_t a, uint32_t b)
{
    return b ^ (mask & (a ^ b));
}

/* Says that the len bytes at p, though made of secrets, are public from here on: a verdict that is about to be branched
 * on, a number that was blinded. It does nothing, but in the builds of `make ct`, where memory is followed from the
 * secrets on and whatever is still secret may not decide a branch or an address. docs/constant-time.md lists each call
 * with the reason why it may be there. */
#if defined(CT_CHECK)
void ct_check_public(const void *p, size_t len); /* defined in tests/ct/secret.c */
#endif
static inline void ct_public(const void *p, size_t len)
{
#if defined(CT_CHECK)
    ct_check_public(p, len);
#else
    (void)p;
    (void)len;
#endif
}

/* 1 where the len bytes at a and b are equal, else 0. Empty strings are equal. */
int ct_equal(const void *a, const void *b, size_t len);

/* Overwrites len bytes with zeros, even where nothing reads them afterwards (a plain memset may be left out then).
 * Copies that the compiler made in registers or spilled to its own stack slots are out of its reach. */
void ct_wipe(void *p, size_t len);

/* Overwrites the first len bytes of stack where what the caller has called before had its variables: for code that
 * keeps so much in registers that a compiler must spill some. len: a multiple of 64, from 64 to CT_STACK_MAX. It costs
 * ten nanoseconds or so for CT_STACK_REGISTERS, and grows with len. */
#define CT_STACK_REGISTERS 512 /* a function on vector registers, which spills a few */
#define CT_STACK_LEN 4096      /* code that has an array or two besides */
#define CT_STACK_MAX 8192
void ct_wipe_stack(size_t len);

/* Whether that is written in assembly; else a word or two just below the return address may stay. */
#if defined(__x86_64__) && defined(__LP64__) && !defined(CT_NO_ASM) && !defined(GLASSCHAT_PORTABLE)
#define CT_WIPES_BY_ASM 1
#else
#define CT_WIPES_BY_ASM 0
#endif

#endif
