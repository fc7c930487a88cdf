/* SPDX-License-Identifier: MIT */
/* The conversation with the server: what was asked and not yet answered, and in which rooms the user is.
 *
 * Use it:      conversation_ask(&c, &message, room);
 *              conversation_receive(&c);                 whenever the link may have something
 *              conversation_check_times(&c);             now and then
 * Timing:      as server_link.h. A secret that was answered is kept until whoever asked has taken it.
 * Read next:   loop.h, which calls these; screen.h, how things are shown.
 */
#ifndef APP_CLIENT_CONVERSATION_H
#define APP_CLIENT_CONVERSATION_H

#include <stdbool.h>
#include <stdint.h>

#include "app/client/backoff.h"
#include "app/client/dial.h"
#include "app/client/direct.h"
#include "app/client/form.h"
#include "app/client/kept_secret.h"
#include "app/client/screen.h"
#include "app/client/server_link.h"
#include "app/client/unanswered.h"
#include "net/certificate.h"

/* Requests in flight: after that, no more is read from the keyboard or the script. */
#define CONVERSATION_PENDING_MAX 32

#define CONVERSATION_ROOMS_MAX 64

/* Pages of one list that are asked for: 100,000 names, or it is a server that never ends. And of those who were in a
 * room before, which nobody asked to see: about as many as seen_names.h remembers. */
#define CONVERSATION_PAGES_MAX 250
#define CONVERSATION_QUIET_PAGES_MAX 10

/* After this much silence the server is pinged; after twice as much, it is gone. */
#define CONVERSATION_SILENCE_SECONDS 60

/* The oldest request waits no longer for its answer, a list for its last page. */
#define CONVERSATION_ANSWER_SECONDS 120

struct pending {
    uint32_t request;
    enum message_type type;
    char about[NAME_MAX_LEN + 1]; /* a room, a user, or nothing */
    char after[NAME_MAX_LEN + 1]; /* of a list's page: the last name of the one before it, or empty */
    unsigned page;                /* how many came before it */
    bool quiet;                   /* the client's own question: what comes of it is not shown */
    uint64_t asked;               /* when, in seconds of the link's clock; of a list's page, the list */
};

/* What signin.c needs from one question to the next. */
struct signin {
    const struct arguments *arguments;
    struct secret *given; /* what the password file holds */
    int tries;
    bool done; /* the user is in the chat */
};

/* What rejoin.c has still to join. */
struct rejoin {
    char rooms[CONVERSATION_ROOMS_MAX][NAME_MAX_LEN + 1];
    size_t len, next;
};

/* What settings.c is about to change, or to fetch. */
struct change {
    enum message_type request;
    const char *not_done;                     /* the words for it */
    char name[NAME_MAX_LEN + 1];              /* whose certificate is fetched, else empty */
    uint8_t certificate[CERTIFICATE_MAX_LEN]; /* that is registered */
    size_t certificate_len;
    bool new_identity; /* ... of a new key */
    bool cut;          /* the connection was, since it was begun: what was typed for it is gone */
    struct secret own; /* which is sealed under it */
};

enum reconnect_state {
    RECONNECT_NONE, /* there is a connection, or has never been one */
    RECONNECT_ASKING,
    RECONNECT_PAUSING,
    RECONNECT_DIALING,
    RECONNECT_SIGNING_IN, /* the password is being asked for, or the server has it */
    RECONNECT_READYING,   /* the server is asked for calls, without which there are no sealed rooms */
    RECONNECT_JOINING
};

/* What reconnect.c needs from one turn to the next. */
struct reconnect {
    const struct arguments *arguments; /* NULL: a cut connection is the end */
    const struct trust *trust;
    enum reconnect_state state;
    bool by_itself; /* this time */
    bool refused;   /* what was kept, or stands in a file: a person knows a better password */
    struct kept_secret secret;
    struct backoff backoff;
    int64_t due;          /* PAUSING: when to try again */
    int64_t since;        /* NONE: when the connection was made */
    int64_t shown;        /* PAUSING: how many seconds the prompt says */
    char why[WHY_LEN];    /* the last try failed, as was told; empty: none has */
    int64_t (*now)(void); /* milliseconds of a clock that never goes back; a test may put its own here */
    struct dial *dial;    /* DIALING */
    struct rng rng;
    char rooms[CONVERSATION_ROOMS_MAX][NAME_MAX_LEN + 1]; /* in which one was, but for the lobby, in their order */
    size_t rooms_len, joined;                             /* how many were asked for */
    bool was_in_lobby, left_lobby;                        /* before the cut; since the login */
    char room[NAME_MAX_LEN + 1];                          /* where what is typed went; empty: nowhere */
    char with[NAME_MAX_LEN + 1];                          /* or to whom */
    bool astray;                                          /* what was to lead elsewhere was refused meanwhile */
};

