/* SPDX-License-Identifier: MIT */
/* What a call leaves on the stack: each primitive runs on a stack of its own, which is searched afterwards for the keys
 * that went in and for what was made of them. Every machine word of them counts, wherever it lies.
 *
 * What a compiler spills by itself is beyond the code's control (crypto/ct.h), so nothing is tested in builds without
 * optimization, which keep everything on the stack, or with sanitizers, which move it, or for other processors. */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include "app/dissect/recording.h"
#include "crypto/bignum.h"
#include "crypto/bytes.h"
#include "crypto/cbc.h"
#include "crypto/ct.h"
#include "crypto/etm_impl.h"
#include "crypto/etm_many_impl.h"
#include "crypto/hkdf.h"
#include "crypto/pbkdf2_impl.h"
#include "crypto/pbkdf2_many_impl.h"
#include "crypto/rng.h"
#include "crypto/sha256_impl.h"
#include "net/record.h"
#include "tests/aes_backends.h"
#include "tests/fill.h"
#include "tests/sanitized.h"
#include "tests/test.h"

#define STACK_LEN (1 << 18)
#define WORD_LEN 8
#define BLOCKS 41

static uint8_t *stack; /* of the thread that does the work */

/* All that the work on that stack reads and writes; none of it is on the stack itself. */
static struct {
    uint8_t enc_key[32], mac_key[32], in[16 * BLOCKS], out[16 * BLOCKS + 64], iv[16], tag[32];
    size_t key_len;
    const struct aes_impl *aes_impl;
    const struct etm_impl *etm_impl;
    const struct pbkdf2_impl *pbkdf2_impl;
    const struct sha256_impl *sha256_impl;
    const struct sha256_many_impl *many_impl;
    struct aes_key aes;
    struct hmac_key mac;
    struct etm_key etm;
    struct rng rng;
    int opened;
} job;

static bool can_look(void)
{
#if defined(__x86_64__) && defined(__OPTIMIZE__)
    return !SANITIZED;
#else
    return false;
#endif
}

/* The end of a thread needs stack too: it gets the room of this array, so that what the work has left stays. */
static void *thread(void *work)
{
    uint8_t room[STACK_LEN / 4];
    ct_wipe(room, sizeof room); /* so that no compiler makes it shorter */
    ((void (*)(void))(uintptr_t)work)();
    return NULL;
}

static void run(void (*work)(void))
{
    pthread_attr_t attr;
    pthread_t id;
    memset(stack, 0, STACK_LEN);
    assert_int_equal(pthread_attr_init(&attr), 0);
    assert_int_equal(pthread_attr_setstack(&attr, stack, STACK_LEN), 0);
    assert_int_equal(pthread_create(&id, &attr, thread, (void *)(uintptr_t)work), 0);
    assert_int_equal(pthread_join(id, NULL), 0);
    pthread_attr_destroy(&attr);
}

/* How many places of the stack hold a word of the secret. */
static size_t found(const void *secret, size_t len)
{
    const uint8_t *bytes = secret;
    size_t places = 0;
    for (size_t i = 0; i + WORD_LEN <= len; i += WORD_LEN) {
        static const uint8_t zero[WORD_LEN];
        for (size_t at = 0; memcmp(bytes + i, zero, WORD_LEN) != 0 && at + WORD_LEN <= STACK_LEN; at += 4)
            places += memcmp(stack + at, bytes + i, WORD_LEN) == 0;
    }
    return places;
}

static void expect_none(const char *what, const char *by, const void *secret, size_t len)
{
    size_t places = found(secret, len);
    if (places != 0)
        fail_msg("%s (%s): %zu words of its secrets are left on the stack", what, by, places);
}

