/* SPDX-License-Identifier: MIT */
/* Messages of sealed rooms: known answers; that all of a statement is signed; sealing and opening, each length and each
 * message of a key; and that nothing of it stays. */
#include "app/peer/sealed.h"

#include "crypto/cbc.h"
#include "crypto/hkdf.h"
#include "crypto/sha256_impl.h"
#include "tests/aborts.h"
#include "tests/leftovers.h"
#include "tests/room_lines.h"

/* --- Known answers ------------------------------------------------------------------------------------------------ */

static struct sender_key held_key(struct vec *v)
{
    struct sender_key k = {.i = (uint32_t)vec_number(v, "held_i")};
    memcpy(k.room, vec_hex_n(v, "room", sizeof k.room), sizeof k.room);
    memcpy(k.list, vec_hex_n(v, "L", sizeof k.list), sizeof k.list);
    memcpy(k.id, vec_hex_n(v, "key_id", sizeof k.id), sizeof k.id);
    memcpy(k.secret, vec_hex_n(v, "held_secret", sizeof k.secret), sizeof k.secret);
    return k;
}

/* The source that the signer, or with " iv" the sealer, draws from. */
static struct rng seeded(const char *seed, const char *more)
{
    struct rng r;
    char text[64];
    snprintf(text, sizeof text, "%s%s", seed, more);
    rng_fixed_init(&r, text, strlen(text));
    return r;
}

static void known_statement(struct vec *v, struct sealed_statement *s, const struct sender_key *k, const char *who)
{
    uint8_t hash[SHA256_DIGEST_LEN], salt[32];
    size_t len;
    const uint8_t *text = vec_hex(v, "text", &len);
    const char *seed = vec_text(v, "seed");
    struct rng r = seeded(seed, "");
    struct rsa_public pub = public_of(who);
    say(s, k, vec_text(v, "sender"), "");
    memcpy(s->text, text, s->text_len = len);
    memcpy(s->prev, vec_hex_n(v, "prev", sizeof s->prev), sizeof s->prev);
    memcpy(s->seen, vec_hex_n(v, "seen", sizeof s->seen), sizeof s->seen);
    sealed_statement_hash(hash, s);
    vec_check(v, "hash", hash, sizeof hash);
    rng_fill(&r, salt, sizeof salt);
    vec_check(v, "salt", salt, sizeof salt);
    r = seeded(seed, "");
    assert_int_equal(sealed_statement_sign(s, &keys_identity(who)->key, &r), 0);
    vec_check(v, "signature", s->signature, sizeof s->signature);
    assert_int_equal(sealed_statement_verify(s, &pub), 0);
}

/* What sealed.c keeps to itself, from the finished message. */
static void known_inside(struct vec *v, const uint8_t *sealed, size_t len)
{
    static uint8_t plain[SEALED_MAX];
    uint8_t enc_key[16], mac_key[32];
    struct aes_key key;
    const uint8_t *secret = vec_hex_n(v, "secret", 32);
    hkdf_expand(enc_key, sizeof enc_key, secret, "glasschat/1 encrypt", 19);
    hkdf_expand(mac_key, sizeof mac_key, secret, "glasschat/1 authenticate", 24);
    vec_check(v, "enc_key", enc_key, sizeof enc_key);
    vec_check(v, "mac_key", mac_key, sizeof mac_key);
    vec_check(v, "iv", sealed + 68, 16);
    aes_key_init(&key, enc_key, sizeof enc_key);
    cbc_decrypt(&key, sealed + 68, plain, sealed + 84, (len - 116) / 16);
    vec_check(v, "plaintext", plain, len - 116);
}

static void known_answer(struct vec *v)
{
    static struct sealed_statement s;
    static uint8_t sealed[SEALED_MAX];
    struct sender_key held = held_key(v), k = held;
    struct sealed_head head;
    size_t len;
    const char *who = vec_text(v, "key");
    struct rng r = seeded(vec_text(v, "seed"), " iv");
    while (k.i < vec_number(v, "i"))
        sender_key_advance(&k);
    vec_check(v, "secret", k.secret, sizeof k.secret);
    known_statement(v, &s, &k, who);
    assert_int_equal(sealed_seal(sealed, sizeof sealed, &len, &s, &k, &r), 0);
    vec_check(v, "sealed", sealed, len);
    assert_int_equal(len, SEALED_LEN(s.text_len));
    known_inside(v, sealed, len);
    assert_int_equal(sealed_head(&head, sealed, len), 0);
    assert_int_equal(head.i, k.i);
    assert_int_equal(open_as(sealed, len, s.sender, &held, who), 0);
    assert_same(&opened, &s);
    vec_check(v, "next_secret", next.secret, sizeof next.secret);
    sender_key_advance(&k);
    assert_memory_equal(&next, &k, sizeof k);
}

