/* SPDX-License-Identifier: MIT */
/* The same measured with libcrypto, where its headers were found: one file, to be reviewed for fairness. Algorithms are
 * fetched, contexts keyed and all memory allocated before any timing; the messages, sizes and chaining are those of
 * bench_ours.c. What a timed call does is what a program that keeps its contexts would do for one message. */
#include "app/workbench/bench/bench.h"

#ifdef HAVE_LIBCRYPTO

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rsa.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "app/workbench/args.h"

static const size_t sizes[] = {64, 256, 1024, 4096, BENCH_MESSAGE_MAX};
#define SIZES (sizeof sizes / sizeof sizes[0])

static unsigned char key_bytes[64] = {1, 2, 3};

struct context {
    EVP_CIPHER_CTX *encrypt, *decrypt, *ecb;
    EVP_MD *md;
    EVP_MD_CTX *digest;
    EVP_MAC_CTX *mac;
    EVP_KDF_CTX *hkdf, *pbkdf2;
};

static bool wanted(const char *name, const char *primitive)
{
    return name == NULL || strncmp(primitive, name, strlen(name)) == 0;
}

/* A new IV on a keyed context is EVP_CipherInit_ex without cipher and key. */
static void cbc(EVP_CIPHER_CTX *c, unsigned char *iv, unsigned char *out, const unsigned char *in, size_t size)
{
    int len;
    EVP_CipherInit_ex(c, NULL, NULL, NULL, iv, -1);
    EVP_CipherUpdate(c, out, &len, in, (int)size);
}

static void run_cbc_encrypt(struct bench_subject *s, size_t calls)
{
    const struct context *c = s->context;
    for (; calls > 0; calls--) {
        cbc(c->encrypt, s->iv, bench_running->out, bench_running->in, s->size);
        memcpy(s->iv, bench_running->out + s->size - 16, 16);
    }
}

static void run_cbc_decrypt(struct bench_subject *s, size_t calls)
{
    const struct context *c = s->context;
    for (; calls > 0; calls--) {
        cbc(c->decrypt, s->iv, bench_running->out, bench_running->in, s->size);
        memcpy(s->iv, bench_running->out + s->size - 16, 16);
    }
}

static void run_aes(struct bench_subject *s, size_t calls)
{
    const struct context *c = s->context;
    int len;
    for (; calls > 0; calls--)
        EVP_CipherUpdate(c->ecb, bench_running->in, &len, bench_running->in, (int)s->size);
}

static void run_sha256(struct bench_subject *s, size_t calls)
{
    const struct context *c = s->context;
    for (; calls > 0; calls--) {
        EVP_DigestInit_ex(c->digest, c->md, NULL);
        EVP_DigestUpdate(c->digest, bench_running->in, s->size);
        EVP_DigestFinal_ex(c->digest, bench_running->in, NULL);
    }
}

/* EVP_MAC_init without a key starts anew under the key that the context has. */
static void mac(EVP_MAC_CTX *m, const unsigned char *ad, size_t ad_len, const unsigned char *data, size_t len,
                unsigned char *tag)
{
    size_t tag_len;
    EVP_MAC_init(m, NULL, 0, NULL);
    if (ad_len > 0)
        EVP_MAC_update(m, ad, ad_len);
    EVP_MAC_update(m, data, len);
    EVP_MAC_final(m, tag, &tag_len, 32);
}

static void run_hmac(struct bench_subject *s, size_t calls)
{
    const struct context *c = s->context;
    for (; calls > 0; calls--)
        mac(c->mac, NULL, 0, bench_running->in, s->size, bench_running->in);
}

static void run_seal(struct bench_subject *s, size_t calls)
{
    const struct context *c = s->context;
    unsigned char *out = bench_running->out;
    for (; calls > 0; calls--) {
        unsigned char ad[BENCH_AD_LEN + 16];
        memcpy(ad, s->iv, BENCH_AD_LEN);
        memcpy(ad + BENCH_AD_LEN, s->iv, 16);
        cbc(c->encrypt, s->iv, out, bench_running->in, s->size);
        mac(c->mac, ad, sizeof ad, out, s->size, out + s->size);
        memcpy(s->iv, out + s->size, 16);
    }
}