static int set_up(void **state)
{
    (void)state;
    stack = mmap(NULL, STACK_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    fill(&job, offsetof(__typeof__(job), key_len), 1);
    return stack == MAP_FAILED ? -1 : 0;
}

/* --- The finder itself -------------------------------------------------------------------------------------------- */

static void leave_key(void)
{
    volatile uint8_t copy[sizeof job.mac_key];
    for (size_t i = 0; i < sizeof copy; i++)
        copy[i] = job.mac_key[i];
}

static void test_what_is_left_is_found(void **state)
{
    (void)state;
    run(leave_key);
    assert_int_equal(found(job.mac_key, sizeof job.mac_key), sizeof job.mac_key / WORD_LEN);
}

/* --- AES ---------------------------------------------------------------------------------------------------------- */

static void expand(void)
{
    aes_key_init_with(&job.aes, job.aes_impl, job.enc_key, job.key_len);
}

static void cbc(void)
{
    cbc_encrypt(&job.aes, job.iv, job.out, job.in, BLOCKS);
    cbc_decrypt(&job.aes, job.iv, job.out, job.out, BLOCKS);
}

static void blocks(void)
{
    aes_encrypt(&job.aes, job.out, job.in, BLOCKS);
    aes_decrypt(&job.aes, job.out, job.out, BLOCKS);
}

static void cbc_many(void)
{
    static uint8_t outs[16][16 * BLOCKS];
    struct aes_cbc_stream s[16];
    for (size_t j = 0; j < 16; j++)
        s[j] = (struct aes_cbc_stream){&job.aes, job.iv, outs[j], job.in};
    cbc_encrypt_many(s, 16, BLOCKS);
}

static void check_aes(const struct aes_impl *impl)
{
    static void (*const works[])(void) = {expand, cbc, blocks, cbc_many};
    static const char *const names[] = {"expand", "cbc", "aes", "cbc_many"};
    job.aes_impl = impl;
    for (job.key_len = AES128_KEY_LEN; job.key_len <= AES256_KEY_LEN; job.key_len += 16)
        for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
            run(works[i]);
            expect_none(names[i], impl->name, job.enc_key, job.key_len);
            expect_none(names[i], impl->name, job.aes.enc, sizeof job.aes.enc);
            expect_none(names[i], impl->name, job.aes.dec, sizeof job.aes.dec);
        }
}

static void test_aes(void **state)
{
    (void)state;
    if (!can_look())
        skip();
    each_aes_backend(check_aes);
}

/* --- States of SHA-256 -------------------------------------------------------------------------------------------- */

/* Eight words of a state in each order in which the code may hold them: as numbers, as bytes, and as vector registers
 * have them: for the SHA instructions (ABEF and CDGH), and in columns of sixteen messages, which are all the same here.
 * Of those registers clang 14 spills some to frames that nobody wipes. */
static void expect_no_state(const char *what, const char *by, const uint32_t h[8])
{
    static const size_t order[8] = {5, 4, 1, 0, 7, 6, 3, 2};
    uint32_t sorted[8], columns[16];
    uint8_t bytes[32];
    for (size_t i = 0; i < 8; i++) {
        sorted[i] = h[order[i]];
        columns[2 * i] = columns[2 * i + 1] = h[i];
        bytes_store_be32(bytes + 4 * i, h[i]);
    }
    expect_none(what, by, h, sizeof bytes);
    expect_none(what, by, bytes, sizeof bytes);
#if !defined(__clang__)
    expect_none(what, by, sorted, sizeof sorted);
    expect_none(what, by, columns, sizeof columns);
#endif
}

/* The key's own states, and what the inner hash makes of the message: it is the outer hash's input and never leaves. */
static void expect_no_mac(const char *what, const char *by, const struct hmac_key *mac, const void *msg, size_t len)
{
    uint8_t digest[32];
    uint32_t h[8];
    sha256_finish(digest, sha256_fastest(), mac->inner, NULL, SHA256_BLOCK_LEN, msg, len);
    for (size_t i = 0; i < 8; i++)
        h[i] = bytes_load_be32(digest + 4 * i);
    expect_no_state(what, by, h);
    expect_no_state(what, by, mac->inner);
    expect_no_state(what, by, mac->outer);
}

/* --- Encrypt-then-MAC --------------------------------------------------------------------------------------------- */

