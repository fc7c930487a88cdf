/* SPDX-License-Identifier: MIT */
/* The subjects that are ours: each primitive with every backend that this processor can run. Each call is one whole
 * message with its own IV, and what comes out of it goes into the next. */
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "app/workbench/args.h"
#include "app/workbench/bench/bench.h"
#include "crypto/aes_impl.h"
#include "crypto/bignum_impl.h"
#include "crypto/cbc.h"
#include "crypto/dh_impl.h"
#include "crypto/etm_impl.h"
#include "crypto/etm_many.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/pbkdf2.h"
#include "crypto/pbkdf2_many.h"
#include "crypto/rng.h"
#include "crypto/rsa.h"
#include "crypto/sha256_impl.h"
#include "crypto/sha256_ref.h"

static struct rng rng;

static void *keep(struct bench *b, const void *context, size_t len)
{
    void *copy = aligned_alloc(64, (len + 63) / 64 * 64);
    if (copy == NULL)
        args_fail("out of memory");
    memcpy(copy, context, len);
    return bench_keep(b, copy, free);
}

static void skipped(struct bench *b, const char *primitive, const char *by)
{
    if (b->skipped_count < BENCH_SKIPPED_MAX)
        b->skipped[b->skipped_count++] = (struct bench_skipped){primitive, by};
}

/* --- AES ---------------------------------------------------------------------------------------------------------- */

static void run_cbc_encrypt(struct bench_subject *s, size_t calls)
{
    uint8_t *out = bench_running->out;
    for (; calls > 0; calls--) {
        cbc_encrypt(s->context, s->iv, out, bench_running->in, s->size / 16);
        memcpy(s->iv, out + s->size - 16, 16);
    }
}

static void run_cbc_decrypt(struct bench_subject *s, size_t calls)
{
    uint8_t *out = bench_running->out;
    for (; calls > 0; calls--) {
        cbc_decrypt(s->context, s->iv, out, bench_running->in, s->size / 16);
        memcpy(s->iv, out + s->size - 16, 16);
    }
}

/* Blocks by themselves, as CBC's decryption and counter modes use them. */
static void run_aes(struct bench_subject *s, size_t calls)
{
    for (; calls > 0; calls--)
        aes_encrypt(s->context, bench_running->in, bench_running->in, s->size / 16);
}

static void run_etm_seal(struct bench_subject *s, size_t calls)
{
    uint8_t *out = bench_running->out;
    for (; calls > 0; calls--) {
        etm_seal(s->context, out, s->iv, s->iv, BENCH_AD_LEN, bench_running->in, s->size / 16);
        memcpy(s->iv, out + s->size, 16); /* the tag, so that the next call waits for it */
    }
}

/* Opening needs something that opens: it is sealed before, under the IV that stays. */
static void run_etm_open(struct bench_subject *s, size_t calls)
{
    static uint8_t sealed[BENCH_MESSAGE_MAX + ETM_TAG_LEN];
    int failed = 0;
    etm_seal(s->context, sealed, s->iv, s->iv, BENCH_AD_LEN, bench_running->in, s->size / 16);
    for (; calls > 0; calls--)
        failed |= etm_open(s->context, bench_running->out, s->iv, s->iv, BENCH_AD_LEN, sealed, s->size / 16);
    if (failed)
        args_fail("a sealed message did not open");
}

static void add_aes(struct bench *b, const char *name)
{
    for (size_t i = 0; aes_impls[i] != NULL; i++) {
        struct aes_key key;
        if (!aes_impls[i]->usable()) {
            skipped(b, "aes", aes_impls[i]->name);
            continue;
        }
        aes_key_init_with(&key, aes_impls[i], bench_key, AES128_KEY_LEN);
        void *context = keep(b, &key, sizeof key);
        for (size_t j = 0; j < BENCH_SIZES; j++) {
            bench_add_wanted(b, name, "aes", aes_impls[i]->name, bench_sizes[j], run_aes, context);
            bench_add_wanted(b, name, "cbc encrypt", aes_impls[i]->name, bench_sizes[j], run_cbc_encrypt, context);
            bench_add_wanted(b, name, "cbc decrypt", aes_impls[i]->name, bench_sizes[j], run_cbc_decrypt, context);
        }
    }
}

static void add_etm(struct bench *b, const char *name)
{
    for (size_t i = 0; etm_impls[i] != NULL; i++) {
        struct etm_key key;
        if (!etm_impls[i]->usable()) {
            skipped(b, "seal", etm_impls[i]->name);
            continue;
        }
        const char *by = etm_impls[i] == &etm_portable ? "cbc, then hmac" : etm_impls[i]->name;
        etm_key_init_with(&key, etm_impls[i], bench_key, AES128_KEY_LEN, bench_key + 32);
        void *context = keep(b, &key, sizeof key);
        for (size_t j = 1; j < BENCH_SIZES; j++) {
            bench_add_wanted(b, name, "seal", by, bench_sizes[j], run_etm_seal, context);
            if (bench_wanted(name, "open") && etm_impls[i + 1] == NULL) /* there is one way to open */
                bench_add(b, "open", "picked", bench_sizes[j], run_etm_open)->context = context;
        }
    }
}

