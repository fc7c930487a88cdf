/* SPDX-License-Identifier: MIT */
/* Secrets that the server must be able to read again (those of second factors), sealed under DATA/storage.key: a thief
 * of the accounts file alone can't make codes.
 *
 *      sealed     = [16] iv | [32] ciphertext | [32] tag      of the secret, padded as PKCS#7 says
 *      enc_key    = HKDF-Expand(storage.key, "glasschat storage encrypt", 32)
 *      mac_key    = HKDF-Expand(storage.key, "glasschat storage authenticate", 32)
 *      ad         = the account's name, filled up with zero bytes to 33: a sealed secret is good for one account only
 *
 * and marks, which say whether two addresses of an account are the same, and not which they are:
 *
 *      mark       = the first 16 bytes of HMAC(HKDF-Expand(storage.key, "glasschat storage mark", 32), ad | address)
 *
 * Standard:    crypto/etm.h; RFC 5869.
 * Use it:      totp_seal_key_init(&k, bytes);  totp_seal_seal(&k, sealed, "alice", secret, &rng);
 *              if (totp_seal_open(&k, secret, "alice", sealed) != 0) ...    sealed under another key, or damaged
 * Timing:      as crypto/etm.h.
 * Read next:   datadir.h, where the key's file is; account.h, where what was sealed is kept.
 */
#ifndef APP_SERVER_STORE_TOTP_SEAL_H
#define APP_SERVER_STORE_TOTP_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/etm.h"
#include "crypto/hmac.h"
#include "crypto/rng.h"
#include "crypto/totp.h"

#define TOTP_SEAL_KEY_LEN 32
#define TOTP_SEAL_SECRET_LEN TOTP_KEY_LEN
#define TOTP_SEAL_SEALED_LEN (16 + 32 + ETM_TAG_LEN)
#define TOTP_SEAL_MARK_LEN 16

struct totp_seal_key {
    struct etm_key etm;
    struct hmac_key mark;
};

void totp_seal_key_init(struct totp_seal_key *k, const uint8_t bytes[static TOTP_SEAL_KEY_LEN]);
void totp_seal_key_wipe(struct totp_seal_key *k);

void totp_seal_seal(const struct totp_seal_key *k, uint8_t sealed[static TOTP_SEAL_SEALED_LEN], const char *name,
                    const uint8_t secret[static TOTP_SEAL_SECRET_LEN], struct rng *rng);

/* -1 for what totp_seal_seal did not make under this key and for this name. */
MUST_USE int totp_seal_open(const struct totp_seal_key *k, uint8_t secret[static TOTP_SEAL_SECRET_LEN],
                            const char *name, const uint8_t sealed[static TOTP_SEAL_SEALED_LEN]);

void totp_seal_mark(const struct totp_seal_key *k, uint8_t mark[static TOTP_SEAL_MARK_LEN], const char *name,
                    const void *address, size_t len);

#endif
