/* SPDX-License-Identifier: MIT */
/* Lists of sealed rooms: known answers; each bit, length, name, order and number that is not as it must be is refused;
 * whose signature counts. */
#include "app/peer/room_list.h"

#include "app/workbench/rng_fixed.h"
#include "tests/aborts.h"
#include "tests/fill.h"
#include "tests/keys.h"
#include "tests/test.h"

static struct room_list ring; /* bob's, with alice and carol */
static struct rng rng;

static struct room_list_member member(const char *name, const char *key)
{
    struct room_list_member m = {.name = ""};
    snprintf(m.name, sizeof m.name, "%s", name);
    certificate_fingerprint(m.fingerprint, keys_identity(key)->key.n);
    return m;
}

static struct rsa_public public_of(const char *who)
{
    struct rsa_public pub;
    rsa_public_of(&pub, &keys_identity(who)->key);
    return pub;
}

static int set_up(void **state)
{
    (void)state;
    rng_fixed_init(&rng, "lists", 5);
    ring = (struct room_list){.name = "+ring", .n = 1, .before = {7}, .count = 3};
    fill(ring.room, sizeof ring.room, 1);
    ring.members[0] = member("bob", "bob");
    ring.members[1] = member("alice", "alice");
    ring.members[2] = member("carol", "server");
    return room_list_sign(&ring, &keys_identity("bob")->key, &rng);
}

static void assert_same(const struct room_list *a, const struct room_list *b)
{
    assert_memory_equal(a->room, b->room, sizeof a->room);
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->before, b->before, sizeof a->before);
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->members, b->members, a->count * sizeof a->members[0]);
    assert_memory_equal(a->hash, b->hash, sizeof a->hash);
    assert_int_equal(a->len, b->len);
    assert_memory_equal(a->bytes, b->bytes, a->len);
}

/* --- Known answers ------------------------------------------------------------------------------------------------ */

/* The blank-separated names, each with the next fingerprint. */
static void read_members(struct vec *v, struct room_list *l)
{
    size_t len;
    const char *names = vec_text(v, "names");
    const uint8_t *fingerprints = vec_hex(v, "fingerprints", &len);
    for (; *names != '\0'; l->count++) {
        assert_in_range(l->count, 0, ROOM_LIST_MEMBERS_MAX - 1);
        struct room_list_member *m = &l->members[l->count];
        size_t name_len = strcspn(names, " ");
        snprintf(m->name, sizeof m->name, "%.*s", (int)name_len, names);
        memcpy(m->fingerprint, fingerprints + l->count * sizeof m->fingerprint, sizeof m->fingerprint);
        names += name_len + (names[name_len] == ' ');
    }
    assert_int_equal(len, l->count * CERTIFICATE_FINGERPRINT_LEN);
}

static struct room_list read_fields(struct vec *v)
{
    struct room_list l = {.n = (uint32_t)vec_number(v, "n")};
    memcpy(l.room, vec_hex_n(v, "room", sizeof l.room), sizeof l.room);
    snprintf(l.name, sizeof l.name, "%s", vec_text(v, "room_name"));
    memcpy(l.before, vec_hex_n(v, "before", sizeof l.before), sizeof l.before);
    read_members(v, &l);
    return l;
}

static void known_answer(struct vec *v)
{
    struct room_list l = read_fields(v), got;
    struct rng drawn;
    uint8_t salt[32];
    const char *who = vec_text(v, "key"), *seed = vec_text(v, "seed");
    struct rsa_public founder = public_of(who);
    rng_fixed_init(&drawn, seed, strlen(seed));
    rng_fill(&drawn, salt, sizeof salt);
    vec_check(v, "salt", salt, sizeof salt);
    rng_fixed_init(&drawn, seed, strlen(seed));
    assert_int_equal(room_list_sign(&l, &keys_identity(who)->key, &drawn), 0);
    vec_check(v, "list", l.bytes, l.len);
    vec_check(v, "L", l.hash, sizeof l.hash);
    assert_int_equal(room_list_decode(&got, l.bytes, l.len), 0);
    assert_same(&got, &l);
    assert_int_equal(room_list_verify(&got, &founder), 0);
}

