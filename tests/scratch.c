/* SPDX-License-Identifier: MIT */
/* Folders are removed with nftw, from the leaves up. */
#define _XOPEN_SOURCE 700 /* nftw */
#include "tests/scratch.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test.h"

struct scratch {
    char path[64];
    int fd;
};

int scratch_make(void **state)
{
    struct scratch *s = calloc(1, sizeof *s);
    assert_non_null(s);
    strcpy(s->path, "/tmp/glasschat-test-XXXXXX");
    assert_non_null(mkdtemp(s->path));
    s->fd = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(s->fd >= 0);
    *state = s;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

int scratch_remove(void **state)
{
    struct scratch *s = *state;
    close(s->fd);
    nftw(s->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(s);
    return 0;
}

int scratch_fd(void **state)
{
    return ((struct scratch *)*state)->fd;
}

const char *scratch_path(void **state)
{
    return ((struct scratch *)*state)->path;
}

void scratch_write(void **state, const char *file, const void *data, size_t len)
{
    int fd = openat(scratch_fd(state), file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), len);
    close(fd);
}

char *scratch_read(void **state, const char *file, size_t *len)
{
    struct stat st;
    int fd = openat(scratch_fd(state), file, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    char *text = calloc(1, (size_t)st.st_size + 1);
    assert_non_null(text);
    *len = (size_t)st.st_size;
    assert_int_equal(read(fd, text, *len), *len);
    close(fd);
    return text;
}
