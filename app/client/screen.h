/* SPDX-License-Identifier: MIT */
/* What is shown: each thing that the client says has its row here, and its words.
 *
 * Use it:      screen_said(&screen, &message);
 *              screen_complain(&screen, "not said: %s", why);
 * Timing:      nothing secret comes here.
 * Read next:   line/line.h, which prints; app/message/seen_names.h, how a name is shown.
 *
 * What is written to the standard output, one line each:
 *
 *      [lobby] alice: hello            alice said hello in lobby
 *      * bob joined lobby              bob, carol joined lobby; bob left lobby
 *      * in lobby: alice, bob          the answer to /who; several such lines in a large room
 *      * room lobby: 2 members         the answer to /rooms, one line a room
 *      * you don't hear: bob, carol    the answer to /blocks
 *      * notice: the server stops      from the server
 *      [bob, compared] hello           bob said hello to this user alone, end to end; the word or words after the
 *                                      name are those of app/peer/peers.h: compared, vouched for, or
 *      [bob, new, not compared] hello  ... this
 *      * bob has it                    a text of yours, acknowledged; after /receipts on
 *      * not confirmed: to bob: hello  it may have been read or not; once for each text
 *      * not confirmed: in lobby: hello  the same of a room, where the connection was cut
 *      * peer bob: compared, key ...   the answer to /peers, one line a peer
 *      * ...                           everything else that is no message
 *
 * At a terminal `@ ` stands before what somebody said with this user's name in it, and with --times the time before
 * that: app/terminal/style.h.
 *
 * A name is shown as app/message/seen_names.h says: `b0b (looks like bob)` where it looks like another, in the lines
 * that say who joined and who is there, and in the first text of that user; and 'you' in quotes, as the client calls
 * its user that.
 *
 * Errors go to the standard error, each beginning with "glasschat: ".
 */
#ifndef APP_CLIENT_SCREEN_H
#define APP_CLIENT_SCREEN_H

#include <stdbool.h>

#include "app/client/line/line.h"
#include "app/client/people.h"
#include "app/client/unread.h"
#include "app/message/message.h"
#include "app/message/seen_names.h"
#include "app/peer/identity.h"
#include "app/peer/peers.h"

#define SCREEN_ERROR_LEN (3 * MESSAGE_NOTICE_MAX)
#define SCREEN_SERVER_SAYS "the server says: "

struct screen {
    struct line line;
    struct seen_names seen_names; /* whose names were seen */
    struct people people;         /* who is where */
    struct unread unread;         /* what came elsewhere than where one talks */
    bool complained;              /* something that was asked for could not be done */
    bool script_ends;             /* nothing more of it is read */
};

/* --- Where one talks ---------------------------------------------------------------------------------------------- */

/* In a room, or with the user of whom it is @ and the name; empty: nowhere. It is the prompt's. */
void screen_go_to(struct screen *s, const char *place);

/* What came there was answered, and counts no more. */
void screen_answered(struct screen *s, const char *place);

/* This user has left that room. */
void screen_left(struct screen *s, const char *room);

/* Somebody has said something in a room, or, PEOPLE_DIRECT, to this user alone: to be called before it is shown. */
void screen_spoke(struct screen *s, const char *room, const char *sender);

/* --- What arrives: each message must be of the type whose row it is ----------------------------------------------- */

void screen_said(struct screen *s, const struct message *said);

/* user: one's own name, which is not shown. */
void screen_presence(struct screen *s, const struct message *presence, const char *user);

void screen_notice(struct screen *s, const struct message *notice);

/* A page of who is in a room. quiet: it is remembered, and not shown. */
void screen_members(struct screen *s, const struct message *members, bool quiet);

/* --- Between users ------------------------------------------------------------------------------------------------ */

/* A call is open. first: the fingerprint of a key that was not known before, or NULL. talking: the user waits for
 * it. */
void screen_call(struct screen *s, const char *peer, enum peer_state state, const uint8_t *first, bool talking);

void screen_direct(struct screen *s, const char *peer, enum peer_state state, const char *text, size_t len);

/* The peer has acknowledged a text; or has not. */
void screen_has_it(struct screen *s, const char *peer);
void screen_unconfirmed(struct screen *s, const char *peer, const char *text, size_t len);

/* A text that was said in a room is not answered, and the connection was cut. */
void screen_unanswered(struct screen *s, const char *room, const char *text, size_t len);

/* ... and this one can't have arrived: the connection was lost before it was sent. */
void screen_unsent(struct screen *s, const char *room, const char *text, size_t len);

/* A text was not sent at all; and a call ended that was wanted. */
void screen_unsaid(struct screen *s, const char *peer, const char *why);
void screen_call_ended(struct screen *s, const char *peer, const char *why);

/* Why this client takes no calls. */
void screen_no_identity(struct screen *s, const char *user, enum identity_result result, const char *why);

/* --- Lists -------------------------------------------------------------------------------------------------------- */

/* One row of the list of rooms. */
void screen_room(struct screen *s, const struct message_entry *room, bool you_among_them);

void screen_blocked(struct screen *s, const struct message *blocked);

/* Where what is typed goes from now on. */
void screen_talk_in(struct screen *s, const char *room);

/* That the request was done, where that has words: joining, leaving, blocking and unblocking. about: the name of the
 * room or user. */
void screen_done(struct screen *s, enum message_type request, const char *about);

/* That a request about a room or user was refused, and why. A refused /join or /leave ends a script. */
void screen_not_done(struct screen *s, enum message_type request, const char *about, const char *why);

/* An error that answers nothing, in the server's words. */
void screen_server_error(struct screen *s, const struct message *error);

/* --- What goes wrong here ----------------------------------------------------------------------------------------- */

/* One line of error for the user; s->complained is set. */
void screen_complain(struct screen *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same of a line that is neither a command nor a text, or of a command that has not put all of its questions: what
 * would have answered them may follow. What a person typed or pasted right after it is thrown away; of a script nothing
 * more is read, and s->script_ends is set. */
void screen_not_understood(struct screen *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same of a word where the name of a user or a room (what) should be. A script's is not shown, as its line tells
 * which it is: where its lines end otherwise than they should, a password follows the name. */
void screen_bad_name(struct screen *s, const char *name, const char *what);

/* The same where the name of a sealed room should be: a person may have forgotten its mark, or typed capitals. */
void screen_bad_sealed_name(struct screen *s, const char *name);

/* The same of a command that was understood and not done, where what follows would go elsewhere than it was meant to:
 * what a person typed after it stays, as it is seen where it goes. To be called before a script's next line is read,
 * as the number of the last one is told. */
void screen_refused(struct screen *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
