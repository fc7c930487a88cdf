/* SPDX-License-Identifier: MIT */
/* Plain descriptors, not FILE: a stdio buffer would keep copies of passwords that nobody could wipe. */
#include "app/workbench/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/workbench/args.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "net/file.h"
#include "net/input.h"
#include "net/lines.h"

static bool is_input(const char *name)
{
    return name == NULL || strcmp(name, "-") == 0;
}

static const char *shown(const char *name)
{
    return is_input(name) ? "standard input" : name;
}

int io_open(const char *name)
{
    if (is_input(name))
        return STDIN_FILENO;
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        args_fail("%s can't be opened: %s", name, strerror(errno));
    return fd;
}

void io_close(int fd)
{
    if (fd != STDIN_FILENO)
        close(fd);
}

size_t io_read(int fd, const char *name, uint8_t *out, size_t cap)
{
    ssize_t len = file_read(fd, out, cap);
    if (len < 0)
        args_fail("%s can't be read: %s", shown(name), strerror(errno));
    return (size_t)len;
}

/* A pipe, as a rule: one can't seek in it. */
void io_write(const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(STDOUT_FILENO, data, len);
        if (n < 0 && errno != EINTR)
            args_fail("standard output can't be written: %s", strerror(errno));
        if (n > 0) {
            data += n;
            len -= (size_t)n;
        }
    }
}

uint8_t *io_read_file(const char *name, size_t max, size_t *len)
{
    int fd = io_open(name);
    uint8_t *data = file_read_whole(fd, max, len);
    if (data == NULL && errno == EFBIG)
        args_fail("%s is larger than the %zu bytes that are read here", shown(name), max);
    if (data == NULL)
        args_fail("%s can't be read: %s", shown(name), strerror(errno));
    io_close(fd);
    return data;
}

static size_t read_first_line(const char *name, uint8_t *out, size_t cap)
{
    int fd = input_open(name);
    ssize_t len = fd >= 0 ? input_read(fd, out, cap, true) : -1;
    if (len < 0)
        args_fail("%s: %s", name, input_why(errno));
    close(fd);
    return (size_t)len;
}

size_t io_read_password(const char *name, uint8_t *out, size_t cap)
{
    size_t len = is_input(name) ? io_read(STDIN_FILENO, name, out, cap) : read_first_line(name, out, cap);
    const char *line = (const char *)out;
    if (memchr(out, '\n', len) == NULL && len == cap)
        args_fail("the first line of %s is longer than a password may be", shown(name));
    size_t line_len = lines_first(&line, len);
    memmove(out, line, line_len);
    ct_wipe(out + line_len, len - line_len);
    return line_len;
}

size_t io_read_teacher_secret(const char *name, uint8_t out[static TEACHER_SECRET_MAX])
{
    size_t len = io_read_password(name, out, TEACHER_SECRET_MAX);
    if (len < TEACHER_SECRET_MIN)
        args_fail("the first line of %s is shorter than 16 bytes, and could be guessed: make one with "
                  "`openssl rand -hex 32`",
                  shown(name));
    return len;
}

/* The descriptor of a file that did not exist; -1 and why. */
static int open_new(const char *name, mode_t mode, char why[static WHY_LEN])
{
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0 && errno == EEXIST)
        return why_say(why, "%s is there already; it is not overwritten, choose another name", name);
    if (fd < 0)
        return why_say(why, "%s can't be made: %s", name, strerror(errno));
    return fd;
}

void io_write_new(const char *name, const void *data, size_t len, unsigned mode)
{
    char why[WHY_LEN];
    int fd = open_new(name, (mode_t)mode, why);
    if (fd < 0)
        args_fail("%s", why);
    if (file_write(fd, data, len, 0) != 0 || fsync(fd) != 0 || close(fd) != 0) {
        int error = errno;
        (void)unlink(name); /* half a key is none, and would be in the way of the next try */
        args_fail("%s can't be written: %s", name, strerror(error));
    }
}

int io_secret_begin(struct io_secret *s, const char *path, char why[static WHY_LEN])
{
    int fd = open_new(path, 0600, why);
    if (fd < 0)
        return -1;
    s->path = path;
    s->file = fdopen(fd, "w");
    if (s->file == NULL) {
        close(fd);
        return why_say(why, "there is not enough memory");
    }
    (void)setvbuf(s->file, s->buffer, _IOFBF, sizeof s->buffer);
    return 0;
}

static bool close_secret(struct io_secret *s)
{
    bool good = s->file == NULL || fclose(s->file) == 0;
    s->file = NULL;
    ct_wipe(s->buffer, sizeof s->buffer);
    return good;
}

int io_secret_save(struct io_secret *s, char why[static WHY_LEN])
{
    bool written = fflush(s->file) == 0 && ferror(s->file) == 0 && fsync(fileno(s->file)) == 0;
    int error = errno;
    if (!close_secret(s) && written) {
        written = false;
        error = errno;
    }
    return written ? 0 : why_say(why, "%s can't be written: %s", s->path, strerror(error));
}

void io_secret_drop(struct io_secret *s)
{
    (void)close_secret(s);
    if (s->path != NULL)
        (void)unlink(s->path);
    s->path = NULL;
}

/* A report holds no secret, so stdio may keep copies of it. */
FILE *io_create(const char *name)
{
    FILE *f = name != NULL ? fopen(name, "w") : NULL;
    if (name != NULL && f == NULL)
        args_fail("%s can't be written: %s", name, strerror(errno));
    return f;
}

void io_finish(FILE *f, const char *name)
{
    if (f != NULL && (ferror(f) | fclose(f)) != 0)
        args_fail("%s can't be written: %s", name, strerror(errno));
}

void io_print_hex(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        printf("%02x", data[i]);
    putchar('\n');
}