static void test_known_answers(void **state)
{
    (void)state;
    struct vec *v = vec_open("sealed");
    while (vec_next(v)) {
        if (vec_rejects(v)) {
            size_t len;
            const uint8_t *sealed = vec_hex(v, "sealed", &len);
            struct sender_key held = held_key(v);
            expect_refused(sealed, len, vec_text(v, "sender"), &held, vec_text(v, "key"));
        } else {
            known_answer(v);
        }
    }
    vec_close(v);
}

/* --- What is signed ----------------------------------------------------------------------------------------------- */

static void expect_another(void *field, size_t len)
{
    uint8_t *bytes = field, hash[SHA256_DIGEST_LEN], other[SHA256_DIGEST_LEN];
    struct rsa_public alice = public_of("alice");
    sealed_statement_hash(hash, &hello);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(sealed_statement_verify(&hello, &alice), -1);
        sealed_statement_hash(other, &hello);
        assert_memory_not_equal(other, hash, sizeof hash);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(sealed_statement_verify(&hello, &alice), 0);
}

static void test_all_of_it_is_signed(void **state)
{
    (void)state;
    struct rsa_public alice = public_of("alice");
    expect_another(hello.room, sizeof hello.room);
    expect_another(hello.list, sizeof hello.list);
    expect_another(hello.key_id, sizeof hello.key_id);
    expect_another(&hello.i, sizeof hello.i);
    expect_another(hello.prev, sizeof hello.prev);
    expect_another(hello.seen, sizeof hello.seen);
    expect_another(hello.text, hello.text_len);
    for (size_t len = 0; len <= 10; len++) {
        hello.text_len = len;
        assert_int_equal(sealed_statement_verify(&hello, &alice), len == 5 ? 0 : -1);
    }
    hello.text_len = 5;
    for (const char *const *other = (const char *const[]){"alicf", "alic", "alicea", "blice", NULL}; *other != NULL;
         other++) {
        snprintf(hello.sender, sizeof hello.sender, "%s", *other);
        assert_int_equal(sealed_statement_verify(&hello, &alice), -1);
    }
}