static void run_open(struct bench_subject *s, size_t calls)
{
    static unsigned char sealed[BENCH_MESSAGE_MAX + 32], tag[32];
    const struct context *c = s->context;
    unsigned char ad[BENCH_AD_LEN + 16];
    memcpy(ad, s->iv, BENCH_AD_LEN);
    memcpy(ad + BENCH_AD_LEN, s->iv, 16);
    cbc(c->encrypt, s->iv, sealed, bench_running->in, s->size);
    mac(c->mac, ad, sizeof ad, sealed, s->size, sealed + s->size);
    for (; calls > 0; calls--) {
        mac(c->mac, ad, sizeof ad, sealed, s->size, tag);
        if (CRYPTO_memcmp(tag, sealed + s->size, sizeof tag) == 0)
            cbc(c->decrypt, s->iv, bench_running->out, sealed, s->size);
    }
}

/* The KDF interface. The digest, whose name would be looked up each time, and info stay; secret and salt are new. */
static void run_hkdf(struct bench_subject *s, size_t calls)
{
    const struct context *c = s->context;
    unsigned char okm[64];
    for (; calls > 0; calls--) {
        OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, bench_running->in, 384),
                               OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, s->iv, sizeof s->iv),
                               OSSL_PARAM_construct_end()};
        if (EVP_KDF_derive(c->hkdf, okm, sizeof okm, params) != 1)
            args_fail("libcrypto derives nothing");
        memcpy(s->iv, okm, sizeof s->iv);
    }
}

/* The same by RFC 5869 out of plain HMAC calls on one context that is kept: an option for a program that knows how slow
 * the interface above is. */
static void run_hkdf_by_hmac(struct bench_subject *s, size_t calls)
{
    const struct context *c = s->context;
    unsigned char prk[32], okm[64], i;
    size_t len;
    for (; calls > 0; calls--) {
        EVP_MAC_init(c->mac, s->iv, sizeof s->iv, NULL);
        EVP_MAC_update(c->mac, bench_running->in, 384);
        EVP_MAC_final(c->mac, prk, &len, sizeof prk);
        EVP_MAC_init(c->mac, prk, sizeof prk, NULL);
        for (i = 1; i <= 2; i++) {
            if (i > 1) {
                EVP_MAC_init(c->mac, NULL, 0, NULL);
                EVP_MAC_update(c->mac, okm, 32);
            }
            EVP_MAC_update(c->mac, (const unsigned char *)"glasschat/1", 11);
            EVP_MAC_update(c->mac, &i, 1);
            EVP_MAC_final(c->mac, okm + 32 * (i - 1), &len, 32);
        }
        memcpy(s->iv, okm, sizeof s->iv);
    }
}

#define RECIPIENTS 16
#define SHARED 256

struct recipient {
    EVP_CIPHER_CTX *encrypt;
    EVP_MAC_CTX *mac;
};

/* A call is all sixteen, whose IVs don't wait for each other; the next call's come from this one's last. */
static void run_seal_16(struct bench_subject *s, size_t calls)
{
    static unsigned char out[RECIPIENTS][SHARED + 32];
    const struct recipient *r = s->context;
    unsigned char ad[BENCH_AD_LEN + 16];
    for (; calls > 0; calls--) {
        for (size_t j = 0; j < RECIPIENTS; j++) {
            memcpy(ad, s->iv, BENCH_AD_LEN);
            memcpy(ad + BENCH_AD_LEN, s->iv + j, 16);
            cbc(r[j].encrypt, s->iv + j, out[j], bench_running->in, SHARED);
            mac(r[j].mac, ad, sizeof ad, out[j], SHARED, out[j] + SHARED);
        }
        memcpy(s->iv, out[RECIPIENTS - 1] + SHARED, 32);
    }
}

