/* SPDX-License-Identifier: MIT */
/* For the tests of the file of sealed rooms: rooms of alice's, and their lines. */
#ifndef TESTS_ROOMS_LINES_H
#define TESTS_ROOMS_LINES_H

#include "app/peer/rooms_file.h"
#include "crypto/base64.h"
#include "tests/test.h"
#include "tests/users.h"

#define ROOMS_HEAD                                                                                                     \
    "# one line a room: its name, the state, its founder, the founder's certificate, the newest list, the one "        \
    "before\n"
#define ROOMS_LINE_MAX 9000

/* The n-th list of the room with that number, signed; other: another one of the same n. */
static inline void make_list(struct room_list *l, uint8_t room, uint32_t n, bool other)
{
    static struct rng rng;
    const struct identity *alice = user_identity("alice", CERTIFICATE_USER, "alice");
    memset(l, 0, sizeof *l);
    rng_init(&rng);
    memset(l->room, room, sizeof l->room);
    snprintf(l->name, sizeof l->name, "+exam");
    l->n = n;
    memset(l->before, n > 0 ? (int)n : 0, sizeof l->before);
    l->count = other ? 2 : 1;
    snprintf(l->members[0].name, sizeof l->members[0].name, "alice");
    certificate_fingerprint(l->members[0].fingerprint, alice->key.n);
    snprintf(l->members[1].name, sizeof l->members[1].name, "bob");
    assert_int_equal(room_list_sign(l, &alice->key, &rng), 0);
}

/* With its n-th list, and the one before from the second one on. */
static inline struct rooms_file_room make_room(uint8_t room, uint32_t n, enum sealed_room_state state)
{
    static struct rooms_file_room made;
    const struct identity *alice = user_identity("alice", CERTIFICATE_USER, "alice");
    made = (struct rooms_file_room){.state = state, .founder = "alice", .certificate_len = alice->certificate_len};
    memcpy(made.certificate, alice->certificate, alice->certificate_len);
    make_list(&made.list, room, n, false);
    made.has_before = n > 0;
    if (n > 0)
        make_list(&made.before, room, n - 1, false);
    return made;
}

/* As it should stand there, with its end: the text is valid until the next but two. */
static inline const char *line_of_room(const struct rooms_file_room *room, const char *state)
{
    static char text[3][ROOMS_LINE_MAX];
    static size_t turn;
    char certificate[BASE64_LEN(CERTIFICATE_MAX_LEN) + 1], list[2][BASE64_LEN(ROOM_LIST_MAX_LEN) + 1];
    char *line = text[turn++ % 3];
    base64_encode(certificate, room->certificate, room->certificate_len);
    base64_encode(list[0], room->list.bytes, room->list.len);
    base64_encode(list[1], room->before.bytes, room->has_before ? room->before.len : 0);
    snprintf(line, ROOMS_LINE_MAX, "%s %s %s %s %s %s\n", room->list.name, state, room->founder, certificate, list[0],
             room->has_before ? list[1] : "-");
    return line;
}

#endif
