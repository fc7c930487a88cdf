/* SPDX-License-Identifier: MIT */
/* Two pages, of which the second can't be touched. With the first k bytes of the guess at the end of the first page,
 * the comparison faults if and only if it wants byte k or one after it. */
#include "app/workbench/attacks/reads.h"

#include <assert.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static sigjmp_buf back;

static void on_fault(int number)
{
    (void)number;
    siglongjmp(back, 1);
}

/* Where the second page begins; they are mapped once, and stay. */
static uint8_t *edge(void)
{
    static uint8_t *found;
    if (found == NULL) {
        size_t page = (size_t)sysconf(_SC_PAGESIZE);
        void *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages == MAP_FAILED || mprotect((uint8_t *)pages + page, page, PROT_NONE) != 0)
            abort();
        found = (uint8_t *)pages + page;
    }
    return found;
}

/* Whether it reads a byte that it may not. */
static bool faults(int (*equal)(const void *a, const void *b, size_t len), const uint8_t *guess, const uint8_t *right,
                   size_t len)
{
    if (sigsetjmp(back, 1) != 0)
        return true;
    (void)equal(guess, right, len);
    return false;
}

size_t reads_count(int (*equal)(const void *a, const void *b, size_t len), const uint8_t *guess, const uint8_t *right,
                   size_t len)
{
    struct sigaction fault = {.sa_handler = on_fault}, segv, bus;
    size_t low = 0, high = len; /* it reads so many at least; at most */
    assert(len <= READS_MAX);
    (void)sigaction(SIGSEGV, &fault, &segv);
    (void)sigaction(SIGBUS, &fault, &bus);
    while (low < high) {
        size_t k = (low + high) / 2;
        memcpy(edge() - k, guess, k);
        if (faults(equal, edge() - k, right, len))
            low = k + 1;
        else
            high = k;
    }
    (void)sigaction(SIGSEGV, &segv, NULL);
    (void)sigaction(SIGBUS, &bus, NULL);
    return low;
}
