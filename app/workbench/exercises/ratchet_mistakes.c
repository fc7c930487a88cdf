/* SPDX-License-Identifier: MIT */
/* A wrong root or secret comes of a wrong t, or of a right t in a wrong way: each t is tried with each way. */
#include "app/workbench/exercises/ratchet_mistakes.h"

#include <stdbool.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/hkdf.h"

#define INFO_MAX 64
#define OTHER_Z 0x5a /* what run_ratchet.c makes of Z where the operands are others */
#define Z_MAX 512

static const char root_label[] = "glasschat/1 next root";
static const char secret_label[] = "glasschat/1 ratchet";

/* --- t ------------------------------------------------------------------------------------------------------------ */

enum t_mistake { T_RIGHT, T_SWAPPED, T_NO_SALT, T_SHORT, T_OTHER, T_COUNT };

static const char *const t_hints[T_COUNT] = {
    [T_SWAPPED] = "t: the salt is the root before, and the ikm is Z; yours are swapped",
    [T_NO_SALT] = "t: the root before is the salt; yours is of Z alone, and forgets what was before",
    [T_SHORT] = "t: leading zeros of Z belong to it",
    [T_OTHER] = "dh_derive was given others: one's own latest exponent, and the value of the peer's latest step",
};

static size_t leading_zeros(const struct stepped *s)
{
    size_t n = 0;
    while (n < s->z_len && s->z[n] == 0)
        n++;
    return n;
}

static void make_t(uint8_t t[32], const struct stepped *s, enum t_mistake m)
{
    uint8_t other[Z_MAX];
    size_t cut = m == T_SHORT ? leading_zeros(s) : 0;
    for (size_t i = 0; i < s->z_len; i++)
        other[i] = s->z[i] ^ (m == T_OTHER ? OTHER_Z : 0);
    if (m == T_SWAPPED)
        hkdf_extract(t, s->z, s->z_len, s->root, 32);
    else
        hkdf_extract(t, s->root, m == T_NO_SALT ? 0 : 32, other + cut, s->z_len - cut);
}

/* --- What follows from it ----------------------------------------------------------------------------------------- */

enum number { N_RIGHT, N_NONE, N_LITTLE, N_FOUR, N_BEFORE, N_NEXT };
enum key { KEY_T, KEY_ROOT, KEY_ROOT_BEFORE };

/* A way from t to a root or a secret. */
struct way {
    bool root_label, zero_byte;
    enum number number;
    enum key key;
    const char *hint;
};

static const struct way right_root = {.root_label = true, .number = N_NONE, .hint = NULL};
static const struct way right_secret = {.number = N_RIGHT, .hint = NULL};

static const struct way root_ways[] = {
    {.root_label = true,
     .number = N_NONE,
     .zero_byte = true,
     .hint = "an info of HKDF has no zero byte after the label"},
    {.root_label = true, .number = N_RIGHT, .hint = "the root's info is its label alone, without n"},
    {.root_label = true,
     .number = N_NONE,
     .key = KEY_ROOT_BEFORE,
     .hint = "the next root comes from t; yours comes from "
             "the root before, which needs no exponent"},
    {.number = N_RIGHT, .hint = "this is the secret: the root's label is \"glasschat/1 next root\""},
};

static const struct way secret_ways[] = {
    {.number = N_RIGHT,
     .key = KEY_ROOT,
     .hint = "the secret comes from t; yours comes from the root, which is kept: whoever "
             "steals it reads this turn again"},
    {.number = N_RIGHT, .key = KEY_ROOT_BEFORE, .hint = "the secret comes from t; yours comes from the root before"},
    {.number = N_NONE, .hint = "n is missing in the info: the label, then u64 n"},
    {.number = N_LITTLE, .hint = "n in the info is big-endian"},
    {.number = N_FOUR, .hint = "n in the info has eight bytes, yours four"},
    {.number = N_BEFORE, .hint = "n in the info is the number of this step, yours that of the one before"},
    {.number = N_NEXT, .hint = "n in the info is the number of this step, yours that of the next one"},
    {.number = N_RIGHT, .zero_byte = true, .hint = "an info of HKDF has no zero byte after the label"},
    {.root_label = true, .number = N_NONE, .hint = "this is the root: the secret's label is \"glasschat/1 ratchet\""},
};

static size_t write_number(uint8_t *to, enum number how, uint64_t n)
{
    switch (how) {
    case N_NONE:
        return 0;
    case N_LITTLE:
        bytes_store_le64(to, n);
        return 8;
    case N_FOUR:
        bytes_store_be32(to, (uint32_t)n);
        return 4;
    default:
        bytes_store_be64(to, how == N_BEFORE ? n - 1 : how == N_NEXT ? n + 1 : n);
        return 8;
    }
}

static void go(uint8_t out[32], const struct way *way, const uint8_t t[32], const struct stepped *s)
{
    const char *label = way->root_label ? root_label : secret_label;
    uint8_t info[INFO_MAX], root[32];
    size_t len = strlen(label) + way->zero_byte;
    memcpy(info, label, len);
    len += write_number(info + len, way->number, s->n);
    hkdf_expand(root, sizeof root, t, root_label, strlen(root_label));
    hkdf_expand(out, 32, way->key == KEY_ROOT ? root : way->key == KEY_ROOT_BEFORE ? s->root : t, info, len);
}

void ratchet_mistakes_right(struct stepped_right *right, const struct stepped *s)
{
    make_t(right->t, s, T_RIGHT);
    go(right->root, &right_root, right->t, s);
    go(right->secret, &right_secret, right->t, s);
}

static const char *mistake(const struct stepped *s, const uint8_t *yours, const struct way *right,
                           const struct way *ways, size_t count)
{
    uint8_t t[32], out[32];
    for (int m = T_RIGHT; m < T_COUNT; m++) {
        make_t(t, s, (enum t_mistake)m);
        go(out, right, t, s);
        if (m != T_RIGHT && memcmp(out, yours, sizeof out) == 0)
            return t_hints[m];
        for (size_t i = 0; i < count; i++) {
            go(out, &ways[i], t, s);
            if (memcmp(out, yours, sizeof out) == 0)
                return ways[i].hint;
        }
    }
    return NULL;
}

const char *ratchet_mistake_in_root(const struct stepped *s, const uint8_t *yours)
{
    uint8_t t[32];
    if (memcmp(yours, s->root, sizeof t) == 0)
        return "the root before is still there: the next one takes its place";
    make_t(t, s, T_RIGHT);
    if (memcmp(yours, t, sizeof t) == 0)
        return "t itself was kept: root = HKDF-Expand(t, \"glasschat/1 next root\"), and t is wiped";
    return mistake(s, yours, &right_root, root_ways, sizeof root_ways / sizeof *root_ways);
}

const char *ratchet_mistake_in_secret(const struct stepped *s, const uint8_t *yours)
{
    uint8_t t[32];
    make_t(t, s, T_RIGHT);
    if (memcmp(yours, t, sizeof t) == 0)
        return "t itself is no secret of a direction: HKDF-Expand makes that of it";
    return mistake(s, yours, &right_secret, secret_ways, sizeof secret_ways / sizeof *secret_ways);
}
