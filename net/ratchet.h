/* SPDX-License-Identifier: MIT */
/* The ratchet of a call between two users: a fresh Diffie-Hellman value at each change of speaker, so that whoever has
 * stolen the keys of a call loses it again.
 *
 *      root_0 = HKDF-Expand(prk, "glasschat/1 root" || T, 32)                        net/key_schedule.h
 *      t_n    = HKDF-Extract(salt = root_(n-1), ikm = Z_n)                           Z_n: of step n and n-1, n >= 1
 *      root_n = HKDF-Expand(t_n, "glasschat/1 next root", 32)
 *      secret = HKDF-Expand(t_n, "glasschat/1 ratchet" || u64 n, 32)                 of step n's sender, from then on
 *
 *      caller                          callee
 *      Finished, step 0, texts  ---->
 *                               <----  step 1, texts            Z_1
 *      step 2, texts            ---->                           Z_2
 *
 * It is numbers alone: net/session.h puts a step into a Record, and takes a secret to its direction's keys. A step is
 * begun by one call (ratchet_make or ratchet_take), computed by ratchet_work, on any thread, and over when the holder
 * has taken ratchet_secret.
 *
 * Standard:    docs/protocol.md section 8.4. The idea is that of the Double Ratchet (Perrin, Marlinspike 2016), without
 *              its skipped keys, as a relay keeps the order. What it calls root key, chain key, message key and DH
 *              ratchet step is here the root, a direction's secret, that secret's keys, and a step.
 * Use it:      ratchet_init(&r, group, caller, root, trace);
 *              send     ratchet_make(&r);  ratchet_work(&r, &rng);  ratchet_payload(&r, out) goes into the Record
 *              receive  if (!ratchet_may_take(&r) || ratchet_take(&r, payload, len) != 0) refuse;
 *                       ratchet_work(&r, &rng);  if (r.failed) refuse
 *              both     if (r.n > 0) take r.secret;  ratchet_done(&r);
 * Timing:      exponents, Z, t and the roots are secret: as crypto/dh.h and crypto/hkdf.h. Who steps when is not.
 * Read next:   net/ratchet.c; net/session.c, which drives it; vectors/ratchet.txt.
 */
#ifndef NET_RATCHET_H
#define NET_RATCHET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "crypto/dh.h"
#include "crypto/hkdf.h"
#include "crypto/rng.h"
#include "net/record.h"
#include "net/trace.h"

#define RATCHET_STEP_MAX (2 + DH_PUBLIC_MAX_LEN) /* a step's payload: `u16 length, public value` */

struct ratchet {
    uint64_t n; /* the latest step; counts once begun */
    bool begun; /* step 0 has been made or taken */
    bool mine;  /* the latest step is ours; before there is one: the first will be */
    enum { RATCHET_IDLE, RATCHET_MAKING, RATCHET_TAKING } task;
    bool failed; /* the value that was taken is none */
    /* Of the latest step: x and y where it is ours; where it is the peer's, only y: x is zero then. */
    struct dh_key_pair latest;
    uint8_t root[HKDF_PRK_LEN];
    uint8_t secret[RECORD_SECRET_LEN]; /* from ratchet_work to ratchet_done, n >= 1 */
    const struct trace *trace;
};

/* root_0, the group of the handshake, and who makes step 0. trace may be NULL and is kept. */
void ratchet_init(struct ratchet *r, const struct dh_group *group, bool caller, const uint8_t root[static HKDF_PRK_LEN],
                  const struct trace *trace);

/* True where a step of ours comes before anything else that we say. */
bool ratchet_is_due(const struct ratchet *r);

/* Begins it (asserted that it is due). */
void ratchet_make(struct ratchet *r);

/* True where a step of the peer may come: the latest is ours, or the peer's is the first. */
bool ratchet_may_take(const struct ratchet *r);

/* Begins to take a step, of this payload: -1 where that has not the shape of one in this group. The value itself is
 * checked by ratchet_work, before it is used. Only where ratchet_may_take (asserted). */
MUST_USE int ratchet_take(struct ratchet *r, const uint8_t *payload, size_t len);

/* What was begun: about one dh_derive, and a dh_generate where the step is ours. Touches nothing but *r and *rng, and
 * calls the trace. */
void ratchet_work(struct ratchet *r, struct rng *rng);

/* The payload of the step that was made; its length, at most RATCHET_STEP_MAX. */
size_t ratchet_payload(const struct ratchet *r, uint8_t out[static RATCHET_STEP_MAX]);

/* After ratchet_work, when its secret is in use: wiped here. */
void ratchet_done(struct ratchet *r);

/* At the end, whatever it was at; but not while somebody is in ratchet_work. */
void ratchet_wipe(struct ratchet *r);

#endif