static void seal(void)
{
    etm_key_init_with(&job.etm, job.etm_impl, job.enc_key, job.key_len, job.mac_key);
    for (size_t n = 1; n <= 9; n += 4)
        etm_seal(&job.etm, job.out, job.iv, job.iv, 12, job.in, n);
    etm_seal(&job.etm, job.out, job.iv, job.iv, 12, job.in, BLOCKS);
}

static void unseal(void)
{
    static uint8_t out[sizeof job.in];
    job.opened = etm_open(&job.etm, out, job.iv, job.iv, 12, job.out, BLOCKS);
}

static uint8_t sealed[16][16 * BLOCKS + ETM_TAG_LEN];

static void seal_many(void)
{
    struct etm_one one[16];
    for (size_t j = 0; j < 16; j++)
        one[j] = (struct etm_one){&job.etm, sealed[j], job.iv, job.iv};
    etm_seal_batch(job.many_impl, one, 16, 12, job.in, BLOCKS);
}

static void expect_no_etm_key(const char *what, const char *by, const uint8_t *ciphertext)
{
    uint8_t msg[12 + 16 + sizeof job.in];
    memcpy(msg, job.iv, 12);
    memcpy(msg + 12, job.iv, 16);
    memcpy(msg + 28, ciphertext, sizeof job.in);
    expect_no_mac(what, by, &job.etm.mac, msg, sizeof msg);
    expect_none(what, by, job.enc_key, job.key_len);
    expect_none(what, by, job.mac_key, sizeof job.mac_key);
    expect_none(what, by, job.etm.aes.enc, sizeof job.etm.aes.enc);
    expect_none(what, by, job.etm.aes.dec, sizeof job.etm.aes.dec);
}

static void test_etm(void **state)
{
    (void)state;
    if (!can_look())
        skip();
    for (size_t i = 0; etm_impls[i] != NULL; i++)
        for (job.key_len = 16; job.key_len <= 32 && etm_impls[i]->usable(); job.key_len += 16) {
            job.etm_impl = etm_impls[i];
            run(seal);
            expect_no_etm_key("seal", etm_impls[i]->name, job.out);
            run(unseal);
            expect_no_etm_key("open", etm_impls[i]->name, job.out);
            assert_int_equal(job.opened, 0);
        }
}

/* The right tag of a forgery is what the forger is after. */
static void test_refused(void **state)
{
    (void)state;
    uint8_t right[sizeof job.tag], *tag = job.out + sizeof job.in;
    if (!can_look() || sha256_fastest() == &sha256_unrolled) /* as in test_hkdf */
        skip();
    job.etm_impl = &etm_portable;
    job.key_len = 16;
    run(seal);
    memcpy(right, tag, sizeof right);
    tag[31] ^= 1;
    run(unseal);
    assert_int_equal(job.opened, -1);
    expect_none("open", "of a forgery", right, sizeof right);
}

static void test_etm_many(void **state)
{
    (void)state;
    if (!can_look())
        skip();
    for (size_t i = 0; sha256_many_impls[i] != NULL; i++)
        for (job.key_len = 16; job.key_len <= 32 && sha256_many_impls[i]->usable(); job.key_len += 16) {
            job.many_impl = sha256_many_impls[i];
            etm_key_init(&job.etm, job.enc_key, job.key_len, job.mac_key);
            run(seal_many);
            expect_no_etm_key("seal_many", sha256_many_impls[i]->name, sealed[0]);
        }
}

/* --- What is made of SHA-256 -------------------------------------------------------------------------------------- */

static void hmac_key(void)
{
    hmac_key_init(&job.mac, job.mac_key, sizeof job.mac_key);
}

static void hmac(void)
{
    struct hmac h;
    hmac_message(job.tag, &job.mac, job.in, 150);
    hmac_init(&h, &job.mac);
    hmac_update(&h, job.in, 70);
    hmac_final(&h, job.tag);
    hmac_tag(job.tag, job.mac_key, sizeof job.mac_key, job.in, 20);
}