struct conversation {
    struct server_link link;
    struct screen screen;
    char server[SOCK_NAME_LEN]; /* its name, as people write it */
    char user[NAME_MAX_LEN + 1];
    char room[NAME_MAX_LEN + 1];                          /* where what is typed goes; empty: nowhere */
    char room_before[NAME_MAX_LEN + 1];                   /* ... while that is empty: where it went before */
    char rooms[CONVERSATION_ROOMS_MAX][NAME_MAX_LEN + 1]; /* all that one is in, the one joined last at the end */
    size_t rooms_len;
    struct pending pending[CONVERSATION_PENDING_MAX + 2]; /* the two are for a ping and the logging out */
    size_t pending_len;
    uint16_t error;                    /* of the last answer: 0 for ok, else its code */
    char error_text[SCREEN_ERROR_LEN]; /* and its words, told from ours where they are not the usual */
    struct unanswered unanswered;      /* what was said, of the pending */
    bool awaited;                      /* nothing is read before all is answered, and then this is called: */
    void (*when_answered)(struct conversation *c);
    struct form form; /* what is being asked for, by signin.c or settings.c */
    struct signin signin;
    struct rejoin rejoin;
    struct change change;
    struct direct direct;
    struct reconnect reconnect;
    /* Whether the connection is to be made again after it was cut, and begins with that; NULL: that is the end. */
    bool (*wants_another)(const struct conversation *c);
    void (*begin_another)(struct conversation *c);
    bool away;        /* there is no connection, and another one is to be made: nothing can be asked */
    bool stop_asking; /* the question that is being put: what it was for is not done */
    bool logged_in;
    bool ended;  /* the connection is over */
    bool broken; /* ... and not as it should be */
    bool quits;  /* the user, or what was asked for is done: nothing more is read */
    bool leaving, replaced, interrupted;
    bool server_stops;                        /* it said so: it may be back soon */
    bool deleted;                             /* the account is gone, and the server says good-bye by itself */
    uint8_t secret[MESSAGE_SECRET_LEN];       /* of the last answer that had one; whoever asked wipes it */
    uint8_t certificate[CERTIFICATE_MAX_LEN]; /* of the last answer that had one, and not checked yet */
    size_t certificate_len;                   /* 0: that user has none */
};

/* Before anything else. */
void conversation_init(struct conversation *c);

/* Wipes and frees all but the link. */
void conversation_end(struct conversation *c);

/* Sends a request and remembers it; about: the room or user that the answer will be about, or "". False where it
 * was not sent: the connection is over, or too much is unanswered. A ping while another is unanswered is true, and
 * sends nothing. */
bool conversation_ask(struct conversation *c, struct message *m, const char *about);

/* The same, and nothing more is read from the user before it is answered, as what follows depends on it. The loop calls
 * when_answered (NULL: nothing) when it is, and c->error says how; not where the connection ends before; where it could
 * not be asked at all it is called, with MESSAGE_E_MALFORMED. */
void conversation_await(struct conversation *c, struct message *m, const char *about,
                        void (*when_answered)(struct conversation *c));

/* There is another connection in the place of the one that was lost: nothing was asked there, and nobody is logged
 * in. */
void conversation_begin_again(struct conversation *c, const struct server_link *link);

/* Whether something is not answered yet: what the user asked for, or the client itself of a room that was joined; no
 * ping, and nothing of the calls or sealed rooms. */
bool conversation_waits(const struct conversation *c);

/* Says a valid text in the room that one talks in, which is not a sealed one. */
void conversation_say(struct conversation *c, const char *text, size_t len);

/* Whether something that was sealed is not answered yet. */
bool conversation_seals(const struct conversation *c);

/* Takes and shows everything that has arrived. */
void conversation_receive(struct conversation *c);

/* A server that vanished without a word is found out by asking. One that goes on talking and answers nothing would
 * keep a script, which waits for its answers, for ever. */
void conversation_check_times(struct conversation *c);

/* After the process was stopped, and goes on: nobody kept us waiting meanwhile. */
void conversation_restart_times(struct conversation *c);

/* Where what is typed goes from now on. room is one that one is in, or a sealed one that one is to be in, or empty. */
void conversation_go_to(struct conversation *c, const char *room);

/* Shows where what is typed goes: to a room, or to the one user that one talks with. It does nothing on the way back
 * from a cut: what is typed goes nowhere then, and what came in a room that is joined again stays unread. */
void conversation_prompt(struct conversation *c);
bool conversation_is_in(const struct conversation *c, const char *room);

/* Asks to join a room, sealed or not, which is awaited; or goes there at once where one is in it already. */
void conversation_join(struct conversation *c, const char *room);

/* Asks to leave it, which is awaited. */
void conversation_leave(struct conversation *c, const char *room);

/* Asks to be logged out, unless there is no account any more; the server's good-bye is then a good end. */
void conversation_log_out(struct conversation *c);

/* Says good-bye to the server; where it has not said it before, that was no good end. */
void conversation_close(struct conversation *c);

#endif