/* The same message for sixteen, each with a key and an IV of its own; a call is all of them. */
static void run_seal_16(struct bench_subject *s, size_t calls)
{
    static uint8_t out[BENCH_RECIPIENTS][BENCH_SHARED + ETM_TAG_LEN];
    const struct etm_key *key = s->context;
    for (; calls > 0; calls--) {
        struct etm_one one[BENCH_RECIPIENTS];
        for (size_t j = 0; j < BENCH_RECIPIENTS; j++)
            one[j] = (struct etm_one){&key[j], out[j], s->iv + j, s->iv};
        etm_seal_many(one, BENCH_RECIPIENTS, BENCH_AD_LEN, bench_running->in, BENCH_SHARED / AES_BLOCK_LEN);
        memcpy(s->iv, out[BENCH_RECIPIENTS - 1] + BENCH_SHARED, 32);
    }
}

static void run_seal_16_singly(struct bench_subject *s, size_t calls)
{
    static uint8_t out[BENCH_RECIPIENTS][BENCH_SHARED + ETM_TAG_LEN];
    const struct etm_key *key = s->context;
    for (; calls > 0; calls--) {
        for (size_t j = 0; j < BENCH_RECIPIENTS; j++)
            etm_seal(&key[j], out[j], s->iv + j, s->iv, BENCH_AD_LEN, bench_running->in, BENCH_SHARED / AES_BLOCK_LEN);
        memcpy(s->iv, out[BENCH_RECIPIENTS - 1] + BENCH_SHARED, 32);
    }
}

static void add_seal_16(struct bench *b, const char *name)
{
    struct etm_key key[BENCH_RECIPIENTS];
    if (!bench_wanted(name, "seal 256 B for 16"))
        return;
    for (size_t j = 0; j < BENCH_RECIPIENTS; j++)
        etm_key_init(&key[j], bench_key + j, AES128_KEY_LEN, bench_key + 32 - j);
    void *context = keep(b, key, sizeof key);
    bench_add(b, "seal 256 B for 16", "batch", 0, run_seal_16)->context = context;
    bench_add(b, "seal 256 B for 16", "one by one", 0, run_seal_16_singly)->context = context;
}

/* --- SHA-256 and what is made of it ------------------------------------------------------------------------------- */

static void run_sha256(struct bench_subject *s, size_t calls)
{
    for (; calls > 0; calls--)
        sha256_finish(bench_running->in, s->context, sha256_H0, NULL, 0, bench_running->in, s->size);
}

static void run_hmac(struct bench_subject *s, size_t calls)
{
    for (; calls > 0; calls--)
        hmac_message(bench_running->in, s->context, bench_running->in, s->size);
}

/* Extract with a salt of 64 bytes from 384 (a shared secret), and 64 bytes of keys. */
static void run_hkdf(struct bench_subject *s, size_t calls)
{
    uint8_t prk[HKDF_PRK_LEN], okm[64];
    for (; calls > 0; calls--) {
        hkdf_extract(prk, s->iv, sizeof s->iv, bench_running->in, 384);
        hkdf_expand(okm, sizeof okm, prk, "glasschat/1", 11);
        memcpy(s->iv, okm, sizeof s->iv);
    }
}

static void run_pbkdf2(struct bench_subject *s, size_t calls)
{
    uint8_t hash[32];
    for (; calls > 0; calls--) {
        pbkdf2_derive(hash, sizeof hash, s->iv, 16, s->iv + 16, 16, BENCH_ITERATIONS);
        memcpy(s->iv, hash, sizeof hash);
    }
}

/* One call of s counts as one password; sixteen go together. */
static void run_pbkdf2_many(struct bench_subject *s, size_t calls)
{
    static uint8_t hash[16][PBKDF2_ONE_LEN], password[16][16];
    struct pbkdf2_one one[16];
    for (size_t i = 0; i < 16; i++)
        one[i] = (struct pbkdf2_one){hash[i], password[i], 16, s->iv, 16, BENCH_ITERATIONS};
    for (size_t done = 0; done < calls; done += 16) {
        pbkdf2_derive_many(one, 16, 0);
        memcpy(password, hash, sizeof password[0]);
    }
}

static void add_hashes(struct bench *b, const char *name)
{
    struct hmac_key key;
    hmac_key_init(&key, bench_key + 32, 32);
    for (size_t j = 0; j < BENCH_SIZES; j++) {
        for (size_t i = 0; sha256_impls[i] != NULL && bench_wanted(name, "sha256"); i++)
            if (!sha256_impls[i]->usable() && j == 0)
                skipped(b, "sha256", sha256_impls[i]->name);
            else if (sha256_impls[i]->usable())
                bench_add(b, "sha256", sha256_impls[i]->name, bench_sizes[j], run_sha256)->context = (void *)(uintptr_t)
                    sha256_impls[i];
        bench_add_wanted(b, name, "hmac", "picked", bench_sizes[j], run_hmac, keep(b, &key, sizeof key));
    }
    if (bench_wanted(name, "hkdf"))
        bench_add(b, "hkdf", "picked", 0, run_hkdf);
    if (bench_wanted(name, "pbkdf2 1000")) {
        bench_add(b, "pbkdf2 1000", "picked", 0, run_pbkdf2);
        bench_add(b, "pbkdf2 1000", "16 at once", 0, run_pbkdf2_many)->together = 16;
    }
}