static void test_hmac(void **state)
{
    (void)state;
    if (!can_look())
        skip();
    static void (*const works[])(void) = {hmac_key, hmac};
    for (size_t i = 0; i < 2; i++) {
        run(works[i]);
        expect_none("hmac", "picked", job.mac_key, sizeof job.mac_key);
        expect_none("hmac", "picked", &job.mac, sizeof job.mac);
    }
}

/* --- SHA-256 on the way to a tag ---------------------------------------------------------------------------------- */

static void finish(void)
{
    sha256_finish(job.tag, job.sha256_impl, job.mac.inner, job.mac.outer, SHA256_BLOCK_LEN, job.in, 150);
}

static void streamed(void)
{
    struct hmac h;
    hmac_init(&h, &job.mac);
    hmac_update(&h, job.in, 70);
    hmac_update(&h, job.in + 70, 80);
    hmac_final(&h, job.tag);
}

static void test_finish(void **state)
{
    (void)state;
    if (!can_look())
        skip();
    hmac_key_init(&job.mac, job.mac_key, sizeof job.mac_key);
    for (size_t i = 0; sha256_impls[i] != NULL; i++)
        if (sha256_impls[i]->usable()) {
            job.sha256_impl = sha256_impls[i];
            run(finish);
            expect_no_mac("finish", sha256_impls[i]->name, &job.mac, job.in, 150);
        }
    run(streamed);
    expect_no_mac("streamed", "picked", &job.mac, job.in, 150);
}

static void hkdf(void)
{
    hkdf_extract(job.tag, job.in, 64, job.mac_key, sizeof job.mac_key);
    hkdf_expand(job.out, 64, job.tag, "info", 4);
}

static void test_hkdf(void **state)
{
    (void)state;
    if (!can_look() || sha256_fastest() == &sha256_unrolled) /* where gcc 12 spills half of the last output */
        skip();
    run(hkdf);
    expect_none("hkdf", "picked", job.mac_key, sizeof job.mac_key);
    expect_none("hkdf", "picked", job.tag, sizeof job.tag);
    expect_none("hkdf", "picked", job.out, 64);
}

static void pbkdf2(void)
{
    pbkdf2_derive_with(job.pbkdf2_impl, job.out, 32, job.mac_key, sizeof job.mac_key, job.in, 16, 5);
}

static void pbkdf2_many(void)
{
    struct pbkdf2_one one[16];
    static uint8_t outs[16][32];
    for (size_t j = 0; j < 16; j++)
        one[j] = (struct pbkdf2_one){outs[j], job.mac_key, sizeof job.mac_key, job.in, 16, 5};
    pbkdf2_derive_batch(job.many_impl, one, 16, 0);
    memcpy(job.out, outs[0], 32);
}

static void expect_no_password(const char *what, const char *by)
{
    hmac_key_init(&job.mac, job.mac_key, sizeof job.mac_key);
    expect_none(what, by, job.mac_key, sizeof job.mac_key);
    expect_none(what, by, &job.mac, sizeof job.mac);
    expect_none(what, by, job.out, 32);
}

static void test_pbkdf2(void **state)
{
    (void)state;
    if (!can_look())
        skip();
    for (size_t i = 0; pbkdf2_impls[i] != NULL; i++)
        if (pbkdf2_impls[i]->usable()) {
            job.pbkdf2_impl = pbkdf2_impls[i];
            run(pbkdf2);
            expect_no_password("pbkdf2", pbkdf2_impls[i]->name);
        }
    for (size_t i = 0; sha256_many_impls[i] != NULL; i++)
        if (sha256_many_impls[i]->usable()) {
            job.many_impl = sha256_many_impls[i];
            run(pbkdf2_many);
            expect_no_password("pbkdf2_many", sha256_many_impls[i]->name);
        }
}

/* --- Big numbers -------------------------------------------------------------------------------------------------- */

#define LIMBS BIGNUM_LIMBS(128)

/* m has all the bits of its limbs, and a and b are below it. */
static mp_limb_t a[LIMBS], b[LIMBS], m[LIMBS], wide[2 * LIMBS], r[LIMBS], shifted[2 * LIMBS], minus_inverse;

