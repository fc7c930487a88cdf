/* SPDX-License-Identifier: MIT */
/* A list in the order in which the texts were said; it is short, so its end is looked for. */
#include "app/client/unanswered.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/ct.h"

void unanswered_add(struct unanswered *u, uint32_t request, const char *room, const void *text, size_t len)
{
    struct unanswered_text *t = malloc(sizeof *t + len);
    if (t == NULL)
        return;
    *t = (struct unanswered_text){.request = request, .len = len};
    snprintf(t->room, sizeof t->room, "%s", room);
    memcpy(t->text, text, len);
    struct unanswered_text **at = &u->first;
    while (*at != NULL)
        at = &(*at)->next;
    *at = t;
}

void unanswered_drop(struct unanswered *u, uint32_t request)
{
    struct unanswered_text **at = &u->first;
    while (*at != NULL && (*at)->request != request)
        at = &(*at)->next;
    struct unanswered_text *t = *at;
    if (t == NULL)
        return;
    *at = t->next;
    ct_wipe(t, sizeof *t + t->len);
    free(t);
}

const struct unanswered_text *unanswered_first(const struct unanswered *u)
{
    return u->first;
}

void unanswered_free(struct unanswered *u)
{
    while (u->first != NULL)
        unanswered_drop(u, u->first->request);
}
