/* The same measured with libcrypto, where its headers were found: one file, to be reviewed for fairness. Algorithms are
 * fetched, contexts keyed and all memory allocated before any timing; the messages, sizes and chaining are those of
 * bench_ours.c. What a timed call does is what a program that keeps its contexts would do for one message. */
#include "app/workbench/bench.h"

#ifdef HAVE_LIBCRYPTO

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rsa.h>
#include <string.h>

#include "app/workbench/args.h"

static const size_t sizes[] = {64, 256, 1024, 4096, BENCH_MESSAGE_MAX};
#define SIZES (sizeof sizes / sizeof sizes[0])
#define PBKDF2_ITERATIONS 1000
#define AD_LEN 12

static unsigned char key_bytes[64] = {1, 2, 3};

struct context {
    EVP_CIPHER_CTX *encrypt, *decrypt;
    EVP_MD *md;
    EVP_MD_CTX *digest;
    EVP_MAC_CTX *mac;
    EVP_KDF_CTX *hkdf, *pbkdf2;
};

static int wanted(const char *name, const char *primitive)
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
        unsigned char ad[AD_LEN + 16];
        memcpy(ad, s->iv, AD_LEN);
        memcpy(ad + AD_LEN, s->iv, 16);
        cbc(c->encrypt, s->iv, out, bench_running->in, s->size);
        mac(c->mac, ad, sizeof ad, out, s->size, out + s->size);
        memcpy(s->iv, out + s->size, 16);
    }
}

static void run_open(struct bench_subject *s, size_t calls)
{
    static unsigned char sealed[BENCH_MESSAGE_MAX + 32], tag[32];
    const struct context *c = s->context;
    unsigned char ad[AD_LEN + 16];
    memcpy(ad, s->iv, AD_LEN);
    memcpy(ad + AD_LEN, s->iv, 16);
    cbc(c->encrypt, s->iv, sealed, bench_running->in, s->size);
    mac(c->mac, ad, sizeof ad, sealed, s->size, sealed + s->size);
    for (; calls > 0; calls--) {
        mac(c->mac, ad, sizeof ad, sealed, s->size, tag);
        if (CRYPTO_memcmp(tag, sealed + s->size, sizeof tag) == 0)
            cbc(c->decrypt, s->iv, bench_running->out, sealed, s->size);
    }
}

/* The KDF interface, its parameters set anew for each call because they change. */
static void run_hkdf(struct bench_subject *s, size_t calls)
{
    const struct context *c = s->context;
    unsigned char okm[64], info[] = "glasschat/1";
    for (; calls > 0; calls--) {
        OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)"SHA256", 0),
                               OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, bench_running->in, 384),
                               OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, s->iv, sizeof s->iv),
                               OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, sizeof info - 1),
                               OSSL_PARAM_construct_end()};
        EVP_KDF_derive(c->hkdf, okm, sizeof okm, params);
        memcpy(s->iv, okm, sizeof s->iv);
    }
}

static void run_pbkdf2(struct bench_subject *s, size_t calls)
{
    for (; calls > 0; calls--)
        PKCS5_PBKDF2_HMAC((const char *)s->iv, 16, s->iv + 16, 16, PBKDF2_ITERATIONS, EVP_sha256(), 32, s->iv);
}

static void run_generate(struct bench_subject *s, size_t calls)
{
    for (; calls > 0; calls--) {
        EVP_PKEY *key = NULL;
        EVP_PKEY_keygen(s->context, &key);
        EVP_PKEY_free(key);
    }
}

static void run_derive(struct bench_subject *s, size_t calls)
{
    unsigned char z[512];
    for (; calls > 0; calls--) {
        size_t len = sizeof z;
        EVP_PKEY_derive(s->context, z, &len);
    }
}

static void run_sign(struct bench_subject *s, size_t calls)
{
    unsigned char signature[384];
    for (; calls > 0; calls--) {
        size_t len = sizeof signature;
        EVP_DigestSign(s->context, signature, &len, (const unsigned char *)"glasschat", 9);
    }
}

