/* SPDX-License-Identifier: MIT */
/* Comparing: gather the differences of all bytes, look at the sum of them once, at the end. Stopping at the first
 * difference would tell a forger how many bytes of a tag are right, and so let them be found one by one.
 *
 * Wiping: memset, and then an empty piece of assembly that claims to read the memory, so that the memset can't be left
 * out as a store that nobody reads. Without such assembly, every byte is stored through a volatile pointer. */
#include "crypto/ct.h"

#include <string.h>

/* CAUTION: no early exit and no memcmp; test_ct's test_equal_every_bit sees a compare cut short, not the time. */
int ct_equal(const void *a, const void *b, size_t len)
{
    const uint8_t *p = a, *q = b;
    uint32_t difference = 0;
    for (size_t i = 0; i < len; i++)
        difference = ct_barrier(difference | (uint32_t)(p[i] ^ q[i]));
    return (int)(ct_is_zero(difference) & 1);
}

void ct_wipe(void *p, size_t len)
{
    if (len == 0)
        return;
#if defined(__GNUC__)
    memset(p, 0, len);
    __asm__ volatile("" : : "r"(p) : "memory");
#else
    for (volatile uint8_t *q = p; len > 0; len--)
        *q++ = 0;
#endif
}

/* What lies below its return address is where theirs had their frames. An array, which is what portable code has to
 * do with, leaves gaps: compilers align it and guard it, and a word spilled just there stays. From the top down, as
 * REP STOS takes far longer to begin than a few hundred bytes take.
 * CAUTION: never inlined. In this function nothing that is needed lies below the stack pointer; in a caller, its
 * variables may. */
__attribute__((noinline)) void ct_wipe_stack(size_t len)
{
#if CT_WIPES_BY_ASM
    __asm__ volatile("mov %%rsp, %%rdi\n\t"
                     "sub %[len], %%rsp\n\t"
                     "pxor %%xmm0, %%xmm0\n"
                     "1:\n\t"
                     "sub $64, %%rdi\n\t"
                     "movups %%xmm0, (%%rdi)\n\t"
                     "movups %%xmm0, 16(%%rdi)\n\t"
                     "movups %%xmm0, 32(%%rdi)\n\t"
                     "movups %%xmm0, 48(%%rdi)\n\t"
                     "cmp %%rsp, %%rdi\n\t"
                     "ja 1b\n\t"
                     "add %[len], %%rsp"
                     :
                     : [len] "r"(len)
                     : "rdi", "xmm0", "memory", "cc");
#else
    uint8_t below[CT_STACK_MAX];
    ct_wipe(below + sizeof below - len, len);
#endif
}
