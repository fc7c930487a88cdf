/* SPDX-License-Identifier: MIT */
/* What was set first is due first, because all in a queue last equally long. */
#include "app/server/base/deadline.h"

void deadline_queue_init(struct deadline_queue *queue, int64_t length)
{
    *queue = (struct deadline_queue){.length = length};
}

void deadline_cancel(struct deadline *d)
{
    struct deadline_queue *queue = d->queue;
    if (queue == NULL)
        return;
    *(d->previous != NULL ? &d->previous->next : &queue->first) = d->next;
    *(d->next != NULL ? &d->next->previous : &queue->last) = d->previous;
    d->queue = NULL;
    d->previous = d->next = NULL;
}

void deadline_set(struct deadline_queue *queue, struct deadline *d, int64_t now)
{
    deadline_cancel(d);
    d->queue = queue;
    d->due = now + queue->length;
    d->previous = queue->last;
    *(queue->last != NULL ? &queue->last->next : &queue->first) = d;
    queue->last = d;
}

struct deadline *deadline_expired(struct deadline_queue *queue, int64_t now)
{
    struct deadline *d = queue->first;
    if (d == NULL || d->due > now)
        return NULL;
    deadline_cancel(d);
    return d;
}

int64_t deadline_wait(const struct deadline_queue *queue, int64_t now, int64_t otherwise)
{
    if (queue->first == NULL)
        return otherwise;
    int64_t left = queue->first->due > now ? queue->first->due - now : 0;
    return otherwise < 0 || left < otherwise ? left : otherwise;
}
