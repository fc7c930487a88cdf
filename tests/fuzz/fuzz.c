/* SPDX-License-Identifier: MIT */
/* Files are made in memory where there is such a file system, as a fuzzer makes thousands a second. */
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define MANY 0x1f /* this byte stands for many letters */
#define MANY_LEN 500

int fuzz_file(char path[static FUZZ_PATH_LEN])
{
    int fd = mkstemp(strcpy(path, "/dev/shm/glasschat-fuzz-XXXXXX"));
    if (fd < 0)
        fd = mkstemp(strcpy(path, "/tmp/glasschat-fuzz-XXXXXX"));
    assert(fd >= 0);
    return fd;
}

int fuzz_folder(char path[static FUZZ_PATH_LEN])
{
    if (mkdtemp(strcpy(path, "/dev/shm/glasschat-fuzz-XXXXXX")) == NULL &&
        mkdtemp(strcpy(path, "/tmp/glasschat-fuzz-XXXXXX")) == NULL)
        abort();
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    assert(fd >= 0);
    return fd;
}

char *fuzz_expand(const uint8_t *data, size_t size, size_t *len)
{
    char *text = malloc(size * MANY_LEN + 1);
    assert(text != NULL);
    *len = 0;
    for (size_t i = 0; i < size; i++) {
        size_t n = data[i] == MANY ? MANY_LEN : 1;
        memset(text + *len, data[i] == MANY ? 'x' : data[i], n);
        *len += n;
    }
    text = realloc(text, *len + 1);
    assert(text != NULL);
    return text;
}
