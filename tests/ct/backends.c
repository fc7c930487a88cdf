/* SPDX-License-Identifier: MIT */
/* Every backend of aes, sha256, sha256_many, etm and pbkdf2's chain, by walking the arrays that the library itself
 * picks from: one that is added there is checked here. (powers.c has bignum's.) */
#include <stdint.h>
#include <stdio.h>

#include "crypto/aes_impl.h"
#include "crypto/cbc.h"
#include "crypto/etm_impl.h"
#include "crypto/etm_many_impl.h"
#include "crypto/pbkdf2_impl.h"
#include "crypto/pbkdf2_many_impl.h"
#include "crypto/sha256_impl.h"
#include "crypto/sha256_many_impl.h"
#include "tests/ct/check.h"
#include "tests/ct/secret.h"

#define BLOCKS_MAX 85 /* two of the widest loops, one narrower, and a rest */

/* Numbers of blocks that reach every loop of every backend. */
static const size_t blocks[] = {1, 2, 3, 4, 5, 8, 15, 16, 17, 19, 32, 37, BLOCKS_MAX};
#define COUNTS (sizeof blocks / sizeof blocks[0])

/* --- AES ---------------------------------------------------------------------------------------------------------- */

static void key_schedule(const void *impl)
{
    static const size_t lens[] = {AES128_KEY_LEN, AES256_KEY_LEN};
    for (size_t i = 0; i < 2; i++) {
        struct aes_key k;
        uint8_t key[AES256_KEY_LEN];
        check_secret(key, sizeof key);
        aes_key_init_with(&k, impl, key, lens[i]);
        check_output(k.enc, 16 * (k.rounds + 1));
        aes_key_wipe(&k);
    }
}

static void aes_blocks(const struct aes_key *k, size_t n)
{
    uint8_t iv[AES_BLOCK_LEN], data[AES_BLOCK_LEN * BLOCKS_MAX];
    check_fill(iv, sizeof iv);
    check_secret(data, AES_BLOCK_LEN * n);
    aes_encrypt(k, data, data, n);
    check_output(data, AES_BLOCK_LEN * n);
    aes_decrypt(k, data, data, n);
    check_output(data, AES_BLOCK_LEN * n);
    cbc_encrypt(k, iv, data, data, n);
    check_output(data, AES_BLOCK_LEN * n);
    cbc_decrypt(k, iv, data, data, n);
    check_output(data, AES_BLOCK_LEN * n);
}

static void aes(const void *impl)
{
    struct aes_key k;
    uint8_t key[AES256_KEY_LEN];
    for (size_t i = 0; i < COUNTS; i++) {
        check_secret(key, sizeof key);
        aes_key_init_with(&k, impl, key, i % 2 == 0 ? AES128_KEY_LEN : AES256_KEY_LEN);
        aes_blocks(&k, blocks[i]);
        aes_key_wipe(&k);
    }
}

/* Streams under keys of their own; only the public IVs and the number of streams may show. */
static void aes_streams(const void *impl)
{
    static struct aes_key k[AES_STREAMS_MAX];
    static uint8_t key[AES256_KEY_LEN], iv[AES_BLOCK_LEN], data[AES_STREAMS_MAX][AES_BLOCK_LEN * 5];
    struct aes_cbc_stream streams[AES_STREAMS_MAX];
    check_fill(iv, sizeof iv);
    for (size_t n = 5; n <= AES_STREAMS_MAX; n += 11) {
        check_secret(data, sizeof data);
        for (size_t j = 0; j < n; j++) {
            check_secret(key, sizeof key);
            aes_key_init_with(&k[j], impl, key, n == 5 ? AES256_KEY_LEN : AES128_KEY_LEN);
            streams[j] = (struct aes_cbc_stream){&k[j], iv, data[j], data[j]};
        }
        cbc_encrypt_many(streams, n, 5);
        check_output(data, n * sizeof data[0]);
    }
}

