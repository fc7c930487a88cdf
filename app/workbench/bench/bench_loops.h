/* SPDX-License-Identifier: MIT */
/* The timed loops of a library that is measured beside ours, the same for each, so that what a call gets and what it
 * has to wait for is looked at once: messages, sizes and chaining are those of bench_ours.c.
 *
 * The library's own file says how it does one message, in the functions below; they are compiled into the loops, so
 * that no library pays for a call that ours does not make.
 *
 * Use it:      struct context { ... };                       what is keyed and fetched before any timing
 *              #include "app/workbench/bench/bench_loops.h"
 *              static void do_aes(struct context *c, ...)    and the others that are declared here
 *              add_loops(b, name, BENCH_OPENSSL, c);         c: BENCH_RECIPIENTS of them, of key_of(0), key_of(1) ...
 * Read next:   bench_nettle.c, the shortest that does; bench_ours.c.
 */
#ifndef APP_WORKBENCH_BENCH_BENCH_LOOPS_H
#define APP_WORKBENCH_BENCH_BENCH_LOOPS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "app/workbench/args.h"
#include "app/workbench/bench/bench.h"
#include "crypto/ct.h"

/* Whole blocks under the key that c has. iv may be changed. */
static void do_aes(struct context *c, uint8_t *data, size_t size);
static void do_cbc_encrypt(struct context *c, uint8_t *iv, uint8_t *out, const uint8_t *in, size_t size);
static void do_cbc_decrypt(struct context *c, uint8_t *iv, uint8_t *out, const uint8_t *in, size_t size);

static void do_sha256(struct context *c, uint8_t *digest, const uint8_t *in, size_t size);

/* HMAC-SHA-256. mac_key begins under a new key, mac_again under the one that c has. */
static void mac_key(struct context *c, const uint8_t *key, size_t len);
static void mac_again(struct context *c);
static void mac_update(struct context *c, const uint8_t *data, size_t len);
static void mac_final(struct context *c, uint8_t *tag);

/* With the password of 16 bytes and the salt of 16, BENCH_ITERATIONS, to 32 bytes. */
static void do_pbkdf2(struct context *c, uint8_t *hash, const uint8_t *password, const uint8_t *salt);

/* The i-th recipient's keys: 16 bytes for AES, 32 for HMAC. The first one's are those of all other rows. */
static inline const uint8_t *aes_key_of(size_t i)
{
    return bench_key + i;
}

static inline const uint8_t *mac_key_of(size_t i)
{
    return bench_key + 32 - i;
}

static inline void run_aes(struct bench_subject *s, size_t calls)
{
    for (; calls > 0; calls--)
        do_aes(s->context, bench_running->in, s->size);
}

static inline void run_cbc_encrypt(struct bench_subject *s, size_t calls)
{
    for (; calls > 0; calls--) {
        do_cbc_encrypt(s->context, s->iv, bench_running->out, bench_running->in, s->size);
        memcpy(s->iv, bench_running->out + s->size - 16, 16);
    }
}

static inline void run_cbc_decrypt(struct bench_subject *s, size_t calls)
{
    for (; calls > 0; calls--) {
        do_cbc_decrypt(s->context, s->iv, bench_running->out, bench_running->in, s->size);
        memcpy(s->iv, bench_running->out + s->size - 16, 16);
    }
}

static inline void run_sha256(struct bench_subject *s, size_t calls)
{
    for (; calls > 0; calls--)
        do_sha256(s->context, bench_running->in, bench_running->in, s->size);
}

static inline void run_hmac(struct bench_subject *s, size_t calls)
{
    struct context *c = s->context;
    for (; calls > 0; calls--) {
        mac_again(c);
        mac_update(c, bench_running->in, s->size);
        mac_final(c, bench_running->in);
    }
}

/* The tag of what is authenticated beside a message, its IV, and its ciphertext. */
static inline void tag_of(struct context *c, uint8_t *tag, const uint8_t ad[static BENCH_AD_LEN + 16],
                          const uint8_t *sealed, size_t size)
{
    mac_again(c);
    mac_update(c, ad, BENCH_AD_LEN + 16);
    mac_update(c, sealed, size);
    mac_final(c, tag);
}