static void known_reject(struct vec *v)
{
    struct room_list l;
    size_t len;
    const uint8_t *bytes = vec_hex(v, "list", &len);
    struct rsa_public founder = public_of(vec_text(v, "key"));
    if (room_list_decode(&l, bytes, len) == 0 && room_list_verify(&l, &founder) == 0)
        fail_msg("%s was not refused", vec_name(v));
}

static void test_known_answers(void **state)
{
    (void)state;
    struct vec *v = vec_open("room_list");
    while (vec_next(v)) {
        if (vec_rejects(v))
            known_reject(v);
        else
            known_answer(v);
    }
    vec_close(v);
}

/* --- Bytes that are no list --------------------------------------------------------------------------------------- */

static void test_every_bit_matters(void **state)
{
    (void)state;
    struct rsa_public bob = public_of("bob");
    struct room_list l;
    uint8_t bytes[ROOM_LIST_MAX_LEN];
    for (size_t bit = 0; bit < 8 * ring.len; bit++) {
        memcpy(bytes, ring.bytes, ring.len);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (room_list_decode(&l, bytes, ring.len) == 0) {
            assert_int_equal(room_list_verify(&l, &bob), -1);
            if (bit / 8 < ring.len - RSA_SIGNATURE_LEN)
                assert_false(room_list_same(&l, &ring));
        }
    }
}

/* In memory that ends where they do, so that a sanitizer sees a byte read too many. */
static int decode(struct room_list *l, const uint8_t *bytes, size_t len)
{
    uint8_t *exact = malloc(len + (len == 0));
    assert_non_null(exact);
    memcpy(exact, bytes, len);
    int result = room_list_decode(l, exact, len);
    free(exact);
    return result;
}

static void test_every_other_length_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[2 * ROOM_LIST_MAX_LEN] = {0};
    static struct room_list l, before;
    memset(&before, 0x55, sizeof before);
    memcpy(bytes, ring.bytes, ring.len);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        memcpy(&l, &before, sizeof l);
        assert_int_equal(decode(&l, bytes, len), len == ring.len ? 0 : -1);
        if (len != ring.len)
            assert_memory_equal(&l, &before, sizeof l);
    }
}

/* --- What may be in one ------------------------------------------------------------------------------------------- */

/* A list by hand, with a signature of zeros: decode doesn't look at that. */
struct bytes {
    uint8_t at[8192];
    size_t len;
};

static void append(struct bytes *b, const void *more, size_t len)
{
    memcpy(b->at + b->len, more, len);
    b->len += len;
}

static void append_name(struct bytes *b, const char *name, size_t len)
{
    uint8_t len_byte = (uint8_t)len;
    append(b, &len_byte, 1);
    append(b, name, len);
}

static void begin(struct bytes *b, const char *room_name, size_t room_name_len, uint32_t n, bool names_one_before)
{
    uint8_t number[4], before[32] = {names_one_before};
    b->len = 0;
    append(b, "glasschat/1 room list", 22);
    append(b, ring.room, 16);
    append_name(b, room_name, room_name_len);
    bytes_store_be32(number, n);
    append(b, number, sizeof number);
    append(b, before, sizeof before);
}

static void append_count(struct bytes *b, size_t count)
{
    uint8_t byte = (uint8_t)count;
    append(b, &byte, 1);
}

static void append_member(struct bytes *b, const char *name, size_t name_len)
{
    append_name(b, name, name_len);
    append(b, ring.members[0].fingerprint, 32);
}

static int decode_signed(struct room_list *l, struct bytes *b)
{
    static const uint8_t signature[384];
    append(b, signature, sizeof signature);
    return decode(l, b->at, b->len);
}

