/* SPDX-License-Identifier: MIT */
/* A line is taken apart from its front: what can't be seen, what was copied with it, a slash or what looks like one,
 * and then a word, which is compared in whatever case. */
#include "app/client/mistyped.h"

#include <stdint.h>
#include <string.h>

#include "app/message/text.h"
#include "app/message/utf8.h"

struct range {
    uint32_t first, last;
};

/* Blanks, and what takes no place: format characters, fillers, variation selectors, tags, combining marks. */
static const struct range unseen[] = {
    {0, ' '},         {0x7f, 0xa0},     {0xad, 0xad},       {0x300, 0x36f},     {0x600, 0x605},     {0x61c, 0x61c},
    {0x6dd, 0x6dd},   {0x70f, 0x70f},   {0x115f, 0x1160},   {0x1680, 0x1680},   {0x17b4, 0x17b5},   {0x180b, 0x180f},
    {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x2000, 0x200f},   {0x2028, 0x202f},   {0x205f, 0x206f},   {0x20d0, 0x20ff},
    {0x2800, 0x2800}, {0x3000, 0x3000}, {0x3164, 0x3164},   {0xfe00, 0xfe0f},   {0xfe20, 0xfe2f},   {0xfeff, 0xfeff},
    {0xffa0, 0xffa0}, {0xfff0, 0xfffd}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

/* Slashes, and what is drawn like one. Letters that are, as U+30CE, begin words of their scripts and are left out. */
static const struct range slashes[] = {
    {'/', '/'},       {0x1735, 0x1735}, {0x2041, 0x2041}, {0x2044, 0x2044}, {0x2215, 0x2215},
    {0x2571, 0x2571}, {0x27cb, 0x27cb}, {0x29f8, 0x29f8}, {0x2afb, 0x2afb}, {0x2afd, 0x2afd},
    {0x2cc6, 0x2cc6}, {0x31d3, 0x31d3}, {0x3033, 0x3033}, {0xff0f, 0xff0f}, {0x1d23a, 0x1d23a},
};

/* What is typed in a slash's place: its neighbours, backslashes, and the key that has it on other keyboards. */
static const struct range keys[] = {
    {'!', '!'},       {'&', '\''},      {',', '.'},       {'7', '7'},       {':', ';'},
    {'?', '?'},       {'\\', '\\'},     {'{', '|'},       {0x2216, 0x2216}, {0x29f5, 0x29f5},
    {0x29f9, 0x29f9}, {0x30ce, 0x30ce}, {0x4e3f, 0x4e3f}, {0xfe68, 0xfe68}, {0xff3c, 0xff3c},
};

/* What is copied with a command that a text has set off from its own words. */
static const struct range quotes[] = {
    {'"', '"'}, {'\'', '\''}, {'*', '*'}, {'_', '`'}, {0xab, 0xab}, {0x2018, 0x201f},
};

#define NEAR_LEAST 8 /* letters: what is like a shorter word may be another one */

static bool is_among(uint32_t c, const struct range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

#define AMONG(c, ranges) is_among((c), (ranges), sizeof(ranges) / sizeof *(ranges))

/* Takes a character off the front; what is no UTF-8 is taken byte by byte, as U+FFFD. */
static uint32_t take(const char **line, size_t *len)
{
    uint32_t c = 0xfffd;
    size_t n = utf8_decode(&c, (const uint8_t *)*line, *len);
    n = n > 0 ? n : 1;
    *line += n;
    *len -= n;
    return c;
}

static void skip_unseen(const char **line, size_t *len)
{
    while (*len > 0) {
        const char *next = *line;
        size_t left = *len;
        if (!AMONG(take(&next, &left), unseen))
            return;
        *line = next;
        *len = left;
    }
}

static bool has_slash(const char *line, size_t len)
{
    while (len > 0)
        if (AMONG(take(&line, &len), slashes))
            return true;
    return false;
}

bool mistyped_slash(const char *line, size_t len)
{
    if (!text_valid_up_to(line, len, SIZE_MAX))
        return has_slash(line, len);
    skip_unseen(&line, &len);
    return len > 0 && AMONG(take(&line, &len), slashes);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; /* whatever the locale */
}

/* Takes the word off the front, if it is there and ends there. */
static bool take_word(const char **line, size_t *len, const char *word)
{
    size_t n = strlen(word);
    if (*len < n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (lower((*line)[i]) != word[i])
            return false;
    const char *next = *line + n;
    size_t left = *len - n;
    skip_unseen(&next, &left);
    bool ends = left == 0 || next != *line + n;
    *line = next;
    *len = left;
    return ends;
}

bool mistyped_key(const char *line, size_t len, const char *word)
{
    skip_unseen(&line, &len);
    return len > 0 && AMONG(take(&line, &len), keys) && take_word(&line, &len, word);
}

/* What is left between their common beginning and end. */
bool mistyped_letter(const char *typed, size_t len, const char *word)
{
    size_t n = strlen(word), begin = 0, end = 0;
    while (begin < len && begin < n && lower(typed[begin]) == word[begin])
        begin++;
    while (end < len - begin && end < n - begin && lower(typed[len - 1 - end]) == word[n - 1 - end])
        end++;
    size_t typed_left = len - begin - end, left = n - begin - end;
    bool swapped = typed_left == 2 && left == 2 && lower(typed[begin]) == word[begin + 1] &&
                   lower(typed[begin + 1]) == word[begin];
    return (typed_left <= 1 && left <= 1) || swapped;
}

/* Whether it is the word, or one edit away from one that is long enough for that to mean something. */
static bool is_near(const char *typed, size_t len, const char *word)
{
    size_t n = strlen(word), same = 0;
    while (same < len && same < n && lower(typed[same]) == word[same])
        same++;
    if (same == len && same == n)
        return true;
    if (n < NEAR_LEAST || len == 0 || (same == 0 && (lower(typed[0]) < 'a' || lower(typed[0]) > 'z')))
        return false; /* #password is a text */
    return mistyped_letter(typed, len, word);
}

/* Takes what can be seen off the front, up to a blank, and the blanks after it; returns its length. */
static size_t take_seen(const char **line, size_t *len)
{
    const char *begin = *line, *end = begin;
    while (*len > 0) {
        const char *next = *line;
        size_t left = *len;
        if (AMONG(take(&next, &left), unseen))
            break;
        *line = end = next;
        *len = left;
    }
    skip_unseen(line, len);
    return (size_t)(end - begin);
}

bool mistyped_bare(const char *line, size_t len, const char *word)
{
    skip_unseen(&line, &len);
    const char *whole = line;
    size_t whole_len = len, n = take_seen(&line, &len);
    if (len == 0)
        return is_near(whole, n, word);
    return take_word(&whole, &whole_len, word) && whole_len == 0; /* of several words each must be right */
}

/* One word that ends as prompts do. */
static void skip_prompt(const char **line, size_t *len)
{
    const char *next = *line;
    size_t left = *len, n = take_seen(&next, &left);
    if (n == 0 || strchr(">$#%:", (*line)[n - 1]) == NULL)
        return;
    *line = next;
    *len = left;
}

static void skip_among(const char **line, size_t *len, const struct range *ranges, size_t n)
{
    while (*len > 0) {
        const char *next = *line;
        size_t left = *len;
        if (!is_among(take(&next, &left), ranges, n))
            return;
        *line = next;
        *len = left;
    }
}

/* How long it is without those at its end. */
static size_t without_quotes(const char *text, size_t len)
{
    const char *next = text;
    size_t end = 0;
    while (len > 0)
        if (!AMONG(take(&next, &len), quotes))
            end = (size_t)(next - text);
    return end;
}

bool mistyped_copied(const char *line, size_t len, const char *word)
{
    skip_unseen(&line, &len);
    skip_prompt(&line, &len);
    skip_among(&line, &len, quotes, sizeof quotes / sizeof *quotes);
    const char *slash = line;
    skip_among(&line, &len, slashes, sizeof slashes / sizeof *slashes);
    if (line == slash)
        return false;
    const char *begin = line;
    size_t n = take_seen(&line, &len);
    (void)take_seen(&line, &len);
    if (len > 0)
        return false;
    return is_near(begin, without_quotes(begin, n), word);
}

/* What may be typed, or copied, before a word that is meant to be a command: never a letter of any script, nor a number
 * but the one that is on the slash's key. */
static bool is_before_word(uint32_t c)
{
    bool ascii_sign = c < 0x80 && !(c >= '0' && c <= '9') && !(lower((char)c) >= 'a' && lower((char)c) <= 'z');
    return ascii_sign || AMONG(c, unseen) || AMONG(c, slashes) || AMONG(c, quotes) || c == '7';
}

static void skip_before_word(const char **line, size_t *len)
{
    while (*len > 0) {
        const char *next = *line;
        size_t left = *len;
        if (!is_before_word(take(&next, &left)))
            return;
        *line = next;
        *len = left;
    }
}

bool mistyped_with_text(const char *line, size_t len, const char *word, bool copied)
{
    const char *at = line;
    size_t left = len;
    skip_unseen(&at, &left);
    if (copied)
        skip_prompt(&at, &left);
    skip_before_word(&at, &left);
    return take_word(&at, &left, word) && take_seen(&at, &left) > 0 && left > 0;
}