static void check_aes(void)
{
    for (size_t i = 0; aes_impls[i] != &aes_ref; i++) { /* aes_ref leaks, as leaky.c demands */
        char name[32];
        snprintf(name, sizeof name, "%s", aes_impls[i]->name);
        if (aes_impls[i]->usable()) {
            check_run(CHECK_BACKEND, "aes", name, aes, aes_impls[i]);
            snprintf(name, sizeof name, "%s key", aes_impls[i]->name);
            check_run(CHECK_CODE, "aes", name, key_schedule, aes_impls[i]);
            snprintf(name, sizeof name, "%s streams", aes_impls[i]->name);
            check_run(CHECK_CODE, "aes", name, aes_streams, aes_impls[i]);
        } else {
            check_unusable("aes", name);
        }
    }
}

/* --- SHA-256 ------------------------------------------------------------------------------------------------------ */

static void sha256(const void *impl)
{
    static const size_t lens[] = {1, 55, 56, 64, 119, 128, 200, 448};
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        struct sha256 s;
        uint8_t msg[448], digest[SHA256_DIGEST_LEN];
        check_secret(msg, lens[i]);
        sha256_init_with(&s, impl);
        sha256_update(&s, msg, lens[i] / 3);
        sha256_update(&s, msg + lens[i] / 3, lens[i] - lens[i] / 3);
        sha256_final(&s, digest);
        check_output(digest, sizeof digest);
    }
}

/* As HMAC uses it: the chaining value is the key. */
static void sha256_chain(const void *impl)
{
    struct sha256 s;
    uint8_t msg[3 * SHA256_BLOCK_LEN], digest[SHA256_DIGEST_LEN];
    sha256_init_with(&s, impl);
    check_secret(s.h, sizeof s.h);
    check_fill(msg, sizeof msg);
    sha256_update(&s, msg, sizeof msg);
    sha256_final(&s, digest);
    check_output(digest, sizeof digest);
}

/* What hmac is made of. */
static void sha256_for_hmac(const void *impl)
{
    uint32_t inner[8], outer[8];
    uint8_t pads[2 * SHA256_BLOCK_LEN], msg[150], tag[SHA256_DIGEST_LEN];
    check_secret(inner, sizeof inner);
    check_secret(outer, sizeof outer);
    check_secret(pads, sizeof pads);
    check_secret(msg, sizeof msg);
    sha256_compress_two(impl, inner, pads, outer, pads + SHA256_BLOCK_LEN);
    for (size_t len = 0; len <= sizeof msg; len += 30) {
        sha256_finish(tag, impl, inner, outer, SHA256_BLOCK_LEN, msg, len);
        check_output(tag, sizeof tag);
    }
}

static void check_sha256(void)
{
    for (size_t i = 0; sha256_impls[i] != NULL; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s key", sha256_impls[i]->name);
        if (sha256_impls[i]->usable()) {
            check_run(CHECK_BACKEND, "sha256", sha256_impls[i]->name, sha256, sha256_impls[i]);
            check_run(CHECK_CODE, "sha256", name, sha256_chain, sha256_impls[i]);
            snprintf(name, sizeof name, "%s for hmac", sha256_impls[i]->name);
            check_run(CHECK_CODE, "sha256", name, sha256_for_hmac, sha256_impls[i]);
        } else {
            check_unusable("sha256", sha256_impls[i]->name);
        }
    }
}

/* A message of its own for each lane, from chaining values that are secret, and from ones that are not. */
static void sha256_many(const void *impl)
{
    static uint8_t msg[SHA256_MANY_MAX][2 * SHA256_BLOCK_LEN];
    const uint8_t *data[SHA256_MANY_MAX];
    for (size_t n = 1; n <= SHA256_MANY_MAX; n += 5) {
        struct sha256_many s;
        struct sha256_many_block block;
        uint32_t h[8];
        check_secret(msg, sizeof msg);
        check_secret(&block, sizeof block);
        sha256_many_init_with(&s, impl, n);
        for (size_t j = 0; j < n; j++)
            data[j] = msg[j];
        sha256_many_update(&s, data, 2);
        sha256_many_update_words(&s, &block);
        for (size_t j = 0; j < n; j++) {
            sha256_many_state(&s, j, h);
            check_output(h, sizeof h);
        }
    }
}

