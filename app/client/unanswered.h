/* SPDX-License-Identifier: MIT */
/* What was said and is not answered yet: if the connection is cut now, nobody knows whether it has arrived.
 *
 * Use it:      unanswered_add(&u, request, room, text, len);    with the request's number
 *              unanswered_drop(&u, request);                    once it is answered
 *              while ((t = unanswered_first(&u)) != NULL) { show it; unanswered_drop(&u, t->request); }
 *              unanswered_free(&u);
 * Timing:      a text may have been for few: it is wiped when it is dropped.
 * Read next:   conversation.c, which keeps it.
 */
#ifndef APP_CLIENT_UNANSWERED_H
#define APP_CLIENT_UNANSWERED_H

#include <stddef.h>
#include <stdint.h>

#include "app/message/name.h"

struct unanswered_text {
    struct unanswered_text *next;
    uint32_t request;
    char room[NAME_MAX_LEN + 1];
    size_t len;
    char text[];
};

/* All zero: nothing. As many as there may be requests in flight. */
struct unanswered {
    struct unanswered_text *first;
};

/* At the end. Where there is no memory it is not kept, and so not told. */
void unanswered_add(struct unanswered *u, uint32_t request, const char *room, const void *text, size_t len);

/* The one of that request; does nothing where there is none. */
void unanswered_drop(struct unanswered *u, uint32_t request);

/* The oldest, or NULL. */
const struct unanswered_text *unanswered_first(const struct unanswered *u);

void unanswered_free(struct unanswered *u);

#endif
