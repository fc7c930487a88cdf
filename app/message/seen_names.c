/* SPDX-License-Identifier: MIT */
/* Each name has the hash of what it looks like (confusable.h), so that names that are not alike are told apart by one
 * number. The array is a ring except for its first place, which holds the user's own name: the name that was met first
 * makes room for the newest. */
#include "app/message/seen_names.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "app/message/confusable.h"

static struct seen_names_name *find(struct seen_names *s, const char *name, uint32_t hash)
{
    for (size_t i = 0; i < s->len; i++)
        if (s->names[i].hash == hash && strcmp(s->names[i].name, name) == 0)
            return &s->names[i];
    return NULL;
}

static const struct seen_names_name *other_than(const struct seen_names *s, const char *name, uint32_t hash)
{
    for (size_t i = 0; i < s->len; i++)
        if (s->names[i].hash == hash && confusable_names(s->names[i].name, name))
            return &s->names[i];
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

/* The name that came first makes room, but never the user's own, which is at the front, nor the one to be kept. */
static struct seen_names_name *place(struct seen_names *s, const struct seen_names_name *kept)
{
    if (s->len < SEEN_NAMES_MAX)
        return &s->names[s->len++];
    do
        s->next = s->next % (SEEN_NAMES_MAX - 1) + 1;
    while (&s->names[s->next] == kept);
    return &s->names[s->next];
}

/* Finds the name, or makes it known; *other is the one that it looks like, or NULL. */
static struct seen_names_name *meet(struct seen_names *s, const char *name, const char **other)
{
    uint32_t hash = confusable_hash(name);
    const struct seen_names_name *alike = other_than(s, name, hash);
    struct seen_names_name *met = find(s, name, hash);
    *other = name_reserved(name) ? NULL : alike != NULL ? alike->name : reserved_like(name);
    if (met != NULL)
        return met;
    met = place(s, alike);
    *met = (struct seen_names_name){.hash = hash};
    memcpy(met->name, name, strlen(name) + 1);
    return met;
}

void seen_names_own(struct seen_names *s, const char *name)
{
    const char *other;
    s->len = s->next = 0;
    (void)meet(s, name, &other);
}

const char *seen_names_joined(struct seen_names *s, const char *name)
{
    const char *other;
    meet(s, name, &other)->spoke = false;
    return other;
}

const char *seen_names_spoke(struct seen_names *s, const char *name)
{
    const char *other;
    struct seen_names_name *met = meet(s, name, &other);
    bool first = !met->spoke;
    met->spoke = true;
    return first ? other : NULL;
}

const char *seen_names_listed(struct seen_names *s, const char *name)
{
    const char *other;
    (void)meet(s, name, &other);
    return other;
}

size_t seen_names_print(char out[static SEEN_NAMES_PRINT_LEN], const char *name, const char *other)
{
    const char *quote = confusable_you(name) ? "'" : "", *mark = other != NULL ? " (looks like " : "";
    const char *other_quote = other != NULL && confusable_you(other) ? "'" : "";
    int len = snprintf(out, SEEN_NAMES_PRINT_LEN, "%s%s%s%s%s%s%s%s", quote, name, quote, mark, other_quote,
                       other != NULL ? other : "", other_quote, other != NULL ? ")" : "");
    assert(len > 0 && (size_t)len < SEEN_NAMES_PRINT_LEN);
    return (size_t)len;
}

const char *seen_names_quote(char out[static SEEN_NAMES_PRINT_LEN], const char *name)
{
    (void)seen_names_print(out, name, NULL);
    return out;
}