static void sha256_many_chain(const void *impl)
{
    static uint8_t msg[SHA256_BLOCK_LEN];
    const uint8_t *data[SHA256_MANY_MAX];
    struct sha256_many s;
    uint32_t h[8];
    sha256_many_init_with(&s, impl, SHA256_MANY_MAX);
    check_fill(msg, sizeof msg);
    for (size_t j = 0; j < SHA256_MANY_MAX; j++) {
        check_secret(h, sizeof h);
        sha256_many_resume(&s, j, h);
        data[j] = msg;
    }
    sha256_many_update(&s, data, 1);
    sha256_many_state(&s, 7, h);
    check_output(h, sizeof h);
}

static void pbkdf2_many(const void *impl)
{
    static uint8_t password[SHA256_MANY_MAX][12], salt[16], out[SHA256_MANY_MAX][PBKDF2_ONE_LEN];
    struct pbkdf2_one one[SHA256_MANY_MAX];
    check_secret(password, sizeof password);
    check_fill(salt, sizeof salt);
    for (size_t j = 0; j < SHA256_MANY_MAX; j++)
        one[j] = (struct pbkdf2_one){out[j], password[j], sizeof password[j], salt, sizeof salt, 2 + (uint32_t)j % 4};
    pbkdf2_derive_batch(impl, one, SHA256_MANY_MAX, 6);
    check_output(out, sizeof out);
}

static void etm_many(const void *impl)
{
    static struct etm_key k[SHA256_MANY_MAX];
    static uint8_t in[AES_BLOCK_LEN * 9], out[SHA256_MANY_MAX][sizeof in + ETM_TAG_LEN], iv[AES_BLOCK_LEN], ad[12];
    struct etm_one one[SHA256_MANY_MAX];
    check_fill(iv, sizeof iv);
    check_fill(ad, sizeof ad);
    check_secret(in, sizeof in);
    for (size_t j = 0; j < SHA256_MANY_MAX; j++) {
        uint8_t enc_key[AES128_KEY_LEN], mac_key[ETM_MAC_KEY_LEN];
        check_secret(enc_key, sizeof enc_key);
        check_secret(mac_key, sizeof mac_key);
        etm_key_init(&k[j], enc_key, sizeof enc_key, mac_key);
        one[j] = (struct etm_one){&k[j], out[j], iv, ad};
    }
    etm_seal_batch(impl, one, SHA256_MANY_MAX, sizeof ad, in, 9);
    check_output(out, sizeof out);
}

static void check_sha256_many(void)
{
    for (size_t i = 0; sha256_many_impls[i] != NULL; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s key", sha256_many_impls[i]->name);
        if (sha256_many_impls[i]->usable()) {
            check_run(CHECK_BACKEND, "sha256_many", sha256_many_impls[i]->name, sha256_many, sha256_many_impls[i]);
            check_run(CHECK_CODE, "sha256_many", name, sha256_many_chain, sha256_many_impls[i]);
            snprintf(name, sizeof name, "with %s", sha256_many_impls[i]->name);
            check_run(CHECK_CODE, "pbkdf2_many", name, pbkdf2_many, sha256_many_impls[i]);
            check_run(CHECK_CODE, "etm_many", name, etm_many, sha256_many_impls[i]);
        } else {
            check_unusable("sha256_many", sha256_many_impls[i]->name);
        }
    }
}

/* --- Encrypt-then-MAC --------------------------------------------------------------------------------------------- */

