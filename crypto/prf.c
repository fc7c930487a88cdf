/* SPDX-License-Identifier: MIT */
/* HMAC needs three things of a hash: to begin, to take bytes in, to end. A table gives them a common form, and the rest
 * is written once. The key's two blocks are hashed once, and each tag goes on from copies of that. */
#include "crypto/prf.h"

#include <assert.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/sha1.h"
#include "crypto/sha256.h"
#include "crypto/sha512.h"

#define BLOCK_MAX_LEN SHA512_BLOCK_LEN

union state {
    struct sha1 sha1;
    struct sha256 sha256;
    struct sha512 sha512;
};

struct prf_hash {
    size_t block_len, digest_len;
    void (*init)(union state *s);
    void (*update)(union state *s, const uint8_t *data, size_t len);
    void (*final)(union state *s, uint8_t digest[static PRF_TAG_MAX_LEN]); /* digest_len bytes of it count; wipes s */
};

/* --- The hashes --------------------------------------------------------------------------------------------------- */

static void init_sha1(union state *s)
{
    sha1_init(&s->sha1);
}

static void update_sha1(union state *s, const uint8_t *data, size_t len)
{
    sha1_update(&s->sha1, data, len);
}

static void final_sha1(union state *s, uint8_t digest[static PRF_TAG_MAX_LEN])
{
    sha1_final(&s->sha1, digest);
}

/* FIPS 180-4, 5.3.2: the second 32 bits of the fractional parts of the square roots of the 9th to 16th primes. */
static void init_sha224(union state *s)
{
    static const uint32_t H0[8] = {0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939,
                                   0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4};
    sha256_resume(&s->sha256, H0, 0);
}

static void init_sha256(union state *s)
{
    sha256_init(&s->sha256);
}

static void update_sha256(union state *s, const uint8_t *data, size_t len)
{
    sha256_update(&s->sha256, data, len);
}

static void final_sha256(union state *s, uint8_t digest[static PRF_TAG_MAX_LEN])
{
    sha256_final(&s->sha256, digest);
}

static void init_sha384(union state *s)
{
    sha512_init_384(&s->sha512);
}

static void init_sha512(union state *s)
{
    sha512_init(&s->sha512);
}

static void update_sha512(union state *s, const uint8_t *data, size_t len)
{
    sha512_update(&s->sha512, data, len);
}

static void final_sha512(union state *s, uint8_t digest[static PRF_TAG_MAX_LEN])
{
    sha512_final(&s->sha512, digest);
}

const struct prf_hash prf_sha1 = {SHA1_BLOCK_LEN, SHA1_DIGEST_LEN, init_sha1, update_sha1, final_sha1};
const struct prf_hash prf_sha224 = {SHA256_BLOCK_LEN, 28, init_sha224, update_sha256, final_sha256};
const struct prf_hash prf_sha256 = {SHA256_BLOCK_LEN, SHA256_DIGEST_LEN, init_sha256, update_sha256, final_sha256};
const struct prf_hash prf_sha384 = {SHA512_BLOCK_LEN, SHA384_DIGEST_LEN, init_sha384, update_sha512, final_sha512};
const struct prf_hash prf_sha512 = {SHA512_BLOCK_LEN, SHA512_DIGEST_LEN, init_sha512, update_sha512, final_sha512};

size_t prf_tag_len(const struct prf_hash *hash)
{
    return hash->digest_len;
}

/* --- HMAC --------------------------------------------------------------------------------------------------------- */

/* A key made ready: hashes that have taken K0 ^ ipad and K0 ^ opad in. */
struct prf_key {
    const struct prf_hash *hash;
    union state inner, outer;
};

static void key_init(struct prf_key *k, const struct prf_hash *hash, const uint8_t *key, size_t key_len)
{
    uint8_t K0[BLOCK_MAX_LEN] = {0};
    k->hash = hash;
    if (key_len > hash->block_len) {
        hash->init(&k->inner);
        hash->update(&k->inner, key, key_len);
        hash->final(&k->inner, K0);
        memset(K0 + hash->digest_len, 0, sizeof K0 - hash->digest_len);
    } else if (key_len > 0) {
        memcpy(K0, key, key_len);
    }
    for (size_t i = 0; i < sizeof K0; i++)
        K0[i] ^= 0x36;
    hash->init(&k->inner);
    hash->update(&k->inner, K0, hash->block_len);
    for (size_t i = 0; i < sizeof K0; i++)
        K0[i] ^= 0x36 ^ 0x5c;
    hash->init(&k->outer);
    hash->update(&k->outer, K0, hash->block_len);
    ct_wipe(K0, sizeof K0);
}

/* The tag of one message in two pieces, into the first bytes of tag. */
static void message(uint8_t tag[static PRF_TAG_MAX_LEN], const struct prf_key *k, const uint8_t *msg, size_t msg_len,
                    const uint8_t *more, size_t more_len)
{
    union state s = k->inner;
    k->hash->update(&s, msg, msg_len);
    k->hash->update(&s, more, more_len);
    k->hash->final(&s, tag);
    s = k->outer;
    k->hash->update(&s, tag, k->hash->digest_len);
    k->hash->final(&s, tag); /* which wipes s */
}

void prf_hmac(uint8_t *tag, const struct prf_hash *hash, const uint8_t *key, size_t key_len, const uint8_t *msg,
              size_t msg_len)
{
    struct prf_key k;
    uint8_t whole[PRF_TAG_MAX_LEN];
    key_init(&k, hash, key, key_len);
    message(whole, &k, msg, msg_len, NULL, 0);
    memcpy(tag, whole, hash->digest_len);
    ct_wipe(whole, sizeof whole);
    ct_wipe(&k, sizeof k);
    ct_wipe_stack(CT_STACK_LEN); /* a hash has more words than registers hold */
}

/* --- PBKDF2 ------------------------------------------------------------------------------------------------------- */

/* F(P, S, c, i) of RFC 8018, 5.2, step 3. */
static void F(uint8_t T[static PRF_TAG_MAX_LEN], const struct prf_key *P, const uint8_t *S, size_t S_len, uint32_t c,
              uint32_t i)
{
    uint8_t INT[4], U[PRF_TAG_MAX_LEN];
    bytes_store_be32(INT, i);
    message(U, P, S, S_len, INT, sizeof INT);
    memcpy(T, U, P->hash->digest_len);
    while (--c > 0) {
        message(U, P, U, P->hash->digest_len, NULL, 0);
        bytes_xor(T, T, U, P->hash->digest_len);
    }
    ct_wipe(U, sizeof U);
}

void prf_pbkdf2(uint8_t *out, size_t out_len, const struct prf_hash *hash, const uint8_t *password, size_t password_len,
                const uint8_t *salt, size_t salt_len, uint32_t iterations)
{
    struct prf_key P;
    uint8_t T[PRF_TAG_MAX_LEN];
    assert(iterations > 0);
    key_init(&P, hash, password, password_len);
    for (uint32_t i = 1; out_len > 0; i++) {
        size_t take = out_len < hash->digest_len ? out_len : hash->digest_len;
        F(T, &P, salt, salt_len, iterations, i);
        memcpy(out, T, take);
        out += take;
        out_len -= take;
    }
    ct_wipe(T, sizeof T);
    ct_wipe(&P, sizeof P);
    ct_wipe_stack(CT_STACK_LEN);
}
