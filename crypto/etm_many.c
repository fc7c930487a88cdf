/* SPDX-License-Identifier: MIT */
/* First all ciphertexts, then all tags: cbc_encrypt_many and sha256_many each fill the registers by themselves. The
 * messages that are hashed have the same length and shape, and most of their blocks lie in out already; only the first,
 * which begins with ad and IV, and the last, which ends with the padding, are put together elsewhere:
 *
 *      ad | iv | ciphertext                                                  80 0... length
 *      [ edge, 64 bytes  ][ 64 bytes, in out ] ... [ 64 bytes, in out ][ edge, 64 or 128 bytes  ]
 */
#include "crypto/etm_many.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "crypto/break_even.h"
#include "crypto/cbc.h"
#include "crypto/ct.h"
#include "crypto/etm_many_impl.h"

#define HEAD_MAX (SHA256_BLOCK_LEN - AES_BLOCK_LEN) /* the longest ad that leaves room for the IV in the first block */

/* The hashed messages' first and last blocks. Neither holds anything secret. */
struct edges {
    uint8_t bytes[SHA256_MANY_MAX][2 * SHA256_BLOCK_LEN];
    const uint8_t *at[SHA256_MANY_MAX];
};

/* Puts bytes at the front of each edge: what is left of ad, IV and ciphertext up to len bytes in all. */
static void fronts(struct edges *e, const struct etm_one one[], size_t n, size_t ad_len, size_t len)
{
    size_t head_len = ad_len + AES_BLOCK_LEN;
    for (size_t j = 0; j < n; j++) {
        if (ad_len > 0)
            memcpy(e->bytes[j], one[j].ad, ad_len);
        memcpy(e->bytes[j] + ad_len, one[j].iv, AES_BLOCK_LEN);
        memcpy(e->bytes[j] + head_len, one[j].out, len - head_len);
        e->at[j] = e->bytes[j];
    }
}

/* Writes the padding (FIPS 180-4, 5.1.1) after the first len bytes of each edge; returns how many blocks those are. */
static size_t pad_edges(struct edges *e, size_t n, size_t len, size_t total)
{
    size_t blocks = len + 9 <= SHA256_BLOCK_LEN ? 1 : 2, end = SHA256_BLOCK_LEN * blocks;
    for (size_t j = 0; j < n; j++) {
        e->bytes[j][len] = 0x80;
        memset(e->bytes[j] + len + 1, 0, end - len - 1);
        bytes_store_be64(e->bytes[j] + end - 8, 8 * (uint64_t)total);
        e->at[j] = e->bytes[j];
    }
    return blocks;
}

/* The inner hashes of HMAC(mac_key, ad || iv || ciphertext), len bytes of ciphertext each. */
static void inner_hashes(struct sha256_many *s, const struct etm_one one[], size_t n, size_t ad_len, size_t len)
{
    struct edges e;
    size_t total = ad_len + AES_BLOCK_LEN + len, whole = total / SHA256_BLOCK_LEN, rest = total % SHA256_BLOCK_LEN;
    for (size_t j = 0; j < n; j++)
        sha256_many_resume(s, j, one[j].key->mac.inner);
    if (whole == 0) {
        fronts(&e, one, n, ad_len, total);
    } else {
        fronts(&e, one, n, ad_len, SHA256_BLOCK_LEN);
        sha256_many_update(s, e.at, 1);
        for (size_t j = 0; j < n; j++)
            e.at[j] = one[j].out + SHA256_BLOCK_LEN - ad_len - AES_BLOCK_LEN;
        sha256_many_update(s, e.at, whole - 1);
        for (size_t j = 0; j < n; j++)
            memcpy(e.bytes[j], one[j].out + len - rest, rest);
    }
    sha256_many_update(s, e.at, pad_edges(&e, n, rest, SHA256_BLOCK_LEN + total));
}

