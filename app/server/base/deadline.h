/* SPDX-License-Identifier: MIT */
/* Time limits, many of which have the same length: a queue for each length, so that setting, moving and taking out one
 * of a hundred thousand costs a few pointer writes, and the next to expire is always the first.
 *
 * Use it:      struct deadline_queue logins;
 *              deadline_queue_init(&logins, 60 * 1000);
 *              deadline_set(&logins, &client->deadline, now);         (again: starts anew)
 *              while ((d = deadline_expired(&logins, now)) != NULL)   each one that is over, taken out
 *              deadline_cancel(&client->deadline);
 * Timing:      nothing secret. Times are milliseconds of the monotonic clock, so nobody is thrown out when somebody
 *              sets the clock.
 * Read next:   client.c, whose clients are in one queue at a time, by what they are expected to do.
 */
#ifndef APP_SERVER_BASE_DEADLINE_H
#define APP_SERVER_BASE_DEADLINE_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed: not set. The owner finds itself by the pointer. */
struct deadline {
    struct deadline *previous, *next;
    struct deadline_queue *queue; /* NULL: not set */
    int64_t due;
    void *owner;
};

struct deadline_queue {
    struct deadline *first, *last;
    int64_t length; /* milliseconds */
};

void deadline_queue_init(struct deadline_queue *queue, int64_t length);

/* Sets d to be due length milliseconds from now; takes it out of whatever queue it was in. now never goes back. */
void deadline_set(struct deadline_queue *queue, struct deadline *d, int64_t now);

/* Does nothing where d isn't set. */
void deadline_cancel(struct deadline *d);

/* Takes out the first if it is due; else NULL. */
struct deadline *deadline_expired(struct deadline_queue *queue, int64_t now);

/* Milliseconds until the first is due, at least 0; or `otherwise` where that is sooner or there is none. -1 stands for
 * never. */
int64_t deadline_wait(const struct deadline_queue *queue, int64_t now, int64_t otherwise);

#endif
