/* SPDX-License-Identifier: MIT */
/* The conversation: what was asked and not yet answered, which rooms one is in, what is shown.
 *
 * Use it:      dialog_init(&d, &link);
 *              signin(...);                     signin.h: until logged in
 *              int status = dialog_run(&d);       until the user or the server ends it
 * Read next:   command.c, what can be typed; dialog.c, what can arrive.
 *
 * What is written to the standard output, one line each:
 *
 *      [lobby] alice: hello            alice said hello in lobby
 *      * bob joined lobby              bob, carol joined lobby; bob left lobby
 *      * in lobby: alice, bob          the answer to /who; several such lines in a large room
 *      * room lobby: 2 members         the answer to /rooms, one line a room
 *      * you don't hear: bob, carol    the answer to /blocks
 *      * notice: the server stops      from the server
 *      * ...                           everything else that is no message
 *
 * A name is shown as app/message/seen_names.h says: `b0b (looks like bob)` where it looks like another, in the lines of
 * who joined and who is there and in the first that he says; and 'you' in quotes, as the client calls its user that.
 *
 * Errors go to the standard error, each beginning with "glasschat: ".
 */
#ifndef CLIENT_DIALOG_H
#define CLIENT_DIALOG_H

#include <stdbool.h>
#include <stdint.h>

#include "app/client/line.h"
#include "app/client/server_link.h"
#include "app/message/seen_names.h"
#include "net/certificate.h"

#define DIALOG_PENDING_MAX 32 /* requests in flight: after that, no more is read from the keyboard or the script */
#define DIALOG_ROOMS_MAX 64
#define DIALOG_PAGES_MAX 250      /* of one list that are asked for: 100,000 names, or it is a server that never ends */
#define DIALOG_QUIET_PAGES_MAX 10 /* of those who were in a room before: about as many as seen_names.h remembers */
#define DIALOG_SILENCE_SECONDS 60 /* after this much of it the server is pinged; after twice as much, it is gone */
#define DIALOG_ANSWER_SECONDS 120 /* the oldest request waits no longer for its answer, a list for its last page */
#define DIALOG_GOODBYE_SECONDS 5
#define DIALOG_ERROR_LEN (3 * MESSAGE_NOTICE_MAX)

struct pending {
    uint32_t request;
    enum message_type type;
    char room[NAME_MAX_LEN + 1];
    char after[NAME_MAX_LEN + 1]; /* of a list's page: the last name of the one before it, or empty */
    unsigned page;                /* how many came before it */
    bool log_limit;               /* the client's own question: its answer is not shown, and nobody waits for it */
    uint64_t asked;               /* when, in seconds of the link's clock; of a list's page, the list */
};

struct dialog {
    struct server_link link;
    struct line line;
    char server[SOCK_NAME_LEN]; /* its name, as people write it */
    char user[NAME_MAX_LEN + 1];
    struct seen_names seen_names;                   /* whose names were seen */
    char room[NAME_MAX_LEN + 1];                    /* where what is typed goes; empty: nowhere */
    char rooms[DIALOG_ROOMS_MAX][NAME_MAX_LEN + 1]; /* all that one is in, the one joined last at the end */
    size_t rooms_len;
    struct pending pending[DIALOG_PENDING_MAX + 2]; /* the two are for a ping and the logging out */
    size_t pending_len;
    uint16_t error;                    /* of the last answer: 0 for ok, else its code */
    char error_text[DIALOG_ERROR_LEN]; /* and its words, told from ours where they are not the usual */
    bool logged_in;
    bool ended;       /* the connection is over */
    bool broken;      /* ... and not as it should be */
    bool complained;  /* something that was asked for could not be done */
    bool script_ends; /* nothing more of it is read */
    bool leaving, replaced, interrupted;
    bool deleted;                             /* the account is gone, and the server says good-bye by itself */
    uint8_t secret[MESSAGE_SECRET_LEN];       /* of the last answer that had one; whoever asked wipes it */
    uint8_t certificate[CERTIFICATE_MAX_LEN]; /* of the last answer that had one, and not checked yet */
    size_t certificate_len;                   /* 0: that user has none */
};

/* Everything but the link, which server_link_open fills in. */
void dialog_init(struct dialog *d);

/* Sends a request and remembers it; room is for what the answer will mean, or "". False where the connection is
 * over. */
bool dialog_ask(struct dialog *d, struct message *m, const char *room);

/* Asks, and waits for the answer. True where it was no error, also where the connection is over by then; else, unless
 * it is, error and error_text say what it was. What was asked before is answered first: the pages of a list that goes
 * on would come behind this answer, and it would be forgotten. */
bool dialog_request(struct dialog *d, struct message *m, const char *room);

/* Waits until all that was asked is answered. False where the connection ended first or a signal came. */
bool dialog_settle(struct dialog *d);

/* Reads lines and shows what arrives until the end; says good-bye. */
void dialog_run(struct dialog *d);

/* One line of error for the user; d->complained is set. */
void dialog_complain(struct dialog *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same of a line that is neither a command nor a text, or of a command that has not put all of its questions: what
 * would have answered them may follow. What a person typed or pasted right behind it is thrown away; of a script
 * nothing more is read, and d->script_ends is set. */
void dialog_not_understood(struct dialog *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same of a word where the name of a user or a room (what) should be. A script's is not shown, as its line tells
 * which it is: where its lines end otherwise than they should, a password is behind the name. */
void dialog_bad_name(struct dialog *d, const char *name, const char *what);

/* The same of a command that was understood and not done, where what follows would go elsewhere than it was meant to:
 * what a person typed behind it stays, as it is seen where it goes. To be called before a script's next line is read,
 * as the number of the last one is told. */
void dialog_refused(struct dialog *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Where what is typed goes from now on. room is one that one is in, or empty. */
void dialog_go_to(struct dialog *d, const char *room);
bool dialog_is_in(const struct dialog *d, const char *room);

#endif