static void reduce(void)
{
    bignum_mod(r, wide, 2 * LIMBS, m, LIMBS);
}

static void multiply(void)
{
    bignum_mulm(r, a, b, m, LIMBS);
}

static void raise_to_power(void)
{
    bignum_powm(r, a, LIMBS, b, 300, m, LIMBS);
}

static void multiply_as_montgomery(void)
{
    bignum_montgomery(r, a, b, m, minus_inverse, LIMBS);
}

static void compare(void)
{
    job.opened = bignum_less(a, b, LIMBS);
}

static void set_up_numbers(void)
{
    fill(a, sizeof a, 3);
    fill(b, sizeof b, 4);
    fill(m, sizeof m, 5);
    fill(wide, sizeof wide, 6);
    m[0] |= 1;
    m[LIMBS - 1] |= (mp_limb_t)1 << (GMP_NUMB_BITS - 1);
    a[LIMBS - 1] >>= 1;
    b[LIMBS - 1] >>= 1;
    minus_inverse = bignum_minus_inverse(m[0]);
    /* A library's first call of each function is resolved by the linker, which puts all registers on the stack. */
    reduce();
    multiply();
    raise_to_power();
    multiply_as_montgomery();
    compare();
}

/* What powers are worked out with: a times 2 to the bits of m, modulo m. */
static void shift_base(void)
{
    memset(shifted, 0, sizeof shifted);
    memcpy(shifted + LIMBS, a, sizeof a);
    bignum_mod(shifted, shifted, 2 * LIMBS, m, LIMBS);
}

/* For each: what went in, what came out, and what was in between. */
static void test_numbers(void **state)
{
    (void)state;
    mp_limb_t product[2 * LIMBS], other[LIMBS];
    if (!can_look())
        skip();
    set_up_numbers();
    run(reduce);
    expect_none("bignum_mod", "what was reduced", wide, sizeof wide);
    expect_none("bignum_mod", "the remainder", r, sizeof r);
    m[LIMBS - 1] >>= 1; /* then GMP divides twice the number by twice m */
    run(reduce);
    mpn_lshift(other, r, LIMBS, 1);
    assert_in_range(found(other, sizeof other), 0, 2); /* a limb may be in a frame of GMP's own, but not all */
    run(multiply);
    mpn_mul_n(product, a, b, LIMBS);
    expect_none("bignum_mulm", "the product", product, sizeof product);
    expect_none("bignum_mulm", "its remainder", r, sizeof r);
    shift_base();
    run(raise_to_power);
    expect_none("bignum_powm", "the base", a, sizeof a);
    expect_none("bignum_powm", "the base as it works with it", shifted, sizeof *shifted * LIMBS);
    expect_none("bignum_powm", "the power", r, sizeof r);
    run(compare);
    mpn_sub_n(other, a, b, LIMBS);
    expect_none("bignum_less", "the difference", other, sizeof other);
}

/* What is below 2m before it is reduced, and what it is less m: one of these is the product. */
static void test_montgomery(void **state)
{
    (void)state;
    mp_limb_t other[LIMBS], t[2 * LIMBS];
    if (!can_look())
        skip();
    for (int round = 0; round < 8; round++) {
        set_up_numbers();
        fill(a, sizeof a - 1, (uint8_t)(10 + round));
        run(multiply_as_montgomery);
        mpn_mul_n(t, a, b, LIMBS);
        for (size_t i = 0; i < LIMBS; i++)
            t[i] = mpn_addmul_1(t + i, m, LIMBS, t[i] * minus_inverse);
        expect_none("bignum_montgomery", "what it works with", t, sizeof t);
        expect_none("bignum_montgomery", "the product", r, sizeof r);
        mpn_sub_n(other, r, m, LIMBS);
        expect_none("bignum_montgomery", "the product less m", other, sizeof other);
        mpn_add_n(other, r, m, LIMBS);
        expect_none("bignum_montgomery", "the product and m", other, sizeof other);
    }
}

/* --- What is made of these ---------------------------------------------------------------------------------------- */

static uint8_t seed[RNG_KEY_LEN];

