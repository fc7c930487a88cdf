/* SPDX-License-Identifier: MIT */
/* The chat's own messages: what travels inside application Records between a client and the server.
 *
 * Standard:    docs/protocol.md, section 10, which defines every layout and code.
 * Use it:      out  struct message m = {.type = MESSAGE_SAY, .request = ++last_request};
 *                   strcpy(m.say.room, "lobby");
 *                   m.say.text = (struct message_bytes){text, text_len};
 *                   message_encode(buf, sizeof buf, &len, &m);
 *              in   enum message_error why = message_decode(&m, payload, payload_len);
 *                   if (why != 0) answer with why (m.request is set), else switch (m.type) ...
 * Timing:      depends on the message's bytes, its lengths and its type. Whoever decodes already has the plaintext; no
 *              secret is compared here.
 * Read next:   message.c, whose table is the layout; name.h, email.h, text.h, password.h, the rules for single fields.
 *
 * Every message is `u8 type | u32 request | fields`:
 *
 *        0      1                5
 *      +------+----------------+--------------------------+
 *      | type | request number | fields of the type ...   |
 *      +------+----------------+--------------------------+
 *
 * A client numbers its requests 1, 2, 3 ... An answer carries the number of its request, a push carries 0.
 */
#ifndef APP_MESSAGE_MESSAGE_H
#define APP_MESSAGE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/message/email.h"
#include "app/message/name.h"
#include "app/message/password.h"
#include "app/message/text.h"
#include "crypto/bytes.h"

#define MESSAGE_HEADER_LEN 5
#define MESSAGE_MAX_LEN 16384 /* what a Record's payload can be at most */

#define MESSAGE_CODE_LEN 6      /* digits of a second factor's code */
#define MESSAGE_SECRET_LEN 20   /* bytes of a second factor's secret */
#define MESSAGE_NOTICE_MAX 1000 /* bytes of text in an error or a notice */

/* The notice of a server that stops: whoever was closed after it may be let in again soon. */
#define MESSAGE_NOTICE_STOPPING "the server is stopping"
#define MESSAGE_LIST_MAX 400    /* entries in one answer or push: they always fit MESSAGE_MAX_LEN */
#define MESSAGE_BLOCKED_MAX 64  /* users that one user can have blocked: one answer has them all */
#define MESSAGE_CALL_LEN 16     /* bytes that tell a call between two users from their others */
#define MESSAGE_FRAME_MAX 4164  /* bytes of a frame in a relay: a Record with 4,096 of payload */
#define MESSAGE_SEALED_MIN 580  /* bytes of a line in a sealed room: all that is around the text, and its first block */
#define MESSAGE_SEALED_MAX 4580 /* the same of the longest text; between them whole blocks */

/* The room that everybody is in after logging in. It is always there. */
#define MESSAGE_LOBBY "lobby"

enum message_type {
    /* Requests, sent by a client. */
    MESSAGE_REGISTER = 1,
    MESSAGE_LOG_IN = 2,
    MESSAGE_LOG_OUT = 3,
    MESSAGE_PING = 4,
    MESSAGE_LIST_ROOMS = 5,
    MESSAGE_JOIN = 6,
    MESSAGE_LEAVE = 7,
    MESSAGE_SAY = 8,
    MESSAGE_WHO = 9,
    MESSAGE_CHANGE_PASSWORD = 10,
    MESSAGE_DELETE_ACCOUNT = 11,
    MESSAGE_BEGIN_SECOND_FACTOR = 12,
    MESSAGE_CONFIRM_SECOND_FACTOR = 13,
    MESSAGE_END_SECOND_FACTOR = 14,
    MESSAGE_REPLACE_CERTIFICATE = 15,
    MESSAGE_BLOCK = 16,
    MESSAGE_UNBLOCK = 17,
    MESSAGE_FETCH_CERTIFICATE = 18,
    MESSAGE_RELAY = 19,
    MESSAGE_SEAL = 20,
    MESSAGE_READY = 21,
    MESSAGE_LIST_BLOCKED = 24,
    /* Answers, sent by the server. */
    MESSAGE_OK = 64,
    MESSAGE_ERROR = 65,
    MESSAGE_ROOMS = 66,
    MESSAGE_MEMBERS = 67,
    MESSAGE_SECRET = 68,
    MESSAGE_CERTIFICATE = 69,
    MESSAGE_BLOCKED = 72,
    /* Pushes, sent by the server. */
    MESSAGE_SAID = 96,
    MESSAGE_PRESENCE = 97,
    MESSAGE_NOTICE = 98,
    MESSAGE_REPLACED = 99,
    MESSAGE_STILL_THERE = 100,
    MESSAGE_RELAYED = 101,
    MESSAGE_SEALED = 102,
};

