/* SPDX-License-Identifier: MIT */
/* What the fault tests put under a server: an allocation that fails, and a clock that somebody sets. The test drives
 * both while the server runs, through a page that they share, the file named by FAULTS_PAGE. It is mapped before main,
 * so that a sandbox entered later does not prevent it.
 *
 * The shim gets there in two ways. As faults.so (LD_PRELOAD) it stands under every library too. For a sanitizer, which
 * has its own allocator, it is linked into a server of its own, glasschatd-faults (FAULTS_LINKED), in which the linker
 * gives it the calls of our code (--wrap), and it asks the sanitizer.
 *
 *      struct page: i64 n: the nth allocation from now fails; it counts down to 0
 *                   i64 how many have failed
 *                   i64 by how many seconds the time of day is off
 *                   i64 by how many seconds the monotonic clock is off; setting one leaves the other alone
 *
 * Read next:   tests/integration/test_faults_memory.py and _clock.py
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct page {
    atomic_int_least64_t countdown, failed, clock_offset, monotonic_offset;
};

static struct page nothing, *page = &nothing;

/* OURS(f) stands where the server calls f, REAL(f) is the system's own. */
#ifdef FAULTS_LINKED
#define OURS(f) __wrap_##f
#define REAL(f) __real_##f
int __real_clock_gettime(clockid_t clock, struct timespec *t);

static void find_real(void)
{
}
#else
#define OURS(f) f
#define REAL(f) __libc_##f /* so that they need no dlsym, which itself allocates */
static int (*__libc_clock_gettime)(clockid_t, struct timespec *);

static void find_real(void)
{
    *(void **)&__libc_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
}
#endif

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t count, size_t size);
void *REAL(realloc)(void *p, size_t size);

void *OURS(malloc)(size_t size);
void *OURS(calloc)(size_t count, size_t size);
void *OURS(realloc)(void *p, size_t size);
char *OURS(strdup)(const char *text);
int OURS(clock_gettime)(clockid_t clock, struct timespec *t);
time_t OURS(time)(time_t *t);
int OURS(gettimeofday)(struct timeval *restrict t, void *restrict zone);

static __attribute__((constructor)) void open_page(void)
{
    const char *path = getenv("FAULTS_PAGE");
    find_real();
    int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *mapped = fd >= 0 ? mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (mapped == MAP_FAILED)
        _exit(99);
    close(fd);
    page = mapped;
}

static int fails(void)
{
    if (atomic_load(&page->countdown) <= 0 || atomic_fetch_sub(&page->countdown, 1) != 1)
        return 0;
    atomic_fetch_add(&page->failed, 1);
    errno = ENOMEM;
    return 1;
}

void *OURS(malloc)(size_t size)
{
    return fails() ? NULL : REAL(malloc)(size);
}

void *OURS(calloc)(size_t count, size_t size)
{
    return fails() ? NULL : REAL(calloc)(count, size);
}

void *OURS(realloc)(void *p, size_t size)
{
    return fails() ? NULL : REAL(realloc)(p, size);
}

char *OURS(strdup)(const char *text)
{
    size_t len = strlen(text) + 1;
    char *copy = OURS(malloc)(len);
    return copy != NULL ? memcpy(copy, text, len) : NULL;
}

int OURS(clock_gettime)(clockid_t clock, struct timespec *t)
{
    int result = REAL(clock_gettime)(clock, t);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        t->tv_sec += (time_t)atomic_load(&page->clock_offset);
    if (result == 0 && (clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME))
        t->tv_sec += (time_t)atomic_load(&page->monotonic_offset);
    return result;
}

time_t OURS(time)(time_t *t)
{
    struct timespec now;
    OURS(clock_gettime)(CLOCK_REALTIME, &now);
    if (t != NULL)
        *t = now.tv_sec;
    return now.tv_sec;
}

int OURS(gettimeofday)(struct timeval *restrict t, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    OURS(clock_gettime)(CLOCK_REALTIME, &now);
    *t = (struct timeval){now.tv_sec, (suseconds_t)(now.tv_nsec / 1000)};
    return 0;
}
