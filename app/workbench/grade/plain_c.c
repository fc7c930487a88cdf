/* SPDX-License-Identifier: MIT */
/* The preprocessor has taken out comments and macros and joined split lines, so that an asm stands there as a word.
 * Strings and characters are passed over, as what is in them is no code. */
#include "app/workbench/grade/plain_c.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scan {
    const char *p, *end;
    size_t depth; /* of braces */
};

/* A dollar is one for the compilers. */
static bool is_word(char c)
{
    return c == '_' || c == '$' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void skip_blanks(struct scan *s)
{
    while (s->p < s->end && strchr(" \t\n\r\f\v", *s->p) != NULL && *s->p != '\0')
        s->p++;
}

/* A string or a character that begins here; neither goes beyond its line. False where it holds more than a word and
 * these characters. */
static bool skip_quoted(struct scan *s, const char *besides)
{
    char quote = *s->p++;
    bool word = true;
    while (s->p < s->end && *s->p != quote && *s->p != '\n') {
        word = word && (is_word(*s->p) || (*s->p != '\0' && strchr(besides, *s->p) != NULL));
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

static bool is_next(const struct scan *s, char c)
{
    return s->p < s->end && *s->p == c;
}

static bool begins_like_one(const char *word, size_t len, const char *const beginnings[])
{
    for (size_t i = 0; beginnings[i] != NULL; i++)
        if (len >= strlen(beginnings[i]) && memcmp(word, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

static const char *const of_sanitizers[] = {"no_sanitize", "__no_sanitize", "__asan_",      "__ubsan_",
                                            "__msan_",     "__lsan_",       "__sanitizer_", NULL};

/* After the word asm: it is none without a parenthesis, and harmless without words, as a barrier; and with strings that
 * are a word together, where that gives a function its name: outside of all braces, and with nothing behind it. */
static bool is_assembly(struct scan *s)
{
    static const char *const qualifiers[] = {"volatile", "__volatile", "__volatile__", "inline",
                                             "__inline", "__inline__", "goto",         NULL};
    bool strings = false, words = false;
    skip_blanks(s);
    for (size_t len; (len = word_len(s)) > 0 && is_one_of(s->p, len, qualifiers); skip_blanks(s))
        s->p += len;
    if (!is_next(s, '('))
        return false;
    s->p++;
    skip_blanks(s);
    for (; is_next(s, '"'); skip_blanks(s), strings = true) {
        const char *word = s->p + 1;
        if (!skip_quoted(s, "") || begins_like_one(word, (size_t)(s->p - word), of_sanitizers))
            return true;
        words = words || s->p - word > 1;
    }
    return !strings || (words ? s->depth > 0 || !is_next(s, ')') : !(is_next(s, ')') || is_next(s, ':')));
}

/* After a word for which a compiler may write the string behind it into its assembly as it stands. */
static bool is_hostile_name(struct scan *s)
{
    skip_blanks(s);
    if (!is_next(s, '('))
        return false;
    while (is_next(s, '(') || is_next(s, ',') || is_next(s, '"')) {
        if (!is_next(s, '"'))
            s->p++;
        else if (!skip_quoted(s, ".@"))
            return true;
        skip_blanks(s);
    }
    return false;
}

/* A line of the preprocessor's: a number and a file, or a pragma. The rest of what begins so goes to the assembler. */
static const char *skip_hash_line(struct scan *s)
{
    const char *end = memchr(s->p, '\n', (size_t)(s->end - s->p)), *from = s->p + 1;
    s->p = end != NULL ? end : s->end;
    while (from < s->p && (*from == ' ' || *from == '\t'))
        from++;
    struct scan word = {from, s->p, 0};
    size_t len = word_len(&word);
    if (len > 0 && *from >= '0' && *from <= '9')
        return NULL;
    if (len != 6 || memcmp(from, "pragma", 6) != 0)
        return "a directive that is written into the assembly";
    for (; from < s->p; from++) {
        static const char *const precompiled[] = {"pch_preprocess", NULL}, *const sections[] = {"section", NULL};
        if (begins_like_one(from, (size_t)(s->p - from), precompiled))
            return "a precompiled header";
        if (begins_like_one(from, (size_t)(s->p - from), sections))
            return "a section of its own";
    }
    return NULL;
}

/* After the word section: whether it begins otherwise than those for data. In one for code data would be code, and one
 * for the linker or the kernel makes a program of it that nobody can start. */
static bool is_other_section(struct scan *s)
{
    static const char *const data[] = {".data", ".rodata", ".bss", NULL};
    struct scan ahead = *s;
    skip_blanks(&ahead);
    while (is_next(&ahead, '(')) {
        ahead.p++;
        skip_blanks(&ahead);
    }
    return is_next(&ahead, '"') && !begins_like_one(ahead.p + 1, (size_t)(ahead.end - ahead.p - 1), data);
}

static const char *look_at_word(struct scan *s)
{
    static const char *const assemblers[] = {"asm", "__asm", "__asm__", NULL};
    static const char *const sections[] = {"section", "__section__", NULL};
    static const char *const names[] = {"section", "__section__", "weakref", "__weakref__", "alias",      "__alias__",
                                        "ifunc",   "__ifunc__",   "symver",  "__symver__",  "visibility", NULL};
    const char *word = s->p;
    size_t len = word_len(s);
    s->p += len;
    if (begins_like_one(word, len, of_sanitizers))
        return "a word for the sanitizers";
    if (is_one_of(word, len, assemblers) && is_assembly(s))
        return "inline assembly";
    if (is_one_of(word, len, sections) && is_other_section(s))
        return "a section of its own";
    return is_one_of(word, len, names) && is_hostile_name(s) ? "an attribute with more than a name" : NULL;
}

static void look_at_brace(struct scan *s)
{
    char c = *s->p++;
    s->depth = c == '{' ? s->depth + 1 : c == '}' && s->depth > 0 ? s->depth - 1 : s->depth;
}

/* Where a line is by the last line of the preprocessor's before it, `# 12 "/a/pkcs7.c" 2`; no place without one. */
static void write_place(char place[static PLAIN_C_PLACE_MAX], const char *text, const char *at)
{
    unsigned long lines = 0;
    place[0] = '\0';
    while (at > text) {
        const char *line = at;
        while (line > text && line[-1] != '\n')
            line--;
        if (at - line > 4 && line[0] == '#' && line[1] == ' ' && line[2] >= '1' && line[2] <= '9') {
            char *after;
            unsigned long number = strtoul(line + 2, &after,
                                           10); /* ends at the blank behind it, or at the line's end */
            const char *name = after < at ? memchr(after, '"', (size_t)(at - after)) : NULL;
            const char *end = name != NULL ? memchr(name + 1, '"', (size_t)(at - name - 1)) : NULL;
            for (const char *p = name; end != NULL && p < end; p++)
                name = *p == '/' ? p : name;
            if (end != NULL)
                snprintf(place, PLAIN_C_PLACE_MAX, "%.*s:%lu", (int)(end - name - 1), name + 1, number + lines - 1);
            return;
        }
        lines++;
        at = line - 1;
    }
}

const char *not_plain_c(const char *text, size_t len, char place[static PLAIN_C_PLACE_MAX])
{
    struct scan s = {text, text + len, 0};
    const char *what = NULL, *begun = text;
    bool line_begins = true;
    while (s.p < s.end && what == NULL) {
        begun = s.p;
        bool blank = *s.p == ' ' || *s.p == '\t';
        bool begins = *s.p == '\n' || (line_begins && blank);
        if (line_begins && *s.p == '#')
            what = skip_hash_line(&s);
        else if (is_word(*s.p))
            what = look_at_word(&s);
        else if (*s.p == '"' || *s.p == '\'')
            (void)skip_quoted(&s, "");
        else
            look_at_brace(&s);
        line_begins = begins;
    }
    if (what != NULL)
        write_place(place, text, begun);
    return what;
}
