/* SPDX-License-Identifier: MIT */
/* glass sha256 [--backend NAME] [FILE]... : "<hex>  <name>", as sha256sum prints it. With --explain: every step. */
#include <stdio.h>

#include "app/terminal/display.h"
#include "app/workbench/commands.h"
#include "app/workbench/explain/explain_sha256.h"
#include "app/workbench/io.h"
#include "app/workbench/primitives/backend.h"
#include "crypto/bytes.h"
#include "crypto/sha256.h"

#define USAGE "glass sha256 [--backend NAME] [--explain] [--round T] [--block N] [FILE]..."
#define FILES_MAX 100000

static const char help[] = "usage: " USAGE "\n"
                           "\n"
                           "  --explain   show every step, of one file of at most 32,768 bytes\n"
                           "  --round T   only this round, from 0 to 63, and every sum in it\n"
                           "  --block N   that round of this block of the padded message; 1\n";

static void digest_file(const struct sha256_impl *impl, const char *name)
{
    static uint8_t chunk[IO_CHUNK];
    uint8_t digest[SHA256_DIGEST_LEN];
    struct sha256 sha256;
    backend_sha256_init(&sha256, impl);
    int fd = io_open(name);
    size_t len;
    while ((len = io_read(fd, name, chunk, sizeof chunk)) > 0)
        sha256_update(&sha256, chunk, len);
    io_close(fd);
    sha256_final(&sha256, digest);
    char hex[2 * SHA256_DIGEST_LEN + 1];
    hex_encode(hex, digest, sizeof digest);
    display_line(stdout, "%s  %s", hex, name);
}

/* One round where round is not NULL, all of them where it is. */
static void explain_file(const char *name, const char *round, const char *block)
{
    static uint8_t message[EXPLAIN_SHA256_MAX + 1];
    int fd = io_open(name);
    size_t len = io_read(fd, name, message, sizeof message);
    io_close(fd);
    if (len > EXPLAIN_SHA256_MAX)
        args_fail("--explain takes at most %d bytes, and there are more", EXPLAIN_SHA256_MAX);
    if (round == NULL) {
        explain_sha256(stdout, message, len);
        return;
    }
    size_t t = (size_t)args_number(round, 0, EXPLAIN_SHA256_ROUNDS - 1, "round", USAGE), n = 1;
    if (block != NULL)
        n = (size_t)args_number(block, 1, explain_sha256_blocks(len), "block", USAGE);
    explain_sha256_round(stdout, message, len, n, t);
}

int cmd_sha256(struct args *args)
{
    const char *backend = NULL, *round = NULL, *block = NULL;
    bool explain = false;
    const struct args_option options[] = {{"backend", &backend, NULL},
                                          {"explain", NULL, &explain},
                                          {"round", &round, NULL},
                                          {"block", &block, NULL},
                                          {0}};
    args_help(args, help);
    args_parse(args, options, 0, FILES_MAX, USAGE);
    if (!explain && (round != NULL || block != NULL))
        args_wrong("--round and --block go with --explain", USAGE);
    if (block != NULL && round == NULL)
        args_wrong("--block goes with --round", USAGE);
    if (explain && (backend != NULL || args->count > 1))
        args_wrong("--explain takes one file, and no backend: it goes by the standard's own steps", USAGE);
    if (explain) {
        explain_file(args->count > 0 ? args->value[0] : "-", round, block);
        return STATUS_DONE;
    }
    const struct sha256_impl *impl = backend_sha256(backend, USAGE);
    if (args->count == 0)
        digest_file(impl, "-");
    for (int i = 0; i < args->count; i++)
        digest_file(impl, args->value[i]);
    return STATUS_DONE;
}
