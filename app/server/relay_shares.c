/* SPDX-License-Identifier: MIT */
/* A share belongs to a name and not to a connection: logging in anew gives no other. */
#include "app/server/relay_shares.h"

#include <stdlib.h>
#include <string.h>

#include "app/message/name.h"

struct relay_shares {
    size_t n;
    struct {
        char sender[NAME_MAX_LEN + 1];
        size_t used;
    } of[RELAY_SHARES];
};

/* What this sender has used of its share: a new one where it has none. NULL where there is none left. */
static size_t *find_or_add(struct relay_shares *s, const char *sender)
{
    size_t i = 0;
    while (i < s->n && strcmp(s->of[i].sender, sender) != 0)
        i++;
    if (i == RELAY_SHARES)
        return NULL;
    if (i == s->n) {
        s->n++;
        strncpy(s->of[i].sender, sender, NAME_MAX_LEN); /* the last byte stays zero */
    }
    return &s->of[i].used;
}

bool relay_shares_take(struct relay_shares **shares, const char *sender, size_t len, size_t share_max)
{
    if (*shares == NULL)
        *shares = calloc(1, sizeof **shares);
    size_t *used = *shares != NULL ? find_or_add(*shares, sender) : NULL;
    if (used == NULL || *used >= share_max)
        return false;
    *used += len;
    return true;
}

void relay_shares_forget(struct relay_shares **shares)
{
    free(*shares);
    *shares = NULL;
}
