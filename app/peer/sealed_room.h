/* SPDX-License-Identifier: MIT */
/* One sealed room as one of its members has it: the founder's lists, the keys of the others and one's own, and the row
 * of lines that were shown.
 *
 *      ASKED --the user accepts--> IN --/leave--> LEFT --a list without one's name--> OUT
 *        | |                        |                                                  |
 *        | +------ /leave ----> LEFT  +------------ a list without one's name ---------->+
 *        +<------- a list with one's name, which its founder gives ---------------------+
 *      any of them but STOPPED: --a list of nobody--> CLOSED;  --two lists that can't both be--> STOPPED
 *
 * Standard:    docs/protocol.md section 9.
 * Use it:      r = sealed_room_found(...), or sealed_room_asked(&list, ...); NULL: no memory
 *              sealed_room_judge(r, &list, peer, fingerprint): SEALED_ROOM_NEWER: write it down, then
 *              sealed_room_take(r, &list, now)
 *              sealed_room_take_key(r, &key, &from, now)
 *              sealed_room_open(r, sender, bytes, len, now, waits, &line)
 *              sealed_room_draw_key(r, now, true, &rng), hand it over, sealed_room_seal(r, &identity, text, ...)
 *              sealed_room_free(r)
 * Timing:      as sealed.h; names, lists and numbers are known to the server anyway.
 * Read next:   sealed_rooms.h, who gets what and when; room_list.h, sender_key.h, sealed.h, the bytes.
 *
 * Bytes in, bytes out: no call, no file, no clock (now is in milliseconds of one that never goes back).
 */
#ifndef APP_PEER_SEALED_ROOM_H
#define APP_PEER_SEALED_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/message/message.h"
#include "app/peer/peers.h"
#include "app/peer/room_list.h"
#include "app/peer/sealed.h"
#include "app/peer/sender_key.h"
#include "app/peer/transcript.h"
#include "crypto/bytes.h"
#include "net/certificate.h"

#define SEALED_ROOM_BEFORE_MS                                                                                          \
    INT64_C(30000) /* for what a list, or a key, has taken the place of; and for what is held */
#define SEALED_ROOM_KEY_MS INT64_C(3600000)    /* one's own key is drawn anew after that */
#define SEALED_ROOM_COMPLAIN_MS INT64_C(60000) /* between two lines about what can't be opened of one sender */
#define SEALED_ROOM_HELD_BYTES 32768           /* of messages of one sender: what the server passes on of one at once */
#define SEALED_ROOM_SHOWN_MAX 1024             /* lines that somebody's next one may name as seen */
#define SEALED_ROOM_GONE_MAX 32                /* whom an earlier list removed, and who may not know it */
#define SEALED_ROOM_OTHERS_MAX (2 * ROOM_LIST_MEMBERS_MAX + SEALED_ROOM_GONE_MAX) /* with those of two lists */
#define SEALED_ROOM_HERE_MAX (2 * ROOM_LIST_MEMBERS_MAX) /* names: the members' own, and of who may become one */

enum sealed_room_state {
    SEALED_ROOM_ASKED,   /* the founder has put one's name on the list, and the user has not answered */
    SEALED_ROOM_IN,      /* a member */
    SEALED_ROOM_LEFT,    /* or refused; the newest list has one's name still */
    SEALED_ROOM_OUT,     /* not on the newest list */
    SEALED_ROOM_STOPPED, /* the founder signed two histories: nothing is taken or said any more */
    SEALED_ROOM_CLOSED   /* by the founder */
};

/* A message whose key or list may still come. */
struct sealed_held {
    struct sealed_held *next;
    int64_t since;
    uint64_t time; /* the server's stamp */
    size_t len;
    uint8_t bytes[];
};

/* What a member was given, for sealed_rooms.h: the newest list, and one's own key. */
struct sealed_handover {
    uint64_t call; /* in which: struct call: number; its 16 bytes the server can make those of the one before */
    bool has_list, has_key;
    uint8_t list[ROOM_LIST_HASH_LEN], key[SENDER_KEY_ID_LEN];
    int64_t at; /* the last of it */
};

/* Another member, of the newest list or the one before; or, for the founder, one who is to hear of its removal. */
struct sealed_other {
    char name[NAME_MAX_LEN + 1];
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    bool listed; /* on the newest list */

    /* Of the call in which a key came last: whose signatures these are. */
    uint8_t certificate[CERTIFICATE_MAX_LEN];
    size_t certificate_len; /* 0: none has come */
    struct rsa_public key;
    enum peer_state state;

    struct sender_key newest, before;
    uint32_t newest_from, before_from; /* the first message that each opens: what is before it was not for us */
    bool has_newest, has_before;
    int64_t replaced; /* when newest took the place of before */

