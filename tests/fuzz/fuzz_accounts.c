/* SPDX-License-Identifier: MIT */
/* An accounts file from anywhere. The first byte says how the rest is to be taken: as the text of one account, as a
 * whole file, or as lines that are given right checksums and a header (so that the fuzzer gets past them). Findings
 * besides a crash: an account that would not be written as it was read; a file that is refused and changed
 * nevertheless; one that is accepted and is not, to the byte, what was there without the end that was cut; one that
 * loads, and then loads differently. */
#include <assert.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/server/store/accounts.h"
#include "app/server/store/journal.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEADER "glasschat accounts 1\n"
#define INPUT_MAX 16384
#define FILE_MAX (4 * INPUT_MAX)

enum { TEXT, WHOLE_FILE, LINES, MODES };

static void check_text(const char *text)
{
    struct account account;
    char again[ACCOUNT_LINE_MAX];
    if (account_decode(&account, text) != 0)
        return;
    account_encode(again, &account);
    assert(strcmp(again, text) == 0);
    account_wipe(&account);
}

static char folder[FUZZ_PATH_LEN];
static int folder_fd = -1;

static void remove_folder(void)
{
    unlinkat(folder_fd, "accounts", 0);
    rmdir(folder);
}

static int scratch_folder(void)
{
    if (folder_fd < 0) {
        folder_fd = fuzz_folder(folder);
        atexit(remove_folder);
    }
    return folder_fd;
}

static void write_file(const char *data, size_t len)
{
    int fd = openat(scratch_folder(), "accounts", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ssize_t n = write(fd, data, len);
    assert(fd >= 0 && n == (ssize_t)len);
    close(fd);
}

static size_t read_file(char *out)
{
    int fd = openat(scratch_folder(), "accounts", O_RDONLY);
    ssize_t n = read(fd, out, FILE_MAX + 1);
    assert(fd >= 0 && n >= 0 && n <= FILE_MAX);
    close(fd);
    return (size_t)n;
}

/* Loads it; the number of accounts, or -1 where it is refused. */
static long load(size_t *torn)
{
    char error[WHY_LEN];
    struct accounts *a = accounts_open(scratch_folder(), NULL, 1000, torn, error);
    if (a == NULL) {
        assert(strlen(error) > 0 && strchr(error, '\n') == NULL);
        return -1;
    }
    long count = (long)accounts_count(a);
    accounts_close(a);
    return count;
}

static void check_file(const char *data, size_t len)
{
    static char after[FILE_MAX + 1];
    size_t torn, torn_again;
    write_file(data, len);
    long count = load(&torn);
    size_t after_len = read_file(after);
    if (count < 0) {
        assert(after_len == len && memcmp(after, data, len) == 0);
        return;
    }
    if (len < strlen(HEADER)) {
        assert(after_len == strlen(HEADER) && memcmp(after, HEADER, after_len) == 0);
    } else {
        assert(after_len == len - torn && memcmp(after, data, after_len) == 0);
        assert(after[after_len - 1] == '\n' && memchr(data + after_len, '\n', torn) == NULL);
    }
    assert(load(&torn_again) == count && torn_again == 0);
}

/* Each line of the input with its checksum; what follows the last line end is a line that was cut off. */
static size_t with_checksums(char *out, char *text, size_t size)
{
    size_t len = strlen(HEADER);
    memcpy(out, HEADER, len);
    char *line = text, *end;
    while ((end = memchr(line, '\n', size - (size_t)(line - text))) != NULL) {
        size_t line_len;
        *end = '\0';
        if (journal_line(out + len, FILE_MAX - len, &line_len, line) == 0)
            len += line_len;
        line = end + 1;
    }
    size_t rest = size - (size_t)(line - text);
    if (rest > FILE_MAX - len)
        rest = FILE_MAX - len;
    memcpy(out + len, line, rest);
    return len + rest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[INPUT_MAX + 1], file[FILE_MAX];
    if (size < 1 || size - 1 > INPUT_MAX)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    if (data[0] % MODES == TEXT)
        check_text(text);
    else if (data[0] % MODES == WHOLE_FILE)
        check_file(text, size - 1);
    else
        check_file(file, with_checksums(file, text, size - 1));
    return 0;
}
