/* SPDX-License-Identifier: MIT */
/* Each name has the hash of what it looks like (confusable.h), so that names that are not alike are told apart by one
 * number. The array is a ring except for its first place, which holds the user's own name: the name that was met first
 * makes room for the newest. */
#include "app/message/seen_names.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "app/message/confusable.h"

static struct seen_names_name *find(struct seen_names_name *names, size_t len, const char *name, uint32_t hash)
{
    for (size_t i = 0; i < len; i++)
        if (names[i].hash == hash && strcmp(names[i].name, name) == 0)
            return &names[i];
    return NULL;
}

static const struct seen_names_name *alike_in(const struct seen_names_name *names, size_t len, const char *name,
                                              uint32_t hash)
{
    for (size_t i = 0; i < len; i++)
        if (names[i].hash == hash && confusable_names(names[i].name, name))
            return &names[i];
    return NULL;
}

/* One that was seen comes before one that was told of. */
static const struct seen_names_name *other_than(const struct seen_names *s, const char *name, uint32_t hash)
{
    const struct seen_names_name *alike = alike_in(s->names, s->len, name, hash);
    return alike != NULL ? alike : alike_in(s->told, s->told_len, name, hash);
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

static const char *name_to_tell(const char *name, const struct seen_names_name *alike)
{
    return name_reserved(name) ? NULL : alike != NULL ? alike->name : reserved_like(name);
}

/* Finds the name, or makes it known; *other is the one that it looks like, or NULL. */
static struct seen_names_name *meet(struct seen_names *s, const char *name, const char **other)
{
    uint32_t hash = confusable_hash(name);
    const struct seen_names_name *alike = other_than(s, name, hash);
    struct seen_names_name *met = find(s->names, s->len, name, hash);
    *other = name_to_tell(name, alike);
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
    s->len = s->next = s->told_len = s->told_next = 0;
    (void)meet(s, name, &other);
}

const char *seen_names_you(const struct seen_names *s)
{
    return s->names[0].name;
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

/* CAUTION: who founds sealed rooms writes any names on their lists: these could push out all that were seen, and then
 * nobody would look like them. tests/test_seen_names.c: test_names_that_somebody_tells_of. */
const char *seen_names_told(struct seen_names *s, const char *name)
{
    uint32_t hash = confusable_hash(name);
    const struct seen_names_name *alike = other_than(s, name, hash);
    const char *other = name_to_tell(name, alike);
    if (find(s->names, s->len, name, hash) != NULL || find(s->told, s->told_len, name, hash) != NULL)
        return other;
    struct seen_names_name *told = &s->told[s->told_next];
    if (told == alike)
        told = &s->told[s->told_next = (s->told_next + 1) % SEEN_NAMES_TOLD_MAX];
    s->told_next = (s->told_next + 1) % SEEN_NAMES_TOLD_MAX;
    if (s->told_len < SEEN_NAMES_TOLD_MAX)
        s->told_len++;
    *told = (struct seen_names_name){.hash = hash};
    memcpy(told->name, name, strlen(name) + 1);
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
