/* SPDX-License-Identifier: MIT */
/* All sealed rooms of one user at one server: who is given what in which call, what waits to be said, and what the user
 * hears of it.
 *
 *      what is given in calls --> inbox --+                    +--> lists and keys, given in live calls
 *      what the server pushes ------------+--> sealed_rooms ---+--> seal requests, behind the last key
 *      what the user types ---------------+    _go_on          +--> calls to whoever is there
 *
 * Nothing is ever requested of a member: in each turn each of them that has a live call is given what it was not given
 * in that call, the newest list, and one's own key. So it is the same whether a call is new, a list or a key changed,
 * or somebody was away.
 *
 * Standard:    docs/protocol.md section 9.
 * Use it:      sealed_rooms_init(&rs, &config, &hooks, &calls); sealed_rooms_load(&rs, why)
 *              as hooks of calls:    sealed_rooms_given, _taken, _is_member, _unreached
 *              the user:             sealed_rooms_found, _invite, _remove, _accept, _leave, _close, _say, _save
 *              the server:           _entered, _here, _sealed
 *              in each turn:         sealed_rooms_go_on(&rs, now)             and before sealed_rooms_wait has passed
 *              sealed_rooms_free(&rs)
 * Timing:      as sealed_room.h.
 * Read next:   sealed_room.h, one room; calls.h; app/client/room_talk.h, whose rooms these are.
 *
 * Bytes in, bytes out, but for rooms_file.h: now is as in calls.h, and it is all on one thread. A hook calls none of
 * these functions but those that find, and say states in words.
 */
#ifndef APP_PEER_SEALED_ROOMS_H
#define APP_PEER_SEALED_ROOMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/peer/calls.h"
#include "app/peer/rooms_file.h"
#include "app/peer/sealed_room.h"
#include "crypto/bytes.h"
#include "net/why.h"

#define SEALED_ROOMS_LINE_MS INT64_C(3000)    /* that a line waits for calls under way, or a list */
#define SEALED_ROOMS_CALL_MS INT64_C(15000)   /* between two calls of a room to one member */
#define SEALED_ROOMS_LEAVE_MS INT64_C(300000) /* between two calls to tell an absent founder that one has left */
#define SEALED_ROOMS_INVITE_MS                                                                                         \
    INT64_C(16000)                         /* for whoever is invited to be reached: longer than a call takes to fail */
#define SEALED_ROOMS_LIST_MS INT64_C(1000) /* between two lists of a room that others give, in the long run */
#define SEALED_ROOMS_LISTS 32              /* of them that are taken without waiting */
#define SEALED_ROOMS_ASKED_MAX 8           /* invitations that wait for the user */
#define SEALED_ROOMS_ASKED_OF_ONE 2        /* of them, of one founder */
#define SEALED_ROOMS_ASKING_MS INT64_C(10000) /* between two invitations of one founder, in the long run */
#define SEALED_ROOMS_ASKINGS 8                /* of them that are shown without waiting */
#define SEALED_ROOMS_ASKERS_MAX 32            /* founders whose pace is kept */
#define SEALED_ROOMS_LINES_MAX 32             /* that wait to be sealed: then sealed_rooms_take_more says no */

