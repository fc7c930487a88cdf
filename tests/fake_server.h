/* SPDX-License-Identifier: MIT */
/* The client against a server that plays a part: a child process on a loopback socket, with a real handshake. What the
 * client prints is read back from a file.
 *
 * Use it:      static void part(struct fake_server *s) { ... fake_server_expect(s, MESSAGE_WHO, NULL); ... }
 *              struct played c = {.more = do_something};
 *              assert_string_equal(fake_server_play(&c, part), "* what is printed\n");
 *              fake_server_init is the group's set-up
 *
 * A part that sees what it did not expect ends with a status that fails the test.
 */
#ifndef TESTS_FAKE_SERVER_H
#define TESTS_FAKE_SERVER_H

#include <sys/types.h>

#include "app/client/loop.h"

#define BYTES(literal)                                                                                                 \
    {                                                                                                                  \
        (const uint8_t *)(literal), sizeof(literal) - 1                                                                \
    }

struct fake_server {
    struct conn conn;
    const uint8_t *payload; /* of the last message */
    size_t payload_len;
};

/* The client that plays with it. */
struct played {
    struct conversation talk;
    struct arguments arguments;
    pid_t server;
    void (*more)(struct conversation *d); /* what the client does after that, or NULL */
    uint64_t (*now)(void);                /* its clock, or NULL: the system's */
    bool stranger;                        /* it has not logged in; else it is in the lobby */
    const char *printed;                  /* valid until the next one plays */
};

extern uint8_t fake_server_groups[1]; /* the only ones that the server allows */

int fake_server_init(void **state);

/* Connects, takes itself to be logged in, and asks who is in the lobby, a request that every part takes first; waits
 * for the answer. Checks that the server saw what it expected, and gives what was printed. */
const char *fake_server_play(struct played *c, void (*part)(struct fake_server *s));

/* For the parts: the next event that is not MORE. */
enum session_event fake_server_next(struct fake_server *s);

void fake_server_send_bytes(struct fake_server *s, const void *payload, size_t len);

/* The same; false where the client is gone. */
bool fake_server_try(struct fake_server *s, const void *payload, size_t len);

void fake_server_send(struct fake_server *s, const struct message *m);

/* The same, but it goes out with what is sent next, in one piece. */
void fake_server_queue(struct fake_server *s, const struct message *m);

/* Waits for a request of this type, which is put into m unless that is NULL; its number. */
uint32_t fake_server_expect(struct fake_server *s, enum message_type type, struct message *m);

/* The first request of all, answered with an empty list. */
void fake_server_answer_who(struct fake_server *s);

void fake_server_answer_ok(struct fake_server *s, uint32_t request);
void fake_server_refuse(struct fake_server *s, uint32_t request, enum message_error code);
void fake_server_close(struct fake_server *s);

/* The client logs out, and both say good-bye. */
void fake_server_take_leave(struct fake_server *s);

/* For the client: from here on this script is the standard input. */
void fake_server_script(const char *script);

#endif
