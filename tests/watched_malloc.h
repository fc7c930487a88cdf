/* SPDX-License-Identifier: MIT */
/* For the tests of what a part does to memory: an allocator that counts, that runs out when it is told to, and that
 * looks for secrets in what is freed. Where a sanitizer has its own, and without glibc, it is not there:
 * MALLOC_IS_OURS (sanitized.h).
 *
 * Use it:      memory.left = 3                             the fourth block that is wanted is not there
 *              memory.tried = &inside                      or the fourth while inside
 *              memory_watch(), memory_add_secret(p), ...   memory.freed_with_secret counts from here on
 */
#ifndef TESTS_WATCHED_MALLOC_H
#define TESTS_WATCHED_MALLOC_H

#ifndef _GNU_SOURCE
#error "memmem needs _GNU_SOURCE, before anything is included"
#endif

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fill.h"
#include "tests/sanitized.h"

#define MEMORY_SECRET_LEN 32
#define MEMORY_SECRETS_MAX 256

/* A text that is said, and is looked for as well. */
static const char memory_word[] = "a made-up secret word";

static struct {
    const bool *tried; /* only while this holds it runs out; NULL: whenever it is wanted */
    long left;         /* how many more times there is some then; -1: always */
    size_t live, live_bytes;
    bool watched;
    uint8_t secrets[MEMORY_SECRETS_MAX][MEMORY_SECRET_LEN];
    size_t secrets_len;
    size_t freed_with_secret;
} memory = {.left = -1};

/* From here on what is freed is looked at, for the word, and for the secrets that are added. */
static inline void memory_watch(void)
{
    memory.watched = true;
    memory.secrets_len = memory.freed_with_secret = 0;
}

/* The first bytes of it; zeros are none, and what is beyond the most is left out. */
static inline void memory_add_secret(const void *p)
{
    if (memory.secrets_len < MEMORY_SECRETS_MAX && !all_zero(p, MEMORY_SECRET_LEN))
        memcpy(memory.secrets[memory.secrets_len++], p, MEMORY_SECRET_LEN);
}

/* How many of the secrets are in it. */
static inline size_t memory_count_secrets(const void *p, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < memory.secrets_len; i++)
        n += memmem(p, len, memory.secrets[i], sizeof memory.secrets[i]) != NULL;
    return n;
}

#if MALLOC_IS_OURS
void *__libc_malloc(size_t len);
void *__libc_calloc(size_t n, size_t len);
void *__libc_realloc(void *p, size_t len);
void __libc_free(void *p);

static inline bool memory_runs_out(void)
{
    bool out = (memory.tried == NULL || *memory.tried) && memory.left >= 0 && memory.left-- == 0;
    if (out)
        errno = ENOMEM;
    return out;
}

static inline void *memory_counted(void *p)
{
    memory.live += p != NULL;
    memory.live_bytes += p != NULL ? malloc_usable_size(p) : 0;
    return p;
}

static inline void memory_not_counted(void *p)
{
    memory.live -= p != NULL;
    memory.live_bytes -= p != NULL ? malloc_usable_size(p) : 0;
}

/* These take the place of the system's: the program's own come first when it is linked. */
void *malloc(size_t len)
{
    return memory_runs_out() ? NULL : memory_counted(__libc_malloc(len));
}

void *calloc(size_t n, size_t len)
{
    return memory_runs_out() ? NULL : memory_counted(__libc_calloc(n, len));
}

void *realloc(void *p, size_t len)
{
    if (memory_runs_out())
        return NULL;
    memory_not_counted(p);
    return memory_counted(__libc_realloc(p, len));
}

void free(void *p)
{
    size_t len = p != NULL ? malloc_usable_size(p) : 0;
    memory_not_counted(p);
    if (p != NULL && memory.watched) {
        memory.freed_with_secret += memmem(p, len, memory_word, sizeof memory_word - 1) != NULL;
        memory.freed_with_secret += memory_count_secrets(p, len);
    }
    __libc_free(p);
}
#endif

#endif
