/* SPDX-License-Identifier: MIT */
/* Exercise 05: CBC (SP 800-38A, 6.2), over AES in constant time where it is given, over the student's own elsewhere. */
#include "crypto/cbc.h"

#include <stdio.h>
#include <string.h>

#include "app/workbench/check/expect.h"
#include "app/workbench/exercises/exercise.h"
#include "crypto/bytes.h"

#define BLOCKS_MAX 40
#define STREAMS_MAX 33
#define LEN_MAX (16 * BLOCKS_MAX)

/* --- What the usual mistakes give --------------------------------------------------------------------------------- */

/* Where the value that a block is xored with comes from. */
enum chain { CHAIN_RIGHT, CHAIN_NONE, CHAIN_IV, CHAIN_ZERO_IV, CHAIN_OTHER_SIDE, CHAIN_AFTER, CHAINS };

static const char *const hints[CHAINS] = {
    [CHAIN_NONE] = "nothing is xored: that is ECB, where equal blocks stay equal",
    [CHAIN_IV] = "every block is xored with the IV; from the second on it must be the ciphertext before it",
    [CHAIN_ZERO_IV] = "the first block is not xored with the IV",
    [CHAIN_OTHER_SIDE] = "a block is xored with the plaintext before it; it must be the ciphertext",
    [CHAIN_AFTER] = "the xor stands on the wrong side of the cipher (6.2)",
};

static void crypt_with(enum chain chain, bool decrypt, const struct aes_key *k, const uint8_t *iv, uint8_t *out,
                       const uint8_t *in, size_t blocks)
{
    static const uint8_t zero[16];
    for (size_t j = 0; j < blocks; j++) {
        const uint8_t *before = decrypt == (chain == CHAIN_OTHER_SIDE) ? out : in;
        const uint8_t *mask = j == 0 || chain == CHAIN_IV ? iv : before + 16 * (j - 1);
        uint8_t block[16];
        if (chain == CHAIN_NONE || (chain == CHAIN_ZERO_IV && j == 0))
            mask = zero;
        bool first = decrypt == (chain == CHAIN_AFTER);
        bytes_xor(block, in + 16 * j, first ? mask : zero, 16);
        (decrypt ? aes_decrypt : aes_encrypt)(k, block, block, 1);
        bytes_xor(out + 16 * j, block, first ? zero : mask, 16);
    }
}

static void diagnose(struct checking *c, bool decrypt, const struct aes_key *k, const uint8_t *iv, const uint8_t *yours,
                     const uint8_t *in, size_t blocks)
{
    uint8_t wrong[LEN_MAX];
    size_t block = (c->outcome.at + c->outcome.difference) / 16;
    for (int chain = CHAIN_NONE; chain < CHAINS; chain++) {
        crypt_with((enum chain)chain, decrypt, k, iv, wrong, in, blocks);
        if (memcmp(wrong, yours, 16 * blocks) == 0) {
            check_hint(c, "%s", hints[chain]);
            return;
        }
    }
    if (c->outcome.hint[0] == '\0' && block > 0 && block % 4 == 0)
        check_hint(c,
                   "%zu blocks are right, the next one is not: does each batch begin with the last ciphertext block "
                   "of the one before?",
                   block);
}

/* --- One call ----------------------------------------------------------------------------------------------------- */

struct message {
    uint8_t key[32], iv[16], in[LEN_MAX];
    size_t key_len, blocks;
    bool decrypt, in_place;
};

static void place_of(char *place, size_t cap, const char *what, size_t i)
{
    snprintf(place, cap, "%s, block %zu, byte %zu", what, i / 16 + 1, i % 16);
}

static void ask_message(struct checking *c, const struct message *m)
{
    ask_begin(c, m->decrypt ? "cbc_decrypt" : "cbc_encrypt");
    ask_secret(c, "key", m->key, m->key_len);
    ask_number(c, "key_len", m->key_len);
    ask_in(c, "iv", m->iv, 16);
    if (m->in_place) {
        ask_secret_inout(c, "out", m->in, 16 * m->blocks);
        ask_within(c, "in", 3, 0);
    } else {
        ask_out(c, "out", 16 * m->blocks);
        ask_secret(c, "in", m->in, 16 * m->blocks);
    }
    ask_number(c, "blocks", m->blocks);
}

