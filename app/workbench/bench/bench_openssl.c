/* SPDX-License-Identifier: MIT */
/* The same measured with libcrypto, where its headers were found: one file, to be reviewed for fairness. Algorithms are
 * fetched, contexts keyed and all memory allocated before any timing; the messages, sizes and chaining are those of
 * bench_ours.c. What a timed call does is what a program that keeps its contexts would do for one message. */
#include "app/workbench/bench/bench.h"

#ifdef HAVE_LIBCRYPTO

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rsa.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "app/workbench/args.h"
#include "crypto/dh_group.h"

struct context {
    EVP_CIPHER_CTX *encrypt, *decrypt, *ecb;
    EVP_MD *md;
    EVP_MD_CTX *digest;
    EVP_MAC_CTX *mac;
    EVP_KDF_CTX *hkdf, *pbkdf2;
};

#include "app/workbench/bench/bench_loops.h"

/* A new IV on a keyed context is EVP_CipherInit_ex without cipher and key. */
static void cbc(EVP_CIPHER_CTX *c, const uint8_t *iv, uint8_t *out, const uint8_t *in, size_t size)
{
    int len;
    EVP_CipherInit_ex(c, NULL, NULL, NULL, iv, -1);
    EVP_CipherUpdate(c, out, &len, in, (int)size);
}

static void do_cbc_encrypt(struct context *c, uint8_t *iv, uint8_t *out, const uint8_t *in, size_t size)
{
    cbc(c->encrypt, iv, out, in, size);
}

static void do_cbc_decrypt(struct context *c, uint8_t *iv, uint8_t *out, const uint8_t *in, size_t size)
{
    cbc(c->decrypt, iv, out, in, size);
}

static void do_aes(struct context *c, uint8_t *data, size_t size)
{
    int len;
    EVP_CipherUpdate(c->ecb, data, &len, data, (int)size);
}

static void do_sha256(struct context *c, uint8_t *digest, const uint8_t *in, size_t size)
{
    EVP_DigestInit_ex(c->digest, c->md, NULL);
    EVP_DigestUpdate(c->digest, in, size);
    EVP_DigestFinal_ex(c->digest, digest, NULL);
}

static void mac_key(struct context *c, const uint8_t *key, size_t len)
{
    EVP_MAC_init(c->mac, key, len, NULL);
}

/* EVP_MAC_init without a key starts anew under the key that the context has. */
static void mac_again(struct context *c)
{
    EVP_MAC_init(c->mac, NULL, 0, NULL);
}

static void mac_update(struct context *c, const uint8_t *data, size_t len)
{
    EVP_MAC_update(c->mac, data, len);
}

static void mac_final(struct context *c, uint8_t *tag)
{
    size_t len;
    EVP_MAC_final(c->mac, tag, &len, 32);
}

/* The KDF interface. The digest, whose name would be looked up each time, and what else is constant stay. */
static void do_pbkdf2(struct context *c, uint8_t *hash, const uint8_t *password, const uint8_t *salt)
{
    OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, (void *)(uintptr_t)password, 16),
                           OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt, 16),
                           OSSL_PARAM_construct_end()};
    if (EVP_KDF_derive(c->pbkdf2, hash, 32, params) != 1)
        args_fail("libcrypto derives nothing");
}

/* The KDF interface again. By plain HMAC calls is an option for a program that knows how slow it is. */
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

static void free_contexts(void *context)
{
    struct context *c = context;
    for (size_t i = 0; i < BENCH_RECIPIENTS; i++) {
        EVP_CIPHER_CTX_free(c[i].encrypt);
        EVP_CIPHER_CTX_free(c[i].decrypt);
        EVP_CIPHER_CTX_free(c[i].ecb);
        EVP_MD_CTX_free(c[i].digest);
        EVP_MD_free(c[i].md);
        EVP_MAC_CTX_free(c[i].mac);
        EVP_KDF_CTX_free(c[i].hkdf);
        EVP_KDF_CTX_free(c[i].pbkdf2);
    }
    free(c);
}

