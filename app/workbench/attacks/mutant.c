/* SPDX-License-Identifier: MIT */
/* Both the list and the file are read line by line, as tests/mutants/run.sh reads them. */
#include "app/workbench/attacks/mutant.h"

#include <string.h>

struct line {
    const char *text;
    size_t len, whole; /* without and with its end */
};

/* The line at text[at]; false behind the last one. */
static bool line_at(struct line *l, const char *text, size_t len, size_t at)
{
    if (at >= len)
        return false;
    const char *end = memchr(text + at, '\n', len - at);
    l->text = text + at;
    l->len = end != NULL ? (size_t)(end - l->text) : len - at;
    l->whole = l->len + (end != NULL);
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static size_t indentation(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && is_blank(text[n]))
        n++;
    return n;
}

/* Takes "key = value" where key is this one. A value that is too long is taken for none. */
static void take_field(char field[static MUTANT_FIELD_MAX], const char *key, const struct line *l)
{
    size_t key_len = strlen(key);
    if (l->len <= key_len || memcmp(l->text, key, key_len) != 0 || !is_blank(l->text[key_len]))
        return;
    const char *value = memchr(l->text, '=', l->len);
    if (value == NULL)
        return;
    value++;
    size_t len = l->len - (size_t)(value - l->text), skip = indentation(value, len);
    if (len - skip >= MUTANT_FIELD_MAX)
        return;
    memcpy(field, value + skip, len - skip);
    field[len - skip] = '\0';
}

bool mutant_next(struct mutant *m, const char *list, size_t list_len, size_t *at)
{
    struct line l;
    memset(m, 0, sizeof *m);
    for (; line_at(&l, list, list_len, *at); *at += l.whole) {
        if (l.len == 0 && m->name[0] != '\0')
            return true;
        take_field(m->name, "name", &l);
        take_field(m->file, "file", &l);
        take_field(m->from, "from", &l);
        take_field(m->to, "to", &l);
        take_field(m->what, "what", &l);
        take_field(m->tests, "tests", &l);
    }
    return m->name[0] != '\0';
}

bool mutant_fits(const struct mutant *m)
{
    return m->from[0] != '\0' && m->to[0] != '\0' && m->what[0] != '\0' && m->tests[0] != '\0' &&
           (strncmp(m->file, "crypto/", 7) == 0 || strncmp(m->file, "net/", 4) == 0);
}

/* Whether the line is `from`, blanks at its ends apart. */
static bool is_line(const struct line *l, const char *from)
{
    size_t from_len = strlen(from), begin = indentation(l->text, l->len), end = l->len;
    while (end > begin && is_blank(l->text[end - 1]))
        end--;
    return end - begin == from_len && memcmp(l->text + begin, from, from_len) == 0;
}

int mutant_apply(const struct mutant *m, size_t *line, char *out, size_t *out_len, const char *text, size_t text_len)
{
    struct line l;
    size_t number = 0, found = 0, len = 0, to_len = strlen(m->to);
    for (size_t at = 0; line_at(&l, text, text_len, at); at += l.whole) {
        size_t kept = l.whole;
        number++;
        if (is_line(&l, m->from)) {
            if (found != 0)
                return -1;
            found = number;
            kept = indentation(l.text, l.len);
        }
        memcpy(out + len, l.text, kept);
        len += kept;
        if (found == number) {
            memcpy(out + len, m->to, to_len);
            memcpy(out + len + to_len, l.text + l.len, l.whole - l.len);
            len += to_len + l.whole - l.len;
        }
    }
    *line = found;
    *out_len = len;
    return found != 0 ? 0 : -1;
}
