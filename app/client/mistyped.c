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
    {0, ' '},           {0x7f, 0xa0},       {0xad, 0xad},       {0x300, 0x36f},     {0x600, 0x605},
    {0x61c, 0x61c},     {0x6dd, 0x6dd},     {0x70f, 0x70f},     {0x115f, 0x1160},   {0x1680, 0x1680},
    {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x1ab0, 0x1aff},   {0x1dc0, 0x1dff},   {0x2000, 0x200f},
    {0x2028, 0x202f},   {0x205f, 0x206f},   {0x20d0, 0x20ff},   {0x2800, 0x2800},   {0x3000, 0x3000},
    {0x3164, 0x3164},   {0xfe00, 0xfe0f},   {0xfe20, 0xfe2f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
    {0xfff0, 0xfffd},   {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

/* Slashes, and what is drawn like one. Letters that are, as U+30CE, begin words of their scripts and are left out. */
static const struct range slashes[] = {
    {'/', '/'},       {0x1735, 0x1735}, {0x2041, 0x2041}, {0x2044, 0x2044}, {0x2215, 0x2215},   {0x2571, 0x2571},
    {0x27cb, 0x27cb}, {0x29f8, 0x29f8}, {0x2afb, 0x2afb}, {0x2afd, 0x2afd}, {0x2cc6, 0x2cc6},   {0x31d3, 0x31d3},
    {0x3033, 0x3033}, {0xff0f, 0xff0f}, {0x1d23a, 0x1d23a},
};

/* What is typed in a slash's place: its neighbours, backslashes, and the key that has it on other keyboards. */
static const struct range keys[] = {
    {'!', '!'}, {'&', '\''}, {',', '.'}, {'7', '7'}, {':', ';'}, {'?', '?'}, {'\\', '\\'}, {'{', '|'},
    {0x2216, 0x2216}, {0x29f5, 0x29f5}, {0x29f9, 0x29f9}, {0x30ce, 0x30ce}, {0x4e3f, 0x4e3f}, {0xfe68, 0xfe68},
    {0xff3c, 0xff3c},
};

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

bool mistyped_bare(const char *line, size_t len, const char *word)
{
    skip_unseen(&line, &len);
    return take_word(&line, &len, word) && len == 0;
}
