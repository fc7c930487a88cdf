/* SPDX-License-Identifier: MIT */
/* AES-CBC, every backend: published answers, then what must hold for any input. */
#include "crypto/cbc.h"

#include "tests/aes_backends.h"
#include "tests/aes_monte_carlo.h"
#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

#define MOST 85 /* blocks: more than two batches of any backend, and a rest */

static void check_monte_carlo(struct vec *v, const struct aes_key *k, const uint8_t *iv)
{
    uint8_t out[16], before_last[16];
    const uint8_t *plaintext = vec_hex_n(v, "plaintext", 16), *ciphertext = vec_hex_n(v, "ciphertext", 16);
    if (strcmp(vec_text(v, "monte_carlo"), "encrypt") == 0) {
        aes_monte_carlo(k, false, iv, plaintext, out, before_last);
        vec_check(v, "ciphertext", out, 16);
    } else {
        aes_monte_carlo(k, true, iv, ciphertext, out, before_last);
        vec_check(v, "plaintext", out, 16);
    }
}

static void check_message(struct vec *v, const struct aes_key *k, const uint8_t *iv)
{
    size_t len;
    const uint8_t *plaintext = vec_hex(v, "plaintext", &len);
    const uint8_t *ciphertext = vec_hex_n(v, "ciphertext", len);
    uint8_t out[160];
    assert_true(len <= sizeof out && len % 16 == 0);
    cbc_encrypt(k, iv, out, plaintext, len / 16);
    vec_check(v, "ciphertext", out, len);
    cbc_decrypt(k, iv, out, ciphertext, len / 16);
    vec_check(v, "plaintext", out, len);
}

static void check_vectors(const struct aes_impl *impl)
{
    struct vec *v = vec_open("cbc");
    while (vec_next(v)) {
        size_t key_len;
        const uint8_t *key = vec_hex(v, "key", &key_len);
        const uint8_t *iv = vec_hex_n(v, "iv", 16);
        struct aes_key k;
        aes_key_init_like(&k, impl, key, key_len);
        if (vec_has(v, "monte_carlo"))
            check_monte_carlo(v, &k, iv);
        else
            check_message(v, &k, iv);
    }
    vec_close(v);
}

static void test_vectors_every_backend(void **state)
{
    (void)state;
    each_aes_backend(check_vectors);
}

/* What a message of random bytes under a random key becomes, by the definition: one block at a time through aes_ref. */
struct sample {
    uint8_t key[32], iv[16], plaintext[16 * MOST], ciphertext[16 * MOST];
};

static void make_sample(struct sample *s, uint32_t seed, size_t key_len)
{
    fill(s, sizeof *s, seed);
    struct aes_key ref;
    aes_key_init_with(&ref, &aes_ref, s->key, key_len);
    const uint8_t *previous = s->iv;
    for (size_t i = 0; i < sizeof s->plaintext; i += 16) {
        for (size_t j = 0; j < 16; j++)
            s->ciphertext[i + j] = (uint8_t)(s->plaintext[i + j] ^ previous[j]);
        aes_encrypt(&ref, s->ciphertext + i, s->ciphertext + i, 1);
        previous = s->ciphertext + i;
    }
}

/* Every length, apart and in place, with nothing written past the end. */
static void check_lengths(const struct aes_impl *impl)
{
    struct sample s;
    uint8_t out[16 * MOST + 1];
    for (uint32_t seed = 0; seed < 6; seed++) {
        size_t key_len = seed % 2 ? AES256_KEY_LEN : AES128_KEY_LEN;
        make_sample(&s, seed, key_len);
        struct aes_key k;
        aes_key_init_with(&k, impl, s.key, key_len);
        for (size_t blocks = 0; blocks <= MOST; blocks++) {
            memset(out, 0x5a, sizeof out);
            cbc_encrypt(&k, s.iv, out, s.plaintext, blocks);
            assert_memory_equal(out, s.ciphertext, 16 * blocks);
            assert_int_equal(out[16 * blocks], 0x5a);
            cbc_decrypt(&k, s.iv, out, out, blocks);
            assert_memory_equal(out, s.plaintext, 16 * blocks);
            assert_int_equal(out[16 * blocks], 0x5a);
            cbc_encrypt(&k, s.iv, out, out, blocks);
            assert_memory_equal(out, s.ciphertext, 16 * blocks);
            memset(out, 0x5a, sizeof out);
            cbc_decrypt(&k, s.iv, out, s.ciphertext, blocks);
            assert_memory_equal(out, s.plaintext, 16 * blocks);
            assert_int_equal(out[16 * blocks], 0x5a);
        }
    }
}

static void test_every_length(void **state)
{
    (void)state;
    each_aes_backend(check_lengths);
}

/* A message cut in two calls at every block: the next IV is the last ciphertext block. */
static void check_cuts(const struct aes_impl *impl)
{
    struct sample s;
    uint8_t out[16 * MOST];
    make_sample(&s, 77, AES128_KEY_LEN);
    struct aes_key k;
    aes_key_init_with(&k, impl, s.key, AES128_KEY_LEN);
    for (size_t cut = 1; cut < MOST; cut++) {
        const uint8_t *iv = s.ciphertext + 16 * (cut - 1);
        cbc_encrypt(&k, s.iv, out, s.plaintext, cut);
        cbc_encrypt(&k, iv, out + 16 * cut, s.plaintext + 16 * cut, MOST - cut);
        assert_memory_equal(out, s.ciphertext, sizeof out);
        cbc_decrypt(&k, s.iv, out, s.ciphertext, cut);
        cbc_decrypt(&k, iv, out + 16 * cut, s.ciphertext + 16 * cut, MOST - cut);
        assert_memory_equal(out, s.plaintext, sizeof out);
    }
    for (size_t step = 1; step <= 9; step++) /* and in equal pieces of every size */
        for (size_t done = 0; done < MOST; done += step) {
            size_t n = MOST - done < step ? MOST - done : step;
            const uint8_t *iv = done == 0 ? s.iv : s.ciphertext + 16 * (done - 1);
            cbc_decrypt(&k, iv, out, s.ciphertext + 16 * done, n);
            assert_memory_equal(out, s.plaintext + 16 * done, 16 * n);
            cbc_encrypt(&k, iv, out, s.plaintext + 16 * done, n);
            assert_memory_equal(out, s.ciphertext + 16 * done, 16 * n);
        }
}

