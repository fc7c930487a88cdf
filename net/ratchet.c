/* SPDX-License-Identifier: MIT */
/* A chain of secrets in which each link needs a private exponent that only one side has, and only until the other has
 * answered. Whoever reads one side's memory gets the root and perhaps one exponent; the next step that this side makes
 * is drawn afterwards, and its Z is one that the thief can't compute.
 *
 * The new secret is made of t_n beside the root, and not of the root: with the root that is kept between steps a thief
 * would open what was sealed before the theft, in the same turn. */
#include "net/ratchet.h"

#include <assert.h>
#include <string.h>

#include "crypto/ct.h"

/* HKDF's info strings have no zero byte at their end: sizeof - 1. */
static const char root_info[] = "glasschat/1 next root";
static const char secret_info[] = "glasschat/1 ratchet";

void ratchet_init(struct ratchet *r, const struct dh_group *group, bool caller, const uint8_t root[static HKDF_PRK_LEN],
                  const struct trace *trace)
{
    *r = (struct ratchet){.mine = caller, .trace = trace};
    r->latest.group = group;
    memcpy(r->root, root, sizeof r->root);
}

void ratchet_wipe(struct ratchet *r)
{
    ct_wipe(r, sizeof *r);
}

bool ratchet_is_due(const struct ratchet *r)
{
    return r->begun ? !r->mine : r->mine;
}

bool ratchet_may_take(const struct ratchet *r)
{
    return !ratchet_is_due(r);
}

void ratchet_make(struct ratchet *r)
{
    assert(r->task == RATCHET_IDLE && ratchet_is_due(r));
    r->task = RATCHET_MAKING;
}

int ratchet_take(struct ratchet *r, const uint8_t *payload, size_t len)
{
    assert(r->task == RATCHET_IDLE && ratchet_may_take(r));
    size_t y_len = r->latest.group->p_len;
    if (len != 2 + y_len || bytes_load_be16(payload) != y_len)
        return -1;
    memcpy(r->latest.y, payload + 2, y_len); /* in the place of ours, which the peer has */
    r->task = RATCHET_TAKING;
    return 0;
}

/* root_n and the secret, of Z_n and root_(n-1), which goes with it. */
static void derive(struct ratchet *r, const uint8_t *z, size_t z_len)
{
    uint8_t t[HKDF_PRK_LEN], info[sizeof secret_info - 1 + 8];
    hkdf_extract(t, r->root, sizeof r->root, z, z_len);
    hkdf_expand(r->root, sizeof r->root, t, root_info, sizeof root_info - 1);
    memcpy(info, secret_info, sizeof secret_info - 1);
    bytes_store_be64(info + sizeof secret_info - 1, r->n);
    hkdf_expand(r->secret, sizeof r->secret, t, info, sizeof info);
    trace_event(r->trace, "step_Z", z, z_len);
    trace_event(r->trace, "step_t", t, sizeof t);
    trace_event(r->trace, "root", r->root, sizeof r->root);
    ct_wipe(t, sizeof t);
}

/* Z of one side's exponent and the other's value. -1 where the value is none. */
static int mix(struct ratchet *r, const struct dh_key_pair *own, const uint8_t *peer)
{
    uint8_t z[DH_PUBLIC_MAX_LEN];
    size_t len = own->group->p_len;
    int failed = dh_derive(z, own, peer, len);
    if (failed == 0)
        derive(r, z, len);
    ct_wipe(z, sizeof z);
    return failed;
}

static void trace_step(const struct ratchet *r, const uint8_t *y)
{
    uint8_t n[8];
    bytes_store_be64(n, r->n);
    trace_event(r->trace, "step", n, sizeof n);
    trace_event(r->trace, "step_public", y, r->latest.group->p_len);
}

static void make(struct ratchet *r, struct rng *rng)
{
    struct dh_key_pair fresh;
    dh_generate(&fresh, r->latest.group, rng);
    trace_step(r, fresh.y);
    trace_event(r->trace, "step_private", fresh.x, fresh.group->x_len);
    if (r->n > 0)
        r->failed = mix(r, &fresh, r->latest.y) != 0; /* never: it was checked when it came */
    r->latest = fresh;
    dh_wipe(&fresh);
}

/* CAUTION: 0, 1 and p-1 would make Z one of few numbers, whatever our exponent is, and any other value that is no
 * square would tell the exponent's lowest bit; and our exponent must be gone, or whoever steals it opens this turn.
 * tests/test_session_call.c: test_bad_values, test_what_is_kept. */
static void take(struct ratchet *r)
{
    const struct dh_group *group = r->latest.group;
    trace_step(r, r->latest.y);
    r->failed = dh_check_public(group, r->latest.y, group->p_len) != 0;
    if (!r->failed && r->n > 0)
        r->failed = mix(r, &r->latest, r->latest.y) != 0;
    ct_wipe(r->latest.x, sizeof r->latest.x);
}

void ratchet_work(struct ratchet *r, struct rng *rng)
{
    assert(r->task != RATCHET_IDLE);
    if (r->begun)
        r->n++;
    if (r->task == RATCHET_MAKING)
        make(r, rng);
    else
        take(r);
    r->mine = r->task == RATCHET_MAKING;
    r->begun = true;
}

size_t ratchet_payload(const struct ratchet *r, uint8_t out[static RATCHET_STEP_MAX])
{
    size_t y_len = r->latest.group->p_len;
    assert(r->task == RATCHET_MAKING && r->mine);
    bytes_store_be16(out, (uint16_t)y_len);
    memcpy(out + 2, r->latest.y, y_len);
    return 2 + y_len;
}

void ratchet_done(struct ratchet *r)
{
    ct_wipe(r->secret, sizeof r->secret);
    r->task = RATCHET_IDLE;
}