/* Each row of up to four of these, in each order. */
static void test_order(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "a-", "a0", "aa", "b"}; /* ascending */
    enum { NAMES = sizeof names / sizeof *names };
    struct bytes b;
    struct room_list l;
    for (size_t count = 1; count <= 4; count++)
        for (size_t row = 0; row < NAMES * NAMES * NAMES * NAMES; row++) {
            size_t name[4] = {row % NAMES, row / NAMES % NAMES, row / NAMES / NAMES % NAMES,
                              row / NAMES / NAMES / NAMES};
            bool good = true;
            begin(&b, "+ring", 5, 1, true);
            append_count(&b, count);
            for (size_t i = 0; i < count; i++) {
                append_member(&b, names[name[i]], strlen(names[name[i]]));
                good = good && (i == 0 || name[i] != name[0]) && (i < 2 || name[i] > name[i - 1]);
            }
            assert_int_equal(decode_signed(&l, &b), good ? 0 : -1);
        }
}

/* The same name and length, with each byte in each place. */
static void test_each_character_of_a_name(void **state)
{
    (void)state;
    struct bytes b;
    struct room_list l;
    for (size_t at = 0; at < 4; at++)
        for (int c = 0; c < 256; c++) {
            char room_name[] = "+abc", name[] = "abcd";
            bool small = c >= 'a' && c <= 'z', inner = small || (c >= '0' && c <= '9') || c == '_' || c == '-';
            room_name[at] = name[at] = (char)c;
            begin(&b, room_name, 4, 1, true);
            append_count(&b, 0);
            assert_int_equal(decode_signed(&l, &b), (at == 0 ? c == '+' : at == 1 ? small : inner) ? 0 : -1);
            for (size_t place = 0; place < 2; place++) {
                begin(&b, "+abc", 4, 1, true);
                append_count(&b, 2);
                append_member(&b, place == 0 ? name : "bob", place == 0 ? 4 : 3);
                append_member(&b, place == 1 ? name : "zoe", place == 1 ? 4 : 3);
                assert_int_equal(decode_signed(&l, &b), (at == 0 ? small : inner) ? 0 : -1);
            }
        }
}

static void test_the_length_of_a_name(void **state)
{
    (void)state;
    char long_name[256], room_name[256];
    struct bytes b;
    struct room_list l;
    memset(long_name, 'x', sizeof long_name);
    memset(room_name, 'x', sizeof room_name);
    room_name[0] = '+';
    for (size_t len = 0; len < 256; len++) {
        begin(&b, room_name, len, 1, true);
        append_count(&b, 1);
        append_member(&b, "bob", 3);
        assert_int_equal(decode_signed(&l, &b), len >= 2 && len <= 32 ? 0 : -1);
        assert_int_equal(name_sealed_valid(room_name, len), len >= 2 && len <= 32);
        begin(&b, "+ring", 5, 1, true);
        append_count(&b, 1);
        append_member(&b, long_name, len);
        assert_int_equal(decode_signed(&l, &b), len >= 1 && len <= 32 ? 0 : -1);
    }
}

static void test_how_many(void **state)
{
    (void)state;
    struct bytes b;
    struct room_list l;
    for (size_t count = 0; count < 100; count++)
        for (uint32_t n = 0; n < 3; n++) {
            begin(&b, "+ring", 5, n, n > 0);
            append_count(&b, count);
            for (size_t i = 0; i < count; i++) {
                char name[8];
                snprintf(name, sizeof name, "m%02zu", i);
                append_member(&b, name, strlen(name));
            }
            assert_int_equal(decode_signed(&l, &b), count <= 32 && (n > 0 || count > 0) ? 0 : -1);
            if (count <= 32 && count > 0)
                assert_int_equal(l.count, count);
        }
}

static void test_the_list_before(void **state)
{
    (void)state;
    static const uint32_t n[] = {0, 1, 2, 256, UINT32_MAX};
    struct bytes b;
    struct room_list l;
    for (size_t i = 0; i < sizeof n / sizeof *n; i++)
        for (int named = 0; named < 2; named++) {
            begin(&b, "+ring", 5, n[i], named);
            append_count(&b, 1);
            append_member(&b, "bob", 3);
            assert_int_equal(decode_signed(&l, &b), (n[i] > 0) == named ? 0 : -1);
            if ((n[i] > 0) == named)
                assert_int_equal(l.n, n[i]);
        }
    for (size_t bit = 0; bit < 8 * sizeof l.before; bit++) {
        begin(&b, "+ring", 5, 0, false);
        b.at[b.len - 32 + bit / 8] ^= (uint8_t)(1 << bit % 8);
        append_count(&b, 1);
        append_member(&b, "bob", 3);
        assert_int_equal(decode_signed(&l, &b), -1);
    }
}