enum message_error {
    MESSAGE_E_NONE = 0,
    MESSAGE_E_MALFORMED = 1,    /* not a message, or not in turn; the server closes after saying so */
    MESSAGE_E_UNKNOWN_TYPE = 2, /* a request that this server does not know */
    MESSAGE_E_NOT_LOGGED_IN = 3,
    MESSAGE_E_ALREADY_LOGGED_IN = 4,
    MESSAGE_E_LOGIN_FAILED = 5, /* name, password or code: never says which */
    MESSAGE_E_TRY_LATER = 6,    /* too many failures or too many requests; the text says how long to wait */
    MESSAGE_E_BAD_NAME = 7,     /* of a user or a room */
    MESSAGE_E_BAD_EMAIL = 8,
    MESSAGE_E_BAD_PASSWORD = 9, /* its length; never said of a wrong one */
    MESSAGE_E_BAD_TEXT = 10,
    MESSAGE_E_BAD_CERTIFICATE = 11,
    MESSAGE_E_NAME_TAKEN = 12,
    MESSAGE_E_NO_SUCH_ROOM = 13,
    MESSAGE_E_NOT_IN_ROOM = 14,
    MESSAGE_E_ALREADY_IN_ROOM = 15,
    MESSAGE_E_LIMIT = 16,     /* a bound of the server is reached: accounts, rooms, members */
    MESSAGE_E_NOT_SAVED = 17, /* the store failed; nothing was changed */
    MESSAGE_E_STOPPING = 18,  /* the server is going down */
    MESSAGE_E_NO_SUCH_USER = 19,
    MESSAGE_E_NO_SECOND_FACTOR = 20, /* none to be confirmed, or to be ended */
    MESSAGE_E_WRONG_CODE = 21,       /* after logging in, the password was right: the code was not */
    MESSAGE_E_NOT_HERE = 22,         /* a relay's user has not logged in, or not said that it takes calls */
};

/* Bytes that belong to somebody else: after decoding they point into the payload and live as long as it does. */
struct message_bytes {
    const uint8_t *data;
    size_t len;
};

/* A list as it stands on the wire: `u16 count`, then the entries, their names ascending by their bytes. Read it with
 * message_list_next, make it with message_list_init and message_list_add. */
struct message_list {
    size_t count;               /* entries left to read, or written so far */
    struct message_bytes bytes; /* the entries left to read, or written so far */
};

enum message_presence { MESSAGE_JOINED = 1, MESSAGE_LEFT = 2 };

/* One message. type says which member of the union counts; LOG_OUT, PING, READY, LIST_BLOCKED, OK, REPLACED
 * and STILL_THERE have none. Names are NUL-terminated; those of rooms may be sealed ones', but in say and said. */
