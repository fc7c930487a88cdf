/* SPDX-License-Identifier: MIT */
/* The finest clock that a program can read here, for differences of a few nanoseconds; and how to empty the cache, so
 * that there are some.
 *
 * Standard:    Intel SDM vol. 2B, RDTSC (LFENCE before it waits for what came before, LFENCE after it keeps back what
 *              comes after), CLFLUSH; Arm ARM, CNTVCT_EL0, DC CIVAC.
 * Use it:      ticks_flush(table, sizeof table);
 *              uint64_t start = ticks_now(); work(); uint64_t took = ticks_now() - start;
 * Read next:   app/workbench/bench/cmd_bench_timing.c.
 *
 * Ticks have a constant rate, which is not that of the core's cycles, and differs from machine to machine.
 */
#ifndef APP_WORKBENCH_BENCH_TICKS_H
#define APP_WORKBENCH_BENCH_TICKS_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#if defined(__x86_64__)
#define TICKS_OF "the time-stamp counter"
static inline uint64_t ticks_now(void)
{
    uint32_t low, high;
    __asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}
#elif defined(__aarch64__)
#define TICKS_OF "the virtual counter"
static inline uint64_t ticks_now(void)
{
    uint64_t now;
    __asm__ volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(now) : : "memory");
    return now;
}
#else
#define TICKS_OF "clock_gettime, nanoseconds"
static inline uint64_t ticks_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}
#endif

/* Throws the len bytes at p out of all caches, so that reading them takes as long as it can. Does nothing where a
 * program can't do that. */
static inline void ticks_flush(const void *p, size_t len)
{
    (void)p;
    for (size_t i = 0; i < len; i += 64) {
#if defined(__x86_64__)
        __asm__ volatile("clflush %0" : "+m"(*((volatile char *)(uintptr_t)p + i)));
#elif defined(__aarch64__) && defined(__linux__)
        __asm__ volatile("dc civac, %0" : : "r"((const char *)p + i) : "memory");
#endif
    }
#if defined(__x86_64__)
    __asm__ volatile("mfence" : : : "memory");
#elif defined(__aarch64__)
    __asm__ volatile("dsb ish" : : : "memory");
#endif
}

#endif