/* Takes the place of the system's, so that what the generator gets from the kernel is known here. */
ssize_t getrandom(void *buf, size_t len, unsigned flags);

ssize_t getrandom(void *buf, size_t len, unsigned flags)
{
    (void)flags;
    for (size_t i = 0; i < len; i++)
        ((volatile uint8_t *)buf)[i] = seed[i % sizeof seed];
    return (ssize_t)len;
}

static void random_bytes(void)
{
    rng_init(&job.rng);
    rng_fill(&job.rng, job.out, 100);
}

static void test_rng(void **state)
{
    (void)state;
    if (!can_look())
        skip();
    fill(seed, sizeof seed, 2);
    run(random_bytes);
    expect_none("rng_fill", "its seed", seed, sizeof seed);
    expect_none("rng_fill", "its key", job.rng.key, sizeof job.rng.key);
    expect_none("rng_fill", "its bytes", job.out, 96);
}

static struct record directions[2];
static uint8_t frames[2][1024];

static void record_many(void)
{
    struct record_one one[2];
    for (size_t j = 0; j < 2; j++)
        one[j] = (struct record_one){.r = &directions[j], .frame = frames[j], .frame_cap = sizeof frames[j]};
    record_seal_many(one, 2, &job.rng, CONTENT_APPLICATION, job.in, 500);
    job.opened = one[0].err == NET_OK && one[1].err == NET_OK;
}

static void test_record_many(void **state)
{
    (void)state;
    if (!can_look())
        skip();
    rng_init(&job.rng);
    for (size_t j = 0; j < 2; j++)
        record_init(&directions[j], SUITE_AES128, job.mac_key, NULL);
    run(record_many);
    assert_true(job.opened);
    expect_none("record_seal_many", "its payload", job.in, 496);
    expect_none("record_seal_many", "its payload", job.in + 7, 488); /* after the type the words are not aligned */
}

static struct recording recording;
static char key_line[] = "glasschat recording 1\nrole client\nserver h:1\nbegan 1\n0.000000 mac_key "
                         "0000000000000000000000000000000000000000000000000000000000000000\n";
#define KEY_HEX (key_line + sizeof key_line - 2 - 64) /* the 64 digits */

static void write_key(void)
{
    trace_event(&recording.trace, "mac_key", job.mac_key, sizeof job.mac_key);
}

static void pass_over(void *arg, const struct recording_event *e)
{
    (void)arg, (void)e;
}

static void read_key(void)
{
    struct recording_info info;
    static char why[WHY_LEN];
    job.opened = recording_parse(&info, key_line, sizeof key_line - 1, pass_over, NULL, why);
}

/* Neither the key nor its digits, which may begin anywhere. */
static void expect_no_key_line(const char *by)
{
    expect_none("recording", by, job.mac_key, sizeof job.mac_key);
    for (size_t i = 0; i < 4; i++)
        expect_none("recording", by, KEY_HEX + i, 64 - WORD_LEN);
}

static void test_recording(void **state)
{
    (void)state;
    char path[] = "/tmp/glasschat-test-XXXXXX", why[WHY_LEN];
    if (!can_look())
        skip();
    hex_encode(KEY_HEX, job.mac_key, sizeof job.mac_key);
    KEY_HEX[64] = '\n';
    close(mkstemp(path));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(recording_create(&recording, path, "client", "h:1", why), 0);
    run(write_key);
    expect_no_key_line("written");
    assert_int_equal(recording_close(&recording, true, why), 0);
    assert_int_equal(unlink(path), 0);
    run(read_key);
    expect_no_key_line("read");
    assert_int_equal(job.opened, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_left_is_found),
        cmocka_unit_test(test_aes),
        cmocka_unit_test(test_etm),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_etm_many),
        cmocka_unit_test(test_hmac),
        cmocka_unit_test(test_finish),
        cmocka_unit_test(test_hkdf),
        cmocka_unit_test(test_pbkdf2),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_montgomery),
        cmocka_unit_test(test_rng),
        cmocka_unit_test(test_record_many),
        cmocka_unit_test(test_recording),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