/* --- Public keys -------------------------------------------------------------------------------------------------- */

static void run_dh_generate(struct bench_subject *s, size_t calls)
{
    struct dh_key_pair pair;
    for (; calls > 0; calls--)
        dh_generate(&pair, s->context, &rng);
    dh_wipe(&pair);
}

struct derivation {
    const struct bignum_impl *impl;
    struct dh_key_pair pair;
};

/* The peer's value is checked, as it always is. */
static void run_dh_derive(struct bench_subject *s, size_t calls)
{
    const struct derivation *d = s->context;
    uint8_t z[DH_PUBLIC_MAX_LEN];
    int failed = 0;
    for (; calls > 0; calls--)
        failed |= dh_derive_with(d->impl, z, &d->pair, d->pair.y, d->pair.group->p_len);
    if (failed)
        args_fail("a good public value was refused");
}

struct signed_message {
    const struct bignum_impl *impl;
    struct rsa_private private;
    struct rsa_public key;
    uint8_t signature[RSA_SIGNATURE_LEN];
};

static void run_rsa_sign(struct bench_subject *s, size_t calls)
{
    const struct signed_message *m = s->context;
    uint8_t signature[RSA_SIGNATURE_LEN];
    int failed = 0;
    for (; calls > 0; calls--)
        failed |= rsa_pss_sign_with(m->impl, signature, &m->private, "glasschat", 9, &rng);
    if (failed)
        args_fail("a signature failed its own check");
}

static void run_rsa_verify(struct bench_subject *s, size_t calls)
{
    const struct signed_message *m = s->context;
    int failed = 0;
    for (; calls > 0; calls--)
        failed |= rsa_pss_verify_with(m->impl, &m->key, "glasschat", 9, m->signature);
    if (failed)
        args_fail("a good signature was refused");
}

/* The backends of big numbers that can be run, under the name that a row has with each. */
static void each_bignum(struct bench *b, const char *primitive, const char *const by[2], size_t context_len,
                        void (*run)(struct bench_subject *s, size_t calls), void *context,
                        const struct bignum_impl **impl)
{
    for (size_t i = 0; bignum_impls[i] != NULL; i++) {
        assert(i < 2);
        *impl = bignum_impls[i];
        if (bignum_impls[i]->usable())
            bench_add(b, primitive, by[i], 0, run)->context = keep(b, context, context_len);
        else
            skipped(b, primitive, by[i]);
    }
}

static void add_rsa(struct bench *b, const char *name)
{
    static const char *const sign[] = {"blinded", "ifma, blinded"}, *const verify[] = {"ours", "ifma"};
    static struct signed_message m;
    if (!bench_wanted(name, "rsa 3072 sign") && !bench_wanted(name, "rsa 3072 verify"))
        return;
    rsa_generate(&m.private, &rng);
    rsa_public_of(&m.key, &m.private);
    if (rsa_pss_sign(m.signature, &m.private, "glasschat", 9, &rng) != 0)
        args_fail("a signature failed its own check");
    if (bench_wanted(name, "rsa 3072 sign"))
        each_bignum(b, "rsa 3072 sign", sign, sizeof m, run_rsa_sign, &m, &m.impl);
    if (bench_wanted(name, "rsa 3072 verify"))
        each_bignum(b, "rsa 3072 verify", verify, sizeof m, run_rsa_verify, &m, &m.impl);
}

static void add_public(struct bench *b, const char *name)
{
    static const char *const generate[] = {"", "dh 2048 generate", "dh 3072 generate", "dh 4096 generate"};
    static const char *const derive[] = {"", "dh 2048 derive", "dh 3072 derive", "dh 4096 derive"};
    static const char *const by[] = {"with check", "ifma, with check"};
    for (int id = DH_FFDHE2048; id <= DH_FFDHE4096; id++) {
        struct derivation d;
        dh_generate(&d.pair, dh_group(id), &rng);
        bench_add_wanted(b, name, generate[id], "comb", 0, run_dh_generate, (void *)(uintptr_t)dh_group(id));
        if (bench_wanted(name, derive[id]))
            each_bignum(b, derive[id], by, sizeof d, run_dh_derive, &d, &d.impl);
    }
}

void bench_ours(struct bench *b, const char *name)
{
    rng_init(&rng);
    add_aes(b, name);
    add_etm(b, name);
    add_hashes(b, name);
    add_seal_16(b, name);
    add_public(b, name);
    add_rsa(b, name);
    bench_ring(b, name);
}
