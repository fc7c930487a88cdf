/* SPDX-License-Identifier: MIT */
/* The same measured with nettle and its hogweed, where their headers were found: one file, to be reviewed for fairness.
 * Keys are set before any timing, and an HMAC starts anew under its key when a tag is done. There is no Diffie-Hellman
 * modulo a prime. */
#include "app/workbench/bench/bench.h"

#ifdef HAVE_LIBNETTLE

#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <nettle/hkdf.h>
#include <nettle/hmac.h>
#include <nettle/nettle-meta.h>
#include <nettle/pbkdf2.h>
#include <nettle/rsa.h>
#include <nettle/sha2.h>
#include <nettle/version.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/workbench/args.h"
#include "crypto/rng.h"

struct context {
    struct aes128_ctx encrypt, decrypt;
    struct sha256_ctx sha256;
    struct hmac_sha256_ctx hmac;
};

#include "app/workbench/bench/bench_loops.h"

static void do_aes(struct context *c, uint8_t *data, size_t size)
{
    aes128_encrypt(&c->encrypt, size, data, data);
}

static void do_cbc_encrypt(struct context *c, uint8_t *iv, uint8_t *out, const uint8_t *in, size_t size)
{
    cbc_aes128_encrypt(&c->encrypt, iv, size, out, in);
}

/* Decryption has no function of AES's own; this one gives AES many blocks at a time. */
static void do_cbc_decrypt(struct context *c, uint8_t *iv, uint8_t *out, const uint8_t *in, size_t size)
{
    cbc_decrypt(&c->decrypt, nettle_aes128.decrypt, AES_BLOCK_SIZE, iv, size, out, in);
}

/* sha256_digest starts anew, too. */
static void do_sha256(struct context *c, uint8_t *digest, const uint8_t *in, size_t size)
{
    sha256_update(&c->sha256, size, in);
    sha256_digest(&c->sha256, SHA256_DIGEST_SIZE, digest);
}

static void mac_key(struct context *c, const uint8_t *key, size_t len)
{
    hmac_sha256_set_key(&c->hmac, len, key);
}

static void mac_again(struct context *c)
{
    (void)c; /* the tag before has done it */
}

static void mac_update(struct context *c, const uint8_t *data, size_t len)
{
    hmac_sha256_update(&c->hmac, len, data);
}

static void mac_final(struct context *c, uint8_t *tag)
{
    hmac_sha256_digest(&c->hmac, SHA256_DIGEST_SIZE, tag);
}

static void do_pbkdf2(struct context *c, uint8_t *hash, const uint8_t *password, const uint8_t *salt)
{
    (void)c;
    pbkdf2_hmac_sha256(16, password, BENCH_ITERATIONS, 16, salt, 32, hash);
}

static struct context *make_contexts(struct bench *b)
{
    struct context *c = calloc(BENCH_RECIPIENTS, sizeof *c);
    bench_keep(b, c, free);
    for (size_t i = 0; i < BENCH_RECIPIENTS; i++) {
        aes128_set_encrypt_key(&c[i].encrypt, aes_key_of(i));
        aes128_invert_key(&c[i].decrypt, &c[i].encrypt);
        sha256_init(&c[i].sha256);
        hmac_sha256_set_key(&c[i].hmac, 32, mac_key_of(i));
    }
    return c;
}

/* nettle's own HKDF is RFC 5869 by calls of an HMAC that the caller keys. */
static void run_hkdf(struct bench_subject *s, size_t calls)
{
    const struct nettle_mac *mac = &nettle_hmac_sha256;
    struct hmac_sha256_ctx hmac;
    uint8_t prk[32], okm[64];
    for (; calls > 0; calls--) {
        hmac_sha256_set_key(&hmac, sizeof s->iv, s->iv);
        hkdf_extract(&hmac, mac->update, mac->digest, sizeof prk, 384, bench_running->in, prk);
        hmac_sha256_set_key(&hmac, sizeof prk, prk);
        hkdf_expand(&hmac, mac->update, mac->digest, sizeof prk, 11, (const uint8_t *)"glasschat/1", sizeof okm, okm);
        memcpy(s->iv, okm, sizeof s->iv);
    }
}

