/* SPDX-License-Identifier: MIT */
/* One secret for many: the Diffie-Hellman exchange of Burmester and Desmedt, n parties in a ring, each with a neighbour
 * on either side. The chat does not use it (docs/walkthrough/26-many-parties.md says why); the workbench shows it.
 *
 *      r_i    drawn by party i, its secret             everything modulo p; party n - 1's right neighbour is party 0
 *      z_i  = 2^r_i                                    round one, sent to everybody
 *      X_i  = (z_(i+1) / z_(i-1))^r_i                  round two, sent to everybody, signed
 *      K    = z_(i-1)^(n r_i) X_i^(n-1) X_(i+1)^(n-2) ... X_(i+n-2) = 2^(r_0 r_1 + r_1 r_2 + ... + r_(n-1) r_0)
 *
 *      P  = SHA-256("glasschat ring" 0x00 | u8 group | u8 n | n times (<u8> name))
 *      T1 = SHA-256(P | z_0 ... z_(n-1))               T2 = SHA-256(T1 | X_0 ... X_(n-1))
 *      signed in round two         "glasschat ring round two" 0x00 | T1 | u8 i | X_i
 *      prk = HKDF-Extract(no salt, K)                  key     = HKDF-Expand(prk, "glasschat ring key" | T2, 32)
 *                                                      confirm = HKDF-Expand(prk, "glasschat ring confirm" | T2, 32)
 *      signed as the confirmation  "glasschat ring confirmed" 0x00 | T2 | u8 i | HMAC(confirm, u8 i)
 *
 * Standard:    M. Burmester, Y. Desmedt, "A secure and efficient conference key distribution system", EUROCRYPT '94;
 *              J. Katz, M. Yung, "Scalable protocols for authenticated group key exchange", CRYPTO 2003: signatures,
 *              for which z does as the nonce. Public values are checked as docs/protocol.md section 3.1 says.
 * Use it:      ring_begin(&r, dh_group(DH_FFDHE3072), names, n, self, &rng);         r.own.y is z_self
 *              for the others: if (ring_take_z(&r, i, z, z_len) != 0) refuse;
 *              ring_second(&r);  ring_sign(sig, &r, &private_key, &rng);             r.x[self] is X_self
 *              for the others: if (ring_take_x(&r, i, x, x_len) != 0 || ring_verify(&r, i, &pub_i, sig_i) != 0) refuse;
 *              if (ring_finish(&keys, &r) != 0) refuse;
 *              ring_confirm(sig, &r, &keys, &private_key, &rng);
 *              for the others: if (ring_confirmed(&r, &keys, i, &pub_i, sig_i) != 0) refuse;
 *              ... keys.key ...
 *              ring_keys_wipe(&keys);
 * Timing:      r_i, K and what is made of it are secret: the same steps whatever they are. Public values, names and
 *              verdicts may leak.
 * Read next:   crypto/dh.h, the exchange of two; crypto/rsa.h, the signatures.
 *
 * CAUTION: before the last confirmation is there, two of the parties can have seen to it that the others have different
 * keys (docs/labs/split-ring.md). Who they are, no signature says: only that all have not got the same.
 */
#ifndef CRYPTO_RING_H
#define CRYPTO_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "crypto/dh.h"
#include "crypto/rsa.h"
#include "crypto/sha256.h"

struct rng;

#define RING_MIN 2
#define RING_MAX 64
#define RING_NAME_MAX 32 /* bytes */
#define RING_KEY_LEN 32

/* What one party has. It is large: 64 KiB. */
struct ring {
    const struct dh_group *group;
    size_t n, self;
    struct dh_key_pair own;             /* r_self, secret until ring_finish, and z_self */
    uint8_t parties[SHA256_DIGEST_LEN]; /* P */
    bool has_z[RING_MAX], has_x[RING_MAX];
    uint8_t z[RING_MAX][DH_PUBLIC_MAX_LEN]; /* public, and checked: group->p_len bytes */
    uint8_t x[RING_MAX][DH_PUBLIC_MAX_LEN];
};

/* Secret. Whoever has a session under key needs it; confirm is for the confirmations alone. */
struct ring_keys {
    uint8_t key[RING_KEY_LEN];
    uint8_t confirm[RING_KEY_LEN];
};

/* Round one: draws r_self by rng_key. names are those of all n parties, in the order of the ring; every party must have
 * the same. -1 unless n is RING_MIN to RING_MAX, self below n, and the names have 1 to RING_NAME_MAX bytes and differ.
 * The caller wipes r at the end, by ring_wipe. */
MUST_USE int ring_begin(struct ring *r, const struct dh_group *g, const char *const names[], size_t n, size_t self,
                        struct rng *rng);

/* Takes the value of party i, another one than self (asserted), once (asserted). -1 where section 3.1 refuses it, or
 * where it is that of another party: no two draw the same r, so somebody repeats what was heard. */
MUST_USE int ring_take_z(struct ring *r, size_t i, const uint8_t *z, size_t z_len);

/* Round two: r->x[self], once all z are there (asserted). */
void ring_second(struct ring *r);

/* Takes the value of party i, as ring_take_z. With two parties both X are 1, and only that is taken; else -1 where
 * section 3.1 refuses it. */
MUST_USE int ring_take_x(struct ring *r, size_t i, const uint8_t *x, size_t x_len);

/* The signature of the own X, with the names and all z; -1 as rsa_pss_sign. And whether sig is party i's of the X that
 * was taken from it. The key that belongs to a name is known before, or comes with a certificate. */
MUST_USE int ring_sign(uint8_t sig[static RSA_SIGNATURE_LEN], const struct ring *r, const struct rsa_private *key,
                       struct rng *rng);
MUST_USE int ring_verify(const struct ring *r, size_t i, const struct rsa_public *pub,
                         const uint8_t sig[static RSA_SIGNATURE_LEN]);

/* K, group->p_len bytes with the zeros in front, once all X are there (asserted). -1 where they do not multiply to 1,
 * and k is untouched. Secret; for whoever wants to see it: ring_finish does without. */
MUST_USE int ring_secret(uint8_t *k, const struct ring *r);

/* What is derived of a K and of all that was taken. */
void ring_derive(struct ring_keys *keys, const struct ring *r, const uint8_t *k);

/* The keys; -1 where the X do not multiply to 1, and keys is untouched. Either way r_self is wiped, and K
 * with all that led to it: a party keeps the keys, and what everybody has seen. */
MUST_USE int ring_finish(struct ring_keys *keys, struct ring *r);

/* The confirmation: -1 as rsa_pss_sign. And whether sig is party i's, over the same key and values as ours. The HMAC in
 * it is not sent, as both sides can make it; so could the parties that split a key, who know all its halves. What they
 * can't make is the signature. */
MUST_USE int ring_confirm(uint8_t sig[static RSA_SIGNATURE_LEN], const struct ring *r, const struct ring_keys *keys,
                          const struct rsa_private *key, struct rng *rng);
MUST_USE int ring_confirmed(const struct ring *r, const struct ring_keys *keys, size_t i, const struct rsa_public *pub,
                            const uint8_t sig[static RSA_SIGNATURE_LEN]);

void ring_wipe(struct ring *r);
void ring_keys_wipe(struct ring_keys *keys);

#endif