static bool message_right(struct checking *c, const struct message *m)
{
    uint8_t right[LEN_MAX];
    struct aes_key k;
    aes_key_init(&k, m->key, m->key_len);
    crypt_with(CHAIN_RIGHT, m->decrypt, &k, m->iv, right, m->in, m->blocks);
    ask_message(c, m);
    if (!ask(c))
        return false;
    if (m->in_place && check_compares(c) && memcmp(ask_bytes(c, 3), right, 16 * m->blocks) != 0) {
        struct message apart = *m;
        apart.in_place = false;
        if (!message_right(c, &apart)) /* then it is no matter of the place */
            return false;
        ask_message(c, m);
        if (!ask(c))
            return false;
    }
    const uint8_t *yours = ask_bytes(c, 3);
    if (expect_equal(c, yours, right, 16 * m->blocks, m->decrypt ? "the plaintext" : "the ciphertext", place_of))
        return true;
    if (m->in_place)
        check_hint(c, "right where out is another buffer: %s",
                   m->decrypt ? "in place, a ciphertext block is overwritten before the next one is xored with it"
                              : "in place, a block is read after it was overwritten");
    else if (memcmp(yours, ask_sent(c, 3), 16 * m->blocks) == 0)
        check_hint(c, "out was not written at all");
    else
        diagnose(c, m->decrypt, &k, m->iv, yours, m->in, m->blocks);
    return false;
}

static void draw(struct checking *c, struct message *m, size_t key_len, size_t blocks)
{
    rng_fill(&c->rng, m->key, sizeof m->key);
    rng_fill(&c->rng, m->iv, sizeof m->iv);
    rng_fill(&c->rng, m->in, sizeof m->in);
    m->key_len = key_len;
    m->blocks = blocks;
}

/* SP 800-38A F.2.1 and F.2.2. */
static void standards_own(struct message *m)
{
    static const uint8_t key[16] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
                                    0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
    static const uint8_t first[16] = {0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96,
                                      0xe9, 0x3d, 0x7e, 0x11, 0x73, 0x93, 0x17, 0x2a};
    static const uint8_t cipher[16] = {0x76, 0x49, 0xab, 0xac, 0x81, 0x19, 0xb2, 0x46,
                                       0xce, 0xe9, 0x8e, 0x9b, 0x12, 0xe9, 0x19, 0x7d};
    memcpy(m->key, key, 16);
    for (size_t i = 0; i < 16; i++)
        m->iv[i] = (uint8_t)i;
    memcpy(m->in, m->decrypt ? cipher : first, 16);
    m->key_len = 16;
    m->blocks = 1;
}

static void messages(struct checking *c, bool decrypt, bool in_place, size_t least, size_t most)
{
    struct message m = {.decrypt = decrypt, .in_place = in_place};
    if (least == 1) {
        standards_own(&m);
        if (!message_right(c, &m))
            return;
    }
    for (size_t blocks = least; blocks <= most; blocks++) {
        draw(c, &m, blocks % 2 ? 16 : 32, blocks);
        if (!message_right(c, &m))
            return;
    }
}

static void check_encrypt(struct checking *c)
{
    messages(c, false, false, 1, 8);
}

static void check_decrypt(struct checking *c)
{
    messages(c, true, false, 1, 8);
}

static void check_long(struct checking *c)
{
    messages(c, true, false, 15, BLOCKS_MAX);
    if (c->outcome.verdict == CHECK_PASSED)
        messages(c, false, false, 15, BLOCKS_MAX);
}

static void check_in_place(struct checking *c)
{
    messages(c, false, true, 1, 20);
    if (c->outcome.verdict == CHECK_PASSED)
        messages(c, true, true, 1, 35);
}

/* A message in two calls: the last ciphertext block of the first is the IV of the second; 0 blocks between them. */
static void check_parts(struct checking *c)
{
    struct message m = {.decrypt = false};
    for (int i = 0; i < 4; i++) {
        m.decrypt = i % 2 == 1;
        draw(c, &m, i < 2 ? 16 : 32, 3);
        if (!message_right(c, &m))
            return;
        memcpy(m.iv, m.decrypt ? m.in + 32 : ask_bytes(c, 3) + 32, 16);
        m.blocks = 0;
        if (!message_right(c, &m))
            return;
        m.blocks = 18;
        if (!message_right(c, &m))
            return;
    }
}

