/* SPDX-License-Identifier: MIT */
/* Reads a whole file, lets crypto/pem.h decode it, and ends the program with what to do next where that refuses. What
 * was read, which may be a key, is wiped before that. A key is never written over anything. */
#include "app/workbench/primitives/keyfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/terminal/display.h"
#include "app/terminal/progress_row.h"
#include "app/workbench/args.h"
#include "app/workbench/io.h"
#include "crypto/ct.h"
#include "crypto/pem.h"
#include "crypto/rng.h"
#include "net/fingerprint.h"

#define PASSWORD_MAX 1024
#define ITERATIONS 600000 /* PBES2, as for the passwords of accounts */

static void refuse(enum pem_result result, const char *name)
{
    if (result == PEM_NEEDS_PASSWORD)
        args_fail("%s is encrypted; give its password with --password-file", name);
    if (result != PEM_OK)
        args_fail("%s %s", name, pem_result_words(result));
}

void keyfile_private(struct rsa_private *key, const char *name, const char *password_file)
{
    uint8_t password[PASSWORD_MAX];
    size_t password_len = 0, pem_len;
    if (password_file != NULL)
        password_len = io_read_password(password_file, password, sizeof password);
    uint8_t *pem = io_read_file(name, PEM_FILE_MAX_LEN, &pem_len);
    enum pem_result result = pem_decode_private(key, (const char *)pem, pem_len,
                                                password_file != NULL ? password : NULL, password_len);
    ct_wipe(password, sizeof password);
    ct_wipe(pem, pem_len);
    free(pem);
    refuse(result, name);
}

bool keyfile_public(struct rsa_public *pub, const char *name)
{
    size_t pem_len;
    uint8_t *pem = io_read_file(name, PEM_FILE_MAX_LEN, &pem_len);
    enum pem_result result = pem_decode_public(pub, (const char *)pem, pem_len);
    bool private = result == PEM_PRIVATE;
    if (private) {
        struct rsa_private key;
        result = pem_decode_private(&key, (const char *)pem, pem_len, NULL, 0);
        if (result == PEM_OK)
            rsa_public_of(pub, &key);
        rsa_wipe(&key);
    }
    ct_wipe(pem, pem_len);
    free(pem);
    refuse(result, name);
    return private;
}

static void write_private(const char *name, const struct rsa_private *key, const char *password_file, struct rng *rng)
{
    char pem[PEM_MAX_LEN];
    int failed;
    if (password_file == NULL) {
        failed = pem_encode_private(pem, sizeof pem, key);
    } else {
        uint8_t password[PASSWORD_MAX];
        size_t len = io_read_password(password_file, password, sizeof password);
        if (len == 0)
            args_fail("the first line of %s is empty: a password is wanted", password_file);
        failed = pem_encode_private_encrypted(pem, sizeof pem, key, password, len, ITERATIONS, rng);
        ct_wipe(password, sizeof password);
    }
    if (failed)
        args_fail("the key can't be written");
    io_write_new(name, pem, strlen(pem), 0600);
    ct_wipe(pem, sizeof pem);
}

void keyfile_make(struct rsa_public *pub, const char *name, const char *password_file)
{
    struct rng rng;
    struct rsa_private key;
    rng_init(&rng);
    progress_row_begin("making a key", NULL);
    rsa_generate(&key, &rng);
    progress_row_end();
    rsa_public_of(pub, &key);
    write_private(name, &key, password_file, &rng);
    rsa_wipe(&key);
    rng_wipe(&rng);
}

void keyfile_print_fingerprint(const char *label, const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN])
{
    char text[FINGERPRINT_TEXT_LEN];
    fingerprint_print(text, fingerprint);
    display_line(stdout, "%s %s", label, text);
}

void keyfile_print(const struct rsa_public *pub)
{
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    char pem[PEM_MAX_LEN];
    certificate_fingerprint(fingerprint, pub->n);
    keyfile_print_fingerprint("fingerprint", fingerprint);
    if (pem_encode_public(pem, sizeof pem, pub) != 0)
        args_fail("the public key can't be written");
    fputs(pem, stdout);
}