static void run_pbkdf2(struct bench_subject *s, size_t calls)
{
    const struct context *c = s->context;
    unsigned char hash[32];
    for (; calls > 0; calls--) {
        OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, s->iv, 16),
                               OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, s->iv + 16, 16),
                               OSSL_PARAM_construct_end()};
        if (EVP_KDF_derive(c->pbkdf2, hash, sizeof hash, params) != 1)
            args_fail("libcrypto derives nothing");
        memcpy(s->iv, hash, sizeof hash);
    }
}

static void run_generate(struct bench_subject *s, size_t calls)
{
    for (; calls > 0; calls--) {
        EVP_PKEY *key = NULL;
        EVP_PKEY_keygen(s->context, &key);
        EVP_PKEY_free(key);
    }
}

struct derivation {
    EVP_PKEY_CTX *context;
    EVP_PKEY *ours, *theirs;
};

static void run_derive(struct bench_subject *s, size_t calls)
{
    const struct derivation *d = s->context;
    unsigned char z[512];
    for (; calls > 0; calls--) {
        size_t len = sizeof z;
        EVP_PKEY_derive(d->context, z, &len);
    }
}

static void run_set_and_derive(struct bench_subject *s, size_t calls)
{
    const struct derivation *d = s->context;
    unsigned char z[512];
    for (; calls > 0; calls--) {
        size_t len = sizeof z;
        EVP_PKEY_derive_set_peer(d->context, d->theirs);
        EVP_PKEY_derive(d->context, z, &len);
    }
}

struct signature {
    EVP_PKEY_CTX *sign, *verify;
    EVP_PKEY *key;
    EVP_MD *md;
    unsigned char bytes[384];
};

/* A context that signs digests can be used again and again; EVP_DigestSign's would go on with the message before. */
static void run_sign(struct bench_subject *s, size_t calls)
{
    const struct signature *g = s->context;
    unsigned char digest[32], signature[384];
    for (; calls > 0; calls--) {
        size_t len = sizeof signature;
        EVP_Digest("glasschat", 9, digest, NULL, g->md, NULL);
        EVP_PKEY_sign(g->sign, signature, &len, digest, sizeof digest);
    }
}

static void run_verify(struct bench_subject *s, size_t calls)
{
    const struct signature *g = s->context;
    unsigned char digest[32];
    for (; calls > 0; calls--) {
        EVP_Digest("glasschat", 9, digest, NULL, g->md, NULL);
        if (EVP_PKEY_verify(g->verify, g->bytes, sizeof g->bytes, digest, sizeof digest) != 1)
            args_fail("libcrypto refuses its own signature");
    }
}

/* --- Contexts, made before and freed after the measuring ---------------------------------------------------------- */

static void *zeroed(size_t len)
{
    void *p = calloc(1, len);
    if (p == NULL)
        args_fail("out of memory");
    return p;
}

static EVP_CIPHER_CTX *cipher_context(const char *algorithm, const unsigned char *key, int encrypt)
{
    static const unsigned char iv[16];
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, algorithm, NULL);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    if (EVP_CipherInit_ex(c, cipher, NULL, key, iv, encrypt) != 1)
        args_fail("libcrypto does not start");
    EVP_CIPHER_CTX_set_padding(c, 0);
    EVP_CIPHER_free(cipher);
    return c;
}

static EVP_MAC_CTX *mac_context(const unsigned char *key)
{
    OSSL_PARAM digest[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)(uintptr_t) "SHA256", 0),
                           OSSL_PARAM_construct_end()};
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *c = EVP_MAC_CTX_new(hmac);
    if (EVP_MAC_init(c, key, 32, digest) != 1)
        args_fail("libcrypto does not start");
    EVP_MAC_free(hmac);
    return c;
}

static EVP_KDF_CTX *kdf_context(const char *algorithm, OSSL_PARAM *constant)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, algorithm, NULL);
    EVP_KDF_CTX *c = EVP_KDF_CTX_new(kdf);
    if (c == NULL || EVP_KDF_CTX_set_params(c, constant) != 1)
        args_fail("libcrypto does not start");
    EVP_KDF_free(kdf);
    return c;
}

static EVP_KDF_CTX *hkdf_context(void)
{
    static unsigned char info[] = "glasschat/1";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t) "SHA256", 0),
                           OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, sizeof info - 1),
                           OSSL_PARAM_construct_end()};
    return kdf_context("HKDF", params);
}

