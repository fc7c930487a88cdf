/* SPDX-License-Identifier: MIT */
#include "app/message/familiar.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "app/message/confusable.h"

static struct familiar_name *find(struct familiar *f, const char *name, uint32_t hash)
{
    for (size_t i = 0; i < f->len; i++)
        if (f->names[i].hash == hash && strcmp(f->names[i].name, name) == 0)
            return &f->names[i];
    return NULL;
}

static const struct familiar_name *other_than(const struct familiar *f, const char *name, uint32_t hash)
{
    for (size_t i = 0; i < f->len; i++)
        if (f->names[i].hash == hash && confusable_names(f->names[i].name, name))
            return &f->names[i];
    return NULL;
}

static const char *reserved_like(const char *name)
{
    const char *reserved;
    for (size_t i = 0; (reserved = name_reserved_at(i)) != NULL; i++)
        if (confusable_names(reserved, name))
            return reserved;
    return NULL;
}

/* The one who came first makes room, but neither oneself, who is at the front, nor the one who is kept. */
static struct familiar_name *place(struct familiar *f, const struct familiar_name *kept)
{
    if (f->len < FAMILIAR_MAX)
        return &f->names[f->len++];
    do
        f->next = f->next % (FAMILIAR_MAX - 1) + 1;
    while (&f->names[f->next] == kept);
    return &f->names[f->next];
}

/* Finds who that is, or makes him known, and *other, who looks like him. */
static struct familiar_name *meet(struct familiar *f, const char *name, const char **other)
{
    uint32_t hash = confusable_hash(name);
    const struct familiar_name *alike = other_than(f, name, hash);
    struct familiar_name *met = find(f, name, hash);
    *other = name_reserved(name) ? NULL : alike != NULL ? alike->name : reserved_like(name);
    if (met != NULL)
        return met;
    met = place(f, alike);
    *met = (struct familiar_name){.hash = hash};
    memcpy(met->name, name, strlen(name) + 1);
    return met;
}

void familiar_own(struct familiar *f, const char *name)
{
    const char *other;
    f->len = f->next = 0;
    (void)meet(f, name, &other);
}

const char *familiar_joined(struct familiar *f, const char *name)
{
    const char *other;
    meet(f, name, &other)->spoke = false;
    return other;
}

const char *familiar_spoke(struct familiar *f, const char *name)
{
    const char *other;
    struct familiar_name *met = meet(f, name, &other);
    bool first = !met->spoke;
    met->spoke = true;
    return first ? other : NULL;
}

const char *familiar_listed(struct familiar *f, const char *name)
{
    const char *other;
    (void)meet(f, name, &other);
    return other;
}

size_t familiar_print(char out[static FAMILIAR_PRINT_LEN], const char *name, const char *other)
{
    const char *quote = confusable_you(name) ? "'" : "", *mark = other != NULL ? " (looks like " : "";
    const char *other_quote = other != NULL && confusable_you(other) ? "'" : "";
    int len = snprintf(out, FAMILIAR_PRINT_LEN, "%s%s%s%s%s%s%s%s", quote, name, quote, mark, other_quote,
                       other != NULL ? other : "", other_quote, other != NULL ? ")" : "");
    assert(len > 0 && (size_t)len < FAMILIAR_PRINT_LEN);
    return (size_t)len;
}

const char *familiar_quote(char out[static FAMILIAR_PRINT_LEN], const char *name)
{
    (void)familiar_print(out, name, NULL);
    return out;
}
