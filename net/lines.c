/* SPDX-License-Identifier: MIT */
/* Nothing is copied or changed, so that a file can be written again with every other line as it was, byte for byte. */
#include "net/lines.h"

#include <string.h>

bool lines_next(const char **text, size_t *text_len, struct lines_line *l)
{
    if (*text_len == 0)
        return false;
    const char *end = memchr(*text, '\n', *text_len);
    l->text = *text;
    l->len = end != NULL ? (size_t)(end - *text) + 1 : *text_len;
    l->number++;
    *text += l->len;
    *text_len -= l->len;
    return true;
}

/* CAUTION: with it, the first line would belong to nobody, and what is pinned there be a first use:
 *          test_a_byte_order_mark_hides_no_pin */
void lines_skip_mark(const char **text, size_t *text_len)
{
    static const char mark[] = "\xef\xbb\xbf";
    if (*text_len >= sizeof mark - 1 && strncmp(*text, mark, sizeof mark - 1) == 0) {
        *text += sizeof mark - 1;
        *text_len -= sizeof mark - 1;
    }
}

size_t lines_len(const struct lines_line *l)
{
    size_t len = l->len;
    if (l->text[len - 1] == '\n')
        len--;
    if (len > 0 && l->text[len - 1] == '\r')
        len--;
    return len;
}

size_t lines_first(const char **text, size_t text_len)
{
    struct lines_line l = {0};
    lines_skip_mark(text, &text_len);
    const char *rest = *text;
    return lines_next(&rest, &text_len, &l) ? lines_len(&l) : 0;
}

bool lines_says_something(const struct lines_line *l)
{
    return lines_len(l) > 0 && l->text[0] != '#';
}