static EVP_KDF_CTX *pbkdf2_context(void)
{
    static unsigned iterations = BENCH_ITERATIONS;
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t) "SHA256", 0),
                           OSSL_PARAM_construct_uint(OSSL_KDF_PARAM_ITER, &iterations), OSSL_PARAM_construct_end()};
    return kdf_context("PBKDF2", params);
}

static void free_context(void *context)
{
    struct context *c = context;
    EVP_CIPHER_CTX_free(c->encrypt);
    EVP_CIPHER_CTX_free(c->decrypt);
    EVP_CIPHER_CTX_free(c->ecb);
    EVP_MD_CTX_free(c->digest);
    EVP_MD_free(c->md);
    EVP_MAC_CTX_free(c->mac);
    EVP_KDF_CTX_free(c->hkdf);
    EVP_KDF_CTX_free(c->pbkdf2);
    free(c);
}

static struct context *make_context(struct bench *b)
{
    struct context *c = zeroed(sizeof *c);
    c->encrypt = cipher_context("AES-128-CBC", key_bytes, 1);
    c->decrypt = cipher_context("AES-128-CBC", key_bytes, 0);
    c->ecb = cipher_context("AES-128-ECB", key_bytes, 1);
    c->md = EVP_MD_fetch(NULL, "SHA256", NULL);
    c->digest = EVP_MD_CTX_new();
    c->mac = mac_context(key_bytes + 32);
    c->hkdf = hkdf_context();
    c->pbkdf2 = pbkdf2_context();
    if (c->md == NULL || c->digest == NULL)
        args_fail("libcrypto does not start");
    return bench_keep(b, c, free_context);
}

static void free_recipients(void *context)
{
    struct recipient *r = context;
    for (size_t j = 0; j < RECIPIENTS; j++) {
        EVP_CIPHER_CTX_free(r[j].encrypt);
        EVP_MAC_CTX_free(r[j].mac);
    }
    free(r);
}

static struct recipient *make_recipients(struct bench *b)
{
    struct recipient *r = zeroed(RECIPIENTS * sizeof *r);
    for (size_t j = 0; j < RECIPIENTS; j++) {
        r[j].encrypt = cipher_context("AES-128-CBC", key_bytes + j, 1);
        r[j].mac = mac_context(key_bytes + 32 - j);
    }
    return bench_keep(b, r, free_recipients);
}

static void add(struct bench *b, const char *name, const char *primitive, const char *by, size_t size,
                void (*run)(struct bench_subject *s, size_t calls), void *context)
{
    if (wanted(name, primitive))
        bench_add(b, primitive, by, size, run)->context = context;
}

static void free_key_context(void *context)
{
    EVP_PKEY_CTX_free(context);
}

static void free_derivation(void *context)
{
    struct derivation *d = context;
    EVP_PKEY_CTX_free(d->context);
    EVP_PKEY_free(d->ours);
    EVP_PKEY_free(d->theirs);
    free(d);
}

/* Ours checks the peer's value in each derivation. libcrypto does when the peer is set, by a full-length
 * exponentiation: measured with the peer set once before, and with the peer set in each call. */
static void add_dh(struct bench *b, const char *name, const char *group, const char *generate, const char *derive)
{
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
    struct derivation *d = zeroed(sizeof *d);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)group, 0),
                           OSSL_PARAM_construct_end()};
    if (EVP_PKEY_keygen_init(c) != 1 || EVP_PKEY_CTX_set_params(c, params) != 1 || EVP_PKEY_keygen(c, &d->ours) != 1 ||
        EVP_PKEY_keygen(c, &d->theirs) != 1)
        args_fail("libcrypto makes no DH keys");
    d->context = EVP_PKEY_CTX_new(d->ours, NULL);
    if (EVP_PKEY_derive_init(d->context) != 1 || EVP_PKEY_derive_set_peer(d->context, d->theirs) != 1)
        args_fail("libcrypto derives nothing");
    bench_keep(b, c, free_key_context);
    bench_keep(b, d, free_derivation);
    add(b, name, generate, BENCH_OPENSSL, 0, run_generate, c);
    add(b, name, derive, BENCH_OPENSSL, 0, run_derive, d);
    add(b, name, derive, BENCH_OPENSSL " with its check", 0, run_set_and_derive, d);
}

