/* SPDX-License-Identifier: MIT */
/* A delays file from anywhere. The first byte says whether it is taken as it is, or given a right checksum (so that the
 * fuzzer gets past that). Findings besides a crash: a text that is refused but taken in part, or one that is accepted
 * and, written again at the same moment, is refused or has become longer. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/server/base/ratelimit.h"
#include "crypto/sha256.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 16384
#define NOW 5000000
#define UNIX_NOW 1700000000

static size_t with_checksum(char *text, size_t len)
{
    struct sha256 hash;
    uint8_t digest[SHA256_DIGEST_LEN];
    sha256_init(&hash);
    sha256_update(&hash, text, len);
    sha256_final(&hash, digest);
    text[len] = '#';
    hex_encode(text + len + 1, digest, sizeof digest);
    text[len + 1 + 2 * sizeof digest] = '\n';
    return len + 2 + 2 * sizeof digest;
}

static void check(const char *text, size_t len)
{
    static struct rng rng;
    rng_init(&rng);
    struct ratelimit *t = ratelimit_new(100, &rng), *again = ratelimit_new(100, &rng);
    assert(t != NULL && again != NULL);
    struct ratelimit_key before = ratelimit_key(t, RATELIMIT_LOGINS, "x", 1);
    if (ratelimit_read(t, text, len, NOW, UNIX_NOW) != 0) {
        struct ratelimit_key after = ratelimit_key(t, RATELIMIT_LOGINS, "x", 1);
        assert(memcmp(&after, &before, sizeof after) == 0 && ratelimit_changes(t) == 0);
    } else {
        size_t written_len, again_len;
        char *written = ratelimit_write(t, &written_len, NOW, UNIX_NOW);
        assert(written != NULL && ratelimit_read(again, written, written_len, NOW, UNIX_NOW) == 0);
        char *twice = ratelimit_write(again, &again_len, NOW, UNIX_NOW);
        assert(twice != NULL && again_len == written_len);
        free(written);
        free(twice);
    }
    ratelimit_free(t);
    ratelimit_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size - 1 > INPUT_MAX)
        return 0;
    size_t len = size - 1;
    char *text = malloc(len + 2 + 2 * SHA256_DIGEST_LEN + 1);
    assert(text != NULL);
    memcpy(text, data + 1, len);
    if (data[0] & 1)
        len = with_checksum(text, len);
    char *exact = malloc(len + 1); /* so that a sanitizer sees a read past the end */
    assert(exact != NULL);
    memcpy(exact, text, len);
    check(exact, len);
    free(exact);
    free(text);
    return 0;
}