struct sealed_rooms_hooks {
    void *arg;
    /* The user is asked. */
    void (*asked)(void *arg, const struct sealed_room *r);
    /* The user can't be asked about a room of that name, as one is in another of that name. */
    void (*name_taken)(void *arg, const char *room, const char *founder);
    /* A new list was taken: r->list, and r->before is the one before; r->state may have changed by it. Of
     * rooms that one was in; or was asked about, and is no longer. */
    void (*listed)(void *arg, const struct sealed_room *r);
    /* The founder signed two histories. */
    void (*stopped)(void *arg, const struct sealed_room *r);
    void (*line)(void *arg, const struct sealed_room *r, const struct sealed_line *line);
    /* One's own, as it goes to the server. */
    void (*said)(void *arg, const struct sealed_room *r, const struct sealed_statement *s);
    /* Something of that sender could not be opened. */
    void (*unopened)(void *arg, const struct sealed_room *r, const char *sender);
    /* A text was not said, and won't be. */
    void (*unsaid)(void *arg, const struct sealed_room *r, const uint8_t *text, size_t len, const char *why);
    /* The line that is said next can't be read by these members, one of whom could read the line before. */
    void (*left_out)(void *arg, const struct sealed_room *r, const char *const *names, size_t n);
    /* Whoever was to be invited can't be. */
    void (*uninvited)(void *arg, const struct sealed_room *r, const char *peer, const char *why);
    /* Something could not be written down, and was not taken. */
    void (*complain)(void *arg, const char *why);
    /* Whether another request can be sent; and sends one, seal. False: the connection is over. */
    bool (*may_send)(void *arg);
    bool (*send)(void *arg, const char *room, const uint8_t *sealed, size_t len);
};

/* Borrowed for the life of the rooms. */
struct sealed_rooms_config {
    const char *me;
    const struct identity *identity;
    const struct peers *peers;
    struct rooms_file file;
};

/* At whose pace the user is asked. */
struct sealed_rooms_asker {
    char founder[NAME_MAX_LEN + 1];
    int64_t due;                    /* when the next asking is, at that pace: SEALED_ROOMS_ASKINGS - 1 may be earlier */
    uint8_t told[ROOM_LIST_ID_LEN]; /* the last room whose name was told to be taken */
};

struct sealed_rooms_given;
struct sealed_rooms_text;
struct sealed_rooms_invite;

struct sealed_rooms {
    struct sealed_rooms_config config;
    struct sealed_rooms_hooks hooks;
    struct calls *calls;
    struct rng rng;
    uint8_t own[CERTIFICATE_FINGERPRINT_LEN];
    struct sealed_room *list;
    struct sealed_rooms_given *inbox, **inbox_end; /* what was given, and not looked at, or waits */
    int64_t inbox_at;                              /* when it is to be looked at */
    struct sealed_rooms_text *texts, **texts_end;  /* of all rooms, the oldest first */
    size_t texts_len;
    struct sealed_rooms_invite *invites;
    struct sealed_rooms_asker askers[SEALED_ROOMS_ASKERS_MAX];
    uint64_t said;           /* lines, so far */
    struct sealed_line line; /* for one at a time */
};

/* Makes no call and reads no file yet. */
void sealed_rooms_init(struct sealed_rooms *rs, const struct sealed_rooms_config *config,
                       const struct sealed_rooms_hooks *hooks, struct calls *calls);

/* Reads those that are kept. -1 with why: there are none then, and nothing may be founded or accepted. */
MUST_USE int sealed_rooms_load(struct sealed_rooms *rs, char why[static WHY_LEN]);

/* Wipes and frees all. What was freed, or is all zeros, is of no rooms: nothing may be founded or given in it, and all
 * else may be called. */
void sealed_rooms_free(struct sealed_rooms *rs);

/* --- Of calls ----------------------------------------------------------------------------------------------------- */

/* struct calls_hooks: given, taken, is_member and unreached. given is false, too, where there is no memory, or too much
 * waits to be looked at. */
bool sealed_rooms_given(struct sealed_rooms *rs, const struct call *call, const uint8_t *payload, size_t len);
bool sealed_rooms_is_member(const struct sealed_rooms *rs, const char *peer);
void sealed_rooms_taken(struct sealed_rooms *rs, const struct call *call);
void sealed_rooms_unreached(struct sealed_rooms *rs, const char *peer, const char *why);

/* --- Of the user -------------------------------------------------------------------------------------------------- */

/* The room of that name: the one that one is in, or else one that one is asked about, or of those that are over the one
 * whose list changed last. NULL: there is none. */
