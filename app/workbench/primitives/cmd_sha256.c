/* SPDX-License-Identifier: MIT */
/* glass sha256 [--backend NAME] [FILE]... : "<hex>  <name>", as sha256sum prints it. */
#include <stdio.h>

#include "app/terminal/display.h"
#include "app/workbench/commands.h"
#include "app/workbench/io.h"
#include "app/workbench/primitives/backend.h"
#include "crypto/bytes.h"
#include "crypto/sha256.h"

#define USAGE "glass sha256 [--backend NAME] [FILE]..."
#define FILES_MAX 100000

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

int cmd_sha256(struct args *args)
{
    const char *backend = NULL;
    const struct args_option options[] = {{"backend", &backend, NULL}, {0}};
    args_parse(args, options, 0, FILES_MAX, USAGE);
    const struct sha256_impl *impl = backend_sha256(backend, USAGE);
    if (args->count == 0)
        digest_file(impl, "-");
    for (int i = 0; i < args->count; i++)
        digest_file(impl, args->value[i]);
    return STATUS_DONE;
}
