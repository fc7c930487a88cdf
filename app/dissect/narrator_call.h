/* SPDX-License-Identifier: MIT */
/* Tells the calls between two users as they happen, more briefly than narrator.h tells a connection: with whom, the
 * handshake's secrets, each step of the ratchet with its values, and of each Record what is in it.
 *
 * Standard:    docs/protocol.md sections 8.3, 8.4 and 8.6, which each step names.
 * Use it:      narrator_call_init(&n, &(struct narrator_config){.line = print, .arg = stderr, ...});
 *              narrator_call_hear(&n, call, "bob", true, name, data, len);      what net/trace.h reports of that call
 *              narrator_call_wipe(&n);
 * Timing:      CAUTION: as narrator.h. All calls of a program are told by one of these, on one thread: what belongs
 *              together comes in a row.
 * Read next:   narrator_call.c; net/ratchet.h, which traces the steps; app/client/explain.h.
 */
#ifndef APP_DISSECT_NARRATOR_CALL_H
#define APP_DISSECT_NARRATOR_CALL_H

#include "app/dissect/narrator.h"

struct narrator_call {
    struct narrator lines; /* makes them */
    const void *which;     /* the call that spoke last, and what is known of it */
    bool caller;
    char peer[64];
    uint64_t n; /* its latest step */
    bool stepped, has_root, opening;
    bool sealed_or_opened; /* the next secret is the one after a Record */
    uint8_t root[32], t[32], sequence[8], type;
    size_t frame_len;
};

/* config's role and end are of no interest, and masked neither: nothing of a call is anybody else's. */
void narrator_call_init(struct narrator_call *n, const struct narrator_config *config);

/* which: the same for all that one call reports, another for another; peer: with whom; caller: whether our side made
 * it. */
void narrator_call_hear(struct narrator_call *n, const void *which, const char *peer, bool caller, const char *event,
                        const uint8_t *data, size_t len);

void narrator_call_wipe(struct narrator_call *n);

#endif
