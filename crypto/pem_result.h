/* SPDX-License-Identifier: MIT */
/* What a key file may turn out to be, and the words for it: what is not read is named for what it is.
 *
 * Use it:      enum pem_result result = pem_decode_private(...);
 *              if (result != PEM_OK) ... the file's name, a space, and pem_result_words(result)
 * Timing:      nothing secret.
 * Read next:   crypto/pem.h, which gives these answers.
 */
#ifndef CRYPTO_PEM_RESULT_H
#define CRYPTO_PEM_RESULT_H

enum pem_result {
    PEM_OK,
    PEM_MALFORMED,      /* no key in PEM at all, or damaged */
    PEM_NEEDS_PASSWORD, /* encrypted, and no password was given */
    PEM_WRONG_PASSWORD, /* what comes out is no key; a damaged file can look the same */
    PEM_SEVERAL,        /* more than one key: which is meant? */

    /* A sound key of another kind. */
    PEM_RSA_SIZE,   /* RSA with a modulus or primes of another size */
    PEM_RSA_E,      /* RSA with another e */
    PEM_RSA_PRIMES, /* RSA with more than two primes */
    PEM_RSA_PSS,    /* RSA that may be used for PSS alone: id-RSASSA-PSS */
    PEM_EC,
    PEM_EDWARDS, /* Ed25519, Ed448 */
    PEM_X25519,  /* or X448 */
    PEM_DSA,
    PEM_DH,
    PEM_UNKNOWN, /* an object identifier that is not known here */

    /* A key that is encrypted in another way. */
    PEM_SCRYPT,
    PEM_PBES1,      /* the old ways of PKCS#5 and PKCS#12 */
    PEM_DES,        /* PBES2, and DES, Triple DES or RC2 in it */
    PEM_CIPHER,     /* and another cipher */
    PEM_HASH,       /* and another hash for the password */
    PEM_KDF,        /* neither PBKDF2 nor scrypt, nor PBES2 at all */
    PEM_ITERATIONS, /* more of them than are waited for */
    PEM_PROC_TYPE,  /* the way before PKCS#8, in lines above the base64 */

    /* Something else than the key that was asked for. */
    PEM_PRIVATE, /* a private key where a public one was asked for */
    PEM_PUBLIC,  /* the other way round */
    PEM_OPENSSH,
    PEM_CERTIFICATE, /* X.509 */
    PEM_OTHER,       /* any other block */
    PEM_PUTTY,
    PEM_MICROSOFT, /* PVK or MSBLOB */
    PEM_DER,       /* a key perhaps, but not in PEM */
    PEM_PKCS12,    /* the same */
    PEM_UTF16,     /* text, but two bytes a character */

    PEM_RESULTS /* how many there are */
};

/* What to say after the file's name, "is encrypted by scrypt, which glass does not read". Never NULL. */
const char *pem_result_words(enum pem_result result);

#endif
