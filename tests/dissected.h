/* SPDX-License-Identifier: MIT */
/* What holds of every dissection, whatever the bytes were: leaves cover them once and in order, parts lie inside their
 * whole and fill it, and no text can do anything to a terminal. The unit tests and the fuzzer ask it.
 *
 * Use it:      const char *fault = dissected_fault(&d, len);  fault != NULL: what does not hold
 */
#ifndef TESTS_DISSECTED_H
#define TESTS_DISSECTED_H

#include <string.h>

#include "app/dissect/dissect.h"
#include "app/message/text.h"

#define DISSECTED_DEPTH_MAX 8

/* Wholes that are not yet at their end, the outermost first. */
struct dissected_wholes {
    const struct dissect_field *open[DISSECTED_DEPTH_MAX];
    size_t count;
    size_t pos; /* what the leaves so far have covered */
};

static inline const char *dissected_words_fault(const struct dissect_field *f)
{
    if (memchr(f->text, '\0', sizeof f->text) == NULL || f->text[0] == '\0')
        return "a text is empty, or has no end";
    if (!text_valid(f->text, strlen(f->text)) || strpbrk(f->text, "\t\n") != NULL)
        return "a text is more than a line of a text";
    if (f->name[0] == '\0' || f->section[0] == '\0' || f->note[0] == '\0')
        return "a field lacks its name, section or note";
    return NULL;
}

/* Leaves the wholes that have no more parts. */
static inline const char *dissected_close(struct dissected_wholes *w, unsigned depth)
{
    while (w->count > depth) {
        const struct dissect_field *whole = w->open[--w->count];
        if (w->pos != whole->at + whole->len)
            return "the parts do not fill their whole";
    }
    return w->count < depth ? "a part has no whole" : NULL;
}

static inline const char *dissected_field_fault(struct dissected_wholes *w, const struct dissect_field *f)
{
    const char *fault = dissected_close(w, f->depth);
    if (fault != NULL)
        return fault;
    const struct dissect_field *whole = w->count > 0 ? w->open[w->count - 1] : NULL;
    if (f->at != w->pos || (whole != NULL && f->at + f->len > whole->at + whole->len))
        return "a field is not where the one before it ends, or not inside its whole";
    if (f->secret && whole != NULL && !whole->secret)
        return "a whole is not secret though a part of it is";
    if (!f->leaf && w->count == DISSECTED_DEPTH_MAX)
        return "fields are deeper than anything should be";
    if (f->leaf)
        w->pos += f->len;
    else
        w->open[w->count++] = f;
    return NULL;
}

static inline const char *dissected_fault(const struct dissection *d, size_t len)
{
    struct dissected_wholes w = {.count = 0};
    const char *fault = NULL;
    if (d->count == 0 || d->count > DISSECT_FIELDS_MAX || d->field[0].len != len)
        return "there is no field for the whole";
    for (size_t i = 0; i < d->count && fault == NULL; i++) {
        const struct dissect_field *f = &d->field[i];
        if ((i == 0) != (f->depth == 0))
            return "not exactly the first field is the whole";
        if (!f->leaf && (i + 1 == d->count || f[1].depth <= f->depth))
            return "a field that is no leaf has no parts";
        fault = dissected_field_fault(&w, f);
        if (fault == NULL)
            fault = dissected_words_fault(f);
    }
    return fault != NULL ? fault : dissected_close(&w, 0);
}

/* Whether anything did not fit its layout, in a field of this depth or a higher one. */
static inline bool dissected_malformed(const struct dissection *d, unsigned depth)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->field[i].depth <= depth && strcmp(d->field[i].name, "malformed") == 0)
            return true;
    return false;
}

#endif
