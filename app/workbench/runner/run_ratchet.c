/* SPDX-License-Identifier: MIT */
/* The functions of net/ratchet.h, for the runner, which calls them in the order that the grader wants; and crypto/dh.h,
 * played: what a power would give was computed by the grader and stands in the question, and each call is noted. So it
 * is seen what was asked for, and nothing takes long. Nothing here branches on a secret. */
#include <string.h>

#include "app/workbench/runner/runner.h"
#include "net/ratchet.h"

/* The arguments. */
enum { SHOWN, PAYLOAD, CALLS, CALLER, GROUP, ROOT, X, Y, Z, STEPS, GOOD, NEEDLES };

/* What is shown after each call: what it returned, n, whether a step is due and one may come, failed, what was asked
 * of dh.h (a letter for each call), root, secret, how many bytes of latest.x are not zero, and latest.y's beginning. */
#define SLOT_LEN 128
#define ASKED_MAX 8

static struct ratchet r;
static struct {
    const struct runner_arg *arg;
    const struct dh_group *group;
    size_t begun, made, taken, derived; /* so far: calls of ratchet_make, pairs, steps that came, powers */
    char asked[ASKED_MAX];
    size_t asked_len;
} played;

/* --- Diffie-Hellman ----------------------------------------------------------------------------------------------- */

static void note(char letter)
{
    if (played.asked_len < ASKED_MAX)
        played.asked[played.asked_len++] = letter;
}

/* The i-th part of an argument, or NULL. */
static const uint8_t *part(size_t arg, size_t len, size_t i)
{
    const struct runner_arg *a = &played.arg[arg];
    return len > 0 && i < a->len / len ? a->p + i * len : NULL;
}

static void fill(struct dh_key_pair *pair)
{
    const uint8_t *x = part(X, played.group->x_len, played.made), *y = part(Y, played.group->p_len, played.made);
    memset(pair, 0, sizeof *pair);
    pair->group = played.group;
    if (x != NULL && y != NULL) {
        memcpy(pair->x, x, played.group->x_len);
        memcpy(pair->y, y, played.group->p_len);
    }
    played.made++;
}

void dh_generate(struct dh_key_pair *pair, const struct dh_group *g, struct rng *rng)
{
    (void)rng;
    note(g == played.group ? 'g' : 'G');
    fill(pair);
}

int dh_pair_from_private(struct dh_key_pair *pair, const struct dh_group *g, const uint8_t *x, size_t x_len)
{
    (void)x;
    (void)x_len;
    note(g == played.group ? 'p' : 'P');
    fill(pair);
    return 0;
}

/* The payload of the step that came last, without its length; NULL: none did. */
static const uint8_t *peers(void)
{
    return played.taken > 0 ? part(STEPS, 2 + played.group->p_len, played.taken - 1) + 2 : NULL;
}

/* One's own values are good, and the peer's are what the grader says. */
static int verdict(const uint8_t *y, size_t y_len)
{
    const struct runner_arg *own = &played.arg[Y];
    if (y_len != played.group->p_len)
        return -1;
    for (size_t i = 0; i < own->len / y_len; i++)
        if (memcmp(y, own->p + i * y_len, y_len) == 0)
            return 0;
    return played.arg[GOOD].n != 0 ? 0 : -1;
}

int dh_check_public(const struct dh_group *g, const uint8_t *y, size_t y_len)
{
    note(g == played.group ? 'c' : 'C');
    return verdict(y, y_len);
}

/* Not zero where they differ: one bit, without a branch. */
static unsigned differ(const uint8_t *a, const uint8_t *b, size_t len)
{
    unsigned d = 0;
    for (size_t i = 0; b != NULL && i < len; i++)
        d |= (unsigned)(a[i] ^ b[i]);
    return (b == NULL) | ((d + 255) >> 8);
}

/* Of another exponent than that of one's own latest step, or another value than the peer's, it is another Z. */
int dh_derive(uint8_t *z, const struct dh_key_pair *pair, const uint8_t *peer, size_t peer_len)
{
    const size_t p_len = played.group->p_len, x_len = played.group->x_len;
    const uint8_t *told = part(Z, p_len, played.derived++);
    if (verdict(peer, peer_len) != 0) {
        note('r');
        return -1;
    }
    unsigned other = differ(pair->x, part(X, x_len, played.begun - 1), x_len) | differ(peer, peers(), p_len);
    note((char)('d' - 32 * other));
    for (size_t i = 0; i < p_len; i++)
        z[i] = (uint8_t)((told != NULL ? told[i] : 0) ^ (0x5a & (0u - other)));
    return 0;
}

void dh_wipe(struct dh_key_pair *pair)
{
    memset(pair, 0, sizeof *pair);
}

/* Who draws by hand draws this. */
void rng_key(struct rng *rng, uint8_t *out, size_t len)
{
    (void)rng;
    memset(out, 0xee, len);
}

void rng_fill(struct rng *rng, uint8_t *out, size_t len)
{
    rng_key(rng, out, len);
}

