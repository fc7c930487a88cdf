/* SPDX-License-Identifier: MIT */
/* The same measured with libgcrypt, where its headers were found: one file, to be reviewed for fairness. Handles are
 * opened and keyed before any timing, and its secure memory, which nothing here needs, is left out. */
#include "app/workbench/bench/bench.h"

#ifdef HAVE_LIBGCRYPT

#include <gcrypt.h>
#include <stdbool.h>
#include <stdlib.h>

#include "app/workbench/args.h"

struct context {
    gcry_cipher_hd_t cbc, ecb;
    gcry_mac_hd_t hmac;
};

#include "app/workbench/bench/bench_loops.h"

static void must(gcry_error_t err, const char *what)
{
    if (err != 0)
        args_fail("%s", what);
}

static void do_aes(struct context *c, uint8_t *data, size_t size)
{
    gcry_cipher_encrypt(c->ecb, data, size, NULL, 0);
}

static void do_cbc_encrypt(struct context *c, uint8_t *iv, uint8_t *out, const uint8_t *in, size_t size)
{
    gcry_cipher_setiv(c->cbc, iv, 16);
    gcry_cipher_encrypt(c->cbc, out, size, in, size);
}

static void do_cbc_decrypt(struct context *c, uint8_t *iv, uint8_t *out, const uint8_t *in, size_t size)
{
    gcry_cipher_setiv(c->cbc, iv, 16);
    gcry_cipher_decrypt(c->cbc, out, size, in, size);
}

/* Its call for a whole message: faster than a handle that is reset. */
static void do_sha256(struct context *c, uint8_t *digest, const uint8_t *in, size_t size)
{
    (void)c;
    gcry_md_hash_buffer(GCRY_MD_SHA256, digest, in, size);
}

static void mac_key(struct context *c, const uint8_t *key, size_t len)
{
    gcry_mac_setkey(c->hmac, key, len);
}

/* Keeps the key, and what was hashed of it. */
static void mac_again(struct context *c)
{
    gcry_mac_reset(c->hmac);
}

static void mac_update(struct context *c, const uint8_t *data, size_t len)
{
    gcry_mac_write(c->hmac, data, len);
}

static void mac_final(struct context *c, uint8_t *tag)
{
    size_t len = 32;
    gcry_mac_read(c->hmac, tag, &len);
}

static void do_pbkdf2(struct context *c, uint8_t *hash, const uint8_t *password, const uint8_t *salt)
{
    (void)c;
    must(gcry_kdf_derive(password, 16, GCRY_KDF_PBKDF2, GCRY_MD_SHA256, salt, 16, BENCH_ITERATIONS, 32, hash),
         "libgcrypt derives nothing");
}

static void free_contexts(void *contexts)
{
    struct context *c = contexts;
    for (size_t i = 0; i < BENCH_RECIPIENTS; i++) {
        gcry_cipher_close(c[i].cbc);
        gcry_cipher_close(c[i].ecb);
        gcry_mac_close(c[i].hmac);
    }
    free(c);
}

static struct context *make_contexts(struct bench *b)
{
    static const char problem[] = "libgcrypt does not start";
    struct context *c = calloc(BENCH_RECIPIENTS, sizeof *c);
    bench_keep(b, c, free_contexts);
    for (size_t i = 0; i < BENCH_RECIPIENTS; i++) {
        must(gcry_cipher_open(&c[i].cbc, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_CBC, 0), problem);
        must(gcry_cipher_setkey(c[i].cbc, aes_key_of(i), 16), problem);
        must(gcry_cipher_open(&c[i].ecb, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_ECB, 0), problem);
        must(gcry_cipher_setkey(c[i].ecb, aes_key_of(i), 16), problem);
        must(gcry_mac_open(&c[i].hmac, GCRY_MAC_HMAC_SHA256, 0, NULL), problem);
        must(gcry_mac_setkey(c[i].hmac, mac_key_of(i), 32), problem);
    }
    return c;
}

struct signature {
    gcry_sexp_t public, private;
    uint8_t bytes[384];
};

