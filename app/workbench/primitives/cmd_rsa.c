/* SPDX-License-Identifier: MIT */
/* glass rsa sign --key FILE [--password-file F] [FILE] >SIGNATURE
 * glass rsa verify --key FILE --signature FILE [FILE]
 * RSASSA-PSS with SHA-256 and a 32-byte salt, the signature as 384 bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/workbench/commands.h"
#include "app/workbench/io.h"
#include "app/workbench/primitives/keyfile.h"
#include "crypto/rng.h"

#define USAGE_SIGN "glass rsa sign --key FILE [--password-file FILE] [FILE] >SIGNATURE"
#define USAGE_VERIFY "glass rsa verify --key FILE --signature FILE [FILE]"
#define MESSAGE_MAX ((size_t)1 << 30)

static int sign(struct args *args)
{
    const char *key_file = NULL, *password_file = NULL;
    const struct args_option options[] = {{"key", &key_file, NULL}, {"password-file", &password_file, NULL}, {0}};
    args_parse(args, options, 0, 1, USAGE_SIGN);
    struct rsa_private key;
    keyfile_private(&key, args_need(key_file, "key", USAGE_SIGN), password_file);
    size_t len;
    uint8_t *message = io_read_file(args->count > 0 ? args->value[0] : NULL, MESSAGE_MAX, &len);
    struct rng rng;
    rng_init(&rng);
    uint8_t signature[RSA_SIGNATURE_LEN];
    int failed = rsa_pss_sign(signature, &key, message, len, &rng);
    rsa_wipe(&key);
    rng_wipe(&rng);
    free(message);
    if (failed)
        args_fail("the signature did not verify after it was made, so it was thrown away: the key or this machine is "
                  "damaged");
    io_write(signature, sizeof signature);
    return STATUS_DONE;
}

static int verify(struct args *args)
{
    const char *key_file = NULL, *signature_file = NULL;
    const struct args_option options[] = {{"key", &key_file, NULL}, {"signature", &signature_file, NULL}, {0}};
    args_parse(args, options, 0, 1, USAGE_VERIFY);
    struct rsa_public pub;
    keyfile_public(&pub, args_need(key_file, "key", USAGE_VERIFY));
    size_t signature_len, len;
    uint8_t *signature = io_read_file(args_need(signature_file, "signature", USAGE_VERIFY), RSA_SIGNATURE_LEN + 1,
                                      &signature_len);
    uint8_t *message = io_read_file(args->count > 0 ? args->value[0] : NULL, MESSAGE_MAX, &len);
    int good = signature_len == RSA_SIGNATURE_LEN && rsa_pss_verify(&pub, message, len, signature) == 0;
    free(signature);
    free(message);
    if (!good)
        args_fail("the signature is not this key's for this file");
    puts("the signature is good");
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