struct signature {
    struct rsa_public_key public;
    struct rsa_private_key private;
    uint8_t bytes[384];
    struct rng rng;
};

static void draw(void *rng, size_t len, uint8_t *out)
{
    rng_fill(rng, out, len);
}

static void digest_of(uint8_t digest[32])
{
    struct sha256_ctx c;
    sha256_init(&c);
    sha256_update(&c, 9, (const uint8_t *)"glasschat");
    sha256_digest(&c, SHA256_DIGEST_SIZE, digest);
}

/* Of its ways to sign, the one that says nothing by its timing: blinded, and checked before it leaves, as ours is. */
static void sign(struct signature *g, uint8_t *bytes)
{
    uint8_t digest[32], salt[32];
    mpz_t number;
    mpz_init(number);
    digest_of(digest);
    rng_fill(&g->rng, salt, sizeof salt);
    if (!rsa_pss_sha256_sign_digest_tr(&g->public, &g->private, &g->rng, draw, sizeof salt, salt, digest, number))
        args_fail("nettle does not sign");
    nettle_mpz_get_str_256(sizeof g->bytes, bytes, number);
    mpz_clear(number);
}

static void run_sign(struct bench_subject *s, size_t calls)
{
    uint8_t bytes[384];
    for (; calls > 0; calls--)
        sign(s->context, bytes);
}

static void run_verify(struct bench_subject *s, size_t calls)
{
    struct signature *g = s->context;
    for (; calls > 0; calls--) {
        uint8_t digest[32];
        mpz_t number;
        digest_of(digest);
        nettle_mpz_init_set_str_256_u(number, sizeof g->bytes, g->bytes);
        if (!rsa_pss_sha256_verify_digest(&g->public, 32, digest, number))
            args_fail("nettle refuses its own signature");
        mpz_clear(number);
    }
}

static void free_signature(void *context)
{
    struct signature *g = context;
    rsa_public_key_clear(&g->public);
    rsa_private_key_clear(&g->private);
    free(g);
}

static void add_rsa(struct bench *b, const char *name)
{
    struct signature *g = calloc(1, sizeof *g);
    if (g == NULL)
        args_fail("out of memory");
    rng_init(&g->rng);
    rsa_public_key_init(&g->public);
    rsa_private_key_init(&g->private);
    bench_keep(b, g, free_signature);
    mpz_set_ui(g->public.e, 65537);
    if (!rsa_generate_keypair(&g->public, &g->private, &g->rng, draw, NULL, NULL, 3072, 0))
        args_fail("nettle makes no RSA key");
    sign(g, g->bytes);
    bench_add_wanted(b, name, "rsa 3072 sign", BENCH_NETTLE, 0, run_sign, g);
    bench_add_wanted(b, name, "rsa 3072 verify", BENCH_NETTLE, 0, run_verify, g);
}

/* The version of what is linked, not of the headers. */
static const char *version(void)
{
    static char text[32];
    snprintf(text, sizeof text, "%d.%d", nettle_version_major(), nettle_version_minor());
    return text;
}

void bench_nettle(struct bench *b, const char *name)
{
    struct context *c = make_contexts(b);
    bench_has(b, BENCH_NETTLE, version());
    add_loops(b, name, BENCH_NETTLE, c);
    bench_add_wanted(b, name, "hkdf", BENCH_NETTLE, 0, run_hkdf, NULL);
    if (bench_wanted(name, "rsa 3072 sign") || bench_wanted(name, "rsa 3072 verify"))
        add_rsa(b, name);
}

#else

void bench_nettle(struct bench *b, const char *name)
{
    (void)b;
    (void)name;
}

#endif