/* What is signed, as libgcrypt wants to have it. It draws the salt. */
static gcry_sexp_t data_of(void)
{
    uint8_t digest[32];
    gcry_sexp_t data;
    gcry_md_hash_buffer(GCRY_MD_SHA256, digest, "glasschat", 9);
    must(gcry_sexp_build(&data, NULL, "(data (flags pss) (salt-length 2:32) (hash sha256 %b))", 32, digest),
         "libgcrypt does not sign");
    return data;
}

/* Blinded, as libgcrypt signs unless it is told not to. */
static void sign(const struct signature *g, uint8_t bytes[384])
{
    gcry_sexp_t data = data_of(), signed_data, part;
    size_t len;
    must(gcry_pk_sign(&signed_data, data, g->private), "libgcrypt does not sign");
    part = gcry_sexp_find_token(signed_data, "s", 0);
    const char *number = gcry_sexp_nth_data(part, 1, &len);
    if (number == NULL || len > 384)
        args_fail("libgcrypt does not sign");
    memset(bytes, 0, 384 - len);
    memcpy(bytes + 384 - len, number, len);
    gcry_sexp_release(part);
    gcry_sexp_release(signed_data);
    gcry_sexp_release(data);
}

static void run_sign(struct bench_subject *s, size_t calls)
{
    uint8_t bytes[384];
    for (; calls > 0; calls--)
        sign(s->context, bytes);
}

static void run_verify(struct bench_subject *s, size_t calls)
{
    const struct signature *g = s->context;
    for (; calls > 0; calls--) {
        gcry_sexp_t data = data_of(), signed_data;
        must(gcry_sexp_build(&signed_data, NULL, "(sig-val (rsa (s %b)))", 384, g->bytes), "out of memory");
        must(gcry_pk_verify(signed_data, data, g->public), "libgcrypt refuses its own signature");
        gcry_sexp_release(signed_data);
        gcry_sexp_release(data);
    }
}

static void free_signature(void *context)
{
    struct signature *g = context;
    gcry_sexp_release(g->public);
    gcry_sexp_release(g->private);
    free(g);
}

/* A transient key: primes that are as prime, from randomness that need not be that good. */
static void add_rsa(struct bench *b, const char *name)
{
    struct signature *g = calloc(1, sizeof *g);
    gcry_sexp_t wish, pair;
    bench_keep(b, g, free_signature);
    must(gcry_sexp_build(&wish, NULL, "(genkey (rsa (flags transient-key) (nbits 4:3072)))"), "out of memory");
    must(gcry_pk_genkey(&pair, wish), "libgcrypt makes no RSA key");
    g->public = gcry_sexp_find_token(pair, "public-key", 0);
    g->private = gcry_sexp_find_token(pair, "private-key", 0);
    gcry_sexp_release(wish);
    gcry_sexp_release(pair);
    sign(g, g->bytes);
    bench_add_wanted(b, name, "rsa 3072 sign", BENCH_GCRYPT, 0, run_sign, g);
    bench_add_wanted(b, name, "rsa 3072 verify", BENCH_GCRYPT, 0, run_verify, g);
}

/* HKDF came with libgcrypt 1.11; before it, and here, it is made of HMACs. */
void bench_gcrypt(struct bench *b, const char *name)
{
    if (gcry_check_version(GCRYPT_VERSION) == NULL)
        args_fail("libgcrypt is older than the headers that this was built with");
    gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    bench_has(b, BENCH_GCRYPT, gcry_check_version(NULL));
    add_loops(b, name, BENCH_GCRYPT, make_contexts(b));
    bench_add_wanted(b, name, "hkdf", BENCH_GCRYPT, 0, run_hkdf_by_hmac, make_contexts(b));
    if (bench_wanted(name, "rsa 3072 sign") || bench_wanted(name, "rsa 3072 verify"))
        add_rsa(b, name);
}

#else

void bench_gcrypt(struct bench *b, const char *name)
{
    (void)b;
    (void)name;
}

#endif