/* --- Calls in a row ----------------------------------------------------------------------------------------------- */

static uint64_t left(const void *p, size_t len)
{
    const uint8_t *bytes = p;
    uint64_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += bytes[i] != 0;
    return n;
}

static int take(void)
{
    size_t takes = 0, len = played.arg[STEPS].len;
    for (size_t i = 0; i < played.arg[CALLS].len; i++)
        takes += played.arg[CALLS].p[i] == 't';
    len /= takes;
    return ratchet_take(&r, played.arg[STEPS].p + len * played.taken++, len);
}

static uint64_t call(char which)
{
    struct rng rng = {.source = NULL};
    switch (which) {
    case 'i':
        memset(&r, 0x5a, sizeof r);
        ratchet_init(&r, played.group, played.arg[CALLER].n != 0, played.arg[ROOT].p, NULL);
        return 0;
    case 'm':
        played.begun++;
        ratchet_make(&r);
        return 0;
    case 't':
        return (uint64_t)(int64_t)take();
    case 'w':
        ratchet_work(&r, &rng);
        return 0;
    case 'p':
        return ratchet_payload(&r, played.arg[PAYLOAD].p);
    case 'd':
        ratchet_done(&r);
        return 0;
    default:
        ratchet_wipe(&r);
        return 0;
    }
}

static void show(uint8_t slot[static SLOT_LEN], uint64_t result, bool wiped)
{
    memset(slot, 0, SLOT_LEN);
    bytes_store_be64(slot, result);
    bytes_store_be64(slot + 8, r.n);
    slot[16] = !wiped && ratchet_is_due(&r);
    slot[17] = !wiped && ratchet_may_take(&r);
    memcpy(slot + 18, &r.failed, 1); /* which nobody may have set yet */
    memcpy(slot + 20, played.asked, played.asked_len);
    memcpy(slot + 32, r.root, 32);
    memcpy(slot + 64, r.secret, 32);
    bytes_store_be64(slot + 96, wiped ? left(&r, sizeof r) : left(r.latest.x, sizeof r.latest.x));
    memcpy(slot + 104, r.latest.y, 24);
    played.asked_len = 0;
}

static void begin(struct runner_call *c)
{
    memset(&played, 0, sizeof played);
    played.arg = c->arg;
    played.group = dh_group((int)c->arg[GROUP].n);
}

static uint64_t run_in_a_row(struct runner_call *c)
{
    begin(c);
    for (size_t i = 0; i < c->arg[CALLS].len; i++) {
        char which = (char)c->arg[CALLS].p[i];
        show(c->arg[SHOWN].p + SLOT_LEN * i, call(which), which == 'x');
    }
    return 0;
}

/* --- What is left on the stack ------------------------------------------------------------------------------------ */

#define DEEP 16384
#define BETWEEN 1024 /* so that who looks writes over nothing */
#define NEEDLE 32

static __attribute__((noinline)) void paint(void)
{
    volatile uint8_t area[DEEP];
    for (size_t i = 0; i < sizeof area; i++)
        area[i] = 0xa5;
}

static __attribute__((noinline)) uint64_t call_deeper(char which)
{
    volatile uint8_t between[BETWEEN];
    between[0] = 0;
    uint64_t result = call(which);
    return result + between[0];
}

/* A bit for each needle that lies in these bytes. */
static uint64_t find(uintptr_t from, size_t len)
{
    const volatile uint8_t *hay = (const volatile uint8_t *)from; /* nobody's any more: not for the compiler to judge */
    const struct runner_arg *needles = &played.arg[NEEDLES];
    uint64_t found = 0;
    for (size_t at = 0; at + NEEDLE <= len; at++)
        for (size_t k = 0; k < needles->len / NEEDLE; k++) {
            size_t same = 0;
            while (same < NEEDLE && hay[at + same] == needles->p[NEEDLE * k + same])
                same++;
            if (same == NEEDLE)
                found |= UINT64_C(1) << k;
        }
    return found;
}

/* The last call leaves its frames behind: bits from 0 on are of the stack, those from 32 on of struct ratchet. */
static uint64_t run_and_look(struct runner_call *c)
{
    uint64_t below = 0;
    begin(c);
    for (size_t i = 0; i < c->arg[CALLS].len; i++) {
        paint();
        (void)call_deeper((char)c->arg[CALLS].p[i]);
        below = find((uintptr_t)__builtin_frame_address(0) - DEEP, DEEP);
    }
    return below | find((uintptr_t)&r, sizeof r) << 32;
}

const struct runner_function runner_functions[] = {
    {"ratchet, call after call", run_in_a_row},
    {"ratchet_take and ratchet_work", run_in_a_row},
    {"ratchet_make and ratchet_work", run_in_a_row},
    {"ratchet_take", run_in_a_row},
    {"ratchet_done and ratchet_wipe", run_in_a_row},
    {"ratchet_work, and what it leaves", run_and_look},
    {NULL, NULL},
};
