/* SPDX-License-Identifier: MIT */
/* A file of `glasschatd account add --from`, from anywhere. Findings besides a crash: an entry that is not, to the
 * byte, the line that it says it is, or that breaks the rules; a line that is neither an entry nor empty nor a comment;
 * two entries of one name; a refusal in other than one line of words, or one that names a line which is not to blame:
 * all before it must be taken, and it must be refused without those after it too. */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/message/email.h"
#include "app/message/name.h"
#include "app/message/password.h"
#include "app/server/operator/account_import.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 16384

static char path[FUZZ_PATH_LEN];
static int fd = -1;

static void remove_file(void)
{
    unlink(path);
}

static int read_as_file(struct account_import *r, const char *text, size_t len, char why[static WHY_LEN])
{
    if (fd < 0) {
        fd = fuzz_file(path);
        atexit(remove_file);
    }
    ssize_t n = ftruncate(fd, 0) == 0 ? pwrite(fd, text, len, 0) : -1;
    assert(n == (ssize_t)len);
    return account_import_read(r, path, why);
}

#define MARK "\xef\xbb\xbf" /* a byte order mark, which is no part of the first line */
#define MARK_LEN 3

/* Line `number`, from 1, and its length without LF and without a CR before it; NULL where there are not so many. */
static const char *line_of(const char *text, size_t len, size_t number, size_t *line_len)
{
    const char *line = text, *end = text + len;
    for (;; number--) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        *line_len = (size_t)((stop != NULL ? stop : end) - line);
        if (number == 1)
            break;
        if (stop == NULL)
            return NULL;
        line = stop + 1;
    }
    *line_len -= *line_len > 0 && line[*line_len - 1] == '\r';
    if (line == text && *line_len >= MARK_LEN && memcmp(line, MARK, MARK_LEN) == 0) {
        *line_len -= MARK_LEN;
        line += MARK_LEN;
    }
    return line;
}

static void check_entry(const struct account_import_entry *e, const char *line, size_t line_len)
{
    char again[2048], why[WHY_LEN];
    struct account_import one;
    assert(name_valid(e->name, strlen(e->name)) && !name_reserved(e->name));
    assert(email_valid(e->email, strlen(e->email)));
    assert(password_valid(e->password_len) && strlen(e->password) == e->password_len);
    int n = snprintf(again, sizeof again, "%s\t%s\t%s", e->name, e->email, e->password);
    assert(n > 0 && (size_t)n == line_len && memcmp(again, line, line_len) == 0);
    assert(account_import_one(&one, e->name, e->email, (const uint8_t *)e->password, e->password_len, why) == 0);
    account_import_free(&one);
}

static bool says_nothing(const char *line, size_t line_len)
{
    return line_len == 0 || line[0] == '#';
}

/* Each line in turn: the next entry, or nothing. */
static void check_taken(const struct account_import *r, const char *text, size_t len)
{
    const char *line;
    size_t line_len, i = 0;
    for (size_t number = 1; (line = line_of(text, len, number, &line_len)) != NULL; number++) {
        if (i < r->len && r->entries[i].line == number)
            check_entry(&r->entries[i++], line, line_len);
        else
            assert(says_nothing(line, line_len));
    }
    assert(i == r->len);
    for (i = 0; i < r->len; i++)
        for (size_t j = 0; j < i; j++)
            assert(strcmp(r->entries[i].name, r->entries[j].name) != 0);
}

/* Bytes up to the end of line `number`. */
static size_t up_to(const char *text, size_t len, size_t number)
{
    size_t line_len;
    const char *next = line_of(text, len, number + 1, &line_len);
    return next != NULL ? (size_t)(next - text) : len;
}

static void check_refused(const char *text, size_t len, const char *why)
{
    char again[WHY_LEN];
    const char *line;
    struct account_import r;
    size_t number, line_len;
    assert(strlen(why) > 0 && strlen(why) < WHY_LEN - 1 && strncmp(why, path, strlen(path)) == 0);
    for (const char *c = why; *c != '\0'; c++)
        assert(*c >= ' ' && *c <= '~');
    if (sscanf(why + strlen(path), " line %zu: ", &number) != 1) {
        assert(strstr(why, "has no accounts") != NULL);
        for (number = 1; (line = line_of(text, len, number, &line_len)) != NULL; number++)
            assert(says_nothing(line, line_len));
        return;
    }
    assert(number >= 1 && line_of(text, len, number, &line_len) != NULL);
    assert(read_as_file(&r, text, up_to(text, len, number), again) != 0 && strcmp(again, why) == 0);
    if (read_as_file(&r, text, number > 1 ? up_to(text, len, number - 1) : 0, again) == 0)
        account_import_free(&r);
    else
        assert(strstr(again, "has no accounts") != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[WHY_LEN];
    struct account_import r;
    if (size > INPUT_MAX)
        return 0;
    if (read_as_file(&r, (const char *)data, size, why) != 0) {
        check_refused((const char *)data, size, why);
        return 0;
    }
    check_taken(&r, (const char *)data, size);
    account_import_free(&r);
    return 0;
}