static void test_the_longest(void **state)
{
    (void)state;
    static struct room_list l, got;
    struct rsa_public bob = public_of("bob");
    l = (struct room_list){.n = UINT32_MAX, .before = {1}, .count = ROOM_LIST_MEMBERS_MAX};
    snprintf(l.name, sizeof l.name, "+%s", "abcdefghijklmnopqrstuvwxyz01234");
    for (size_t i = 0; i < l.count; i++) {
        memset(l.members[i].name, 'x', NAME_MAX_LEN);
        l.members[i].name[NAME_MAX_LEN - 1] = (char)(i < 10 ? '0' + i : 'a' + (i - 10));
        fill(l.members[i].fingerprint, sizeof l.members[i].fingerprint, (uint32_t)i);
    }
    memcpy(l.members[0].fingerprint, ring.members[0].fingerprint, sizeof l.members[0].fingerprint);
    assert_int_equal(room_list_sign(&l, &keys_identity("bob")->key, &rng), 0);
    assert_int_equal(l.len, ROOM_LIST_MAX_LEN);
    assert_int_equal(room_list_decode(&got, l.bytes, l.len), 0);
    assert_same(&got, &l);
    assert_int_equal(room_list_verify(&got, &bob), 0);
}

/* Where it stands already. */
static void test_decode_in_place(void **state)
{
    (void)state;
    static struct room_list l;
    memcpy(l.bytes, ring.bytes, ring.len);
    assert_int_equal(room_list_decode(&l, l.bytes, ring.len), 0);
    assert_same(&l, &ring);
}

/* --- Signatures --------------------------------------------------------------------------------------------------- */

static void test_whose_signature(void **state)
{
    (void)state;
    struct rsa_public bob = public_of("bob"), alice = public_of("alice"), none = {{0}};
    struct room_list l = ring;
    assert_int_equal(room_list_verify(&l, &bob), 0);
    assert_int_equal(room_list_verify(&l, &alice), -1);
    assert_int_equal(room_list_verify(&l, &none), -1);
    assert_int_equal(room_list_sign(&l, &keys_identity("alice")->key, &rng), 0);
    assert_true(room_list_same(&l, &ring));
    assert_int_equal(room_list_verify(&l, &bob), -1);
}

/* Bob signs a list on which alice is the first: nobody takes it for hers, nor for his. A list of nobody has no
 * first. */
static void test_the_first_has_the_key_that_signs(void **state)
{
    (void)state;
    struct rsa_public bob = public_of("bob"), alice = public_of("alice");
    struct room_list l = ring;
    l.members[0] = member("alice", "alice");
    l.members[1] = member("bob", "bob");
    assert_int_equal(room_list_sign(&l, &keys_identity("bob")->key, &rng), 0);
    assert_int_equal(room_list_verify(&l, &bob), -1);
    assert_int_equal(room_list_verify(&l, &alice), -1);
    l.members[0] = member("alice", "bob");
    l.count = 1;
    assert_int_equal(room_list_sign(&l, &keys_identity("bob")->key, &rng), 0);
    assert_int_equal(room_list_verify(&l, &bob), 0);
    l.count = 0;
    assert_int_equal(room_list_sign(&l, &keys_identity("bob")->key, &rng), 0);
    assert_int_equal(room_list_verify(&l, &bob), 0);
    assert_int_equal(room_list_verify(&l, &alice), -1);
}

static void test_a_fault_signs_nothing(void **state)
{
    (void)state;
    struct room_list l = ring, before = ring;
    struct rsa_private damaged = keys_identity("bob")->key;
    damaged.dp[100] ^= 1;
    l.n = before.n = 2;
    assert_int_equal(room_list_sign(&l, &damaged, &rng), -1);
    assert_same(&l, &before);
}

