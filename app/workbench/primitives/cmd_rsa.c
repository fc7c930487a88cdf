/* SPDX-License-Identifier: MIT */
/* glass rsa sign --key FILE [--password-file F] [--backend NAME] [FILE] >SIGNATURE
 * glass rsa verify --key FILE --signature FILE [--backend NAME] [FILE]
 * RSASSA-PSS with SHA-256 and a 32-byte salt, the signature as 384 bytes. With --explain it is shown in hex, among the
 * other values. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/workbench/commands.h"
#include "app/workbench/explain/explain_rsa.h"
#include "app/workbench/io.h"
#include "app/workbench/primitives/backend.h"
#include "app/workbench/primitives/keyfile.h"
#include "crypto/rng.h"

#define USAGE_SIGN "glass rsa sign --key FILE [--password-file FILE] [--backend NAME] [--explain] [FILE] >SIGNATURE"
#define USAGE_VERIFY "glass rsa verify --key FILE --signature FILE [--backend NAME] [--explain] [FILE]"
#define MESSAGE_MAX ((size_t)1 << 30)

/* Signs, and wipes the key. */
static void make(uint8_t signature[static RSA_SIGNATURE_LEN], const struct bignum_impl *impl, struct rsa_private *key,
                 const uint8_t *message, size_t len)
{
    struct rng rng;
    rng_init(&rng);
    int failed = rsa_pss_sign_with(impl, signature, key, message, len, &rng);
    rsa_wipe(key);
    rng_wipe(&rng);
    if (failed)
        args_fail("the signature did not verify after it was made, so it was thrown away: the key or this machine is "
                  "damaged");
}

static int sign(struct args *args)
{
    struct explain_rsa_files files = {.private = true};
    const char *backend = NULL;
    bool explain = false;
    const struct args_option options[] = {{"key", &files.key, NULL},
                                          {"password-file", &files.password, NULL},
                                          {"backend", &backend, NULL},
                                          {"explain", NULL, &explain},
                                          {0}};
    args_parse(args, options, 0, 1, USAGE_SIGN);
    const struct bignum_impl *impl = backend_bignum(backend, USAGE_SIGN);
    struct rsa_private key;
    struct rsa_public pub;
    keyfile_private(&key, args_need(files.key, "key", USAGE_SIGN), files.password);
    rsa_public_of(&pub, &key);
    size_t len;
    files.message = args->count > 0 ? args->value[0] : NULL;
    uint8_t *message = io_read_file(files.message, MESSAGE_MAX, &len);
    uint8_t signature[RSA_SIGNATURE_LEN];
    make(signature, impl, &key, message, len);
    if (explain)
        explain_rsa_sign(stdout, &pub, message, len, signature, &files);
    else
        io_write(signature, sizeof signature);
    free(message);
    return STATUS_DONE;
}

static int verify(struct args *args)
{
    struct explain_rsa_files files = {0};
    const char *signature_file = NULL, *backend = NULL;
    bool explain = false;
    const struct args_option options[] = {{"key", &files.key, NULL},
                                          {"signature", &signature_file, NULL},
                                          {"backend", &backend, NULL},
                                          {"explain", NULL, &explain},
                                          {0}};
    args_parse(args, options, 0, 1, USAGE_VERIFY);
    const struct bignum_impl *impl = backend_bignum(backend, USAGE_VERIFY);
    struct rsa_public pub;
    files.private = keyfile_public(&pub, args_need(files.key, "key", USAGE_VERIFY));
    size_t signature_len, len;
    uint8_t *signature = io_read_file(args_need(signature_file, "signature", USAGE_VERIFY), RSA_SIGNATURE_LEN + 1,
                                      &signature_len);
    files.message = args->count > 0 ? args->value[0] : NULL;
    uint8_t *message = io_read_file(files.message, MESSAGE_MAX, &len);
    bool good = explain ? explain_rsa_verify(stdout, &pub, message, len, signature, signature_len, &files) == 0
                        : signature_len == RSA_SIGNATURE_LEN &&
                              rsa_pss_verify_with(impl, &pub, message, len, signature) == 0;
    free(signature);
    free(message);
    if (!good)
        args_fail("the signature is not this key's for this file");
    puts(explain ? "\nThe signature is good." : "the signature is good");
    return STATUS_DONE;
}

int cmd_rsa(struct args *args)
{
    const char *what = args->count > 0 ? args->value[0] : "";
    struct args rest = {args->count - 1, args->value + 1};
    if (strcmp(what, "sign") == 0)
        return sign(&rest);
    if (strcmp(what, "verify") == 0)
        return verify(&rest);
    if (strcmp(what, "--help") == 0) {
        puts("usage: " USAGE_SIGN "\n       " USAGE_VERIFY);
        return STATUS_DONE;
    }
    args_wrong("`glass rsa` signs or verifies", "glass rsa sign|verify ...");
}