    /* Since one entered: */
    bool spoke;
    uint8_t last[SHA256_DIGEST_LEN]; /* its last line that was shown */
    uint8_t seen[SHA256_DIGEST_LEN]; /* what that had seen */
    struct sealed_held *held;        /* the oldest first */

    bool complained; /* at all */
    int64_t complained_at;

    struct sealed_handover given;
    bool leaves;              /* it has said so, to the founder */
    bool told;                /* it has acknowledged a list on which it is not; or, the founder, that one has left */
    bool here;                /* in the server's room, as far as that says: sealed_room_here */
    bool was_here;            /* since one entered */
    bool to_call;             /* one has entered, and is to call it */
    bool left_out;            /* it could not read one's own last line */
    bool was_called, in_vain; /* by this room; a line has waited for it */
    int64_t called_at, in_vain_at;
};

struct sealed_room {
    struct sealed_room *next; /* for sealed_rooms.h */
    enum sealed_room_state state;
    char me[NAME_MAX_LEN + 1];
    uint8_t own[CERTIFICATE_FINGERPRINT_LEN];
    struct room_list list, before;
    bool has_before;
    int64_t listed_at; /* when list took the place of before */
    char founder[NAME_MAX_LEN + 1];
    uint8_t founder_certificate[CERTIFICATE_MAX_LEN];
    size_t founder_certificate_len;
    struct rsa_public founder_key;
    bool entered;                        /* in the server's room */
    bool kept;                           /* it is on disk: for sealed_rooms.h, as the next */
    uint8_t unsaved[ROOM_LIST_HASH_LEN]; /* of which it was said that it can't be written down */

    int64_t lists_due; /* when the next list of others is, at their pace: for sealed_rooms.h */
    bool list_waits;   /* one was given, and it is too early for it */

    uint64_t said;              /* of the lines of all rooms, the number of its last */
    size_t unkept;              /* lines that are missing in the next, for want of memory */
    struct transcript receipts; /* of what was said since one was in it: for sealed_rooms.h */

    struct sender_key mine;
    bool has_mine;
    int64_t mine_since;
    uint8_t prev[SHA256_DIGEST_LEN], seen[SHA256_DIGEST_LEN]; /* of one's own next line */
    uint8_t shown[SEALED_ROOM_SHOWN_MAX][SHA256_DIGEST_LEN];  /* the newest lines, one's own among them: a ring */
    size_t shown_len, shown_next;
    char here[SEALED_ROOM_HERE_MAX][NAME_MAX_LEN + 1]; /* who is in the server's room; empty: nobody */

    struct sealed_other others[SEALED_ROOM_OTHERS_MAX];
    size_t others_len;
};

/* A new room of that name (valid: name_sealed_valid), with its founder alone, IN it, drawn and signed. NULL: no
 * memory, or this machine computes wrongly. */
struct sealed_room *sealed_room_found(const char *name, const char *me, const struct identity *identity,
                                      struct rng *rng);

/* One that somebody has founded, ASKED: the list was given by its founder, who showed that certificate. NULL: no
 * invitation (the list is signed by another, or has not one's own name and key), or no memory. */
struct sealed_room *sealed_room_asked(const struct room_list *list, const char *me,
                                      const uint8_t own[static CERTIFICATE_FINGERPRINT_LEN], const char *founder,
                                      const uint8_t *certificate, size_t certificate_len);

/* As it was kept: the signatures are checked again. NULL: as above. */
struct sealed_room *sealed_room_kept(enum sealed_room_state state, const struct room_list *list,
                                     const struct room_list *before, const char *me,
                                     const uint8_t own[static CERTIFICATE_FINGERPRINT_LEN], const char *founder,
                                     const uint8_t *certificate, size_t certificate_len);

/* Wipes and frees it. */
void sealed_room_free(struct sealed_room *r);

bool sealed_room_is_founder(const struct sealed_room *r);

/* False: in its state it takes no keys, and has none. */
bool sealed_room_takes_keys(const struct sealed_room *r);

/* Why nothing can be said in it, or one has not joined it, in words that follow its name. */
const char *sealed_room_state_words(const struct sealed_room *r);

/* --- Lists -------------------------------------------------------------------------------------------------------- */

enum sealed_room_news {
    SEALED_ROOM_NOTHING, /* nothing new, older, or not from whom it may come: passed over */
    SEALED_ROOM_NEWER,   /* to be taken */
    SEALED_ROOM_SPLIT    /* signed by the founder, and at odds with what the founder signed before */
};

/* What to do with a list that was given by that peer, with that key. One public RSA operation. */
enum sealed_room_news sealed_room_judge(const struct sealed_room *r, const struct room_list *l, const char *peer,
                                        const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN]);

