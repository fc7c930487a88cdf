/* SPDX-License-Identifier: MIT */
/* Lines are put together in the narrator's own buffer, handed on whole, and wiped: a key may be in any of them. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/dissect/dissect.h"
#include "app/dissect/narrator_impl.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"

#define SHORT 16      /* bytes of a value that stand beside its name */
#define PER_ROW 32    /* bytes of a value in a row */
#define FOLD_FRONT 24 /* of a folded value, so many bytes from its front and its end */
#define FOLD_END 4
#define NAME_WIDTH 18

static __attribute__((format(printf, 2, 0))) void put(struct narrator *n, const char *format, va_list values)
{
    size_t room = sizeof n->text - n->text_len;
    int len = vsnprintf(n->text + n->text_len, room, format, values);
    if (len > 0)
        n->text_len += (size_t)len < room ? (size_t)len : room - 1;
}

void narrator_put(struct narrator *n, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    put(n, format, values);
    va_end(values);
}

void narrator_put_hex(struct narrator *n, const uint8_t *data, size_t len)
{
    if (2 * len >= sizeof n->text - n->text_len)
        len = 0;
    hex_encode(n->text + n->text_len, data, len);
    n->text_len += 2 * len;
}

void narrator_put_capitals(struct narrator *n, const uint8_t *data, size_t len)
{
    size_t from = n->text_len;
    narrator_put_hex(n, data, len);
    for (char *c = n->text + from; *c != '\0'; c++)
        if (*c >= 'a')
            *c = (char)(*c - 'a' + 'A');
}

static void end_line(struct narrator *n)
{
    n->config.line(n->config.arg, n->text);
    ct_wipe(n->text, n->text_len);
    n->text_len = 0;
}

void narrator_say(struct narrator *n, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    put(n, format, values);
    va_end(values);
    end_line(n);
}

void narrator_step(struct narrator *n, const char *sentence, const char *section, const char *chapter)
{
    narrator_say(n, "%s", "");
    narrator_say(n, "%s [%s, %s]", sentence, section, chapter);
}

/* All bytes, or the ends of a long value. */
static void put_folded(struct narrator *n, const uint8_t *data, size_t len)
{
    if (len <= NARRATOR_FOLD || n->config.full) {
        narrator_put_hex(n, data, len);
        return;
    }
    narrator_put_hex(n, data, FOLD_FRONT);
    narrator_put(n, "..");
    narrator_put_hex(n, data + len - FOLD_END, FOLD_END);
}

void narrator_value(struct narrator *n, const char *formula, const uint8_t *data, size_t len, const char *whose)
{
    bool folded = len > NARRATOR_FOLD && !n->config.full;
    narrator_put(n, "  %s, %zu byte%s (%s):", formula, len, len == 1 ? "" : "s", whose);
    if (len <= SHORT) {
        narrator_put(n, " ");
        narrator_put_hex(n, data, len);
    }
    end_line(n);
    for (size_t at = 0; at < len && len > SHORT; at += folded ? len : PER_ROW) {
        narrator_put(n, "    ");
        put_folded(n, data + at, folded || len - at < PER_ROW ? len - at : PER_ROW);
        end_line(n);
    }
}

static bool printable(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (data[i] < ' ' || data[i] > '~')
            return false;
    return len > 0;
}

void narrator_text(struct narrator *n, const uint8_t *data, size_t len)
{
    if (printable(data, len))
        narrator_put(n, "\"%.*s\"", (int)len, (const char *)data);
    else
        put_folded(n, data, len);
}

/* A secret's text doesn't say its bytes: they are shown to its owner alone. */
static void put_secret(struct narrator *n, const uint8_t *data, size_t len)
{
    narrator_put(n, ": ");
    if (n->config.masked)
        narrator_put(n, "not shown");
    else
        narrator_text(n, data, len);
}

/* The length before a field says what the field shows anyway. */
static bool is_plain(const struct narrator *n, const struct dissect_field *f)
{
    return n->config.full || strncmp(f->name, "length of ", strlen("length of ")) != 0;
}

void narrator_fields(struct narrator *n, const uint8_t *data)
{
    const struct dissection *d = n->dissection;
    for (size_t i = 0; i < d->count; i++) {
        const struct dissect_field *f = &d->field[i];
        int indentation = (int)(2 * f->depth);
        if (!is_plain(n, f))
            continue;
        narrator_put(n, "  %*s%-*s %s", indentation, "", NAME_WIDTH - indentation, f->name, f->text);
        if (f->leaf && f->secret && f->len > 0)
            put_secret(n, data + f->at, f->len);
        end_line(n);
    }
}
