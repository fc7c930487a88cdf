/* SPDX-License-Identifier: MIT */
/* Two processes that talk over loopback, and whoever calls this is between them.
 *
 *      process of the client  <--socket-->  the caller  <--socket-->  process of the server
 *
 * Standard:    POSIX fork, waitpid, poll.
 * Use it:      struct middle m;
 *              if (middle_begin(&m, talk, &world, why) == 0) ...     talk runs in both processes
 *              middle_receive(m.fd[MIDDLE_CLIENT], bytes, len);  middle_send(m.fd[MIDDLE_SERVER], bytes, len);
 *              middle_finish(&m);                                    m.said is what each of them said last
 * Timing:      of no interest.
 * Read next:   lab_man_in_the_middle.c.
 *
 * Whoever is in between has the client's connection and one to the server. How the client was led there, by a wrong
 * port, a wrong name or a wrong route, makes no difference to either end. Nothing stays: each process ends when its
 * connection does, and at the latest after MIDDLE_SECONDS without a byte.
 */
#ifndef APP_WORKBENCH_ATTACKS_MIDDLE_H
#define APP_WORKBENCH_ATTACKS_MIDDLE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "crypto/bytes.h"
#include "net/why.h"

#define MIDDLE_SECONDS 60

enum middle_end { MIDDLE_CLIENT, MIDDLE_SERVER };

/* What a process does with its socket, which is closed for it (it may have been closed already); why is what it has to
 * say in the end, "" at first. world is a copy: what is changed in it is not seen by the caller. */
typedef void middle_talk(int fd, enum middle_end end, const void *world, char why[static WHY_LEN]);

struct middle {
    int fd[2];    /* to either end; not blocking; -1: not there */
    pid_t pid[2]; /* 0: not there */
    int words[2]; /* pipes, for what they say in the end */
    char said[2][WHY_LEN];
};

/* Starts both and connects to them. -1 with the reason in why; nothing has to be ended then. */
MUST_USE int middle_begin(struct middle *m, middle_talk *talk, const void *world, char why[static WHY_LEN]);

/* Hangs up, waits for both, and sets said. */
void middle_finish(struct middle *m);

/* All len bytes, or a whole frame with its header of at most cap bytes; they wait, and are for both ends too. -1 where
 * the other end hung up, or was silent for MIDDLE_SECONDS, or sent what is no frame. */
MUST_USE int middle_send(int fd, const uint8_t *bytes, size_t len);
MUST_USE int middle_receive(int fd, uint8_t *bytes, size_t len);
MUST_USE int middle_receive_frame(int fd, uint8_t *frame, size_t cap, size_t *frame_len);

/* Waits until fd can be read, or written too where that is wanted. -1 after MIDDLE_SECONDS. */
MUST_USE int middle_wait(int fd, short events);

#endif
