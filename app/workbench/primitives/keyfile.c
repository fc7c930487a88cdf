/* SPDX-License-Identifier: MIT */
/* Reads a whole file, lets crypto/pem.h decode it, and ends the program with what to do next where that refuses. What
 * was read, which may be a key, is wiped before that. */
#include "app/workbench/primitives/keyfile.h"

#include <stdlib.h>

#include "app/workbench/args.h"
#include "app/workbench/io.h"
#include "crypto/ct.h"
#include "crypto/pem.h"

#define PASSWORD_MAX 1024

static void refuse(enum pem_result result, const char *name)
{
    switch (result) {
    case PEM_OK:
        return;
    case PEM_NEEDS_PASSWORD:
        args_fail("%s is encrypted; give its password with --password-file", name);
    case PEM_WRONG_PASSWORD:
        args_fail("%s does not open with this password", name);
    case PEM_NOT_RSA3072:
        args_fail("%s holds another kind of key; RSA with 3072 bits and e = 65537 is what is used here", name);
    case PEM_MALFORMED:
        break;
    }
    args_fail("%s is no key in PEM (PKCS#8 or SubjectPublicKeyInfo), or is damaged", name);
}

void keyfile_private(struct rsa_private *key, const char *name, const char *password_file)
{
    uint8_t password[PASSWORD_MAX];
    size_t password_len = 0, pem_len;
    if (password_file != NULL)
        password_len = io_read_password(password_file, password, sizeof password);
    uint8_t *pem = io_read_file(name, PEM_MAX_LEN, &pem_len);
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
    uint8_t *pem = io_read_file(name, PEM_MAX_LEN, &pem_len);
    enum pem_result result = pem_decode_public(pub, (const char *)pem, pem_len);
    bool private = result != PEM_OK;
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