/* Seals; opens what it sealed, in place; and opens it again with a wrong tag. */
static void etm_blocks(const struct etm_key *k, size_t n)
{
    uint8_t iv[AES_BLOCK_LEN], ad[12], sealed[AES_BLOCK_LEN * BLOCKS_MAX + ETM_TAG_LEN];
    size_t len = AES_BLOCK_LEN * n;
    check_fill(iv, sizeof iv);
    check_fill(ad, sizeof ad);
    check_secret(sealed, len);
    etm_seal(k, sealed, iv, ad, sizeof ad, sealed, n);
    check_output(sealed, len + ETM_TAG_LEN); /* a Record goes out on the wire */
    sealed[len + 5] ^= 1;
    check_that(etm_open(k, sealed, iv, ad, sizeof ad, sealed, n) != 0, "a wrong tag opened");
    sealed[len + 5] ^= 1;
    check_that(etm_open(k, sealed, iv, ad, sizeof ad, sealed, n) == 0, "what was sealed did not open");
    check_output(sealed, len);
}

static void etm(const void *impl)
{
    for (size_t i = 0; i < COUNTS; i++) {
        struct etm_key k;
        uint8_t enc_key[AES256_KEY_LEN], mac_key[ETM_MAC_KEY_LEN];
        check_secret(enc_key, sizeof enc_key);
        check_secret(mac_key, sizeof mac_key);
        etm_key_init_with(&k, impl, enc_key, i % 2 == 0 ? AES128_KEY_LEN : AES256_KEY_LEN, mac_key);
        etm_blocks(&k, blocks[i]);
        etm_key_wipe(&k);
    }
}

static void check_etm(void)
{
    for (size_t i = 0; etm_impls[i] != NULL; i++)
        if (etm_impls[i]->usable())
            check_run(CHECK_BACKEND, "etm", etm_impls[i]->name, etm, etm_impls[i]);
        else
            check_unusable("etm", etm_impls[i]->name);
}

/* --- PBKDF2's chain ----------------------------------------------------------------------------------------------- */

static void pbkdf2_chain(const void *impl)
{
    uint8_t password[24], salt[16], out[48];
    check_secret(password, sizeof password);
    check_fill(salt, sizeof salt);
    pbkdf2_derive_with(impl, out, sizeof out, password, sizeof password, salt, sizeof salt, 5);
    check_output(out, sizeof out);
}

static void check_pbkdf2(void)
{
    for (size_t i = 0; pbkdf2_impls[i] != NULL; i++)
        if (pbkdf2_impls[i]->usable())
            check_run(CHECK_BACKEND, "pbkdf2", pbkdf2_impls[i]->name, pbkdf2_chain, pbkdf2_impls[i]);
        else
            check_unusable("pbkdf2", pbkdf2_impls[i]->name);
}

/* ------------------------------------------------------------------------------------------------------------------ */

void check_backends(void)
{
    check_pbkdf2();
    check_aes();
    check_sha256();
    check_sha256_many();
    check_etm();
}

void check_list_backends(void)
{
    for (size_t i = 0; aes_impls[i] != &aes_ref; i++)
        if (aes_impls[i]->usable())
            printf("usable\taes\t%s\n", aes_impls[i]->name);
    for (size_t i = 0; sha256_impls[i] != NULL; i++)
        if (sha256_impls[i]->usable())
            printf("usable\tsha256\t%s\n", sha256_impls[i]->name);
    for (size_t i = 0; sha256_many_impls[i] != NULL; i++)
        if (sha256_many_impls[i]->usable())
            printf("usable\tsha256_many\t%s\n", sha256_many_impls[i]->name);
    for (size_t i = 0; etm_impls[i] != NULL; i++)
        if (etm_impls[i]->usable())
            printf("usable\tetm\t%s\n", etm_impls[i]->name);
    for (size_t i = 0; pbkdf2_impls[i] != NULL; i++)
        if (pbkdf2_impls[i]->usable())
            printf("usable\tpbkdf2\t%s\n", pbkdf2_impls[i]->name);
}
