/* SPDX-License-Identifier: MIT */
/* Exercise 07: SHA-256 (FIPS 180-4). First the constants and the steps, so that a wrong digest has only the padding and
 * the parts left to be wrong in. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/workbench/check/expect.h"
#include "app/workbench/exercises/dialect.h"
#include "app/workbench/exercises/exercise.h"
#include "app/workbench/exercises/sha256_mistakes.h"
#include "crypto/bytes.h"
#include "crypto/sha256_impl.h"
#include "crypto/sha256_ref.h"

#define LONGEST 130 /* two blocks and a little */
#define LARGE 100000
#define PARTS_MAX 140

static const char abc_block[64] =
    "abc\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x18";

/* --- Words -------------------------------------------------------------------------------------------------------- */

static void store_words(uint8_t *out, const uint32_t *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes_store_be32(out + 4 * i, words[i]);
}

static void load_words(uint32_t *words, const uint8_t *in, size_t n)
{
    for (size_t i = 0; i < n; i++)
        words[i] = bytes_load_be32(in + 4 * i);
}

static size_t first_difference(const uint32_t *yours, const uint32_t *right, size_t n)
{
    size_t i = 0;
    while (i < n && yours[i] == right[i])
        i++;
    return i;
}

static void word_of(char *place, size_t cap, const char *what, size_t i)
{
    snprintf(place, cap, "%s[%zu]", what, i / 4);
}

static void variable_of(char *place, size_t cap, const char *what, size_t i)
{
    snprintf(place, cap, "%s, the new %c", what, "abcdefgh"[i / 4 % 8]);
}

/* As expect_equal, and the difference is told in whole words; NULL: "K[42]". */
static bool expect_words(struct checking *c, const uint32_t *yours, const uint32_t *right, size_t n, const char *what,
                         expect_where *where)
{
    uint8_t yours_bytes[256], right_bytes[256];
    store_words(yours_bytes, yours, n);
    store_words(right_bytes, right, n);
    if (expect_equal(c, yours_bytes, right_bytes, 4 * n, what, where != NULL ? where : word_of))
        return true;
    size_t i = first_difference(yours, right, n);
    snprintf(c->outcome.what, sizeof c->outcome.what, "yours %08" PRIx32 ", should be %08" PRIx32, yours[i], right[i]);
    return false;
}

static void hint_where(struct checking *c, const char *hint)
{
    if (hint != NULL)
        check_hint(c, "%s", hint);
}

/* --- The steps ---------------------------------------------------------------------------------------------------- */

static void check_constants(struct checking *c)
{
    uint32_t yours[64];
    ask_begin(c, "sha256_K");
    ask_out(c, "K", 256);
    if (!ask(c))
        return;
    load_words(yours, ask_bytes(c, 0), 64);
    if (!expect_words(c, yours, sha256_K, 64, "K", NULL)) {
        check_hint(c, "round %zu's constant is wrong (FIPS 180-4, 4.2.2)", first_difference(yours, sha256_K, 64));
        return;
    }
    ask_begin(c, "sha256_H0");
    ask_out(c, "H0", 32);
    if (!ask(c))
        return;
    load_words(yours, ask_bytes(c, 0), 8);
    if (expect_words(c, yours, sha256_H0, 8, "H(0)", NULL))
        return;
    if (dialect_is_fips_H0(yours, sha256_H0))
        check_hint(c, DIALECT_H0_HINT);
    else
        check_hint(c, "word %zu of the initial hash value is wrong (FIPS 180-4, 5.3.3)",
                   first_difference(yours, sha256_H0, 8));
}

static bool schedules(struct checking *c, const uint8_t block[64])
{
    uint32_t yours[64], right[64];
    ask_begin(c, "sha256_message_schedule");
    ask_out(c, "W", 256);
    ask_in(c, "block", block, 64);
    if (!ask(c))
        return false;
    load_words(yours, ask_bytes(c, 0), 64);
    sha256_message_schedule(right, block);
    if (expect_words(c, yours, right, 64, "W", NULL))
        return true;
    size_t t = first_difference(yours, right, 64);
    hint_where(c, sha256_mistake_in_schedule(right, t, yours[t]));
    return false;
}

static void check_schedule(struct checking *c)
{
    uint8_t block[64];
    for (size_t i = 0; i < 4; i++) {
        rng_fill(&c->rng, block, sizeof block);
        if (!schedules(c, block))
            return;
    }
    (void)schedules(c, (const uint8_t *)abc_block); /* not first: in its zeros several mistakes look alike */
}

