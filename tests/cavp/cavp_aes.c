/* SPDX-License-Identifier: MIT */
/* Runs NIST's own files for AES-CBC with 128-bit and 256-bit keys through every backend.
 *
 *      cavp_aes DIRECTORY      the folder that Debian's python3-cryptography-vectors installs (`make test-cavp`)
 *
 * The Monte Carlo files are not in that package: tests/cavp/ holds the first and the last case of each of their chains
 * of a hundred. A whole file in DIRECTORY is used instead if there is one. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/aes_backends.h"
#include "tests/aes_monte_carlo.h"
#include "tests/cavp/rsp.h"

static const char *const known_answer_files[] = {
    "CBCGFSbox128.rsp", "CBCGFSbox256.rsp", "CBCKeySbox128.rsp", "CBCKeySbox256.rsp", "CBCVarKey128.rsp",
    "CBCVarKey256.rsp", "CBCVarTxt128.rsp", "CBCVarTxt256.rsp",  "CBCMMT128.rsp",     "CBCMMT256.rsp",
};
static const char *const monte_carlo_files[] = {"CBCMCT128.rsp", "CBCMCT256.rsp"};
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Every case both ways, whichever its section asks for. */
static unsigned long run_known_answers(const struct aes_impl *impl, const char *directory, const char *file)
{
    static uint8_t out[4096];
    struct rsp *r = rsp_open(directory, file);
    while (rsp_next(r)) {
        size_t key_len, len;
        const uint8_t *key = rsp_hex(r, "KEY", &key_len), *iv = rsp_hex_n(r, "IV", 16);
        const uint8_t *plaintext = rsp_hex(r, "PLAINTEXT", &len), *ciphertext = rsp_hex_n(r, "CIPHERTEXT", len);
        if (len > sizeof out)
            abort();
        struct aes_key k;
        aes_key_init_with(&k, impl, key, key_len);
        cbc_encrypt(&k, iv, out, plaintext, len / 16);
        rsp_check(r, "CIPHERTEXT", out, len);
        cbc_decrypt(&k, iv, out, ciphertext, len / 16);
        rsp_check(r, "PLAINTEXT", out, len);
    }
    return rsp_close(r);
}

/* One case of a chain: what it starts from, and after run_case what it ends with. */
struct chain {
    uint8_t key[32], iv[16], in[16], out[16], before_last[16];
    size_t key_len;
    bool decrypts;
    unsigned long count;
};

static void run_case(struct chain *c, const struct aes_impl *impl)
{
    struct aes_key k;
    aes_key_init_with(&k, impl, c->key, c->key_len);
    aes_monte_carlo(&k, c->decrypts, c->iv, c->in, c->out, c->before_last);
}

/* AESAVS section 6.4.2: the last answers are added to the key, and become the IV and the input of the next case. */
static void next_case(struct chain *c)
{
    uint8_t last[32];
    memcpy(last, c->before_last, 16);
    memcpy(last + 16, c->out, 16);
    for (size_t i = 0; i < c->key_len; i++)
        c->key[i] ^= last[32 - c->key_len + i];
    memcpy(c->iv, c->out, 16);
    memcpy(c->in, c->before_last, 16);
    c->count++;
}

static void start_chain(struct chain *c, struct rsp *r)
{
    const uint8_t *key = rsp_hex(r, "KEY", &c->key_len);
    memcpy(c->key, key, c->key_len);
    c->decrypts = strcmp(rsp_section(r), "DECRYPT") == 0;
    memcpy(c->iv, rsp_hex_n(r, "IV", 16), 16);
    memcpy(c->in, rsp_hex_n(r, c->decrypts ? "CIPHERTEXT" : "PLAINTEXT", 16), 16);
    c->count = 0;
}

/* Returns how many cases were computed: all from COUNT 0 on, even if the file has only some of them to compare. */
static unsigned long run_monte_carlo(const struct aes_impl *impl, const char *directory, const char *file)
{
    unsigned long computed = 0;
    struct chain c = {.key_len = 0};
    struct rsp *r = rsp_open(directory, file);
    while (rsp_next(r)) {
        unsigned long count = rsp_number(r, "COUNT");
        if (count == 0) {
            start_chain(&c, r);
            run_case(&c, impl);
            computed++;
        }
        for (; c.count < count; computed++) {
            next_case(&c);
            run_case(&c, impl);
        }
        rsp_check(r, "KEY", c.key, c.key_len);
        rsp_check(r, "IV", c.iv, 16);
        rsp_check(r, c.decrypts ? "CIPHERTEXT" : "PLAINTEXT", c.in, 16);
        rsp_check(r, c.decrypts ? "PLAINTEXT" : "CIPHERTEXT", c.out, 16);
    }
    rsp_close(r);
    return computed;
}

static const char *directory, *own = "tests/cavp";

static void run_all(const struct aes_impl *impl)
{
    for (size_t i = 0; i < COUNT(known_answer_files); i++)
        printf("ok      aes %-9s %-18s %5lu cases\n", impl->name, known_answer_files[i],
               run_known_answers(impl, directory, known_answer_files[i]));
    for (size_t i = 0; i < COUNT(monte_carlo_files); i++) {
        const char *where = rsp_exists(directory, monte_carlo_files[i]) ? directory : own;
        printf("ok      aes %-9s %-18s %5lu cases of 1,000 blocks\n", impl->name, monte_carlo_files[i],
               run_monte_carlo(impl, where, monte_carlo_files[i]));
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: cavp_aes DIRECTORY, from the top of the tree\n", stderr);
        return 2;
    }
    static char path[1024];
    snprintf(path, sizeof path, "%s/ciphers/AES/CBC", argv[1]);
    directory = path;
    each_aes_backend(run_all);
    return 0;
}