/* --- Who is on it ------------------------------------------------------------------------------------------------- */

static void test_who_is_on_it(void **state)
{
    (void)state;
    uint8_t changed[CERTIFICATE_FINGERPRINT_LEN];
    for (size_t i = 0; i < ring.count; i++) {
        assert_ptr_equal(room_list_find(&ring, ring.members[i].name), &ring.members[i]);
        assert_true(room_list_has(&ring, ring.members[i].name, ring.members[i].fingerprint));
        assert_false(room_list_has(&ring, ring.members[i].name, ring.members[(i + 1) % 3].fingerprint));
        for (size_t bit = 0; bit < 8 * sizeof changed; bit++) {
            memcpy(changed, ring.members[i].fingerprint, sizeof changed);
            changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_false(room_list_has(&ring, ring.members[i].name, changed));
        }
    }
    assert_null(room_list_find(&ring, "bo"));
    assert_null(room_list_find(&ring, "bobb"));
    assert_null(room_list_find(&ring, ""));
    assert_false(room_list_has(&ring, "dave", ring.members[0].fingerprint));
    struct room_list closed = ring;
    closed.count = 0;
    assert_null(room_list_find(&closed, "bob"));
    assert_false(room_list_has(&closed, "bob", ring.members[0].fingerprint));
}

static void test_same(void **state)
{
    (void)state;
    struct room_list other = ring;
    assert_true(room_list_same(&ring, &other));
    assert_int_equal(room_list_sign(&other, &keys_identity("bob")->key, &rng), 0); /* with another salt */
    assert_memory_not_equal(other.bytes, ring.bytes, ring.len);
    assert_true(room_list_same(&ring, &other));
    for (size_t bit = 0; bit < 8 * sizeof other.hash; bit++) {
        memcpy(other.hash, ring.hash, sizeof other.hash);
        other.hash[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(room_list_same(&ring, &other));
    }
}

/* --- Wrong use ---------------------------------------------------------------------------------------------------- */

static struct room_list wrong;

static void sign_wrong(void)
{
    int ignored = room_list_sign(&wrong, &keys_identity("bob")->key, &rng);
    (void)ignored;
}

static void verify_nothing(void)
{
    struct rsa_public bob = public_of("bob");
    int ignored = room_list_verify(&wrong, &bob);
    (void)ignored;
}

static void expect_wrong(void)
{
    assert_true(aborts(sign_wrong));
    wrong = ring;
}

static void test_wrong_use(void **state)
{
    (void)state;
    wrong = ring;
    assert_false(aborts(sign_wrong));
    wrong.name[0] = '-';
    expect_wrong();
    wrong.members[0].name[0] = '\0';
    expect_wrong();
    wrong.members[2].name[0] = 'C';
    expect_wrong();
    wrong.members[1] = ring.members[2], wrong.members[2] = ring.members[1];
    expect_wrong();
    wrong.members[1] = ring.members[0];
    expect_wrong();
    wrong.members[2] = ring.members[1];
    expect_wrong();
    wrong.count = ROOM_LIST_MEMBERS_MAX + 1;
    expect_wrong();
    wrong.n = 0;
    expect_wrong();
    wrong.before[0] = 0;
    expect_wrong();
    wrong.n = 0, wrong.before[0] = 0, wrong.count = 0;
    expect_wrong();
    wrong.len = wrong.count = 0;
    assert_true(aborts(verify_nothing));
}

#define TEST(f) cmocka_unit_test_setup(f, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_known_answers),
        TEST(test_every_bit_matters),
        TEST(test_every_other_length_is_refused),
        TEST(test_order),
        TEST(test_each_character_of_a_name),
        TEST(test_the_length_of_a_name),
        TEST(test_how_many),
        TEST(test_the_list_before),
        TEST(test_the_longest),
        TEST(test_decode_in_place),
        TEST(test_whose_signature),
        TEST(test_the_first_has_the_key_that_signs),
        TEST(test_a_fault_signs_nothing),
        TEST(test_who_is_on_it),
        TEST(test_same),
        TEST(test_wrong_use),
    };
    return RUN(tests);
}
