/* SPDX-License-Identifier: MIT */
/* Two linked lists, each with the place where the next relay is put. One that is sent goes from the one to the other
 * without being copied, so sending needs no memory. To find those of a call all are looked at, as they are bounded. */
#include "app/peer/relays.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/ct.h"
#include "net/frame.h"

static void append(struct relay ***end, struct relay *relay)
{
    relay->next = NULL;
    **end = relay;
    *end = &relay->next;
}

static bool is_of(const struct relay *relay, const char *to, const uint8_t *call)
{
    return strcmp(relay->to, to) == 0 && ct_equal(relay->call, call, sizeof relay->call);
}

int relays_add(struct relays *r, const char *to, const uint8_t call[static MESSAGE_CALL_LEN], const uint8_t *frame,
               size_t len)
{
    struct relay *relay = r->unsent_len < RELAYS_UNSENT_MAX ? malloc(sizeof *relay + len) : NULL;
    if (relay == NULL)
        return -1;
    memcpy(relay->to, to, strlen(to) + 1);
    memcpy(relay->call, call, sizeof relay->call);
    relay->len = len;
    if (len > 0)
        memcpy(relay->frame, frame, len);
    append(&r->unsent_end, relay);
    r->unsent_len++;
    return 0;
}

/* Out of those that wait to be sent. */
static struct relay *take(struct relays *r, struct relay **at)
{
    struct relay *relay = *at;
    *at = relay->next;
    if (*at == NULL)
        r->unsent_end = at;
    r->unsent_len--;
    return relay;
}

void relays_drop(struct relays *r, const char *to, const uint8_t call[static MESSAGE_CALL_LEN])
{
    struct relay **at = &r->unsent;
    while (*at != NULL) {
        const struct relay *relay = *at;
        bool alert = relay->len > 0 && relay->frame[0] == FRAME_ALERT;
        if (is_of(relay, to, call) && !alert)
            free(take(r, at));
        else
            at = &(*at)->next;
    }
}

/* Where the oldest of that call is kept, or else the oldest of all. */
static struct relay **find_next(struct relays *r, const char *to, const uint8_t *call)
{
    struct relay **at = &r->unsent;
    while (to != NULL && *at != NULL && !is_of(*at, to, call))
        at = &(*at)->next;
    return *at != NULL ? at : &r->unsent;
}

bool relays_next(struct relays *r, const char *to, const uint8_t *call, struct message *m)
{
    if (r->unsent == NULL || r->unanswered_len == RELAYS_UNANSWERED_MAX)
        return false;
    struct relay *relay = take(r, find_next(r, to, call));
    append(&r->unanswered_end, relay);
    r->unanswered_len++;
    *m = (struct message){.type = MESSAGE_RELAY};
    memcpy(m->relay.name, relay->to, sizeof relay->to);
    memcpy(m->relay.call, relay->call, sizeof relay->call);
    m->relay.frame = (struct message_bytes){relay->frame, relay->len};
    return true;
}

struct relay *relays_answered(struct relays *r)
{
    struct relay *relay = r->unanswered;
    assert(relay != NULL);
    r->unanswered = relay->next;
    if (r->unanswered == NULL)
        r->unanswered_end = &r->unanswered;
    r->unanswered_len--;
    return relay;
}

static void free_all(struct relay *relay)
{
    for (struct relay *next; relay != NULL; relay = next) {
        next = relay->next;
        free(relay);
    }
}

void relays_init(struct relays *r)
{
    *r = (struct relays){.unsent_end = &r->unsent, .unanswered_end = &r->unanswered};
}

void relays_free(struct relays *r)
{
    free_all(r->unsent);
    free_all(r->unanswered);
    relays_init(r);
}
