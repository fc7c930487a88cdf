/* SPDX-License-Identifier: MIT */
/* Every field is made by one function, add, and a reader only moves forward: so the leaves cover the bytes once and in
 * order. What is asked for is compared with what is left in one place, missing. */
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/dissect/dissect_impl.h"
#include "app/message/text.h"
#include "app/message/utf8.h"

static const struct dissect_about about_malformed = {
    "malformed", "1.2",
    "It does not fit the layout: whoever reads it must refuse the whole, as everything has exactly one encoding."};

/* The next len bytes, which are there. There is always room, as what has most fields, a list, is bounded. */
static struct dissect_field *add(struct dissect_reader *r, const struct dissect_about *about, size_t len, bool leaf)
{
    assert(r->d->count < DISSECT_FIELDS_MAX && len <= r->end - r->at);
    struct dissect_field *f = &r->d->field[r->d->count++];
    *f = (struct dissect_field){.at = r->at,
                                .len = len,
                                .depth = r->whole != NULL ? r->whole->depth + 1 : 0,
                                .leaf = leaf,
                                .name = about->name,
                                .section = about->section,
                                .note = about->note};
    dissect_say(f, "%zu byte%s", len, len == 1 ? "" : "s");
    r->at += len;
    return f;
}

void dissect_malformed(struct dissect_reader *r, const char *format, ...)
{
    va_list values;
    if (r->stopped)
        return;
    struct dissect_field *f = add(r, &about_malformed, r->end - r->at, true);
    va_start(values, format);
    vsnprintf(f->text, sizeof f->text, format, values);
    va_end(values);
    r->stopped = true;
    if (r->guarded)
        dissect_keep_secret(r, f);
}

/* Whether the next len bytes can't be taken; says so in the place of those that are left. */
static bool missing(struct dissect_reader *r, const char *name, size_t len)
{
    size_t left = r->end - r->at;
    if (len > left)
        dissect_malformed(r, "%s has %zu byte%s, and %zu %s left", name, len, len == 1 ? "" : "s", left,
                          left == 1 ? "is" : "are");
    return r->stopped;
}

struct dissect_field *dissect_take(struct dissect_reader *r, const struct dissect_about *about, size_t len)
{
    return missing(r, about->name, len) ? NULL : add(r, about, len, true);
}

struct dissect_field *dissect_number(struct dissect_reader *r, const struct dissect_about *about, size_t size,
                                     uint64_t *value)
{
    *value = 0;
    struct dissect_field *f = dissect_take(r, about, size);
    if (f == NULL)
        return NULL;
    for (size_t i = 0; i < size; i++)
        *value = *value << 8 | dissect_bytes(r, f)[i];
    dissect_say(f, "%" PRIu64, *value);
    return f;
}

size_t dissect_length(struct dissect_reader *r, const char *name, size_t size)
{
    const struct dissect_about about = {
        name, "1.2", "How many bytes come next; a length that runs over the end of what it stands in is refused."};
    uint64_t len;
    struct dissect_field *f = dissect_number(r, &about, size, &len);
    dissect_say(f, "%" PRIu64 " byte%s", len, len == 1 ? "" : "s");
    return (size_t)len;
}

struct dissect_reader dissect_enter(struct dissect_reader *r, const struct dissect_about *about, size_t len)
{
    struct dissect_reader inside = *r;
    if (missing(r, about->name, len)) {
        inside.stopped = true;
        return inside;
    }
    inside.whole = add(r, about, len, false);
    inside.end = r->at;
    return inside;
}

struct dissect_reader dissect_open(struct dissect_reader *r, const struct dissect_about *about)
{
    return dissect_enter(r, about, r->end - r->at);
}

void dissect_close(struct dissect_reader *r, const struct dissect_reader *inside)
{
    r->stopped = inside->stopped;
    if (r->stopped)
        return;
    inside->whole->len = inside->at - inside->whole->at;
    r->at = inside->at;
}

void dissect_end(struct dissect_reader *r)
{
    size_t left = r->end - r->at;
    if (left > 0)
        dissect_malformed(r, "%zu byte%s left after the last field", left, left == 1 ? " is" : "s are");
}

const uint8_t *dissect_bytes(const struct dissect_reader *r, const struct dissect_field *field)
{
    return r->bytes + field->at;
}

void dissect_say(struct dissect_field *field, const char *format, ...)
{
    va_list values;
    if (field == NULL)
        return;
    va_start(values, format);
    vsnprintf(field->text, sizeof field->text, format, values);
    va_end(values);
}

/* What it is a part of stands before it: the last field of each lower depth. */
void dissect_keep_secret(struct dissect_reader *r, struct dissect_field *field)
{
    if (field == NULL)
        return;
    unsigned depth = field->depth;
    field->secret = true;
    for (size_t i = (size_t)(field - r->d->field); depth > 0; i--)
        if (r->d->field[i].depth < depth) {
            r->d->field[i].secret = true;
            depth = r->d->field[i].depth;
        }
}

/* --- Quotes ------------------------------------------------------------------------------------------------------- */

#define QUOTED_MAX 120 /* so that more can be said after it */
#define ESCAPED_MAX 11 /* \u{10ffff} and a NUL */

/* The character at p as it may stand in a quote; returns how many bytes it was. */
static size_t escape(char out[static ESCAPED_MAX], const uint8_t *p, size_t len)
{
    uint32_t c;
    size_t n = utf8_decode(&c, p, len);
    if (n == 0) {
        snprintf(out, ESCAPED_MAX, "\\x%02x", p[0]);
        return 1;
    }
    if (c == '"' || c == '\\')
        snprintf(out, ESCAPED_MAX, "\\%c", (char)c);
    else if (c == '\n' || c == '\t')
        snprintf(out, ESCAPED_MAX, "\\%c", c == '\n' ? 'n' : 't');
    else if (!text_allows(c))
        snprintf(out, ESCAPED_MAX, "\\u{%x}", (unsigned)c);
    else
        out[utf8_encode(out, c)] = '\0';
    return n;
}

static void quote(char out[static QUOTED_MAX], const uint8_t *bytes, size_t len)
{
    static const size_t room = QUOTED_MAX - sizeof "\"... of 16384 bytes";
    char escaped[ESCAPED_MAX];
    size_t n = 0, at = 0;
    out[n++] = '"';
    while (at < len) {
        size_t took = escape(escaped, bytes + at, len - at);
        if (n + strlen(escaped) > room)
            break;
        memcpy(out + n, escaped, strlen(escaped));
        n += strlen(escaped);
        at += took;
    }
    if (at < len)
        snprintf(out + n, QUOTED_MAX - n, "\"... of %zu bytes", len);
    else
        snprintf(out + n, QUOTED_MAX - n, "\"");
}

void dissect_show(struct dissect_reader *r, struct dissect_field *field, bool valid, const char *what)
{
    char quoted[QUOTED_MAX];
    if (field == NULL)
        return;
    quote(quoted, dissect_bytes(r, field), field->len);
    if (valid)
        dissect_say(field, "%s", quoted);
    else if (!r->guarded)
        dissect_say(field, "%s, not %s", quoted, what);
    else {
        dissect_say(field, "%zu byte%s, not %s", field->len, field->len == 1 ? "" : "s", what);
        dissect_keep_secret(r, field);
    }
}
