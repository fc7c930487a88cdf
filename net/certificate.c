/* SPDX-License-Identifier: MIT */
/* A certificate is a row of fields of fixed size but for the name, so encoding and decoding are one walk each, and what
 * is signed is simply the encoding without its last 384 bytes, after a label. The label keeps a signature made here
 * from ever being taken for one over a handshake, and the other way round. */
#include "net/certificate.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/ct.h"

#define VERSION 1
#define END_OF_9999 UINT64_C(253402300800) /* in Unix seconds: the first one of the year 10000 */
#define NAME_AT 3                          /* after version, role and the name's length */
#define FIXED_LEN (CERTIFICATE_MAX_LEN - CERTIFICATE_NAME_MAX)

/* sizeof counts the zero byte that ends each label. */
static const char label[] = "glasschat/1 certificate";
static const char fingerprint_label[] = "glasschat/1 key";

static bool name_ok(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (name[i] < '!' || name[i] > '~')
            return false;
    return len >= 1 && len <= CERTIFICATE_NAME_MAX;
}

/* Everything before the signature; returns its length. */
static size_t encode_signed(uint8_t out[static CERTIFICATE_MAX_LEN], const struct certificate *c)
{
    size_t name_len = strlen(c->name);
    assert(name_ok(c->name, name_len));
    out[0] = VERSION;
    out[1] = (uint8_t)c->role;
    out[2] = (uint8_t)name_len;
    uint8_t *p = out + NAME_AT;
    memcpy(p, c->name, name_len);
    p += name_len;
    bytes_store_be64(p, c->not_before);
    bytes_store_be64(p + 8, c->not_after);
    memcpy(p + 16, c->modulus, sizeof c->modulus);
    memcpy(p + 16 + RSA_MODULUS_LEN, c->issuer, sizeof c->issuer);
    return NAME_AT + name_len + 16 + RSA_MODULUS_LEN + sizeof c->issuer;
}

size_t certificate_encode(uint8_t out[static CERTIFICATE_MAX_LEN], const struct certificate *c)
{
    size_t len = encode_signed(out, c);
    memcpy(out + len, c->signature, sizeof c->signature);
    return len + sizeof c->signature;
}

enum net_err certificate_decode(struct certificate *c, const uint8_t *in, size_t len)
{
    if (len < FIXED_LEN || len != FIXED_LEN + (size_t)in[2] || in[0] != VERSION)
        return NET_ERR_MALFORMED;
    if (in[1] != CERTIFICATE_SERVER && in[1] != CERTIFICATE_USER)
        return NET_ERR_MALFORMED;
    size_t name_len = in[2];
    if (!name_ok((const char *)in + NAME_AT, name_len))
        return NET_ERR_MALFORMED;
    struct certificate got = {.role = (enum certificate_role)in[1]};
    memcpy(got.name, in + NAME_AT, name_len);
    const uint8_t *p = in + NAME_AT + name_len;
    got.not_before = bytes_load_be64(p);
    got.not_after = bytes_load_be64(p + 8);
    memcpy(got.modulus, p + 16, sizeof got.modulus);
    memcpy(got.issuer, p + 16 + RSA_MODULUS_LEN, sizeof got.issuer);
    memcpy(got.signature, in + len - RSA_SIGNATURE_LEN, sizeof got.signature);
    struct rsa_public key;
    memcpy(key.n, got.modulus, sizeof key.n);
    if (got.not_before > got.not_after || rsa_public_check(&key) != 0)
        return NET_ERR_MALFORMED;
    *c = got;
    return NET_OK;
}

void certificate_fingerprint(uint8_t fp[static CERTIFICATE_FINGERPRINT_LEN],
                             const uint8_t modulus[static RSA_MODULUS_LEN])
{
    struct sha256 hash;
    sha256_init(&hash);
    sha256_update(&hash, fingerprint_label, sizeof fingerprint_label);
    sha256_update(&hash, modulus, RSA_MODULUS_LEN);
    sha256_final(&hash, fp);
}

static bool issued_by(const struct certificate *c, const uint8_t modulus[static RSA_MODULUS_LEN])
{
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN];
    certificate_fingerprint(fp, modulus);
    return ct_equal(fp, c->issuer, sizeof fp);
}

bool certificate_is_self_signed(const struct certificate *c)
{
    return issued_by(c, c->modulus);
}

/* What the issuer signs: the label and all bytes before the signature. */
static size_t signed_message(uint8_t out[static sizeof label + CERTIFICATE_MAX_LEN], const struct certificate *c)
{
    memcpy(out, label, sizeof label);
    return sizeof label + encode_signed(out + sizeof label, c);
}

enum net_err certificate_verify(const struct certificate *c, const struct rsa_public *issuer)
{
    uint8_t msg[sizeof label + CERTIFICATE_MAX_LEN];
    if (!issued_by(c, issuer->n))
        return NET_ERR_CERTIFICATE;
    size_t msg_len = signed_message(msg, c);
    return rsa_pss_verify(issuer, msg, msg_len, c->signature) == 0 ? NET_OK : NET_ERR_CERTIFICATE;
}

enum net_err certificate_verify_self(const struct certificate *c)
{
    struct rsa_public key;
    memcpy(key.n, c->modulus, sizeof key.n);
    return certificate_verify(c, &key);
}

bool certificate_valid_at(const struct certificate *c, uint64_t now)
{
    return c->not_before <= now && now <= c->not_after;
}

static unsigned days_of_year(uint64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 366 : 365;
}

/* By hand, as the time_t of a 32-bit machine ends in 2038. */
void certificate_print_time(char out[static CERTIFICATE_TIME_LEN], uint64_t seconds)
{
    unsigned month_len[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}, second = (unsigned)(seconds % 86400);
    uint64_t day = seconds / 86400, year = 1970, month = 0;
    if (seconds >= END_OF_9999) {
        snprintf(out, CERTIFICATE_TIME_LEN, "%" PRIu64, seconds);
        return;
    }
    for (; day >= days_of_year(year); year++)
        day -= days_of_year(year);
    month_len[1] += days_of_year(year) - 365;
    for (; day >= month_len[month]; month++)
        day -= month_len[month];
    snprintf(out, CERTIFICATE_TIME_LEN, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)year, (unsigned)month + 1,
             (unsigned)day + 1, second / 3600, second / 60 % 60, second % 60);
}

enum net_err certificate_sign(struct certificate *c, const struct rsa_private *issuer, struct rng *rng)
{
    uint8_t msg[sizeof label + CERTIFICATE_MAX_LEN];
    certificate_fingerprint(c->issuer, issuer->n);
    size_t msg_len = signed_message(msg, c);
    return rsa_pss_sign(c->signature, issuer, msg, msg_len, rng) == 0 ? NET_OK : NET_ERR_FAULT;
}

enum net_err certificate_sign_self(struct certificate *c, const struct rsa_private *key, struct rng *rng)
{
    memcpy(c->modulus, key->n, sizeof c->modulus);
    return certificate_sign(c, key, rng);
}