static struct context *make_context(void)
{
    static struct context c;
    static unsigned char iv[16];
    OSSL_PARAM digest[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)(uintptr_t)"SHA256", 0),
                           OSSL_PARAM_construct_end()};
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-128-CBC", NULL);
    c.encrypt = EVP_CIPHER_CTX_new();
    c.decrypt = EVP_CIPHER_CTX_new();
    c.md = EVP_MD_fetch(NULL, "SHA256", NULL);
    c.digest = EVP_MD_CTX_new();
    c.mac = EVP_MAC_CTX_new(EVP_MAC_fetch(NULL, "HMAC", NULL));
    c.hkdf = EVP_KDF_CTX_new(EVP_KDF_fetch(NULL, "HKDF", NULL));
    if (EVP_CipherInit_ex(c.encrypt, cipher, NULL, key_bytes, iv, 1) != 1 ||
        EVP_CipherInit_ex(c.decrypt, cipher, NULL, key_bytes, iv, 0) != 1 || c.md == NULL || c.hkdf == NULL ||
        EVP_MAC_init(c.mac, key_bytes + 32, 32, digest) != 1)
        args_fail("libcrypto does not start");
    EVP_CIPHER_CTX_set_padding(c.encrypt, 0);
    EVP_CIPHER_CTX_set_padding(c.decrypt, 0);
    return &c;
}

static void add(struct bench *b, const char *name, const char *primitive, size_t size,
                void (*run)(struct bench_subject *s, size_t calls), void *context)
{
    if (wanted(name, primitive))
        bench_add(b, primitive, BENCH_OPENSSL, size, run)->context = context;
}

/* The peer was set, and so checked, before: what is timed is the derivation alone, where ours checks each time. */
static void add_dh(struct bench *b, const char *name, const char *group, const char *generate, const char *derive)
{
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL), *d;
    EVP_PKEY *ours = NULL, *theirs = NULL;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)group, 0),
        OSSL_PARAM_construct_end()};
    if (EVP_PKEY_keygen_init(c) != 1 || EVP_PKEY_CTX_set_params(c, params) != 1 || EVP_PKEY_keygen(c, &ours) != 1 ||
        EVP_PKEY_keygen(c, &theirs) != 1)
        args_fail("libcrypto makes no DH keys");
    d = EVP_PKEY_CTX_new(ours, NULL);
    if (EVP_PKEY_derive_init(d) != 1 || EVP_PKEY_derive_set_peer(d, theirs) != 1)
        args_fail("libcrypto derives nothing");
    add(b, name, generate, 0, run_generate, c);
    add(b, name, derive, 0, run_derive, d);
}

static void add_rsa(struct bench *b, const char *name)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)3072);
    EVP_MD_CTX *m = EVP_MD_CTX_new();
    EVP_PKEY_CTX *p = NULL;
    if (EVP_DigestSignInit(m, &p, EVP_sha256(), NULL, key) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(p, RSA_PKCS1_PSS_PADDING) != 1 || EVP_PKEY_CTX_set_rsa_pss_saltlen(p, 32) != 1)
        args_fail("libcrypto does not sign");
    add(b, name, "rsa 3072 sign", 0, run_sign, m);
}

void bench_openssl(struct bench *b, const char *name)
{
    struct context *c = make_context();
    for (size_t i = 0; i < SIZES; i++) {
        add(b, name, "cbc encrypt", sizes[i], run_cbc_encrypt, c);
        add(b, name, "cbc decrypt", sizes[i], run_cbc_decrypt, c);
        add(b, name, "sha256", sizes[i], run_sha256, c);
        add(b, name, "hmac", sizes[i], run_hmac, c);
        if (i > 0) {
            add(b, name, "seal", sizes[i], run_seal, c);
            add(b, name, "open", sizes[i], run_open, c);
        }
    }
    add(b, name, "hkdf", 0, run_hkdf, c);
    add(b, name, "pbkdf2 1000", 0, run_pbkdf2, c);
    add_dh(b, name, "ffdhe2048", "dh 2048 generate", "dh 2048 derive");
    add_dh(b, name, "ffdhe3072", "dh 3072 generate", "dh 3072 derive");
    add_dh(b, name, "ffdhe4096", "dh 4096 generate", "dh 4096 derive");
    add_rsa(b, name);
}

#else

void bench_openssl(struct bench *b, const char *name)
{
    (void)b;
    (void)name;
}

#endif
