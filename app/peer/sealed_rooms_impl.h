/* SPDX-License-Identifier: MIT */
/* What the parts of sealed_rooms.h share: what waits in its three rows, and what one part does for another.
 *
 *      sealed_rooms.c            the rooms, a turn, what the server tells, the user's answers
 *      sealed_rooms_inbox.c      what is given in calls, until the next turn
 *      sealed_rooms_lists.c      which lists are taken, and written down; whom the user is asked about
 *      sealed_rooms_give.c       who is given what in which call, and is called for it; what of it has arrived
 *      sealed_rooms_founder.c    what the founder does: it changes the list, and invites
 *      sealed_rooms_lines.c      the texts that wait, are sealed, or are opened; receipts of them
 *
 * Read next:   sealed_rooms.h.
 */
#ifndef APP_PEER_SEALED_ROOMS_IMPL_H
#define APP_PEER_SEALED_ROOMS_IMPL_H

#include "app/peer/sealed_rooms.h"

#define SEALED_ROOMS_LEAVE_LEN (1 + ROOM_LIST_ID_LEN)

/* Something that was given, in whose call. */
struct sealed_rooms_given {
    struct sealed_rooms_given *next;
    uint8_t room[ROOM_LIST_ID_LEN];
    uint32_t n; /* of a list, as the next two */
    uint8_t before[ROOM_LIST_HASH_LEN], hash[ROOM_LIST_HASH_LEN];
    char peer[NAME_MAX_LEN + 1];
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    uint8_t certificate[CERTIFICATE_MAX_LEN];
    size_t certificate_len;
    enum peer_state state;
    size_t len;
    uint8_t payload[];
};

struct sealed_rooms_text {
    struct sealed_rooms_text *next;
    struct sealed_room *room;
    int64_t since;
    size_t len;
    uint8_t text[];
};

struct sealed_rooms_invite {
    struct sealed_rooms_invite *next;
    struct sealed_room *room;
    char peer[NAME_MAX_LEN + 1];
    int64_t since;
    bool added; /* to the list, which is on its way */
    bool arrived;
    bool again; /* once more, in another call */
    bool failed;
    char why[WHY_LEN];
};

/* --- sealed_rooms.c ----------------------------------------------------------------------------------------------- */

/* NULL: it is not known. */
struct sealed_room *sealed_rooms_by_id(const struct sealed_rooms *rs, const uint8_t id[static ROOM_LIST_ID_LEN]);

/* Another room of that name: of each name one is in one at most. -1 with why: one is in one. */
MUST_USE int sealed_rooms_may_be_in(const struct sealed_rooms *rs, const char *name, char why[static WHY_LEN]);

/* The live call with that member, if it has the key of the list; NULL: there is none. */
const struct call *sealed_rooms_live_call(const struct sealed_rooms *rs, const struct sealed_other *o);

/* The member of that name on the newest list; NULL: there is none, or it is oneself. */
struct sealed_other *sealed_rooms_find_listed(struct sealed_room *r, const char *name);

/* No call is wanted any more with those on that list who are members of nothing now. */
void sealed_rooms_let_go_of_calls(struct sealed_rooms *rs, const struct room_list *l);

/* --- sealed_rooms_inbox.c ----------------------------------------------------------------------------------------- */

/* Takes what was given, or lets it wait; and forgets it all, at the end. */
void sealed_rooms_look_at_inbox(struct sealed_rooms *rs, int64_t now);
void sealed_rooms_drop_inbox(struct sealed_rooms *rs);

/* --- sealed_rooms_lists.c ----------------------------------------------------------------------------------------- */

/* Writes the room down, in that state and with that list, which may be its next. -1 with why: it could not be. */
MUST_USE int sealed_rooms_write(struct sealed_rooms *rs, struct sealed_room *r, enum sealed_room_state state,
                                const struct room_list *l, char why[static WHY_LEN]);

/* A list that is judged newer, or signed by oneself. -1 with why: it could not be written down, and is not taken. */
MUST_USE int sealed_rooms_take_new(struct sealed_rooms *rs, struct sealed_room *r, const struct room_list *l,
                                   int64_t now, char why[static WHY_LEN]);

/* When it is time for another list of that room that others give; and for that founder's next invitation. */
int64_t sealed_rooms_next_list_at(const struct sealed_room *r);
int64_t sealed_rooms_next_asking_at(struct sealed_rooms *rs, const char *founder);

/* One that was given, whatever it is. */
void sealed_rooms_take_list(struct sealed_rooms *rs, const struct sealed_rooms_given *g, int64_t now);

/* --- sealed_rooms_give.c ------------------------------------------------------------------------------------------ */

/* To each whatever it has not, in its live call. */
void sealed_rooms_give_all(struct sealed_rooms *rs, struct sealed_room *r, int64_t now);

/* Whether it has one's own key, as far as that was given in its live call. */
bool sealed_rooms_has_key(const struct sealed_room *r, const struct sealed_other *o);

/* The newest list, or the leaving of it, was given in that call, in which all has been taken. */
bool sealed_rooms_has_taken_list(const struct sealed_room *r, const struct sealed_other *o, const struct call *call);

/* What was to be given to that member, in any room, is given again when there is something to be given in. */
void sealed_rooms_take_back(struct sealed_rooms *rs, const char *name);

/* One has entered, and calls that member; and before a line, whoever is there. */
void sealed_rooms_call_who_is_there(struct sealed_rooms *rs, struct sealed_room *r, struct sealed_other *o,
                                    int64_t now);
void sealed_rooms_reach_all(struct sealed_rooms *rs, struct sealed_room *r, int64_t now);

/* The founder of a room that one has left is called, and again until it knows; when the next time is, or INT64_MAX. */
void sealed_rooms_call_founder(struct sealed_rooms *rs, struct sealed_room *r, int64_t now);
int64_t sealed_rooms_call_founder_at(const struct sealed_rooms *rs, const struct sealed_room *r);

/* --- sealed_rooms_founder.c --------------------------------------------------------------------------------------- */

/* Whoever is to be invited, and has been reached, is put on the list; or the user is told why not. */
void sealed_rooms_go_on_inviting(struct sealed_rooms *rs, int64_t now);

/* All that was given in that call has been taken: invitations among it have arrived. */
void sealed_rooms_note_arrived(struct sealed_rooms *rs, const struct call *call);

/* Whoever has left is removed. */
void sealed_rooms_remove_leavers(struct sealed_rooms *rs, struct sealed_room *r, int64_t now);

/* --- sealed_rooms_lines.c ----------------------------------------------------------------------------------------- */

/* All of that room's that wait: the user is told why they are not said. And those of all rooms, without a word. */
void sealed_rooms_give_texts_back(struct sealed_rooms *rs, const struct sealed_room *r, const char *why);
void sealed_rooms_drop_texts(struct sealed_rooms *rs);

/* From now on what is said there is kept, as far as there is memory; what can't be is counted, in r->unkept. */
void sealed_rooms_begin_receipts(struct sealed_room *r);

/* What could not be opened before. */
void sealed_rooms_show_held(struct sealed_rooms *rs, struct sealed_room *r, int64_t now);

/* After a line: whoever turns out not to have its key. */
void sealed_rooms_tell_late(struct sealed_rooms *rs, struct sealed_room *r, int64_t now);

/* False: no text waits, or it goes on waiting. */
bool sealed_rooms_say_next(struct sealed_rooms *rs, struct sealed_room *r, int64_t now);

#endif