static void test_the_signature(void **state)
{
    (void)state;
    struct rsa_public alice = public_of("alice"), bob = public_of("bob");
    uint8_t hash[SHA256_DIGEST_LEN], again[SHA256_DIGEST_LEN];
    sealed_statement_hash(hash, &hello);
    for (size_t bit = 0; bit < 8 * sizeof hello.signature; bit++) {
        hello.signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(sealed_statement_verify(&hello, &alice), -1);
        hello.signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(sealed_statement_verify(&hello, &bob), -1);
    sign(&hello, "alice"); /* with another salt: the same line all the same */
    sealed_statement_hash(again, &hello);
    assert_memory_equal(again, hash, sizeof hash);
    assert_int_equal(sealed_statement_verify(&hello, &alice), 0);
}

static void test_a_fault_signs_nothing(void **state)
{
    (void)state;
    struct rsa_private damaged = keys_identity("alice")->key;
    uint8_t before[RSA_SIGNATURE_LEN];
    damaged.dq[7] ^= 1;
    memcpy(before, hello.signature, sizeof before);
    assert_int_equal(sealed_statement_sign(&hello, &damaged, &rng), -1);
    assert_memory_equal(hello.signature, before, sizeof before);
}

/* --- Sealing and opening ------------------------------------------------------------------------------------------ */

/* Texts around each length at which a block is added, and the longest. */
static void test_lengths_of_texts(void **state)
{
    (void)state;
    static struct sealed_statement s;
    static uint8_t sealed[SEALED_MAX];
    for (size_t len = 1; len <= TEXT_MAX_LEN; len += len == 40 ? 3945 : 1) {
        say(&s, &alices, "alice", "");
        memset(s.text, 'x', s.text_len = len);
        fill(s.prev, sizeof s.prev, (uint32_t)len);
        fill(s.seen, sizeof s.seen, 1 + (uint32_t)len);
        sign(&s, "alice");
        size_t sealed_len = seal(sealed, &s, &alices);
        assert_int_equal(sealed_len, 116 + (450 + len) / 16 * 16 + 16);
        assert_int_equal(open_as(sealed, sealed_len, "alice", &alices, "alice"), 0);
        assert_same(&opened, &s);
    }
}

static void test_too_little_room(void **state)
{
    (void)state;
    uint8_t out[SEALED_MAX], untouched[SEALED_MAX];
    size_t len = 7;
    say(&hello, &alices, "alice", "longer than what the padding of the shortest leaves room for");
    sign(&hello, "alice");
    message_len = seal(message, &hello, &alices);
    memset(out, 0x55, sizeof out);
    memset(untouched, 0x55, sizeof untouched);
    for (size_t cap = 0; cap < message_len; cap++)
        assert_int_equal(sealed_seal(out, cap, &len, &hello, &alices, &rng), -1);
    assert_memory_equal(out, untouched, sizeof out);
    assert_int_equal(len, 7);
    assert_int_equal(sealed_seal(out, message_len, &len, &hello, &alices, &rng), 0);
    assert_int_equal(len, message_len);
    assert_memory_equal(out + len, untouched, sizeof out - len);
}

/* The same under the same key: no block of it is the same. */
static void test_each_iv_is_fresh(void **state)
{
    (void)state;
    uint8_t again[SEALED_MAX];
    assert_int_equal(seal(again, &hello, &alices), message_len);
    assert_memory_equal(again, message, SEALED_HEAD_LEN);
    for (size_t one = SEALED_HEAD_LEN; one + 16 <= message_len; one += 16)
        for (size_t other = SEALED_HEAD_LEN; other + 16 <= message_len; other += 16)
            assert_memory_not_equal(again + one, message + other, 16);
}

/* The key as it is, in the place of itself. */
static void test_the_key_moves_on(void **state)
{
    (void)state;
    struct sender_key k = alices, then = alices;
    struct rsa_public alice = public_of("alice");
    sender_key_advance(&then);
    assert_int_equal(sealed_open(&opened, &k, message, message_len, "alice", &k, &alice), 0);
    assert_memory_equal(&k, &then, sizeof k);
    expect_refused(message, message_len, "alice", &k, "alice"); /* a second time */
}

static void test_all_hundred(void **state)
{
    (void)state;
    struct sender_key hers = alices, ours = alices;
    for (uint32_t i = 0; i < SENDER_KEY_MESSAGES; i++) {
        say(&hello, &hers, "alice", "hello");
        sign(&hello, "alice");
        message_len = seal(message, &hello, &hers);
        sender_key_advance(&hers);
        assert_int_equal(open_as(message, message_len, "alice", &ours, "alice"), 0);
        assert_int_equal(opened.i, i);
        ours = next;
        assert_memory_equal(&ours, &hers, sizeof hers);
    }
    expect_refused(message, message_len, "alice", &ours, "alice");
}

/* Five are sent, and come in any order: what is before the one that was opened last is lost. */
static void test_what_is_skipped_is_lost(void **state)
{
    (void)state;
    static uint8_t sent[5][SEALED_MAX];
    static const size_t orders[][5] = {{0, 1, 2, 3, 4}, {4, 3, 2, 1, 0}, {2, 0, 3, 1, 4}, {1, 1, 4, 4, 0}};
    struct sender_key hers = alices;
    size_t len = 0;
    for (size_t i = 0; i < 5; i++) {
        say(&hello, &hers, "alice", "hello");
        sign(&hello, "alice");
        len = seal(sent[i], &hello, &hers);
        sender_key_advance(&hers);
    }
    for (size_t order = 0; order < sizeof orders / sizeof *orders; order++) {
        struct sender_key ours = alices;
        for (size_t j = 0; j < 5; j++) {
            size_t i = orders[order][j];
            if (i < ours.i) {
                expect_refused(sent[i], len, "alice", &ours, "alice");
                continue;
            }
            assert_int_equal(open_as(sent[i], len, "alice", &ours, "alice"), 0);
            assert_int_equal(next.i, i + 1);
            ours = next;
        }
    }
}

/* --- What stays --------------------------------------------------------------------------------------------------- */

static struct {
    struct sender_key k;
    struct sealed_statement s;
    uint8_t sealed[SEALED_MAX], enc_key[16], mac_key[32], hash[SHA256_DIGEST_LEN];
    size_t len;
    struct rsa_public pub;
    int result;
} job;

static void do_seal(void)
{
    job.result = sealed_seal(job.sealed, sizeof job.sealed, &job.len, &job.s, &job.k, &rng);
}

static void do_open(void)
{
    job.result = sealed_open(&opened, &next, job.sealed, job.len, "alice", &job.k, &job.pub);
}

static void do_hash(void)
{
    sealed_statement_hash(job.hash, &job.s);
}

static void do_sign(void)
{
    job.result = sealed_statement_sign(&job.s, &keys_identity("alice")->key, &rng);
}

/* secret_i and its keys; the secret after it, where the work computes that; and the text, wherever it is aligned. What
 * the hash of a message leaves of its last block is the signature's own, and not looked for. */
static void expect_nothing(const char *what, const char *by, bool moves)
{
    struct sender_key then = job.k;
    leftovers_expect_none(what, by, job.k.secret, sizeof job.k.secret);
    leftovers_expect_none(what, by, job.enc_key, sizeof job.enc_key);
    leftovers_expect_none(what, by, job.mac_key, sizeof job.mac_key);
    if (moves) {
        sender_key_advance(&then);
        leftovers_expect_none(what, by, then.secret, sizeof then.secret);
    }
    for (size_t at = 0; at < 4; at++)
        leftovers_expect_none(what, by, job.s.text + at, 480);
}

static void prepare(size_t text_len)
{
    job.k = alices;
    job.pub = public_of("alice");
    say(&job.s, &job.k, "alice", "");
    job.s.text_len = text_len;
    fill(job.s.text, text_len, 7);
    for (size_t i = 0; i < text_len; i++)
        job.s.text[i] = 'a' + job.s.text[i] % 26;
    sign(&job.s, "alice");
    hkdf_expand(job.enc_key, sizeof job.enc_key, job.k.secret, "glasschat/1 encrypt", 19);
    hkdf_expand(job.mac_key, sizeof job.mac_key, job.k.secret, "glasschat/1 authenticate", 24);
}

/* Each is done once before: a library's first call of a function is resolved with all registers on the stack. */
static void run(void (*work)(void))
{
    leftovers_run(work);
    leftovers_run(work);
}

static void test_nothing_is_left_on_the_stack(void **state)
{
    (void)state;
    if (!leftovers_can_look() || sha256_fastest() == &sha256_unrolled) /* as test_hkdf of tests/test_leftovers.c */
        skip();
    prepare(500);
    run(do_hash);
    expect_nothing("sealed_statement_hash", "the statement", false);
    run(do_sign);
    expect_nothing("sealed_statement_sign", "the statement", false);
    run(do_seal);
    assert_int_equal(job.result, 0);
    expect_nothing("sealed_seal", "its keys and text", false);
    run(do_open);
    assert_int_equal(job.result, 0);
    expect_nothing("sealed_open", "its keys and text", true);
    job.pub = public_of("bob");
    run(do_open);
    assert_int_equal(job.result, -1);
    expect_nothing("sealed_open", "what it refused", false);
}

/* --- Wrong use ---------------------------------------------------------------------------------------------------- */

static void expect_wrong(void (*work)(void))
{
    assert_true(aborts(work));
    prepare(10);
}

static void open_for_nobody(void)
{
    job.result = sealed_open(&opened, &next, message, message_len, "", &job.k, &job.pub);
}

static void test_wrong_use(void **state)
{
    (void)state;
    prepare(10);
    assert_false(aborts(do_seal));
    job.s.room[0] ^= 1;
    expect_wrong(do_seal);
    job.s.list[31] ^= 1;
    expect_wrong(do_seal);
    job.s.key_id[15] ^= 1;
    expect_wrong(do_seal);
    job.s.i++;
    expect_wrong(do_seal);
    job.s.i = job.k.i = SENDER_KEY_MESSAGES;
    expect_wrong(do_seal);
    job.s.text_len = 0;
    expect_wrong(do_seal);
    job.s.text[0] = 0x1b;
    expect_wrong(do_seal);
    job.s.text_len = TEXT_MAX_LEN + 1;
    expect_wrong(do_hash);
    job.s.sender[0] = 'A';
    expect_wrong(do_sign);
    expect_wrong(open_for_nobody);
}

static int set_up_both(void **state)
{
    return set_up(state) != 0 ? -1 : leftovers_set_up(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_known_answers),
        TEST(test_all_of_it_is_signed),
        TEST(test_the_signature),
        TEST(test_a_fault_signs_nothing),
        TEST(test_lengths_of_texts),
        TEST(test_too_little_room),
        TEST(test_each_iv_is_fresh),
        TEST(test_the_key_moves_on),
        TEST(test_all_hundred),
        TEST(test_what_is_skipped_is_lost),
        cmocka_unit_test_setup(test_nothing_is_left_on_the_stack, set_up_both),
        TEST(test_wrong_use),
    };
    return RUN(tests);
}