struct sealed_room *sealed_rooms_find(const struct sealed_rooms *rs, const char *name);

/* The one of that name whose receipts are asked for: the one that one is in, or else the newest in which something was
 * said; NULL: there is no room of that name. */
struct sealed_room *sealed_rooms_find_said(const struct sealed_rooms *rs, const char *name);

/* The one of that name, in state asked, to which that founder invites; NULL: there is none. */
struct sealed_room *sealed_rooms_find_asked(const struct sealed_rooms *rs, const char *name, const char *founder);

/* Each of these: 0, or -1 with why, and nothing has changed. r is one of the list. */
MUST_USE int sealed_rooms_found(struct sealed_rooms *rs, const char *name, char why[static WHY_LEN]);
MUST_USE int sealed_rooms_accept(struct sealed_rooms *rs, struct sealed_room *r, char why[static WHY_LEN]);
MUST_USE int sealed_rooms_leave(struct sealed_rooms *rs, struct sealed_room *r, char why[static WHY_LEN]);

/* Of the founder alone (else -1). An invitation goes out once whoever it is for has been reached; until then it can be
 * taken back as somebody on the list is removed. */
MUST_USE int sealed_rooms_invite(struct sealed_rooms *rs, int64_t now, struct sealed_room *r, const char *peer,
                                 char why[static WHY_LEN]);
MUST_USE int sealed_rooms_remove(struct sealed_rooms *rs, int64_t now, struct sealed_room *r, const char *peer,
                                 char why[static WHY_LEN]);
MUST_USE int sealed_rooms_close(struct sealed_rooms *rs, int64_t now, struct sealed_room *r, char why[static WHY_LEN]);

/* Writes what was said there, as far as it was shown here, to a new file: transcript.h; r->unkept lines are missing
 * there. -1 with why. */
MUST_USE int sealed_rooms_save(const struct sealed_room *r, const char *path, char why[static WHY_LEN]);

/* A valid text, which is said, or told by unsaid. */
void sealed_rooms_say(struct sealed_rooms *rs, int64_t now, struct sealed_room *r, const uint8_t *text, size_t len);

/* False: so many lines wait already that no further one should be read. And whether any waits. */
bool sealed_rooms_take_more(const struct sealed_rooms *rs);
bool sealed_rooms_wait_for_texts(const struct sealed_rooms *rs);

/* What is known of that member's key, in words: the state of its key, or that it was not met, or that it is another. */
const char *sealed_rooms_state_words(const struct sealed_rooms *rs, const struct sealed_room *r,
                                     const struct room_list_member *m);

/* False: that member of a room that one is in can't read what one says, as far as is known: the user was told so, or
 * what it was given has not been acknowledged in time. */
bool sealed_rooms_may_read(const struct sealed_rooms *rs, const struct sealed_room *r, const struct room_list_member *m,
                           int64_t now);

/* --- Of the server ------------------------------------------------------------------------------------------------ */

/* One has joined the server's room of that name, or left it. */
void sealed_rooms_entered(struct sealed_rooms *rs, const char *room, bool entered);

/* Whether that user is in it; call: one has entered, and calls those who are there. */
void sealed_rooms_here(struct sealed_rooms *rs, const char *room, const char *name, bool here, bool call);

/* A push of type MESSAGE_SEALED. */
void sealed_rooms_sealed(struct sealed_rooms *rs, int64_t now, const struct message *m);

/* It is all over, and why, in words: what waited to be said is told. */
void sealed_rooms_cut(struct sealed_rooms *rs, const char *why);

/* Goes on with all of it; and milliseconds until it must be called again, at most otherwise. That what was given is not
 * acknowledged in time is found out in the turn after: so otherwise is a second, say, while anybody may be shown it. */
void sealed_rooms_go_on(struct sealed_rooms *rs, int64_t now);
int64_t sealed_rooms_wait(const struct sealed_rooms *rs, int64_t now, int64_t otherwise);

#endif
