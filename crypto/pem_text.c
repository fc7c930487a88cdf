/* SPDX-License-Identifier: MIT */
/* Blocks are found by the dashes of their lines, which base64 doesn't have. So a plain private key, whose base64 is as
 * secret as it is, is only ever asked whether a character is a dash, or white. */
#include "crypto/pem_text.h"

#include <assert.h>
#include <string.h>

#include "crypto/base64.h"
#include "crypto/ct.h"

#define LINE_LEN 64      /* RFC 7468 section 2 */
#define LABEL_MAX_LEN 64 /* more than any has */

static const char begin[] = "-----BEGIN ", end[] = "-----END ", dashes[] = "-----";

/* --- Reading ------------------------------------------------------------------------------------------------------ */

/* In an unencrypted key's file the characters are secret, and where it has others than base64's is not. */
static int is_mark(char c, char mark)
{
    int same = c == mark;
    ct_public(&same, sizeof same); /* where dashes and line ends are */
    return same;
}

/* Blank, tab, LF, VT, FF, CR: W of RFC 7468, figure 2. */
static int is_white(char c)
{
    int white = (c == ' ') | ((unsigned char)(c - '\t') <= '\r' - '\t');
    ct_public(&white, sizeof white); /* how the text is laid out */
    return white;
}

static bool starts(const struct pem_text *t, const char *what, size_t len)
{
    return t->len >= len && memchr(t->text, '\0', len) == NULL && strncmp(t->text, what, len) == 0;
}

static void pass(struct pem_text *t, size_t len)
{
    t->text += len;
    t->len -= len;
}

static bool skip(struct pem_text *t, const char *what)
{
    size_t len = strlen(what);
    if (!starts(t, what, len))
        return false;
    pass(t, len);
    return true;
}

static void pass_line(struct pem_text *t)
{
    while (t->len > 0 && !is_mark(*t->text, '\n') && !is_mark(*t->text, '\r'))
        pass(t, 1);
}

/* To the next line that begins a block, and past its first words. */
static bool find_begin(struct pem_text *t)
{
    (void)skip(t, "\xef\xbb\xbf");
    for (;; pass_line(t)) {
        while (t->len > 0 && is_white(*t->text))
            pass(t, 1);
        if (t->len == 0)
            return false;
        if (skip(t, begin))
            return true;
    }
}

/* The label, and the dashes that end its line. */
static int take_label(struct pem_text *t, struct pem_block *b)
{
    b->label = t->text;
    for (b->label_len = 0; t->len > 0 && *t->text >= ' ' && !starts(t, dashes, sizeof dashes - 1); b->label_len++)
        pass(t, 1);
    return b->label_len <= LABEL_MAX_LEN && skip(t, dashes) ? 0 : -1;
}

/* Up to the line that ends the block, and past it. */
static int take_body(struct pem_text *t, struct pem_block *b)
{
    b->body = t->text;
    while (t->len > 0 && !(is_mark(*t->text, '-') && starts(t, dashes, sizeof dashes - 1)))
        pass(t, 1);
    b->body_len = (size_t)(t->text - b->body);
    if (!skip(t, end) || !starts(t, b->label, b->label_len))
        return -1;
    pass(t, b->label_len);
    return skip(t, dashes) ? 0 : -1;
}

int pem_text_next(struct pem_text *t, struct pem_block *b)
{
    struct pem_block found;
    if (!find_begin(t))
        return 0;
    if (take_label(t, &found) != 0 || take_body(t, &found) != 0)
        return -1;
    pass_line(t);
    *b = found;
    return 1;
}

bool pem_block_is(const struct pem_block *b, const char *label)
{
    return strlen(label) == b->label_len && strncmp(b->label, label, b->label_len) == 0;
}

bool pem_block_begins(const struct pem_block *b, const char *with)
{
    struct pem_text t = {b->body, b->body_len};
    while (t.len > 0 && is_white(*t.text))
        pass(&t, 1);
    for (; *with != '\0' && t.len > 0 && is_mark(*t.text, *with); with++)
        pass(&t, 1);
    return *with == '\0';
}

int pem_block_decode(uint8_t out[static PEM_BLOCK_MAX_CHARS], size_t *out_len, const struct pem_block *b)
{
    char *joined = (char *)out;
    size_t len = 0;
    for (size_t i = 0; i < b->body_len; i++) {
        if (is_white(b->body[i]))
            continue;
        if (len == PEM_BLOCK_MAX_CHARS)
            return -1;
        joined[len++] = b->body[i];
    }
    return base64_decode(out, PEM_BLOCK_MAX_LEN, out_len, joined, len);
}

/* --- Writing ------------------------------------------------------------------------------------------------------ */

/* Appends to a text that is known to have room. */
static char *append(char *out, const char *what, size_t what_len)
{
    memcpy(out, what, what_len);
    return out + what_len;
}

static char *append_boundary(char *out, const char *what, const char *label)
{
    out = append(out, what, strlen(what));
    out = append(out, label, strlen(label));
    out = append(out, dashes, sizeof dashes - 1);
    return append(out, "\n", 1);
}

int pem_text_write(char *out, size_t out_cap, const char *label, const uint8_t *bytes, size_t bytes_len)
{
    char body[PEM_BLOCK_MAX_CHARS + 1];
    size_t body_len = base64_encoded_len(bytes_len);
    size_t lines = (body_len + LINE_LEN - 1) / LINE_LEN;
    size_t boundaries = sizeof begin + sizeof end - 2 + 2 * (strlen(label) + sizeof dashes);
    assert(body_len < sizeof body);
    if (out_cap < boundaries + body_len + lines + 1)
        return -1;
    base64_encode(body, bytes, bytes_len);
    out = append_boundary(out, begin, label);
    for (size_t i = 0; i < body_len; i += LINE_LEN) {
        out = append(out, body + i, body_len - i < LINE_LEN ? body_len - i : LINE_LEN);
        out = append(out, "\n", 1);
    }
    out = append_boundary(out, end, label);
    *out = '\0';
    ct_wipe(body, sizeof body);
    return 0;
}
