/* SPDX-License-Identifier: MIT */
/* Certificates: a name, a key, a time, and somebody's signature over them.
 *
 *      u8 version = 1 | u8 role | u8 n, [n] name | u64 not_before | u64 not_after | [384] modulus | [32] issuer |
 *      [384] signature
 *
 *      signature   = RSA-PSS(issuer's key, "glasschat/1 certificate" || 0x00 || all bytes before it)
 *      fingerprint = SHA-256("glasschat/1 key" || 0x00 || modulus);  issuer is the fingerprint of the issuer's key
 *
 * Standard:    docs/protocol.md section 7. There is nothing of X.509 in here: one version, one algorithm, no
 *              extensions.
 * Use it:      struct certificate c = {.role = CERTIFICATE_SERVER, .name = "chat.example", .not_before = ...};
 *              certificate_sign_self(&c, &key, &rng);
 *              identity.certificate_len = certificate_encode(identity.certificate, &c);
 *              ... at the other end ...
 *              certificate_decode(&c, bytes, len) == NET_OK, then decide on trust, then use c.modulus
 * Timing:      everything here is public, but for the key that signs (see crypto/rsa.h).
 * Read next:   net/trust.h, which decides whether to believe one; net/handshake.h, which proves that the peer has its
 *              key.
 */
#ifndef NET_CERTIFICATE_H
#define NET_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/rng.h"
#include "crypto/rsa.h"
#include "crypto/sha256.h"
#include "net/err.h"

enum certificate_role { CERTIFICATE_SERVER = 1, CERTIFICATE_USER = 2 };

#define CERTIFICATE_NAME_MAX 255
#define CERTIFICATE_FINGERPRINT_LEN SHA256_DIGEST_LEN
#define CERTIFICATE_TIME_LEN 32 /* with its NUL */
#define CERTIFICATE_MAX_LEN (1 + 1 + 1 + CERTIFICATE_NAME_MAX + 8 + 8 + RSA_MODULUS_LEN + 32 + RSA_SIGNATURE_LEN)

struct certificate {
    enum certificate_role role;
    char name[CERTIFICATE_NAME_MAX + 1]; /* 1 to 255 characters from '!' to '~' and a NUL: a host, or an account */
    uint64_t not_before, not_after;      /* Unix seconds, both inclusive */
    uint8_t modulus[RSA_MODULUS_LEN];
    uint8_t issuer[CERTIFICATE_FINGERPRINT_LEN];
    uint8_t signature[RSA_SIGNATURE_LEN];
};

/* A key of one's own and the certificate to show for it. */
struct identity {
    struct rsa_private key;
    uint8_t certificate[CERTIFICATE_MAX_LEN];
    size_t certificate_len;
};

/* Writes c and returns its length, at most CERTIFICATE_MAX_LEN. The name must be as the struct says (asserted). */
size_t certificate_encode(uint8_t out[static CERTIFICATE_MAX_LEN], const struct certificate *c);

/* Reads exactly len bytes. NET_ERR_MALFORMED for any other version or length, an unknown role, a name that is empty or
 * has a byte outside '!'..'~', not_before after not_after, a modulus that isn't odd with its top bit set. Checks no
 * signature, time or trust. */
enum net_err certificate_decode(struct certificate *c, const uint8_t *in, size_t len);

/* The fingerprint of a key. People see it as "SHA256:" and base64. */
void certificate_fingerprint(uint8_t fp[static CERTIFICATE_FINGERPRINT_LEN],
                             const uint8_t modulus[static RSA_MODULUS_LEN]);

/* True where the issuer is the key's own fingerprint. Says nothing about the signature. */
bool certificate_is_self_signed(const struct certificate *c);

/* Verifies the signature under the issuer's public key, and that issuer is that key's fingerprint. NET_ERR_CERTIFICATE
 * where not. One public RSA operation. */
enum net_err certificate_verify(const struct certificate *c, const struct rsa_public *issuer);

/* The same under the certificate's own key: proves that its maker has the key. */
enum net_err certificate_verify_self(const struct certificate *c);

/* True where now, in Unix seconds, is inside the validity. */
bool certificate_valid_at(const struct certificate *c, uint64_t now);

/* A time as people read it, 2026-05-04T03:02:01Z, or the number from the year 10000 on: a certificate may hold any
 * number of 64 bits. */
void certificate_print_time(char out[static CERTIFICATE_TIME_LEN], uint64_t seconds);

/* Fills in issuer and signature of a certificate whose other fields are set. NET_ERR_FAULT where the signature fails
 * its own check. One private RSA operation. */
enum net_err certificate_sign(struct certificate *c, const struct rsa_private *issuer, struct rng *rng);

/* The same with the key itself as issuer; fills in modulus too. */
enum net_err certificate_sign_self(struct certificate *c, const struct rsa_private *key, struct rng *rng);

#endif
