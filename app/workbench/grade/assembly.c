/* SPDX-License-Identifier: MIT */
/* The preprocessor has taken out comments and macros and joined split lines, so that an asm stands there as a word.
 * What begins with # are its own marks and pragmas, of which nothing is compiled. */
#include "app/workbench/grade/assembly.h"

#include <string.h>

struct scan {
    const char *p, *end;
};

static bool is_word(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void skip_blanks(struct scan *s)
{
    while (s->p < s->end && strchr(" \t\n\r\f\v", *s->p) != NULL && *s->p != '\0')
        s->p++;
}

/* A string or a character that begins here; neither goes beyond its line. False where it holds more than a word. */
static bool skip_quoted(struct scan *s)
{
    char quote = *s->p++;
    bool word = true;
    while (s->p < s->end && *s->p != quote && *s->p != '\n') {
        word = word && is_word(*s->p);
        s->p += *s->p == '\\' && s->end - s->p > 1 ? 2 : 1;
    }
    if (s->p < s->end && *s->p == quote)
        s->p++;
    return word;
}

static size_t word_len(const struct scan *s)
{
    size_t len = 0;
    while (s->p + len < s->end && is_word(s->p[len]))
        len++;
    return len;
}

static bool is_one_of(const char *word, size_t len, const char *const list[])
{
    for (size_t i = 0; list[i] != NULL; i++)
        if (strlen(list[i]) == len && memcmp(list[i], word, len) == 0)
            return true;
    return false;
}

/* After the word asm: qualifiers, a parenthesis, and strings that are a word together, or none. */
static bool is_harmless(struct scan *s)
{
    static const char *const qualifiers[] = {"volatile",   "__volatile", "__volatile__", "inline", "__inline",
                                             "__inline__", NULL};
    skip_blanks(s);
    for (size_t len; (len = word_len(s)) > 0; skip_blanks(s)) {
        if (!is_one_of(s->p, len, qualifiers))
            return false;
        s->p += len;
    }
    if (s->p == s->end || *s->p != '(')
        return false;
    s->p++;
    skip_blanks(s);
    if (s->p == s->end || *s->p != '"')
        return false;
    for (; s->p < s->end && *s->p == '"'; skip_blanks(s))
        if (!skip_quoted(s))
            return false;
    return s->p < s->end && (*s->p == ')' || *s->p == ':');
}

bool assembly_is_there(const char *text, size_t len)
{
    static const char *const names[] = {"asm", "__asm", "__asm__", NULL};
    struct scan s = {text, text + len};
    bool line_begins = true;
    while (s.p < s.end) {
        size_t word = word_len(&s);
        if (line_begins && *s.p == '#') {
            const char *end = memchr(s.p, '\n', (size_t)(s.end - s.p));
            s.p = end != NULL ? end : s.end;
        } else if (word > 0) {
            bool found = is_one_of(s.p, word, names);
            s.p += word;
            if (found && !is_harmless(&s))
                return true;
        } else if (*s.p == '"' || *s.p == '\'') {
            (void)skip_quoted(&s);
        } else {
            line_begins = *s.p == '\n' || (line_begins && (*s.p == ' ' || *s.p == '\t'));
            s.p++;
            continue;
        }
        line_begins = false;
    }
    return false;
}