static void free_signature(void *context)
{
    struct signature *g = context;
    EVP_PKEY_CTX_free(g->sign);
    EVP_PKEY_CTX_free(g->verify);
    EVP_PKEY_free(g->key);
    EVP_MD_free(g->md);
    free(g);
}

static bool set_pss(EVP_PKEY_CTX *p, const EVP_MD *md)
{
    return EVP_PKEY_CTX_set_rsa_padding(p, RSA_PKCS1_PSS_PADDING) == 1 && EVP_PKEY_CTX_set_signature_md(p, md) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(p, 32) == 1;
}

static void add_rsa(struct bench *b, const char *name)
{
    struct signature *g = zeroed(sizeof *g);
    unsigned char digest[32];
    size_t len = sizeof g->bytes;
    g->md = EVP_MD_fetch(NULL, "SHA256", NULL);
    g->key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)3072);
    g->sign = EVP_PKEY_CTX_new(g->key, NULL);
    g->verify = EVP_PKEY_CTX_new(g->key, NULL);
    if (EVP_PKEY_sign_init(g->sign) != 1 || !set_pss(g->sign, g->md) || EVP_PKEY_verify_init(g->verify) != 1 ||
        !set_pss(g->verify, g->md) || EVP_Digest("glasschat", 9, digest, NULL, g->md, NULL) != 1 ||
        EVP_PKEY_sign(g->sign, g->bytes, &len, digest, sizeof digest) != 1)
        args_fail("libcrypto does not sign");
    bench_keep(b, g, free_signature);
    add(b, name, "rsa 3072 sign", BENCH_OPENSSL, 0, run_sign, g);
    add(b, name, "rsa 3072 verify", BENCH_OPENSSL, 0, run_verify, g);
}

static void add_sizes(struct bench *b, const char *name, struct context *c)
{
    for (size_t i = 0; i < SIZES; i++) {
        add(b, name, "aes", BENCH_OPENSSL, sizes[i], run_aes, c);
        add(b, name, "cbc encrypt", BENCH_OPENSSL, sizes[i], run_cbc_encrypt, c);
        add(b, name, "cbc decrypt", BENCH_OPENSSL, sizes[i], run_cbc_decrypt, c);
        add(b, name, "sha256", BENCH_OPENSSL, sizes[i], run_sha256, c);
        add(b, name, "hmac", BENCH_OPENSSL, sizes[i], run_hmac, c);
        if (i > 0) {
            add(b, name, "seal", BENCH_OPENSSL, sizes[i], run_seal, c);
            add(b, name, "open", BENCH_OPENSSL, sizes[i], run_open, c);
        }
    }
}

void bench_openssl(struct bench *b, const char *name)
{
    add_sizes(b, name, make_context(b));
    /* A context of its own for each, as these change its key. */
    add(b, name, "hkdf", BENCH_OPENSSL, 0, run_hkdf, make_context(b));
    add(b, name, "hkdf", BENCH_OPENSSL " by plain HMAC", 0, run_hkdf_by_hmac, make_context(b));
    add(b, name, "pbkdf2 1000", BENCH_OPENSSL, 0, run_pbkdf2, make_context(b));
    add(b, name, "seal 256 B for 16", BENCH_OPENSSL, 0, run_seal_16, make_recipients(b));
    add_dh(b, name, "ffdhe2048", "dh 2048 generate", "dh 2048 derive");
    add_dh(b, name, "ffdhe3072", "dh 3072 generate", "dh 3072 derive");
    add_dh(b, name, "ffdhe4096", "dh 4096 generate", "dh 4096 derive");
    if (wanted(name, "rsa 3072 sign") || wanted(name, "rsa 3072 verify"))
        add_rsa(b, name);
}

#else

void bench_openssl(struct bench *b, const char *name)
{
    (void)b;
    (void)name;
}

#endif