/* The outer hashes, over the inner ones, which are words in columns already: as in crypto/pbkdf2_many.c. */
static void outer_hashes(struct sha256_many *s, const struct etm_one one[], size_t n)
{
    struct sha256_many_block block;
    memset(&block, 0, sizeof block);
    memcpy(block.w, s->h, sizeof s->h);
    for (size_t j = 0; j < n; j++) {
        block.w[8][j] = UINT32_C(0x80000000);
        block.w[15][j] = 8 * (SHA256_BLOCK_LEN + HMAC_TAG_LEN);
        sha256_many_resume(s, j, one[j].key->mac.outer);
    }
    sha256_many_update_words(s, &block);
    ct_wipe(&block, sizeof block);
}

void etm_seal_batch(const struct sha256_many_impl *impl, const struct etm_one one[], size_t n, size_t ad_len,
                    const uint8_t *in, size_t blocks)
{
    assert(ad_len <= HEAD_MAX);
    struct aes_cbc_stream streams[SHA256_MANY_MAX];
    struct sha256_many s;
    size_t len = AES_BLOCK_LEN * blocks;
    sha256_many_init_with(&s, impl, n);
    for (size_t j = 0; j < n; j++)
        streams[j] = (struct aes_cbc_stream){&one[j].key->aes, one[j].iv, one[j].out, in};
    cbc_encrypt_many(streams, n, blocks);
    inner_hashes(&s, one, n, ad_len, len);
    outer_hashes(&s, one, n);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < 8; i++)
            bytes_store_be32(one[j].out + len + 4 * i, s.h[i][j]);
    ct_wipe(&s, sizeof s);
    ct_wipe_stack(CT_STACK_LEN); /* sixteen states are more than registers hold */
}

/* --- Whether it is worth it --------------------------------------------------------------------------------------- */

/* A line of a chat, as a Record has it. For fewer recipients than break even one after the other is faster, each in one
 * pass of etm_seal. */
enum { TRIAL_BLOCKS = 16, TRIAL_AD_LEN = 12 };

static struct {
    struct etm_key key;
    struct etm_one one[SHA256_MANY_MAX];
    uint8_t zeros[AES_BLOCK_LEN * TRIAL_BLOCKS], out[SHA256_MANY_MAX][AES_BLOCK_LEN * TRIAL_BLOCKS + ETM_TAG_LEN];
} trial; /* nothing secret is ever in it */

static void try_one(void)
{
    etm_seal(&trial.key, trial.out[0], trial.zeros, trial.zeros, TRIAL_AD_LEN, trial.zeros, TRIAL_BLOCKS);
}

static void try_batch(size_t n)
{
    etm_seal_batch(sha256_many_fastest(), trial.one, n, TRIAL_AD_LEN, trial.zeros, TRIAL_BLOCKS);
}

static size_t least_at_once; /* written once, then only read */

static void measure(void)
{
    if (!sha256_many_worthwhile())
        return;
    etm_key_init(&trial.key, trial.zeros, AES128_KEY_LEN, trial.zeros);
    for (size_t j = 0; j < SHA256_MANY_MAX; j++)
        trial.one[j] = (struct etm_one){&trial.key, trial.out[j], trial.zeros, trial.zeros};
    least_at_once = break_even(try_one, try_batch, break_even_clock);
}

size_t etm_many_least(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, measure);
    return least_at_once;
}

void etm_seal_many(const struct etm_one one[], size_t n, size_t ad_len, const uint8_t *in, size_t blocks)
{
    size_t many = n > 1 ? etm_many_least() : 0;
    while (many != 0 && n >= many && ad_len <= HEAD_MAX) {
        size_t batch = n < SHA256_MANY_MAX ? n : SHA256_MANY_MAX;
        etm_seal_batch(sha256_many_fastest(), one, batch, ad_len, in, blocks);
        one += batch;
        n -= batch;
    }
    for (; n > 0; one++, n--)
        etm_seal(one->key, one->out, one->iv, one->ad, ad_len, in, blocks);
}
