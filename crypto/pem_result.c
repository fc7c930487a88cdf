/* SPDX-License-Identifier: MIT */
/* One row for each: what it is, and where another tool can help, its command. */
#include "crypto/pem_result.h"

#define USED "; RSA with 3072 bits and e = 65537 is what is used here"
#define UNREAD ", which glass does not read; `openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW` encrypts it anew"

static const char *const words[PEM_RESULTS] = {
    [PEM_OK] = "is a key",
    [PEM_MALFORMED] = "is no key in PEM (PKCS#8, PKCS#1 or SubjectPublicKeyInfo), or is damaged",
    [PEM_NEEDS_PASSWORD] = "is encrypted, and its password is needed",
    [PEM_WRONG_PASSWORD] = "does not open with this password, or is damaged",
    [PEM_SEVERAL] = "holds several keys; one file for each is what is read",
    [PEM_RSA_SIZE] = "holds an RSA key of another size" USED,
    [PEM_RSA_E] = "holds an RSA key with another e" USED,
    [PEM_RSA_PRIMES] = "holds an RSA key with more than two primes" USED,
    [PEM_RSA_PSS] = "holds an RSA key that says it is for PSS alone" USED ", without that",
    [PEM_EC] = "holds an EC key" USED,
    [PEM_EDWARDS] = "holds an Ed25519 or Ed448 key" USED,
    [PEM_X25519] = "holds an X25519 or X448 key" USED,
    [PEM_DSA] = "holds a DSA key" USED,
    [PEM_DH] = "holds a Diffie-Hellman key" USED,
    [PEM_UNKNOWN] = "holds a key of a kind that is not known here, or is damaged" USED,
    [PEM_SCRYPT] = "is encrypted by scrypt" UNREAD,
    [PEM_PBES1] = "is encrypted by PBES1" UNREAD,
    [PEM_DES] = "is encrypted with DES or RC2" UNREAD,
    [PEM_CIPHER] = "is encrypted with another cipher than AES-CBC" UNREAD,
    [PEM_HASH] = "is encrypted, and its password hashed with another hash than SHA-1 and SHA-2" UNREAD,
    [PEM_KDF] = "is encrypted by something else than PBES2 with PBKDF2, or is damaged" UNREAD,
    [PEM_ITERATIONS] = "is encrypted with more than 10000000 iterations of PBKDF2, and nobody waits for that here",
    [PEM_PROC_TYPE] = "is encrypted in the way before PKCS#8 (Proc-Type: 4,ENCRYPTED)" UNREAD,
    [PEM_PRIVATE] = "holds a private key, and a public one is wanted",
    [PEM_PUBLIC] = "holds a public key alone, and the private one is wanted",
    [PEM_OPENSSH] = "is in OpenSSH's own format; `ssh-keygen -p -m PKCS8 -f FILE` rewrites a private RSA key, and "
                    "`ssh-keygen -e -m PKCS8 -f FILE` prints a public one",
    [PEM_CERTIFICATE] =
        "holds an X.509 certificate, and no key by itself; certificates are made by `glass key certify` "
        "here",
    [PEM_OTHER] = "is PEM, and holds something else than a key",
    [PEM_PUTTY] = "is in PuTTY's own format; `puttygen FILE -O private-openssh -o NEW` rewrites it",
    [PEM_MICROSOFT] = "is in Microsoft's own format; `openssl rsa -inform PVK -in FILE -out NEW`, or -inform MSBLOB, "
                      "rewrites it",
    [PEM_DER] =
        "is in DER, not in PEM; `openssl pkey -inform DER -in FILE -out NEW` rewrites a private key, with -pubin a "
        "public one",
    [PEM_PKCS12] = "is a PKCS#12 file; `openssl pkcs12 -nocerts -in FILE -out NEW` takes the key out of it",
    [PEM_UTF16] = "is text in UTF-16; save it as UTF-8",
};

const char *pem_result_words(enum pem_result result)
{
    return words[result];
}
