/* SPDX-License-Identifier: MIT */
/* A server loses a text, and lets its sender believe that it has arrived.
 *
 * Alice warns bob that eve has a copy of his key, and tells eve the word once bob knows. The server belongs to eve. In
 * a room "ok" says that the server has passed a line on, and it is the server that says so. In a call an
 * acknowledgement is a Record of bob's: the server can lose it, repeat an older one, or put noise in its place. */
#include <stdio.h>
#include <string.h>

#include "app/message/message.h"
#include "app/workbench/attacks/lab.h"
#include "app/workbench/attacks/scene.h"

#define FIRST "are you there?"
#define WARNING "change the lock: eve has a key"

struct attack {
    struct steps *steps;
    bool withholds;
    struct scene_frame ack; /* bob's last Record */
};

/* --- In a room ---------------------------------------------------------------------------------------------------- */

/* What alice's client makes of the answer to her say; bob was never told. True: it has been said. */
static bool said_in_room(struct attack *a)
{
    uint8_t payload[MESSAGE_MAX_LEN];
    size_t len;
    struct message ok = {.type = MESSAGE_OK, .request = 7}, m;
    if (message_encode(payload, sizeof payload, &len, &ok) != 0)
        return false;
    steps_ask(a->steps, 1, payload, len);
    bool believed = message_decode(&m, payload, len) == MESSAGE_E_NONE && m.type == MESSAGE_OK && m.request == 7;
    steps_answer(a->steps, !believed, NULL, 0);
    steps_say(a->steps, "Alice says \"%s\" in the room. The server answers ok, and tells nobody.", WARNING);
    return believed;
}

/* --- In a call ---------------------------------------------------------------------------------------------------- */

static void relay(struct scene *s, const struct scene_frame *f)
{
    struct attack *a = s->arg;
    if (f->from == SCENE_BOB && !a->withholds)
        a->ack = *f;
    if (!a->withholds)
        scene_deliver(s, s->end[f->from].to, f->bytes, f->len);
}

/* The warning is lost, and this comes in the place of its acknowledgement. True: alice believes it. */
static bool warn(struct attack *a, struct rng *rng, uint64_t n, const char *what)
{
    static struct scene s;
    scene_begin(&s, rng);
    s.relay = relay;
    s.arg = a;
    a->withholds = false;
    scene_call(&s);
    scene_say(&s, SCENE_ALICE, FIRST);
    a->withholds = true;
    scene_say(&s, SCENE_ALICE, WARNING);
    if (n == 2)
        rng_fill(rng, a->ack.bytes + 4, a->ack.len - 4);
    if (n < 3) {
        steps_ask(a->steps, n, a->ack.bytes, a->ack.len);
        scene_deliver(&s, SCENE_ALICE, a->ack.bytes, a->ack.len);
        scene_run(&s);
    } else {
        steps_ask(a->steps, n, NULL, 0);
        s.now += CALL_CONFIRM_MS;
    }
    bool believed = s.end[SCENE_ALICE].confirmed > 1;
    bool told = call_unconfirmed(s.end[SCENE_ALICE].call, s.now, s.end[SCENE_ALICE].failed) != NULL;
    steps_answer(a->steps, !believed, NULL, 0);
    steps_say(a->steps, "%s\n%s", what,
              believed ? "* bob has it"
              : told   ? "* not confirmed: to bob: " WARNING
                       : "alice knows nothing of it yet");
    scene_end_all(&s);
    return believed || !told;
}

static bool said_in_call(struct attack *a, struct rng *rng)
{
    bool believed = warn(a, rng, 1, "The acknowledgement of the text before, once more:");
    believed |= warn(a, rng, 2, "Noise of the same length:");
    return warn(a, rng, 3, "Nothing, for 15 seconds:") || believed;
}

static int run(enum lab_side side, struct rng *rng, const char *secret, struct steps *steps)
{
    struct attack a = {.steps = steps};
    bool won = side == LAB_TWIN ? said_in_room(&a) : said_in_call(&a, rng);
    if (won) {
        steps_know_all(steps, secret, strlen(secret));
        steps_think(steps, "Alice to eve: \"bob knows by now. The word is %s\"", secret);
    }
    steps_result(steps,
                 won ? "ok is the server's word: the warning never came, and alice could not know"
                     : "whatever came in its place, the text was told as not confirmed: alice says nothing to eve");
    return won;
}

const struct lab lab_withheld_ack = {
    .name = "withheld-ack",
    .what = "a server loses a text, and says that it has arrived",
    .twin = "a room, where the server says what has arrived",
    .real = "a call, where its recipient does, app/peer/call.c",
    .run = run,
};