/* --- Many streams ------------------------------------------------------------------------------------------------- */

struct many {
    uint8_t keys[32 * STREAMS_MAX], lengths[STREAMS_MAX], ivs[16 * STREAMS_MAX];
    uint8_t in[3 * 16 * STREAMS_MAX], right[3 * 16 * STREAMS_MAX];
};

static void stream_of(char *place, size_t cap, const char *what, size_t i)
{
    snprintf(place, cap, "%s, stream %zu, byte %zu", what, i / 48 + 1, i % 48);
}

static bool streams_right(struct checking *c, struct many *m, size_t n)
{
    const size_t blocks = 3;
    for (size_t i = 0; i < n; i++) {
        struct aes_key k;
        m->lengths[i] = i % 7 < 4 ? 16 : 32;
        aes_key_init(&k, m->keys + 32 * i, m->lengths[i]);
        cbc_encrypt(&k, m->ivs + 16 * i, m->right + 48 * i, m->in + 48 * i, blocks);
    }
    ask_begin(c, "cbc_encrypt_many");
    ask_in(c, "keys", m->keys, 32 * n);
    ask_in(c, "key_lens", m->lengths, n);
    ask_in(c, "ivs", m->ivs, 16 * n);
    size_t out = ask_out(c, "outs", 48 * n);
    ask_in(c, "ins", m->in, 48 * n);
    ask_number(c, "n", n);
    ask_number(c, "blocks", blocks);
    if (!ask(c))
        return false;
    const uint8_t *yours = ask_bytes(c, out), *before = ask_sent(c, out);
    if (expect_equal(c, yours, m->right, 48 * n, "the ciphertexts", stream_of))
        return true;
    size_t i = 0;
    while (memcmp(yours + 48 * i, m->right + 48 * i, 48) == 0)
        i++;
    if (memcmp(yours + 48 * i, before + 48 * i, 48) == 0)
        check_hint(c, "stream %zu of %zu was left out", i + 1, n);
    else if (i > 0)
        check_hint(c, "stream %zu is the first wrong one: each has a key, an IV and an out of its own", i + 1);
    return false;
}

static void check_many(struct checking *c)
{
    static const size_t numbers[] = {1, 0, 2, 5, 16, 17, STREAMS_MAX};
    struct many m;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        rng_fill(&c->rng, m.keys, sizeof m.keys);
        rng_fill(&c->rng, m.ivs, sizeof m.ivs);
        rng_fill(&c->rng, m.in, sizeof m.in);
        if (!streams_right(c, &m, numbers[i]))
            return;
    }
}

/* Neither key nor plaintext shows, whatever they hold. */
static void timing(struct checking *c)
{
    struct message m = {.decrypt = false};
    for (int i = 0; i < 6; i++) {
        if (i % 3 == 0)
            expect_new_path(c, "a message");
        draw(c, &m, 16, 2);
        m.decrypt = i >= 3;
        if (i % 3 == 0)
            memset(m.in, 0, sizeof m.in);
        ask_message(c, &m);
        if (!ask(c) || !expect_published(c, 0, "nothing") || !expect_same_path(c, "another message under another key"))
            return;
    }
}

static const struct check checks[] = {
    {"encryption", 2, check_encrypt},
    {"decryption", 2, check_decrypt},
    {"more than 16 blocks", 1, check_long},
    {"out is in", 1, check_in_place},
    {"a message in several calls", 1, check_parts},
    {"many streams", 1, check_many},
    {NULL, 0, NULL},
};

const struct exercise exercise_cbc = {
    .number = "05",
    .stem = "cbc",
    .title = "CBC",
    .files = {"cbc.c"},
    .needs = {"sub_mix", "key_expansion", "aes"},
    .given = "aes aes_choice_bitslice/aes_choice_ref bytes ct",
    .checks = checks,
    .timing = timing,
    .count_steps = true,
    .timing_points = 1,
    .memory_points = 1,
};
