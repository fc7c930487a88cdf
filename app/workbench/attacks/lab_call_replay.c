/* SPDX-License-Identifier: MIT */
/* A server says a line twice. In a room it can: whoever is told "alice says so" has the server's word alone. In a call
 * it has the frames, and no key.
 *
 * Bob pays whenever alice says so, and tells the word to eve, who is the server's friend, as soon as she is rich. The
 * server has alice's one order: as a message of the room, which it makes again at will; or as the Record in a call that
 * carried it. */
#include <stdio.h>
#include <string.h>

#include "app/message/message.h"
#include "app/workbench/attacks/lab.h"
#include "app/workbench/attacks/scene.h"

#define ORDER "pay 0100 to eve"
#define AMOUNT 100
#define RICH 1000
#define TIMES (RICH / AMOUNT)

struct attack {
    struct steps *steps;
    unsigned account;
    struct scene_frame order; /* the last Record that alice sent */
};

/* What bob does when he reads it; true where eve is rich by that. */
static bool pay(struct attack *a, const char *text)
{
    if (strcmp(text, ORDER) == 0)
        a->account += AMOUNT;
    return a->account >= RICH;
}

/* --- In a room ---------------------------------------------------------------------------------------------------- */

/* What a client of a room does with what its server sends. */
static bool bob_is_told(struct attack *a, const uint8_t *payload, size_t len)
{
    char text[SCENE_TEXT_MAX] = "";
    struct message m;
    if (message_decode(&m, payload, len) != MESSAGE_E_NONE || m.type != MESSAGE_SAID || m.said.text.len >= sizeof text)
        return false;
    memcpy(text, m.said.text.data, m.said.text.len);
    return pay(a, text);
}

static int attack_room(struct attack *a)
{
    uint8_t payload[MESSAGE_MAX_LEN];
    size_t len;
    struct message m = {.type = MESSAGE_SAID, .said = {.room = "lobby", .sender = "alice", .time = 1}};
    m.said.text = (struct message_bytes){(const uint8_t *)ORDER, strlen(ORDER)};
    if (message_encode(payload, sizeof payload, &len, &m) != 0)
        return -1;
    for (unsigned i = 1; i <= TIMES; i++) {
        steps_ask(a->steps, i, payload, len);
        bool rich = bob_is_told(a, payload, len);
        steps_answer(a->steps, false, NULL, 0);
        if (i <= 2)
            steps_say(a->steps, "[lobby] alice: %s%s", ORDER, i == 1 ? "" : "   It is there again, and paid again.");
        if (rich)
            return 1;
    }
    return 0;
}

/* --- In a call ---------------------------------------------------------------------------------------------------- */

static void relay(struct scene *s, const struct scene_frame *f)
{
    struct attack *a = s->arg;
    if (f->from == SCENE_ALICE)
        a->order = *f;
    scene_deliver(s, s->end[f->from].to, f->bytes, f->len);
}

static void heard(struct scene *s, int end, const char *text)
{
    if (end == SCENE_BOB)
        (void)pay(s->arg, text);
}

/* One way to pass the Record on once more, in a call of its own; true where bob shows it again. */
static bool try(struct scene *s, struct attack *a, struct rng *rng, uint64_t n, int to, size_t flip, const char *how)
{
    scene_begin(s, rng);
    s->relay = relay;
    s->heard = heard;
    s->arg = a;
    scene_call(s);
    scene_say(s, SCENE_ALICE, ORDER);
    unsigned before = s->end[to].shown;
    if (flip > 0)
        a->order.bytes[flip] ^= 1;
    steps_ask(a->steps, n, a->order.bytes, a->order.len);
    scene_deliver(s, to, a->order.bytes, a->order.len);
    scene_run(s);
    bool again = s->end[to].shown > before;
    steps_answer(a->steps, !again, NULL, 0);
    steps_say(a->steps, "%s: %s", how, again ? "shown again" : "nothing is shown, and the call is over");
    scene_end_all(s);
    return again;
}

static int attack_call(struct attack *a, struct rng *rng)
{
    static struct scene s;
    bool again = try(&s, a, rng, 1, SCENE_BOB, 0, "The Record that carried the order, once more");
    again |= try(&s, a, rng, 2, SCENE_BOB, 40, "With a bit of its text flipped");
    again |= try(&s, a, rng, 3, SCENE_ALICE, 0, "Back to alice, as bob's");
    steps_think(a->steps, "Each call paid once: %u. A Record of one call is noise in another.", a->account);
    return again || a->account >= RICH;
}

static int run(enum lab_side side, struct rng *rng, const char *secret, struct steps *steps)
{
    struct attack a = {.steps = steps};
    int won = side == LAB_TWIN ? attack_room(&a) : attack_call(&a, rng);
    if (won == 1) {
        steps_know_all(steps, secret, strlen(secret));
        steps_think(steps, "Bob: \"eve has %u, and the word is %s\"", a.account, secret);
    }
    steps_result(steps,
                 won == 1 ? "a line of a room is the server's word: one order was paid %u times"
                          : "a key seals one Record, and is gone when it was opened: %u paid in 3 calls",
                 side == LAB_TWIN ? TIMES : a.account);
    return won;
}

const struct lab lab_call_replay = {
    .name = "call-replay",
    .what = "a server says a line once more: in a room, and in a call",
    .twin = "a room, where the server says who says what",
    .real = "a call between two users, app/peer/call.c",
    .run = run,
};
