/* SPDX-License-Identifier: MIT */
/* A line is understood whole or passed over: an exercise that the table no longer has takes nothing from the others. */
#define _GNU_SOURCE /* O_NOFOLLOW */
#include "app/workbench/practice/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/bytes.h"
#include "net/file.h"

#define LINE_MAX_LEN 200
#define HINTS_MAX 999999

/* --- Reading ------------------------------------------------------------------------------------------------------ */

/* The words of a line that has exactly so many of them. */
static bool split(char *line, char *word[], size_t n)
{
    char *save = NULL;
    for (size_t i = 0; i < n; i++)
        if ((word[i] = strtok_r(i == 0 ? line : NULL, " ", &save)) == NULL)
            return false;
    return strtok_r(NULL, " ", &save) == NULL;
}

static bool parse_passed(struct practice_work *w, const char *hex)
{
    uint8_t digest[SHA256_DIGEST_LEN];
    size_t len;
    if (hex_decode(digest, sizeof digest, &len, hex, strlen(hex)) != 0 || len != sizeof digest)
        return false;
    memcpy(w->digest, digest, sizeof digest);
    w->passed = true;
    return true;
}

static bool parse_hints(struct practice_work *w, const char *number)
{
    size_t len = strlen(number);
    if (len > 6 || strspn(number, "0123456789") != len)
        return false;
    w->hints = (unsigned)strtoul(number, NULL, 10);
    return true;
}

static bool parse_line(struct practice *p, const char *text, size_t len, size_t *at)
{
    char line[LINE_MAX_LEN + 1], *word[3];
    if (len == 0 || text[0] == '#')
        return true;
    if (len > LINE_MAX_LEN || memchr(text, '\0', len) != NULL)
        return false;
    memcpy(line, text, len);
    line[len] = '\0';
    bool three = split(line, word, 3);
    if (!three) {
        memcpy(line, text, len);
        line[len] = '\0';
        if (!split(line, word, 2))
            return false;
    }
    size_t i = practice_find(p, word[1]);
    if (i == p->count)
        return false;
    if (!three && strcmp(word[0], "at") == 0)
        return *at = i, true;
    if (three && strcmp(word[0], "passed") == 0)
        return parse_passed(&p->work[i], word[2]);
    return three && strcmp(word[0], "hints") == 0 && parse_hints(&p->work[i], word[2]);
}

size_t progress_parse(struct practice *p, const char *text, size_t len, size_t *at)
{
    size_t wrong = 0, number = 1;
    *at = p->count;
    for (size_t i = 0; i < len; number++) {
        const char *end = memchr(text + i, '\n', len - i);
        size_t line = end != NULL ? (size_t)(end - text) - i : len - i;
        if (!parse_line(p, text + i, line, at) && wrong == 0)
            wrong = number;
        i += line + 1;
    }
    return wrong;
}

void progress_read(struct practice *p, int folder, size_t *at, char why[PROGRESS_WHY_MAX])
{
    size_t len = 0, wrong;
    int fd = openat(folder, PROGRESS_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    why[0] = '\0';
    *at = p->count;
    if (fd < 0 && errno == ENOENT)
        return;
    errno = fd >= 0 && !file_is_regular(fd) ? EINVAL : errno;
    char *text = fd >= 0 && file_is_regular(fd) ? file_read_whole(fd, PROGRESS_MAX, &len) : NULL;
    if (text == NULL)
        snprintf(why, PROGRESS_WHY_MAX, PROGRESS_FILE " can't be read (%s): what was passed is not known",
                 strerror(errno));
    else if ((wrong = progress_parse(p, text, len, at)) != 0)
        snprintf(why, PROGRESS_WHY_MAX, PROGRESS_FILE ": what is wrong begins at line %zu; the rest of it counts",
                 wrong);
    free(text);
    if (fd >= 0)
        close(fd);
}

/* --- Writing ------------------------------------------------------------------------------------------------------ */

static size_t write_work(const struct practice_work *w, char *text, size_t cap)
{
    char hex[2 * SHA256_DIGEST_LEN + 1];
    size_t len = 0;
    hex_encode(hex, w->digest, sizeof w->digest);
    if (w->passed)
        len += (size_t)snprintf(text, cap, "passed %s %s\n", w->exercise->stem, hex);
    if (w->hints > 0)
        len += (size_t)snprintf(text + len, cap - len, "hints %s %u\n", w->exercise->stem,
                                w->hints < HINTS_MAX ? w->hints : HINTS_MAX);
    return len;
}

int progress_write(const struct practice *p, int folder, char why[PROGRESS_WHY_MAX])
{
    char text[GRADE_EXERCISES_MAX * LINE_MAX_LEN];
    size_t len = (size_t)snprintf(text, sizeof text, "# What glass practice remembers. Without it, all begins anew.\n");
    if (p->at < p->count)
        len += (size_t)snprintf(text + len, sizeof text - len, "at %s\n", p->work[p->at].exercise->stem);
    for (size_t i = 0; i < p->count; i++)
        len += write_work(&p->work[i], text + len, sizeof text - len);
    if (file_replace(folder, PROGRESS_FILE, text, len, NULL) != FILE_FAILED)
        return 0;
    snprintf(why, PROGRESS_WHY_MAX, PROGRESS_FILE " can't be written (%s): this will not be remembered",
             strerror(errno));
    return -1;
}
