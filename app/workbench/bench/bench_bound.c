/* SPDX-License-Identifier: MIT */
/* What each row can't be faster than, from what bench_limit.c has measured: the instructions that must wait for each
 * other, or all that must pass through the units. Public keys have no such row: how many products an exponentiation
 * takes is a choice of the algorithm, and how wide they are one of the instructions. */
#include <math.h>
#include <string.h>

#include "app/workbench/bench/bench.h"

#define AES_ROUNDS 10

/* The padding is a bit and 8 bytes of length. */
static double sha256_blocks(size_t len)
{
    return (double)((len + 9 + 63) / 64);
}

/* Under a key whose two blocks are already hashed: the message, and the outer hash's one block after it. */
static double hmac_blocks(size_t len)
{
    return sha256_blocks(len) + 1;
}

/* Each block of a call waits for the same block of the call before; and all of them go through the units, which AESENC
 * and AESDEC share. */
static double aes(const struct bench *b, size_t size)
{
    return AES_ROUNDS * fmax(b->limit_aesenc, b->limit_aesdec * (double)(size / 16));
}

static double cbc_encrypt(const struct bench *b, size_t size)
{
    return b->limit_aesenc * AES_ROUNDS * (double)(size / 16);
}

static double cbc_decrypt(const struct bench *b, size_t size)
{
    return b->limit_aesdec * AES_ROUNDS * (double)(size / 16);
}

static double sha256(const struct bench *b, size_t size)
{
    return b->limit_sha256 * sha256_blocks(size);
}

static double hmac(const struct bench *b, size_t size)
{
    return b->limit_sha256 * hmac_blocks(size);
}

/* The two chains can overlap, so the longer one counts. */
static double seal(const struct bench *b, size_t size)
{
    return b->limit_aesenc > 0 ? fmax(cbc_encrypt(b, size), hmac(b, BENCH_AD_LEN + 16 + size)) : 0;
}

/* Nothing is decrypted before the tag is known to be right. */
static double open_sealed(const struct bench *b, size_t size)
{
    return b->limit_aesdec > 0 && b->limit_sha256 > 0 ? hmac(b, BENCH_AD_LEN + 16 + size) + cbc_decrypt(b, size) : 0;
}

/* RFC 5869: extracting hashes a secret of 384 bytes; expanding makes T(1) of the info and a number, T(2) of T(1) and
 * the same. A new key is one block before that: its other one waits for nothing. */
static double hkdf(const struct bench *b, size_t size)
{
    (void)size;
    return b->limit_sha256 * (1 + hmac_blocks(384) + 1 + hmac_blocks(12) + hmac_blocks(32 + 12));
}

/* RFC 8018: U1 is of the salt and a number, each other of the one before. */
static double pbkdf2(const struct bench *b, size_t size)
{
    (void)size;
    return b->limit_sha256 * (1 + hmac_blocks(16 + 4) + (BENCH_ITERATIONS - 1) * hmac_blocks(32));
}

double bench_bound(const struct bench *b, const struct bench_subject *s)
{
    static const struct {
        const char *primitive;
        double (*cycles)(const struct bench *b, size_t size);
    } bounds[] = {
        {"aes", aes},
        {"cbc encrypt", cbc_encrypt},
        {"cbc decrypt", cbc_decrypt},
        {"sha256", sha256},
        {"hmac", hmac},
        {"seal", seal},
        {"open", open_sealed},
        {"hkdf", hkdf},
        {"pbkdf2 1000", pbkdf2},
    };
    if (s->together > 1) /* such calls do not wait for each other */
        return 0;
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        if (strcmp(s->primitive, bounds[i].primitive) == 0)
            return bounds[i].cycles(b, s->size);
    return 0;
}