/* One round on v, which becomes what is right; t is for people. */
static bool rounds(struct checking *c, uint32_t v[8], uint32_t K_t, uint32_t W_t, size_t t)
{
    uint8_t before[32], K_bytes[4], W_bytes[4];
    uint32_t yours[8], right[8];
    char what[40];
    store_words(before, v, 8);
    bytes_store_be32(K_bytes, K_t);
    bytes_store_be32(W_bytes, W_t);
    ask_begin(c, "sha256_round");
    ask_secret_inout(c, "v", before, sizeof before);
    ask_in(c, "K_t", K_bytes, sizeof K_bytes);
    ask_secret(c, "W_t", W_bytes, sizeof W_bytes);
    if (!ask(c))
        return false;
    load_words(yours, ask_bytes(c, 0), 8);
    memcpy(right, v, sizeof right);
    sha256_round(right, K_t, W_t);
    snprintf(what, sizeof what, "round %zu", t);
    if (!expect_words(c, yours, right, 8, what, variable_of)) {
        hint_where(c, sha256_mistake_in_round(v, K_t, W_t, yours));
        return false;
    }
    memcpy(v, right, sizeof right);
    return true;
}

/* FIPS 180-2, appendix B.1: the 64 rounds of "abc", then others. */
static void check_round(struct checking *c)
{
    uint32_t W[64], v[8];
    uint8_t block[64];
    for (size_t i = 0; i < 2; i++) {
        rng_fill(&c->rng, block, sizeof block);
        sha256_message_schedule(W, i == 0 ? (const uint8_t *)abc_block : block);
        memcpy(v, sha256_H0, sizeof v);
        for (size_t t = 0; t < 64; t++)
            if (!rounds(c, v, sha256_K[t], W[t], t))
                return;
    }
}

static bool compresses(struct checking *c, const uint32_t h[8], const uint8_t *data, size_t blocks)
{
    uint8_t before[32];
    uint32_t yours[8], right[8];
    store_words(before, h, 8);
    ask_begin(c, "sha256_ref.compress");
    ask_secret_inout(c, "h", before, sizeof before);
    ask_secret(c, "data", data, SHA256_BLOCK_LEN * blocks);
    ask_number(c, "blocks", blocks);
    if (!ask(c))
        return false;
    load_words(yours, ask_bytes(c, 0), 8);
    memcpy(right, h, sizeof right);
    sha256_ref.compress(right, data, blocks);
    if (expect_words(c, yours, right, 8, "the chaining value H", NULL))
        return true;
    hint_where(c, sha256_mistake_in_compress(h, data, blocks, yours));
    return false;
}

static void check_compress(struct checking *c)
{
    uint8_t data[4 * 64], bytes[32];
    uint32_t h[8];
    bool right = compresses(c, sha256_H0, (const uint8_t *)abc_block, 1);
    for (size_t blocks = 0; blocks <= 4 && right; blocks++) {
        rng_fill(&c->rng, data, sizeof data);
        rng_fill(&c->rng, bytes, sizeof bytes);
        load_words(h, bytes, 8);
        right = compresses(c, h, data, blocks);
    }
}

/* --- Messages ----------------------------------------------------------------------------------------------------- */

/* The answer stands in the argument 0. */
static bool digest_right(struct checking *c, const uint8_t *message, size_t len)
{
    uint8_t right[SHA256_DIGEST_LEN];
    char what[60];
    sha256_digest(right, message, len);
    snprintf(what, sizeof what, "the digest of %zu bytes", len);
    if (expect_bytes(c, 0, right, sizeof right, what))
        return true;
    hint_where(c, sha256_mistake_in_digest(ask_bytes(c, 0), sha256_H0, 0, message, len));
    sha256_finish(right, &sha256_ref, dialect_fips_H0, NULL, 0, message, len);
    if (memcmp(ask_bytes(c, 0), right, sizeof right) == 0)
        check_hint(c, DIALECT_H0_HINT);
    return false;
}

static bool digests(struct checking *c, const uint8_t *message, size_t len)
{
    ask_begin(c, "sha256_digest");
    ask_out(c, "digest", SHA256_DIGEST_LEN);
    ask_secret(c, "data", message, len);
    return ask(c) && digest_right(c, message, len);
}

static bool digests_random(struct checking *c, size_t from, size_t to)
{
    uint8_t message[LONGEST];
    for (size_t len = from; len <= to; len++) {
        rng_fill(&c->rng, message, len);
        if (!digests(c, message, len))
            return false;
    }
    return true;
}

static void check_one_block(struct checking *c)
{
    if (digests(c, (const uint8_t *)"abc", 3))
        digests_random(c, 0, 55);
}

