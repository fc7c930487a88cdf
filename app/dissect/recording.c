/* SPDX-License-Identifier: MIT */
/* Writing. A line is put together in one place, leaves in one write, and is wiped: nothing secret waits in a buffer,
 * and where the program is killed the file has whole lines, but for the last at most. After the first write that fails
 * nothing more is written: what came after a gap would tell of a session that never was. recording_read.c reads. */
#include "app/dissect/recording.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crypto/ct.h"
#include "net/file.h"
#include "net/frame.h"

#define SECOND_US 1000000
#define HEAD_CAP (sizeof RECORDING_FIRST_LINE + 64 + RECORDING_SERVER_MAX)

static_assert(RECORDING_VALUE_MAX == FRAME_MAX_LEN, "a whole frame is the longest value");

static uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND_US + (uint64_t)t.tv_nsec / 1000;
}

static void put(struct recording *r, const char *line, size_t len)
{
    if (r->failed == 0 && r->size + len > RECORDING_SIZE_MAX)
        r->failed = EFBIG;
    if (r->failed == 0 && file_write(r->fd, line, len, (off_t)r->size) != 0)
        r->failed = errno;
    if (r->failed == 0)
        r->size += len;
}

static void put_event(void *arg, const char *name, const uint8_t *data, size_t len)
{
    struct recording *r = arg;
    char line[RECORDING_LINE_MAX + 2];
    assert(strlen(name) <= RECORDING_NAME_MAX && len >= 1 && len <= RECORDING_VALUE_MAX);
    if (r->failed == 0 && r->events == RECORDING_EVENTS_MAX)
        r->failed = EFBIG;
    if (r->failed != 0)
        return;
    uint64_t us = now_us() - r->began_us;
    size_t line_len = (size_t)snprintf(line, sizeof line, "%" PRIu64 ".%06" PRIu64 " %s ", us / SECOND_US,
                                       us % SECOND_US, name);
    hex_encode(line + line_len, data, len);
    line_len += 2 * len;
    line[line_len++] = '\n';
    put(r, line, line_len);
    r->events++;
    ct_wipe(line, line_len);
}

static void put_head(struct recording *r, const char *role, const char *server)
{
    char head[HEAD_CAP];
    int len = snprintf(head, sizeof head, RECORDING_FIRST_LINE "\nrole %s\nserver %s\nbegan %" PRIu64 "\n", role,
                       server, (uint64_t)time(NULL));
    put(r, head, (size_t)len);
}

static bool is_server(const char *name)
{
    size_t len = 0;
    while (name[len] >= '!' && name[len] <= '~')
        len++;
    return name[len] == '\0' && len >= 1 && len <= RECORDING_SERVER_MAX;
}

int recording_create(struct recording *r, const char *path, const char *role, const char *server,
                     char why[static WHY_LEN])
{
    assert((strcmp(role, "client") == 0 || strcmp(role, "server") == 0) && is_server(server));
    *r = (struct recording){.trace = {.event = put_event, .arg = r}, .path = path, .began_us = now_us()};
    /* CAUTION: with O_EXCL nobody can have a file or a link ready that they read what is written through;
     * tests/test_recording.c: test_what_is_there_stays. */
    r->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (r->fd < 0)
        return why_say(why, "%s: %s", path,
                       errno == EEXIST ? "it is there already, and stays as it is: name a new file" : strerror(errno));
    if (fchmod(r->fd, 0600) != 0) /* a umask may have taken the owner's own bits */
        r->failed = errno;
    put_head(r, role, server);
    if (r->failed == 0)
        return 0;
    (void)unlink(path);
    (void)close(r->fd);
    return why_say(why, "%s: %s", path, strerror(r->failed));
}

int recording_close(struct recording *r, bool complete, char why[static WHY_LEN])
{
    if (complete)
        put(r, "end\n", 4);
    if (close(r->fd) != 0 && r->failed == 0)
        r->failed = errno;
    r->fd = -1;
    if (r->events == 0) /* there was no connection, and the name is free for the next try */
        (void)unlink(r->path);
    return r->failed == 0 ? 0 : why_say(why, "%s: %s: the recording has not all of it", r->path, strerror(r->failed));
}