static void make_context(struct context *c, const uint8_t *aes, const uint8_t *mac)
{
    c->encrypt = cipher_context("AES-128-CBC", aes, 1);
    c->decrypt = cipher_context("AES-128-CBC", aes, 0);
    c->ecb = cipher_context("AES-128-ECB", aes, 1);
    c->md = EVP_MD_fetch(NULL, "SHA256", NULL);
    c->digest = EVP_MD_CTX_new();
    c->mac = mac_context(mac);
    c->hkdf = hkdf_context();
    c->pbkdf2 = pbkdf2_context();
    if (c->md == NULL || c->digest == NULL)
        args_fail("libcrypto does not start");
}

static struct context *make_contexts(struct bench *b)
{
    struct context *c = zeroed(BENCH_RECIPIENTS * sizeof *c);
    for (size_t i = 0; i < BENCH_RECIPIENTS; i++)
        make_context(&c[i], aes_key_of(i), mac_key_of(i));
    return bench_keep(b, c, free_contexts);
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
 * exponentiation: measured with the peer set once before, and with the peer set in each call. Left alone it would draw
 * shorter exponents than ours, and have less to do. */
static void add_dh(struct bench *b, const char *name, const char *group, const char *generate, const char *derive)
{
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
    struct derivation *d = zeroed(sizeof *d);
    int x_bits = 8 * (int)dh_group_by_name(group)->x_len;
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)group, 0),
                           OSSL_PARAM_construct_int(OSSL_PKEY_PARAM_DH_PRIV_LEN, &x_bits), OSSL_PARAM_construct_end()};
    if (EVP_PKEY_keygen_init(c) != 1 || EVP_PKEY_CTX_set_params(c, params) != 1 || EVP_PKEY_keygen(c, &d->ours) != 1 ||
        EVP_PKEY_keygen(c, &d->theirs) != 1)
        args_fail("libcrypto makes no DH keys");
    d->context = EVP_PKEY_CTX_new(d->ours, NULL);
    if (EVP_PKEY_derive_init(d->context) != 1 || EVP_PKEY_derive_set_peer(d->context, d->theirs) != 1)
        args_fail("libcrypto derives nothing");
    bench_keep(b, c, free_key_context);
    bench_keep(b, d, free_derivation);
    bench_add_wanted(b, name, generate, BENCH_OPENSSL, 0, run_generate, c);
    bench_add_wanted(b, name, derive, BENCH_OPENSSL, 0, run_derive, d);
    bench_add_wanted(b, name, derive, BENCH_OPENSSL " with its check", 0, run_set_and_derive, d);
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
    bench_add_wanted(b, name, "rsa 3072 sign", BENCH_OPENSSL, 0, run_sign, g);
    bench_add_wanted(b, name, "rsa 3072 verify", BENCH_OPENSSL, 0, run_verify, g);
}

void bench_openssl(struct bench *b, const char *name)
{
    struct context *c = make_contexts(b);
    bench_has(b, BENCH_OPENSSL, OpenSSL_version(OPENSSL_VERSION_STRING));
    add_loops(b, name, BENCH_OPENSSL, c);
    bench_add_wanted(b, name, "hkdf", BENCH_OPENSSL, 0, run_hkdf, c);
    bench_add_wanted(b, name, "hkdf", BENCH_OPENSSL " by plain HMAC", 0, run_hkdf_by_hmac, make_contexts(b));
    add_dh(b, name, "ffdhe2048", "dh 2048 generate", "dh 2048 derive");
    add_dh(b, name, "ffdhe3072", "dh 3072 generate", "dh 3072 derive");
    add_dh(b, name, "ffdhe4096", "dh 4096 generate", "dh 4096 derive");
    if (bench_wanted(name, "rsa 3072 sign") || bench_wanted(name, "rsa 3072 verify"))
        add_rsa(b, name);
}

#else

void bench_openssl(struct bench *b, const char *name)
{
    (void)b;
    (void)name;
}

#endif