static inline void seal_one(struct context *c, uint8_t *out, const uint8_t *ad, const uint8_t *iv, size_t size)
{
    uint8_t beside[BENCH_AD_LEN + 16];
    memcpy(beside, ad, BENCH_AD_LEN);
    memcpy(beside + BENCH_AD_LEN, iv, 16);
    uint8_t spent[16];
    memcpy(spent, iv, 16);
    do_cbc_encrypt(c, spent, out, bench_running->in, size);
    tag_of(c, out + size, beside, out, size);
}

static inline void run_seal(struct bench_subject *s, size_t calls)
{
    uint8_t *out = bench_running->out;
    for (; calls > 0; calls--) {
        seal_one(s->context, out, s->iv, s->iv, s->size);
        memcpy(s->iv, out + s->size, 16);
    }
}

static inline void run_open(struct bench_subject *s, size_t calls)
{
    static uint8_t sealed[BENCH_MESSAGE_MAX + 32];
    struct context *c = s->context;
    uint8_t ad[BENCH_AD_LEN + 16], tag[32], iv[16];
    memcpy(ad, s->iv, BENCH_AD_LEN);
    memcpy(ad + BENCH_AD_LEN, s->iv, 16);
    seal_one(c, sealed, s->iv, s->iv, s->size);
    for (; calls > 0; calls--) {
        tag_of(c, tag, ad, sealed, s->size);
        if (!ct_equal(tag, sealed + s->size, sizeof tag))
            args_fail("a sealed message did not open");
        memcpy(iv, s->iv, 16);
        do_cbc_decrypt(c, iv, bench_running->out, sealed, s->size);
    }
}

/* A call is all sixteen, whose IVs don't wait for each other; the next call's come from this one's last. */
static inline void run_seal_16(struct bench_subject *s, size_t calls)
{
    static uint8_t out[BENCH_RECIPIENTS][BENCH_SHARED + 32];
    struct context *c = s->context;
    for (; calls > 0; calls--) {
        for (size_t j = 0; j < BENCH_RECIPIENTS; j++)
            seal_one(&c[j], out[j], s->iv, s->iv + j, BENCH_SHARED);
        memcpy(s->iv, out[BENCH_RECIPIENTS - 1] + BENCH_SHARED, 32);
    }
}

/* RFC 5869 out of plain HMAC calls on a context that is kept. Changes its key. */
static inline void run_hkdf_by_hmac(struct bench_subject *s, size_t calls)
{
    struct context *c = s->context;
    uint8_t prk[32], okm[64], info[] = "glasschat/1?";
    for (; calls > 0; calls--) {
        mac_key(c, s->iv, sizeof s->iv);
        mac_update(c, bench_running->in, 384);
        mac_final(c, prk);
        mac_key(c, prk, sizeof prk);
        for (uint8_t i = 1; i <= 2; i++) {
            if (i > 1) {
                mac_again(c);
                mac_update(c, okm, 32);
            }
            info[11] = i;
            mac_update(c, info, 12);
            mac_final(c, okm + 32 * (i - 1));
        }
        memcpy(s->iv, okm, sizeof s->iv);
    }
}

static inline void run_pbkdf2(struct bench_subject *s, size_t calls)
{
    uint8_t hash[32];
    for (; calls > 0; calls--) {
        do_pbkdf2(s->context, hash, s->iv, s->iv + 16);
        memcpy(s->iv, hash, sizeof hash);
    }
}

/* All rows of above but HKDF, which needs a context of its own. */
static inline void add_loops(struct bench *b, const char *name, const char *by, struct context *c)
{
    for (size_t i = 0; i < BENCH_SIZES; i++) {
        size_t size = bench_sizes[i];
        bench_add_wanted(b, name, "aes", by, size, run_aes, c);
        bench_add_wanted(b, name, "cbc encrypt", by, size, run_cbc_encrypt, c);
        bench_add_wanted(b, name, "cbc decrypt", by, size, run_cbc_decrypt, c);
        bench_add_wanted(b, name, "sha256", by, size, run_sha256, c);
        bench_add_wanted(b, name, "hmac", by, size, run_hmac, c);
        if (i > 0) {
            bench_add_wanted(b, name, "seal", by, size, run_seal, c);
            bench_add_wanted(b, name, "open", by, size, run_open, c);
        }
    }
    bench_add_wanted(b, name, "seal 256 B for 16", by, 0, run_seal_16, c);
    bench_add_wanted(b, name, "pbkdf2 1000", by, 0, run_pbkdf2, c);
}

#endif