/* The digest takes the place of the message's first bytes. */
static bool digests_over_itself(struct checking *c)
{
    uint8_t message[100];
    rng_fill(&c->rng, message, sizeof message);
    ask_begin(c, "sha256_digest");
    ask_inout(c, "digest", message, sizeof message);
    ask_within(c, "data", 0, 0);
    if (!ask(c))
        return false;
    if (digest_right(c, message, sizeof message))
        return expect_untouched(c, 0, SHA256_DIGEST_LEN, "the digest has 32 bytes");
    if (c->outcome.hint[0] == '\0')
        check_hint(c, "digest lies inside data: is the whole message hashed before digest is written?");
    return false;
}

static void check_lengths(struct checking *c)
{
    static uint8_t large[LARGE];
    static const char two[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"; /* FIPS 180-2, B.2 */
    rng_fill(&c->rng, large, sizeof large);
    if (digests(c, (const uint8_t *)two, sizeof two - 1) && digests_random(c, 56, LONGEST))
        if (digests(c, large, sizeof large))
            digests_over_itself(c);
}

/* In parts of the lengths, which are n. */
static bool digests_parts(struct checking *c, const uint8_t *message, const uint32_t *parts, size_t n)
{
    uint8_t lengths[4 * PARTS_MAX];
    size_t len = 0;
    for (size_t i = 0; i < n; i++)
        len += parts[i];
    store_words(lengths, parts, n);
    ask_begin(c, "sha256_init, _update, _final");
    ask_out(c, "digest", SHA256_DIGEST_LEN);
    ask_secret(c, "message", message, len);
    ask_in(c, "lengths", lengths, 4 * n);
    if (!ask(c) || digest_right(c, message, len))
        return c->outcome.verdict == CHECK_PASSED;
    if (c->outcome.hint[0] == '\0')
        check_hint(c,
                   "in parts of %" PRIu32 ", %" PRIu32 "%s bytes: what waits in s->block has to be filled up to 64, "
                   "compressed, and what then is left has to wait",
                   parts[0], n > 1 ? parts[1] : 0, n > 2 ? ", ..." : "");
    return false;
}

/* s->h after whole blocks, for those who go on from there. */
static bool chains(struct checking *c, const uint8_t *message)
{
    uint32_t right[8], yours[8];
    static const uint8_t lengths[] = {0, 0, 0, 70, 0, 0, 0, 58};
    ask_begin(c, "sha256_init, _update, then s->h");
    ask_out(c, "h", 32);
    ask_in(c, "message", message, 128);
    ask_in(c, "lengths", lengths, sizeof lengths);
    if (!ask(c))
        return false;
    load_words(yours, ask_bytes(c, 0), 8);
    memcpy(right, sha256_H0, sizeof right);
    sha256_ref.compress(right, message, 2);
    if (expect_words(c, yours, right, 8, "s->h after two blocks", NULL))
        return true;
    check_hint(c, "a block that is whole is compressed at once: whoever takes s->h after 64 bytes counts on that");
    return false;
}

/* Two messages that begin alike, from a copy: "both copies go on from there". */
static bool goes_two_ways(struct checking *c, const uint8_t *message)
{
    uint8_t both[100], right[SHA256_DIGEST_LEN];
    ask_begin(c, "sha256_update of two copies in turn, _final of both");
    ask_out(c, "digest", SHA256_DIGEST_LEN);
    ask_out(c, "other digest", SHA256_DIGEST_LEN);
    ask_in(c, "begin", message, 40);
    ask_in(c, "end", message + 40, 60);
    ask_in(c, "other end", message + 100, 50);
    if (!ask(c))
        return false;
    memcpy(both, message, 40);
    memcpy(both + 40, message + 40, 60);
    sha256_digest(right, both, 100);
    bool same = expect_bytes(c, 0, right, sizeof right, "the digest of begin and end");
    memcpy(both + 40, message + 100, 50);
    sha256_digest(right, both, 90);
    same = same && expect_bytes(c, 1, right, sizeof right, "the digest of begin and other end");
    if (!same && c->outcome.hint[0] == '\0')
        check_hint(c, "all that a message needs is in its own struct sha256: is something kept elsewhere?");
    return same;
}

static bool wipes(struct checking *c, const uint8_t *message)
{
    ask_begin(c, "sha256_final");
    ask_out(c, "digest", SHA256_DIGEST_LEN);
    ask_in(c, "message", message, 100);
    return ask(c) && digest_right(c, message, 100) && expect_result(c, 0, "the bytes of s that are not wiped");
}

static void check_parts(struct checking *c)
{
    static const uint32_t uneven[][4] = {
        {0, 64, 0, 1}, {55, 1, 8, 60}, {63, 2, 63, 1}, {119, 1, 120, 0}, {1, 128, 3, 60}};
    uint8_t message[300];
    uint32_t parts[PARTS_MAX];
    rng_fill(&c->rng, message, sizeof message);
    if (!digests(c, message, LONGEST)) /* what is wrong as a whole is no matter of the parts */
        return;
    for (uint32_t first = 0; first <= LONGEST; first++)
        if (!digests_parts(c, message, (const uint32_t[]){first, LONGEST - first}, 2))
            return;
    for (size_t i = 0; i < sizeof uneven / sizeof *uneven; i++)
        if (!digests_parts(c, message, uneven[i], 4))
            return;
    for (size_t i = 0; i < PARTS_MAX; i++)
        parts[i] = 1;
    if (digests_parts(c, message, parts, PARTS_MAX) && chains(c, message) && goes_two_ways(c, message))
        wipes(c, message);
}

/* What a message of `done` bytes that nobody has to send becomes when it goes on. */
static bool resumes(struct checking *c, uint64_t done, size_t len)
{
    uint8_t h_bytes[32], message[LONGEST], right[SHA256_DIGEST_LEN];
    uint32_t h[8];
    char what[80];
    rng_fill(&c->rng, h_bytes, sizeof h_bytes);
    rng_fill(&c->rng, message, len);
    load_words(h, h_bytes, 8);
    ask_begin(c, "sha256_resume, _update, _final");
    ask_out(c, "digest", sizeof right);
    ask_in(c, "h", h_bytes, sizeof h_bytes);
    ask_number(c, "len", done);
    ask_secret(c, "data", message, len);
    if (!ask(c))
        return false;
    sha256_finish(right, &sha256_ref, h, NULL, done, message, len);
    snprintf(what, sizeof what, "the digest of %" PRIu64 " bytes and %zu", done, len);
    if (expect_bytes(c, 0, right, sizeof right, what))
        return true;
    hint_where(c, sha256_mistake_in_digest(ask_bytes(c, 0), h, done, message, len));
    return false;
}

/* 2^29 bytes are 2^32 bits. */
static void check_resume(struct checking *c)
{
    static const uint64_t done[] = {0, 64, 1 << 29, (uint64_t)1 << 32, ((uint64_t)1 << 60) + 64};
    static const uint8_t lengths[] = {1, 0, 55, 56, 64, 119, 120};
    for (size_t i = 0; i < sizeof done / sizeof *done; i++)
        for (size_t k = 0; k < sizeof lengths; k++)
            if (!resumes(c, done[i], lengths[k]))
                return;
}

/* One block has all there is to leak; the second call of each pair takes other secrets. */
static void timing(struct checking *c)
{
    uint8_t block[64], bytes[32];
    uint32_t h[8], v[8];
    for (size_t what = 0; what < 5; what++) {
        expect_new_path(c, "some bytes");
        for (size_t i = 0; i < 3; i++) {
            rng_fill(&c->rng, block, sizeof block);
            rng_fill(&c->rng, bytes, sizeof bytes);
            load_words(h, bytes, 8);
            memcpy(v, h, sizeof v);
            bool asked = what == 0   ? rounds(c, v, sha256_K[i], bytes_load_be32(block), i)
                         : what == 1 ? compresses(c, h, block, 1)
                         : what == 2 ? digests(c, block, 55)
                         : what == 3 ? digests_parts(c, block, (const uint32_t[]){20, 35}, 2)
                                     : resumes(c, 64, 8);
            if (!asked || !expect_published(c, 0, "nothing") || !expect_same_path(c, "other bytes"))
                return;
        }
    }
}

static const struct check checks[] = {
    {"the constants K and the initial hash value", 1, check_constants},
    {"the message schedule", 1, check_schedule},
    {"one round", 1, check_round},
    {"compress: 64 rounds and the sum", 1, check_compress},
    {"messages of 0 to 55 bytes, one block with the padding", 1, check_one_block},
    {"longer messages", 1, check_lengths},
    {"a message in parts of any size", 1, check_parts},
    {"a message goes on after sha256_resume", 1, check_resume},
    {NULL, 0, NULL},
};

const struct exercise exercise_sha256 = {
    .number = "07",
    .stem = "sha256",
    .title = "SHA-256",
    .files = {"sha256_ref.c", "sha256.c"},
    .given = "bytes ct sha256_choice_ref",
    .checks = checks,
    .timing = timing,
    .count_steps = true,
    .timing_points = 1,
    .memory_points = 1,
};