static void test_every_cut(void **state)
{
    (void)state;
    each_aes_backend(check_cuts);
}

/* The IV is read and never written; the two arguments may be unaligned. */
static void check_unaligned(const struct aes_impl *impl)
{
    struct sample s;
    uint8_t in[16 * 9 + 1], out[16 * 9 + 3], iv[17];
    make_sample(&s, 5, AES256_KEY_LEN);
    struct aes_key k;
    aes_key_init_with(&k, impl, s.key, AES256_KEY_LEN);
    memcpy(in + 1, s.plaintext, 16 * 9);
    memcpy(iv + 1, s.iv, 16);
    cbc_encrypt(&k, iv + 1, out + 3, in + 1, 9);
    assert_memory_equal(out + 3, s.ciphertext, 16 * 9);
    cbc_decrypt(&k, iv + 1, out + 3, out + 3, 9);
    assert_memory_equal(out + 3, s.plaintext, 16 * 9);
    assert_memory_equal(iv + 1, s.iv, 16);
}

static void test_unaligned(void **state)
{
    (void)state;
    each_aes_backend(check_unaligned);
}

#define STREAMS 36 /* two full batches of any backend, and a rest */

/* n streams of so many blocks, each under its own key, give what each gives alone: apart, from one plaintext, and in
 * place. */
static void check_streams(const struct aes_impl *impl, size_t n, size_t blocks, bool mixed)
{
    static uint8_t keys[STREAMS][32], iv[STREAMS][16], in[STREAMS][16 * MOST], out[STREAMS][16 * MOST + 1];
    static struct aes_key k[STREAMS];
    static struct aes_cbc_stream apart[STREAMS], shared[STREAMS], in_place[STREAMS];
    uint8_t expected[16 * MOST];
    fill(keys, sizeof keys, (uint32_t)(n + 100 * blocks));
    fill(iv, sizeof iv, (uint32_t)(n + 100 * blocks + 1));
    fill(in, sizeof in, (uint32_t)(n + 100 * blocks + 2));
    memset(out, 0x5a, sizeof out);
    for (size_t j = 0; j < n; j++) {
        size_t key_len = mixed && keys[j][0] % 4 == 0 ? AES256_KEY_LEN : n % 2 ? AES128_KEY_LEN : AES256_KEY_LEN;
        aes_key_init_with(&k[j], impl, keys[j], key_len);
        apart[j] = (struct aes_cbc_stream){&k[j], iv[j], out[j], in[j]};
        shared[j] = (struct aes_cbc_stream){&k[j], iv[j], out[j], in[0]};
        in_place[j] = (struct aes_cbc_stream){&k[j], iv[j], in[j], in[j]};
    }
    cbc_encrypt_many(shared, n, blocks);
    for (size_t j = 0; j < n; j++) {
        cbc_encrypt(&k[j], iv[j], expected, in[0], blocks);
        assert_memory_equal(out[j], expected, 16 * blocks);
    }
    cbc_encrypt_many(apart, n, blocks);
    for (size_t j = 0; j < n; j++) {
        cbc_encrypt(&k[j], iv[j], expected, in[j], blocks);
        assert_memory_equal(out[j], expected, 16 * blocks);
        assert_int_equal(out[j][16 * blocks], 0x5a);
    }
    cbc_encrypt_many(in_place, n, blocks);
    for (size_t j = 0; j < n; j++)
        assert_memory_equal(in[j], out[j], 16 * blocks);
    for (size_t j = n; j < STREAMS; j++)
        assert_int_equal(out[j][0], 0x5a);
}

static void check_many(const struct aes_impl *impl)
{
    static const size_t blocks[] = {0, 1, 2, 3, 17, MOST};
    for (size_t n = 0; n <= STREAMS; n++)
        for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
            check_streams(impl, n, blocks[i], n % 3 == 2);
}

static void test_many_streams(void **state)
{
    (void)state;
    each_aes_backend(check_many);
}

/* What CBC alone does not stop, and docs/walkthrough speaks of: a flipped bit of the IV flips that bit of the first
 * block, one of the ciphertext flips it in the next block. */
static void test_bit_flips_go_through(void **state)
{
    (void)state;
    struct sample s;
    uint8_t out[48];
    make_sample(&s, 6, AES128_KEY_LEN);
    struct aes_key k;
    aes_key_init(&k, s.key, AES128_KEY_LEN);
    s.iv[3] ^= 0x10;
    s.ciphertext[16 + 7] ^= 0x02;
    cbc_decrypt(&k, s.iv, out, s.ciphertext, 3);
    s.plaintext[3] ^= 0x10;
    assert_memory_equal(out, s.plaintext, 16);
    assert_memory_not_equal(out + 16, s.plaintext + 16, 16);
    s.plaintext[32 + 7] ^= 0x02;
    assert_memory_equal(out + 32, s.plaintext + 32, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_every_backend),
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_unaligned),
        cmocka_unit_test(test_many_streams),
        cmocka_unit_test(test_bit_flips_go_through),
    };
    return RUN(tests);
}
