/* SPDX-License-Identifier: MIT */
/* What the parts of conversation.h share.
 *
 *      conversation.c             the queue of what was asked, the rooms that one is in, and each end
 *      conversation_arrivals.c    what the server sends: answers, and what it was not asked for
 *
 * CAUTION: after conversation_cut there may be another connection under way, with nothing asked and no room joined: so
 * nothing may follow it in a function.
 *
 * Read next:   conversation.h.
 */
#ifndef APP_CLIENT_CONVERSATION_IMPL_H
#define APP_CLIENT_CONVERSATION_IMPL_H

#include "app/client/conversation.h"

/* The connection is over, and not as it should be. */
void conversation_fail(struct conversation *c, const char *why);

/* The same, of a server that breaks the protocol: it gets no more words, not even a Close; docs/protocol.md section
 * 10.1. */
void conversation_abandon(struct conversation *c, const char *why);

/* The connection is gone, and not because somebody wanted that: another one is made where that is wanted, or else it
 * fails, with that advice behind why. */
void conversation_cut(struct conversation *c, const char *why, const char *advice);

/* What the client sends of itself, and whenever its turn has come. */
bool conversation_of_itself(enum message_type request);

/* Those who ask for these wait for the answer, and say themselves what it means. */
bool conversation_has_own_words(enum message_type request);

/* The user is in that room now, and talks there; or is there no more, and talks in the one joined before it. */
void conversation_joined(struct conversation *c, const char *room);
void conversation_left(struct conversation *c, const char *room);

/* From now on what is sealed there is opened, and whoever is there is called. */
void conversation_enter_sealed(struct conversation *c, const char *room);

/* A person is told who looks like somebody else (seen_names.h), also like one who is there already and has said
 * nothing: so who is there is asked for, and not shown. In a sealed room it is for the keys, too. */
void conversation_meet_members(struct conversation *c, const char *room);

#endif
