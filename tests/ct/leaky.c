/* SPDX-License-Identifier: MIT */
/* What `make ct` must catch: if one of these passes, the engine does not watch, and no other pass counts. */
#include <stdint.h>
#include <string.h>

#include "crypto/aes_impl.h"
#include "crypto/bytes.h"
#include "tests/bignum_modelled.h"
#include "tests/ct/check.h"
#include "tests/ct/leaky_window.h"
#include "tests/ct/secret.h"

static volatile uint8_t sink; /* so that the compiler can't leave the leaks out */

/* A table of FIPS 197 at an index made of the key: the cache shows which line was read. */
static void aes_with_tables(const void *arg)
{
    struct aes_key k;
    uint8_t key[AES128_KEY_LEN], block[AES_BLOCK_LEN];
    (void)arg;
    check_secret(key, sizeof key);
    check_secret(block, sizeof block);
    aes_key_init_with(&k, &aes_ref, key, sizeof key);
    aes_encrypt(&k, block, block, 1);
}

/* Compares as memcmp does: the time tells how many bytes are right. */
static void early_exit(const void *arg)
{
    uint8_t tag[32], forged[32];
    size_t same = 0;
    (void)arg;
    check_secret(tag, sizeof tag);
    memset(forged, 0, sizeof forged);
    while (same < sizeof tag && tag[same] == forged[same])
        same++;
    sink = (uint8_t)same;
}

static void secret_index(const void *arg)
{
    static const uint8_t table[256] = {1, 2, 3};
    uint8_t index;
    (void)arg;
    check_secret(&index, 1);
    sink = table[index];
}

/* Stops at the first byte that is no padding: Vaudenay's oracle. */
static void padding_oracle(const void *arg)
{
    uint8_t block[AES_BLOCK_LEN];
    (void)arg;
    check_secret(block, sizeof block);
    uint8_t n = block[15];
    for (size_t i = 0; i < n && i < 16; i++)
        if (block[15 - i] != n)
            return;
    sink = n;
}

/* A power of which only the look into the window's table is not what it should be. Its result is right, so it is the
 * look that is seen, and nothing else. */
static void window_by_index(const void *arg)
{
    enum { N = BIGNUM_LIMBS(256), E_LIMBS = 1 };
    mp_limb_t m[N], base[N], e[E_LIMBS], r[N], want[N];
    (void)arg;
    check_fill(m, sizeof m);
    m[0] |= 1;
    m[N - 1] |= (mp_limb_t)1 << (GMP_NUMB_BITS - 1);
    check_fill(base, sizeof base);
    check_fill(e, sizeof e);
    leaky_window_powm(&(struct bignum_power){r, base, e, m}, GMP_NUMB_BITS);
    bignum_modelled.powm(&(struct bignum_power){want, base, e, m}, GMP_NUMB_BITS, N);
    check_that(memcmp(r, want, sizeof r) == 0, "the leaky window gives another power");
    secret_mark(e, sizeof e);
    leaky_window_powm(&(struct bignum_power){r, base, e, m}, GMP_NUMB_BITS);
    sink = (uint8_t)r[0];
}

void check_leaky(void)
{
    check_run(CHECK_LEAKY, "aes", "ref", aes_with_tables, NULL);
    check_run(CHECK_LEAKY, "compare", "early exit", early_exit, NULL);
    check_run(CHECK_LEAKY, "table", "secret index", secret_index, NULL);
    check_run(CHECK_LEAKY, "bignum", "window by index", window_by_index, NULL);
    check_run(CHECK_LEAKY, "padding", "branch a byte", padding_oracle, NULL);
}
