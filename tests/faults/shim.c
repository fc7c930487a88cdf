/* What the fault tests put under a server (LD_PRELOAD): an allocation that fails, and a clock that somebody sets. Both
 * are driven while it runs, through a page that it shares with the test, the file named by FAULTS_PAGE. It is mapped
 * before main, so that a sandbox entered later hinders nothing.
 *
 *      struct page: i64 the how-manieth allocation from now fails; it counts down to 0
 *                   i64 how many have failed
 *                   i64 by how many seconds the time of day is off; the monotonic clock stays as it is
 *
 * Read next:   tests/integration/test_faults.py
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct page {
    atomic_int_least64_t countdown, failed, clock_offset;
};

static struct page nothing, *page = &nothing;
static int (*real_clock_gettime)(clockid_t, struct timespec *);

/* glibc's own, so that no dlsym, which allocates itself, is needed for them. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);

static __attribute__((constructor)) void open_page(void)
{
    const char *path = getenv("FAULTS_PAGE");
    *(void **)&real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
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

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
    return fails() ? NULL : __libc_realloc(p, size);
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
    int result = real_clock_gettime(clock, t);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        t->tv_sec += (time_t)atomic_load(&page->clock_offset);
    return result;
}

time_t time(time_t *t)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (t != NULL)
        *t = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *t = (struct timeval){now.tv_sec, (suseconds_t)(now.tv_nsec / 1000)};
    return 0;
}