/* The next list, by the founder: the newest with that member added, or (fingerprint NULL) without it; peer NULL: of
 * nobody. Signed, and not taken. -1: this machine computes wrongly. The list has room for one more (asserted). */
MUST_USE int sealed_room_next_list(struct room_list *next, const struct sealed_room *r, const char *peer,
                                   const uint8_t *fingerprint, const struct identity *identity, struct rng *rng);

/* What the state becomes by that list. */
enum sealed_room_state sealed_room_state_by(const struct sealed_room *r, const struct room_list *l);

/* It is the newest from now on; one's own key is of no use any more, nor are those of whom it removes. */
void sealed_room_take(struct sealed_room *r, const struct room_list *l, int64_t now);

/* The user has answered ASKED, or has left, or two histories were found: keys go where they may not be used again. */
void sealed_room_set_state(struct sealed_room *r, enum sealed_room_state state);

/* --- Others ------------------------------------------------------------------------------------------------------- */

/* With that key, on the newest list or the one before, or to hear of its removal; NULL: nobody, or oneself. */
struct sealed_other *sealed_room_other(struct sealed_room *r, const char *name,
                                       const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN]);

/* Who gave something, in which call. */
struct sealed_from {
    const char *peer;
    const uint8_t *fingerprint, *certificate;
    size_t certificate_len;
    enum peer_state state;
};

/* What came from it opens nothing any more: its key is not believed. */
void sealed_room_forget_keys(struct sealed_other *o);

/* A sender key that was given: kept, or passed over. */
void sealed_room_take_key(struct sealed_room *r, const struct sender_key *k, const struct sealed_from *from,
                          int64_t now);

/* --- Lines -------------------------------------------------------------------------------------------------------- */

/* What a line is marked by. */
enum sealed_mark {
    SEALED_MARK_OLD_LIST = 1, /* said to the list before the newest */
    SEALED_MARK_MISSING = 2,  /* its sender said something before it that was not shown here */
    SEALED_MARK_ANEW = 4,     /* its sender began anew */
    SEALED_MARK_UNSEEN = 8    /* its sender has seen a line that was not shown here */
};

struct sealed_line {
    struct sealed_statement statement;
    const uint8_t *certificate; /* its sender's; valid until the room changes */
    size_t certificate_len;
    uint64_t time; /* the server's */
    enum peer_state state;
    unsigned marks; /* of enum sealed_mark, added */
};

enum sealed_room_opened {
    SEALED_ROOM_DROPPED, /* of nobody on the lists, or of another room: without a word */
    SEALED_ROOM_HELD,    /* its key or its list may still come */
    SEALED_ROOM_LINE,    /* to be shown now: it counts as shown */
    SEALED_ROOM_UNOPENED /* something of that sender could not be opened, or may not be shown */
};

/* A message that the server says to be from that sender. waits: what is missing may come, as a call with the sender is
 * open or being made, or a list waits to be taken. */
enum sealed_room_opened sealed_room_open(struct sealed_room *r, const char *sender, uint64_t time, const uint8_t *in,
                                         size_t in_len, int64_t now, bool waits, struct sealed_line *line);

/* The same of what is held: of the next message that can be opened now, or whose time is over. NULL: there is none;
 * else whose it was, and *opened is LINE or UNOPENED. */
struct sealed_other *sealed_room_open_held(struct sealed_room *r, int64_t now, struct sealed_line *line,
                                           enum sealed_room_opened *opened);

/* Whether it is time to complain of that sender, which is noted then. */
bool sealed_room_may_complain(struct sealed_other *o, int64_t now);

/* One's own key for the newest list is there afterwards; drawn anew where it is another list's, or, for_line, where it
 * is used up or too old. */
void sealed_room_draw_key(struct sealed_room *r, int64_t now, bool for_line, struct rng *rng);

/* Signs and seals a text (valid) under one's own key, which is there (asserted): *s is what was signed. -1: this
 * machine computes wrongly. The room is IN. out has room for SEALED_MAX. */
MUST_USE int sealed_room_seal(struct sealed_room *r, const struct identity *identity, const uint8_t *text,
                              size_t text_len, struct rng *rng, struct sealed_statement *s, uint8_t *out, size_t *len);

/* One has entered the server's room, or left it: what is said in between is not missing. */
void sealed_room_enter(struct sealed_room *r, bool entered);

/* Somebody is in the server's room, or is not: it may be that the list with that name is still to come. */
void sealed_room_here(struct sealed_room *r, const char *name, bool here);

/* What has become too old goes. Milliseconds until there is something to go, at most otherwise. */
void sealed_room_tick(struct sealed_room *r, int64_t now);
int64_t sealed_room_wait(const struct sealed_room *r, int64_t now, int64_t otherwise);

#endif
