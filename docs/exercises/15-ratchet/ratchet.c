/* SPDX-License-Identifier: MIT */
/* The ratchet of a call between two users: a fresh Diffie-Hellman value at each change of speaker.
 *
 * Standard:    docs/protocol.md section 8.4.
 * The contract of each function stands in net/ratchet.h; docs/exercises/15-ratchet/README.md is its page. */
#include "net/ratchet.h"

#include "crypto/ct.h"

void ratchet_init(struct ratchet *r, const struct dh_group *group, bool caller, const uint8_t root[static HKDF_PRK_LEN],
                  const struct trace *trace)
{
    /* TODO: every member, whatever was in memory; latest.group is where the group is kept */
    (void)r;
    (void)group;
    (void)caller;
    (void)root;
    (void)trace;
}

void ratchet_wipe(struct ratchet *r)
{
    /* TODO */
    (void)r;
}

bool ratchet_is_due(const struct ratchet *r)
{
    /* TODO: whose is the latest step? and before there is one? */
    (void)r;
    return false;
}

bool ratchet_may_take(const struct ratchet *r)
{
    /* TODO */
    (void)r;
    return false;
}

void ratchet_make(struct ratchet *r)
{
    /* TODO: only what ratchet_work has to know */
    (void)r;
}

int ratchet_take(struct ratchet *r, const uint8_t *payload, size_t len)
{
    /* TODO: is it `u16 length, public value`, for this group? Only then keep the value */
    (void)r;
    (void)payload;
    (void)len;
    return -1;
}

void ratchet_work(struct ratchet *r, struct rng *rng)
{
    /* TODO: count; make a pair, or check the value; from step 1 on Z, t, the next root and the secret; wipe */
    (void)r;
    (void)rng;
}

size_t ratchet_payload(const struct ratchet *r, uint8_t out[static RATCHET_STEP_MAX])
{
    /* TODO */
    (void)r;
    (void)out;
    return 0;
}

void ratchet_done(struct ratchet *r)
{
    /* TODO: what is not needed any more? */
    (void)r;
}
