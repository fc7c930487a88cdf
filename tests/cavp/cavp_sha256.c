/* SPDX-License-Identifier: MIT */
/* Runs NIST's own files for SHA-256 through every backend: messages of 0 to 64 bytes, messages of up to 6,400 bytes,
 * and the Monte Carlo chain.
 *
 *      cavp_sha256 DIRECTORY      the folder that Debian's python3-cryptography-vectors installs (`make test-cavp`) */
#include <stdio.h>
#include <string.h>

#include "tests/cavp/rsp.h"
#include "tests/sha256_backends.h"

static void digest_with(const struct sha256_impl *impl, uint8_t digest[SHA256_DIGEST_LEN], const void *msg, size_t len)
{
    struct sha256 s;
    sha256_init_with(&s, impl);
    sha256_update(&s, msg, len);
    sha256_final(&s, digest);
}

/* Len counts bits; where it is 0, Msg is one byte that does not count. */
static unsigned long run_messages(const struct sha256_impl *impl, const char *directory, const char *file)
{
    struct rsp *r = rsp_open(directory, file);
    while (rsp_next(r)) {
        size_t len = rsp_number(r, "Len") / 8;
        const uint8_t *msg = rsp_hex_n(r, "Msg", len == 0 ? 1 : len);
        uint8_t digest[SHA256_DIGEST_LEN];
        digest_with(impl, digest, msg, len);
        rsp_check(r, "MD", digest, sizeof digest);
    }
    return rsp_close(r);
}

/* SHAVS section 6.4: a case hashes a thousand times the last three digests, which are the seed to begin with; its
 * answer is the seed of the next one. */
static void monte_carlo_case(const struct sha256_impl *impl, uint8_t seed[SHA256_DIGEST_LEN])
{
    uint8_t last_three[3 * SHA256_DIGEST_LEN];
    for (size_t i = 0; i < 3; i++)
        memcpy(last_three + i * SHA256_DIGEST_LEN, seed, SHA256_DIGEST_LEN);
    for (int i = 0; i < 1000; i++) {
        digest_with(impl, seed, last_three, sizeof last_three);
        memmove(last_three, last_three + SHA256_DIGEST_LEN, 2 * SHA256_DIGEST_LEN);
        memcpy(last_three + 2 * SHA256_DIGEST_LEN, seed, SHA256_DIGEST_LEN);
    }
}

/* The first record is the seed alone. */
static unsigned long run_monte_carlo(const struct sha256_impl *impl, const char *directory, const char *file)
{
    uint8_t seed[SHA256_DIGEST_LEN] = {0};
    struct rsp *r = rsp_open(directory, file);
    while (rsp_next(r))
        if (rsp_has(r, "Seed")) {
            memcpy(seed, rsp_hex_n(r, "Seed", sizeof seed), sizeof seed);
        } else {
            monte_carlo_case(impl, seed);
            rsp_check(r, "MD", seed, sizeof seed);
        }
    return rsp_close(r) - 1;
}

static const char *directory;

static void run_all(const struct sha256_impl *impl)
{
    const char *messages[] = {"SHA256ShortMsg.rsp", "SHA256LongMsg.rsp"}, *monte_carlo = "SHA256Monte.rsp";
    for (size_t i = 0; i < 2; i++)
        printf("ok      sha256 %-9s %-18s %5lu cases\n", impl->name, messages[i],
               run_messages(impl, directory, messages[i]));
    printf("ok      sha256 %-9s %-18s %5lu cases of 1,000 messages\n", impl->name, monte_carlo,
           run_monte_carlo(impl, directory, monte_carlo));
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: cavp_sha256 DIRECTORY\n", stderr);
        return 2;
    }
    static char path[1024];
    snprintf(path, sizeof path, "%s/hashes/SHA2", argv[1]);
    directory = path;
    each_sha256_backend(run_all);
    return 0;
}