struct message {
    enum message_type type;
    uint32_t request;
    union {
        struct {
            char name[NAME_MAX_LEN + 1];
            char email[EMAIL_MAX_LEN + 1];
            struct message_bytes password;
            struct message_bytes certificate; /* empty: none */
        } registration;
        struct {
            char name[NAME_MAX_LEN + 1];
            struct message_bytes password;
            char code[MESSAGE_CODE_LEN + 1]; /* empty, or six digits */
        } log_in;
        struct {
            char after[NAME_MAX_LEN + 1]; /* empty: from the first; else only rooms whose names come after it */
        } list_rooms;
        struct {
            char room[NAME_MAX_LEN + 1];
        } join, leave;
        struct {
            char room[NAME_MAX_LEN + 1];
            struct message_bytes text;
        } say;
        struct {
            char room[NAME_MAX_LEN + 1];
            char after[NAME_MAX_LEN + 1]; /* empty: from the first; else only members whose names come after it */
        } who;
        struct {
            struct message_bytes password;   /* the one that it has */
            char code[MESSAGE_CODE_LEN + 1]; /* empty where it has no second factor */
            struct message_bytes new_password;
        } change_password;
        struct {
            struct message_bytes password;
            char code[MESSAGE_CODE_LEN + 1];
        } delete_account, begin_second_factor, end_second_factor;
        struct {
            char code[MESSAGE_CODE_LEN + 1]; /* of the new secret */
        } confirm_second_factor;
        struct {
            struct message_bytes password;
            char code[MESSAGE_CODE_LEN + 1];
            struct message_bytes certificate; /* empty: from now on none */
        } replace_certificate;
        struct {
            char name[NAME_MAX_LEN + 1]; /* of a user */
        } block, unblock, fetch_certificate;
        struct {
            char name[NAME_MAX_LEN + 1];    /* to whom; in relayed from whom, stamped by the server */
            uint8_t call[MESSAGE_CALL_LEN]; /* which of the calls between the two */
            struct message_bytes frame;     /* one whole frame of net/frame.h; empty: there is no such call */
        } relay, relayed;
        struct {
            char room[NAME_MAX_LEN + 1]; /* a sealed one */
            struct message_bytes sealed; /* what its members alone can open */
        } seal;
        struct {
            uint16_t code;             /* an enum message_error, or one that this version does not know */
            struct message_bytes text; /* one line for a person */
        } error;
        struct {
            uint8_t more;             /* 1: ask again with after = the last name here; 0: that was all */
            struct message_list list; /* entries with members; ascending by name */
        } rooms;
        struct {
            char room[NAME_MAX_LEN + 1];
            uint8_t more;
            struct message_list list; /* entries without members; ascending by name */
        } members;
        struct {
            uint8_t secret[MESSAGE_SECRET_LEN]; /* of a second factor; wipe it after use */
        } secret;
        struct {
            char name[NAME_MAX_LEN + 1];
            struct message_bytes certificate; /* empty: that user has none */
        } certificate;
        struct {
            struct message_list list; /* entries without members, up to MESSAGE_BLOCKED_MAX; ascending by name */
        } blocked;
        struct {
            char room[NAME_MAX_LEN + 1];
            char sender[NAME_MAX_LEN + 1]; /* stamped by the server */
            uint64_t time;                 /* Unix seconds, the server's clock */
            struct message_bytes text;
        } said;
        struct {
            char room[NAME_MAX_LEN + 1];   /* a sealed one */
            char sender[NAME_MAX_LEN + 1]; /* stamped by the server */
            uint64_t time;                 /* Unix seconds, the server's clock */
            struct message_bytes sealed;
        } sealed;
        struct {
            uint8_t what; /* enum message_presence */
            char room[NAME_MAX_LEN + 1];
            struct message_list list; /* who: 1 or more names, no members; ascending by name */
        } presence;
        struct {
            struct message_bytes text;
        } notice;
    };
};

/* Writes a message and sets *out_len. Fails with -1, and writes nothing that counts, where out_cap is too small
 * (MESSAGE_MAX_LEN never is) or a field breaks its rule, so that what was encoded is always accepted by message_decode.
 * The type must be one of the enum's. */
MUST_USE int message_encode(uint8_t *out, size_t out_cap, size_t *out_len, const struct message *m);

/* Reads a message and checks everything that can be checked without knowing anything else: lengths, names, e-mail
 * address, password length, a certificate's layout, UTF-8, trailing bytes. Returns 0, or the code to answer with.
 * m->request is set even then (0 where there was none to read), and m->type where it could be read, the other members
 * only on success. MESSAGE_E_MALFORMED means that the sender is broken or hostile; any other code means that the
 * sender's user typed something that the rules forbid.
 *
 * It does not check which side may send such a message: see message_is_request. */
MUST_USE enum message_error message_decode(struct message *m, const uint8_t *in, size_t in_len);

/* True for what clients send, types 1 to 63, also those of a later version. A server refuses anything else, and a
 * client refuses all of these. */
bool message_is_request(enum message_type type);

/* True for what comes without having been asked for, with request number 0: message_decode sees to it. Public for
 * tests. */
bool message_is_push(enum message_type type);

/* One English sentence for a code, without a full stop, to be the text of an error. */
const char *message_error_text(enum message_error code);

/* One entry of a list. */
struct message_entry {
    char name[NAME_MAX_LEN + 1];
    uint32_t members; /* in a list of rooms; else 0 */
};

/* Takes the next entry off a decoded list; false at its end. with_members: of a list of rooms. */
bool message_list_next(struct message_list *list, struct message_entry *entry, bool with_members);

/* An empty list whose entries will be written to buf, which must outlive it. */
void message_list_init(struct message_list *list, uint8_t *buf);

/* Bytes that buf needs at most for MESSAGE_LIST_MAX entries. */
#define MESSAGE_LIST_BUF_LEN (MESSAGE_LIST_MAX * (1 + NAME_MAX_LEN + 4))

/* Adds an entry to a list that is being made; -1 if it already has MESSAGE_LIST_MAX. message_encode checks that it
 * comes after the one before it. buf is what message_list_init was given. */
MUST_USE int message_list_add(struct message_list *list, uint8_t *buf, const struct message_entry *entry,
                              bool with_members);

#endif
